"""Send requests over HTTP; the only module that does.

Each account has httpcore's connections without httpx's client: no redirects, no cookies, no netrc,
and no proxy except the one that the workspace names, so that a request goes only to its own URL.
httpx reads URLs and makes the TLS context.
"""

from __future__ import annotations

import math
import re
import sys
import time
import zlib
from collections.abc import Iterable, Mapping
from functools import cache
from ssl import PROTOCOL_TLS_CLIENT, SSLContext
from threading import Event

import httpcore

from reconciler.frozen import frozen
from reconciler.http.base_url import is_loopback
from reconciler.http.connections import Connections
from reconciler.http.streams import Backend, Deadline, Stopped
from reconciler.timing import Stage, timed

# Where rich is installed, importing httpx imports its command line too, which takes 10 MB and a
# quarter of the time. This makes httpx skip it.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]

import httpx  # noqa: E402

__all__ = ["NoResponse", "Reply", "Stopped", "Transport"]

LARGEST_ANSWER = 32 * 1024 * 1024
IDLE_SECONDS = 5.0
GZIP = 16 + zlib.MAX_WBITS
WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
"""Requests whose body may be expected, so that they say its length where it is empty."""

_PLAIN = re.compile(r"(https?://[a-z0-9.-]+(?::[0-9]+)?)(/[A-Za-z0-9/_~=&?-]*)")
"""A URL of which nothing has to be encoded or resolved: the origin, and the rest."""


@frozen
class Reply:
    """An answer: the status, the headers by lower-case name, and the complete decompressed body."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class NoResponse(Exception):
    """There was no answer, or it could not be read to its end.

    `not_sent` says that nothing has reached the vendor, `permanent` that a retry cannot help.
    """

    def __init__(self, why: str, not_sent: bool = False, permanent: bool = False) -> None:
        super().__init__(why)
        self.not_sent = not_sent
        self.permanent = permanent


class Transport:
    """The connections to one account's hosts, kept open between requests.

    `timeout` is in seconds for each step of a request; twice that is the deadline for the complete
    request, from the connection to the last byte of the answer. `proxy` is the URL of the proxy for
    all requests, or None. Once `stop` is set, reads are not waited for. The trusted certificates,
    slow to load, are loaded only for a `secure` transport, which uses https.
    """

    def __init__(
        self, timeout: float, secure: bool, proxy: str | None = None, stop: Event | None = None
    ) -> None:
        self._timeout = timeout
        self._steps = dict.fromkeys(("connect", "read", "write", "pool"), timeout)
        self._way = "through the proxy: " if proxy else ""
        self._deadline = Deadline(stop or Event())
        self._connections = Connections(
            ssl_context=_tls() if secure else _no_certificates(),
            proxy=_proxy(proxy) if proxy else None,
            keepalive_expiry=IDLE_SECONDS,
            network_backend=Backend(self._deadline),
        )

    def close(self) -> None:
        """Close the connections."""
        self._connections.close()

    @timed(Stage.WAIT, lambda _: {"request": 1})
    def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        content: bytes | None,
        stoppable: bool = False,
        within: float = math.inf,
    ) -> Reply:
        """Send one request and return the complete answer, which takes no longer than `within`
        seconds. Raises NoResponse; and Stopped once `stop` is set, while there is no connection or,
        where it is `stoppable`, no answer."""
        try:
            request = self._request(method, url, headers, content)
            # what this thread reads and writes for it has one deadline
            self._deadline.at = time.monotonic() + min(2 * self._timeout, within)
            self._deadline.stoppable = stoppable
            return self._exchange(request)
        except (httpcore.ConnectTimeout, httpcore.PoolTimeout):
            raise NoResponse("no connection in time", not_sent=True) from None
        except (httpcore.ConnectError, httpcore.ProxyError) as error:
            raise _no_connection(error, self._way) from None
        except httpcore.TimeoutException:
            raise NoResponse("the answer takes too long") from None
        except (httpx.InvalidURL, httpcore.UnsupportedProtocol, UnicodeError) as error:
            # A UnicodeError is about the host: headers are encoded already.
            raise NoResponse(str(error), not_sent=True, permanent=True) from None
        except httpcore.LocalProtocolError:
            # Its text quotes the header, which may be a credential.
            why = "the request is not valid HTTP: a header contains a control character"
            raise NoResponse(why, not_sent=True, permanent=True) from None
        except (httpcore.NetworkError, httpcore.ProtocolError, zlib.error) as error:
            raise NoResponse(str(error) or type(error).__name__) from None
        finally:
            self._deadline.at, self._deadline.stoppable = math.inf, False

    def _request(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes | None
    ) -> httpcore.Request:
        place, named = _place(url)
        length = {"Content-Length": str(len(content))} if content else {}
        if not content and method in WITH_BODY:
            length = {"Content-Length": "0"}
        encoded = _encoded({"Host": named, "Accept-Encoding": "gzip", **headers, **length})
        if place.scheme != b"https" and not is_loopback(place.host.decode("ascii")):
            why = "plain http is for this machine only"
            raise NoResponse(why, not_sent=True, permanent=True)
        request = httpcore.Request(
            method, place, content=content or b"", extensions={"timeout": self._steps}
        )
        request.headers = encoded  # they are bytes already: httpcore would look at each
        return request

    def _exchange(self, request: httpcore.Request) -> Reply:
        connection = self._connections.take(request.url)
        try:
            response = connection.handle_request(request)
            try:
                headers = _decoded(response.headers)
                packed = headers.get("content-encoding", "").lower() == "gzip"
                body = _body(response.iter_stream(), packed)
            finally:
                response.close()
        finally:
            self._connections.give_back(request.url, connection)
        return Reply(response.status, headers, body)


def _encoded(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """The headers as bytes in Latin-1, without spaces around the values: those are not part of the
    value (RFC 9110, 5.5), and h11 refuses them. Raises NoResponse, which never shows the value."""
    lines = []
    for name, value in headers.items():
        try:
            lines.append((name.encode("ascii"), value.strip(" \t").encode("latin-1")))
        except UnicodeEncodeError:
            why = f"the header {name} contains a character that HTTP cannot send"
            raise NoResponse(why, not_sent=True, permanent=True) from None
    return lines


def _decoded(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """The headers of an answer by lower-case name; of several with one name, all values."""
    decoded: dict[str, str] = {}
    for raw, value in headers:
        name, text = raw.decode("latin-1").lower(), value.decode("latin-1")
        decoded[name] = f"{decoded[name]}, {text}" if name in decoded else text
    return decoded


def _body(chunks: Iterable[bytes], packed: bool) -> bytes:
    """The decompressed body. Raises httpcore.ReadError where it is cut off or too large."""
    unpack = zlib.decompressobj(GZIP) if packed else None
    parts, size, received = [], 0, False
    for chunk in chunks:
        received = received or bool(chunk)
        part = unpack.decompress(chunk, LARGEST_ANSWER + 1 - size) if unpack else chunk
        parts.append(part)
        size += len(part)
        if size > LARGEST_ANSWER:
            raise httpcore.ReadError(f"an answer of more than {LARGEST_ANSWER >> 20} MiB")
    if unpack is not None and received and not unpack.eof:
        raise httpcore.ReadError("the answer was cut off")
    return b"".join(parts)


def _place(url: str) -> tuple[httpcore.URL, str]:
    """Where a request goes, and how its Host header names that. Raises httpx.InvalidURL."""
    if (plain := _PLAIN.fullmatch(url)) is None:
        parsed = httpx.URL(url)
        return _url(parsed), parsed.netloc.decode("ascii")
    scheme, host, port, named = _origin(plain[1])
    target = plain[2].encode("ascii")
    return httpcore.URL(scheme=scheme, host=host, port=port, target=target), named


@cache
def _origin(url: str) -> tuple[bytes, bytes, int | None, str]:
    """The scheme, host and port of a URL without a path, and its Host header."""
    parsed = httpx.URL(url)
    return parsed.raw_scheme, parsed.raw_host, parsed.port, parsed.netloc.decode("ascii")


def _url(url: httpx.URL) -> httpcore.URL:
    return httpcore.URL(
        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
    )


def _proxy(url: str) -> httpcore.Proxy:
    proxy = httpx.Proxy(url)
    secure = _tls() if url.startswith("https:") else None
    return httpcore.Proxy(_url(proxy.url), auth=proxy.raw_auth, ssl_context=secure)


def _no_connection(error: Exception, way: str) -> NoResponse:
    """The error for a connection that could not be opened; for an unknown host name it is
    permanent. `way` is put before the reason and names the proxy, if there is one."""
    cause: BaseException = error
    while (before := cause.__cause__ or cause.__context__) is not None:
        cause = before
    unknown_host = type(cause).__name__ == "gaierror"
    why = way + (str(error) or type(error).__name__)
    return NoResponse(why, not_sent=True, permanent=unknown_host)


@cache
def _no_certificates() -> SSLContext:
    """What stands for the TLS context of accounts that use none: without one, httpcore makes one
    with all certificates."""
    return SSLContext(PROTOCOL_TLS_CLIENT)


@cache
def _tls() -> SSLContext:
    """The TLS context of all accounts: httpx's certificates and those of the system."""
    context = httpx.create_ssl_context(trust_env=False)
    context.load_default_certs()
    return context
