"""Send requests over HTTP; the only module that does.

Each account has an httpx transport without httpx's client: no redirects, no cookies, no netrc, and
no proxy except the one that the workspace names, so that a request goes only to its own URL.
"""

from __future__ import annotations

import sys
import time
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from ssl import PROTOCOL_TLS_CLIENT, SSLContext

# Where rich is installed, importing httpx imports its command line too, which takes 10 MB and a
# quarter of the time. This makes httpx skip it.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]

import httpx  # noqa: E402

LARGEST_ANSWER = 64 * 1024 * 1024
KEPT_OPEN = 64
GZIP = 16 + zlib.MAX_WBITS


@dataclass(frozen=True, slots=True)
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

    `timeout` is in seconds for each step of a request, and twice that for the complete request;
    `proxy` is the URL of the proxy for all requests, or None. The trusted certificates, slow to
    load, are loaded only for a `secure` transport, which uses https.
    """

    def __init__(self, timeout: float, secure: bool, proxy: str | None = None) -> None:
        self._timeout = timeout
        self._steps = dict.fromkeys(("connect", "read", "write", "pool"), timeout)
        self._way = "through the proxy: " if proxy else ""
        self._transport = httpx.HTTPTransport(
            verify=_tls() if secure else SSLContext(PROTOCOL_TLS_CLIENT),
            trust_env=False,
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=KEPT_OPEN),
            proxy=_proxy(proxy) if proxy else None,
        )

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def send(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes | None
    ) -> Reply:
        """Send one request and return the complete answer. Raises NoResponse."""
        deadline = time.monotonic() + 2 * self._timeout
        try:
            request = httpx.Request(
                method,
                url,
                headers=_encoded({"Accept-Encoding": "gzip", **headers}),
                content=content,
                extensions={"timeout": self._steps},
            )
            response = self._transport.handle_request(request)
            try:
                packed = response.headers.get("content-encoding", "").lower() == "gzip"
                body = _body(response.iter_raw(), packed, deadline)
            finally:
                response.close()
        except (httpx.ConnectTimeout, httpx.PoolTimeout):
            raise NoResponse("no connection in time", not_sent=True) from None
        except (httpx.ConnectError, httpx.ProxyError) as error:
            raise _no_connection(error, self._way) from None
        except httpx.TimeoutException:
            raise NoResponse("the answer takes too long") from None
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError) as error:
            # A UnicodeError is about the host: headers are encoded already.
            raise NoResponse(str(error), not_sent=True, permanent=True) from None
        except httpx.LocalProtocolError:
            # Its text quotes the header, which may be a credential.
            why = "the request is not valid HTTP: a header contains a control character"
            raise NoResponse(why, not_sent=True, permanent=True) from None
        except (httpx.TransportError, zlib.error) as error:
            raise NoResponse(str(error) or type(error).__name__) from None
        return Reply(response.status_code, response.headers, body)


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


def _body(chunks: Iterable[bytes], packed: bool, deadline: float) -> bytes:
    """The decompressed body. Raises httpx.ReadError where it is cut off, too large, or not complete
    at the `deadline` (monotonic time in seconds)."""
    unpack = zlib.decompressobj(GZIP) if packed else None
    parts, size, received = [], 0, False
    for chunk in chunks:
        received = received or bool(chunk)
        part = unpack.decompress(chunk, LARGEST_ANSWER + 1 - size) if unpack else chunk
        parts.append(part)
        size += len(part)
        if size > LARGEST_ANSWER:
            raise httpx.ReadError(f"an answer of more than {LARGEST_ANSWER >> 20} MiB")
        if time.monotonic() > deadline:
            raise httpx.ReadError("the answer never ends")
    if unpack is not None and received and not unpack.eof:
        raise httpx.ReadError("the answer was cut off")
    return b"".join(parts)


def _proxy(url: str) -> httpx.Proxy:
    return httpx.Proxy(url, ssl_context=_tls() if url.startswith("https:") else None)


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
def _tls() -> SSLContext:
    """The TLS context of all accounts: httpx's certificates and those of the system."""
    context = httpx.create_ssl_context(trust_env=False)
    context.load_default_certs()
    return context
