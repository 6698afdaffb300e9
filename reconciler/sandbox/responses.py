"""Sends an answer as a fault has it: whole, late, cut short, in pieces, or not at all."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from typing import Any

from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from reconciler.sandbox.describe import Answer
from reconciler.sandbox.faults import Fault
from reconciler.sandbox.garble import garbled

PIECES = 10
TICK = 0.02
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
ENDLESS: Mapping[str, tuple[bytes, bytes]] = {
    "continue": (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100),
    "status": (b"HTTP/1.1 200 O", b"K"),
    "headers": (b"HTTP/1.1 200 OK\r\nX-Note: ", b"a"),
    "chunk": (CHUNKED + b"2;note=", b"a"),
    "trailers": (CHUNKED + b"2\r\n{}\r\n0\r\nX-Note: ", b"a"),
}
"""What an answer begins with, and what it goes on with for ever."""

PAGE = b"<!DOCTYPE html>\n<title>Maintenance</title>\n<p>Back soon.</p>\n"


class Connection(H11Protocol):
    """An HTTP connection whose requests can reach the socket they came in on."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Hand the transport to the application, in the state of each request's scope."""
        # asyncio sets this only on sockets made with an explicit protocol; without it, an answer
        # of two segments waits 40 ms for the client's delayed acknowledgement.
        connected = transport.get_extra_info("socket")
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.app_state = {**self.app_state, "transport": transport}
        super().connection_made(transport)


class Reset(Response):
    """No answer: the connection is reset, as when a machine in between dies."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Reset the connection and wait until the server has noticed."""
        transport = scope["state"]["transport"]
        # With a linger time of zero, closing sends RST instead of a polite FIN.
        linger = struct.pack("ii", 1, 0)
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        transport.abort()
        await disconnected(receive)


class Endless(Response):
    """An answer that goes on until the client has had enough."""

    def __init__(self, part: str) -> None:
        super().__init__()
        self._begin, self._more = ENDLESS[part]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send bytes until the client has closed its connection."""
        transport = scope["state"]["transport"]
        transport.write(self._begin)
        while not transport.is_closing():
            transport.write(self._more)
            await late(receive, TICK)


async def disconnected(receive: Receive) -> None:
    """Wait until the client has closed its connection."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def late(receive: Receive, seconds: float) -> None:
    """Wait these seconds, or until the client has given up."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await disconnected(receive)


def instead(fault: Fault, problem: Answer) -> Answer:
    """What is answered instead of the vendor; `problem` is the vendor's own error body."""
    if fault.name == "html":
        return Answer(200, PAGE, {"Content-Type": "text/html; charset=utf-8"})
    if fault.name == "redirect":
        return Answer(302, None, {"Location": fault.value})
    if fault.name == "reset":
        return Answer(0)
    headers = {} if fault.retry_after is None else {"Retry-After": f"{fault.retry_after:g}"}
    if isinstance(fault.body, str):
        plain = {"Content-Type": "text/plain; charset=utf-8"}
        return Answer(fault.value, fault.body.encode(), headers | plain)
    return Answer(fault.value, problem.body if fault.body is None else fault.body, headers)


def response(answer: Answer, fault: Fault | None, headers: Mapping[str, str]) -> Response:
    """The answer as a response, delivered as the fault has it."""
    body = b"" if answer.status in (204, 304) else answer.encoded()
    all_headers = {**headers, **answer.headers}
    if not body:
        all_headers.pop("Content-Type", None)
    if fault is None:
        return Response(body, answer.status, all_headers)
    if fault.resets:
        return Reset()
    if fault.name == "endless":
        return Endless(fault.value)
    if fault.name == "garble":
        body, all_headers = garbled(body, all_headers, fault.value)
    if fault.name == "truncate":
        body = body[: len(body) // 2]
    if fault.name == "drip":
        pieces = _pieces(body, fault.value)
        return StreamingResponse(pieces, answer.status, all_headers)
    return Response(body, answer.status, all_headers)


async def _pieces(body: bytes, pause: float) -> AsyncIterator[Any]:
    size = max(1, -(-len(body) // PIECES))
    for start in range(0, len(body), size):
        if start:
            await asyncio.sleep(pause)
        yield body[start : start + size]
