"""Bytes to a vendor and back: the only module that knows httpx.

No proxy, no netrc, no cookies and no redirects: a request goes where it says and nowhere else.
"""

from __future__ import annotations

import ssl
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx

LARGEST_ANSWER = 64 * 1024 * 1024
HEADERS = {"Accept-Encoding": "gzip, deflate", "Connection": "keep-alive"}


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: the whole body, unpacked, and the headers, whose names have no case."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class Silence(Exception):
    """No answer, or none that could be read to its end.

    `unsent`: nothing has reached the vendor. `hopeless`: it will be the same in a second.
    """

    def __init__(self, error: httpx.RequestError) -> None:
        super().__init__(str(error) or type(error).__name__)
        text = str(error)
        self.unsent = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
        self.hopeless = isinstance(error, httpx.UnsupportedProtocol) or any(
            words in text
            for words in ("Name or service not known", "nodename nor servname", "getaddrinfo")
        )


class Wire:
    """Connections to one account's hosts, as many as are in use at once; `timeout` is in seconds,
    for each step of a request.

    Each lies in a transport of its own, the last one used on top: a pool of many asks all of them
    whether they still live, for every request. And the bare transport is enough: what httpx.Client
    does besides costs as much as the request itself.
    """

    def __init__(self, scheme: str, timeout: float) -> None:
        self._scheme = scheme
        self._timeout = timeout
        self._extensions = {"timeout": httpx.Timeout(timeout).as_dict()}
        self._idle: deque[httpx.HTTPTransport] = deque()

    def close(self) -> None:
        """Let go of the connections."""
        while self._idle:
            self._idle.pop().close()

    @contextmanager
    def _transport(self) -> Iterator[httpx.HTTPTransport]:
        try:
            transport = self._idle.pop()
        except IndexError:
            limits = httpx.Limits(max_connections=1, max_keepalive_connections=1)
            context = _tls(self._scheme)
            transport = httpx.HTTPTransport(verify=context, trust_env=False, limits=limits)
        try:
            yield transport
        finally:
            self._idle.append(transport)

    def send(
        self,
        method: str,
        url: str,
        query: Mapping[str, str | int] | None,
        body: Any,
        headers: Mapping[str, str],
    ) -> Reply:
        """Send one request, the body as JSON (None: no body). Raises Silence."""
        deadline = time.monotonic() + 2 * self._timeout
        try:
            request = httpx.Request(
                method,
                url,
                params=query,
                json=body,
                headers={**HEADERS, **headers},
                extensions=self._extensions,
            )
            with self._transport() as transport:
                response = transport.handle_request(request)
                try:
                    content = _content(response, deadline)
                finally:
                    response.close()
        except httpx.RequestError as error:
            raise Silence(error) from None
        except httpx.InvalidURL as error:
            raise Silence(httpx.UnsupportedProtocol(str(error))) from None
        return Reply(response.status_code, response.headers, content)


def _content(response: httpx.Response, deadline: float) -> bytes:
    """The body, unless it is absurdly large or drips: a deadline holds for the whole answer."""
    chunks, size = [], 0
    for chunk in response.iter_bytes():
        chunks.append(chunk)
        size += len(chunk)
        if size > LARGEST_ANSWER:
            raise httpx.ReadError(f"an answer of more than {LARGEST_ANSWER >> 20} MiB")
        if time.monotonic() > deadline:
            raise httpx.ReadTimeout("the answer never ends")
    return b"".join(chunks)


@cache
def _tls(scheme: str) -> ssl.SSLContext:
    """One TLS context for all accounts; plain HTTP (loopback only) needs no certificates."""
    if scheme != "https":
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context = ssl.create_default_context()
    import certifi

    context.load_verify_locations(certifi.where())
    return context
