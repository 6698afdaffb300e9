"""Bytes to a vendor and back: the only module that speaks HTTP.

The standard library's client, one connection for each request in flight: a plan of a kind without
a list is thousands of small requests, and a richer client costs several times as much for each.
No proxy, no cookies and no redirects: a request goes where it says and nowhere else.
"""

from __future__ import annotations

import json
import select
import socket
import ssl
import time
import zlib
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

LARGEST_ANSWER = 64 * 1024 * 1024
CHUNK = 64 * 1024
GZIP = 16 + zlib.MAX_WBITS


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: the whole body, unpacked, and the headers by their names in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class NoResponse(Exception):
    """No answer, or none that could be read to its end.

    `unsent`: nothing has reached the vendor. `hopeless`: it will be the same in a second.
    """

    def __init__(self, why: str, not_sent: bool = False, permanent: bool = False) -> None:
        super().__init__(why)
        self.not_sent = not_sent
        self.permanent = permanent


class Wire:
    """Connections to one account's hosts, as many as are in use at once; `timeout` is in seconds,
    for each step of a request, and twice that for the whole of it."""

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._idle: deque[tuple[str, HTTPConnection]] = deque()

    def close(self) -> None:
        """Let go of the connections."""
        while self._idle:
            self._idle.pop()[1].close()

    def send(
        self,
        method: str,
        url: str,
        query: Mapping[str, str | int] | None,
        body: Any,
        headers: Mapping[str, str],
    ) -> Reply:
        """Send one request, the body as JSON (None: no body). Raises NoResponse."""
        deadline = time.monotonic() + 2 * self._timeout
        parts = urlsplit(url)
        host = f"{parts.scheme}://{parts.netloc}"
        target = f"{parts.path}?{urlencode(query, quote_via=quote)}" if query else parts.path
        lines = {"Accept-Encoding": "gzip", **headers}
        content = None
        if body is not None:
            lines["Content-Type"] = "application/json"
            content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        connection = self._connection(host)
        try:
            connection.request(method, target, content, lines)
            response = connection.getresponse()
            with response:
                reply = Reply(response.status, _named(response), _content(response, deadline))
        except TimeoutError:
            connection.close()
            raise NoResponse("the answer takes too long") from None
        except (OSError, HTTPException, zlib.error) as error:
            connection.close()
            raise NoResponse(str(error) or type(error).__name__) from None
        if response.will_close:
            connection.close()
        else:
            self._idle.append((host, connection))
        return reply

    def _connection(self, host: str) -> HTTPConnection:
        """An open connection to a host: the one used last, if it still lives."""
        try:
            known, connection = self._idle.pop()
        except IndexError:
            return self._connected(host)
        if known == host and not _ended(connection):
            return connection
        connection.close()
        return self._connected(host)

    def _connected(self, host: str) -> HTTPConnection:
        parts = urlsplit(host)
        try:
            connection = _open(parts.scheme, parts.hostname or "", parts.port, self._timeout)
            connection.connect()
        except socket.gaierror as error:
            raise NoResponse(error.strerror or str(error), not_sent=True, permanent=True) from None
        except TimeoutError:
            raise NoResponse("no connection in time", not_sent=True) from None
        except (OSError, HTTPException, ValueError) as error:
            raise NoResponse(str(error) or type(error).__name__, not_sent=True) from None
        return connection


def _open(scheme: str, host: str, port: int | None, timeout: float) -> HTTPConnection:
    if scheme == "https":
        return HTTPSConnection(host, port, timeout=timeout, context=_tls())
    return HTTPConnection(host, port, timeout=timeout)


def _ended(connection: HTTPConnection) -> bool:
    """Whether the vendor has closed a connection that nobody uses: it has something to be read."""
    poll = select.poll()
    poll.register(connection.sock, select.POLLIN)
    return bool(poll.poll(0))


def _named(response: HTTPResponse) -> dict[str, str]:
    return {name.lower(): value for name, value in response.getheaders()}


def _content(response: HTTPResponse, deadline: float) -> bytes:
    """The body, unless it is cut, absurdly large or drips: a deadline holds for the whole answer.
    Raises OSError, HTTPException or zlib.error."""
    packed = (response.getheader("Content-Encoding") or "").lower() == "gzip"
    unpack = zlib.decompressobj(GZIP) if packed else None
    chunks, size = [], 0
    while chunk := response.read1(CHUNK):
        if unpack is not None:
            chunk = unpack.decompress(chunk, LARGEST_ANSWER + 1 - size)
        chunks.append(chunk)
        size += len(chunk)
        if size > LARGEST_ANSWER:
            raise OSError(f"an answer of more than {LARGEST_ANSWER >> 20} MiB")
        if time.monotonic() > deadline:
            raise OSError("the answer never ends")
    if response.length or (unpack is not None and not unpack.eof and size):
        raise OSError("the answer was cut off")
    return b"".join(chunks)


@cache
def _tls() -> ssl.SSLContext:
    """One TLS context for all accounts."""
    context = ssl.create_default_context()
    import certifi

    context.load_verify_locations(certifi.where())
    return context
