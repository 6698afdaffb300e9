"""Receive requests: a server for small requests that its sender does not trust us to wait for.

It reads with asyncio and h11. Each connection has one request, a deadline for all of it, and limits
for its header and its body, so that whoever sends slowly or much takes nothing from others.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import NamedTuple

import h11

LARGEST_HEADER = 16 * 1024
LARGEST_BODY = 1024 * 1024
_CHUNK = 64 * 1024


class Received(NamedTuple):
    """A request: names of headers are in lower case."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Answer(NamedTuple):
    """A status, and one line of text."""

    status: int
    text: str


Respond = Callable[[Received], Answer]


@dataclass(slots=True)
class Receiver:
    """A server that answers each request with what `respond` says, which is called in one thread,
    one request at a time, and must not wait for anything. A connection has `deadline` seconds for
    its request and its answer, and beyond `most` connections others are closed at once. Raises
    OSError where the host and port cannot be listened at; port 0 is any that is free."""

    host: str
    port: int
    respond: Respond
    deadline: float = 10.0
    most: int = 500
    _listener: socket.socket = field(init=False)
    _tasks: set[asyncio.Task[None]] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        self._listener = socket.create_server((self.host, self.port), family=family)
        self.port = self._listener.getsockname()[1]

    @property
    def url(self) -> str:
        """Where it is, without a path."""
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"

    @contextlib.contextmanager
    def serving(self) -> Iterator[None]:
        """Serve in a thread until the block ends."""
        loop, stop, ready = asyncio.new_event_loop(), asyncio.Event(), threading.Event()

        def work() -> None:
            with asyncio.Runner(loop_factory=lambda: loop) as runner:
                runner.run(self._serve(ready, stop))

        thread = threading.Thread(target=work, name="receiver", daemon=True)
        thread.start()
        ready.wait()
        try:
            yield
        finally:
            loop.call_soon_threadsafe(stop.set)
            thread.join()

    async def _serve(self, ready: threading.Event, stop: asyncio.Event) -> None:
        server = await asyncio.start_server(self._accept, sock=self._listener, backlog=1024)
        ready.set()
        await stop.wait()
        # No more are accepted; what was a moment ago takes some turns of the loop to be a task.
        asyncio.get_running_loop().remove_reader(self._listener)
        for _ in range(5):
            await asyncio.sleep(0)
        server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or len(self._tasks) >= self.most:
            writer.transport.abort()
            return
        self._tasks.add(task)
        try:
            with contextlib.suppress(OSError, TimeoutError, h11.ProtocolError):
                async with asyncio.timeout(self.deadline):
                    await self._exchange(reader, writer)
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read one request, and answer it."""
        connection = h11.Connection(h11.SERVER, max_incomplete_event_size=LARGEST_HEADER)
        try:
            request = await _read(connection, reader)
            answer = self.respond(request) if request else Answer(413, "the body is too large")
        except h11.RemoteProtocolError as error:
            answer = Answer(error.error_status_hint, "the request is malformed")
        text = f"{answer.text}\n".encode()
        headers = [
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Length", str(len(text))),
            ("Connection", "close"),
        ]
        reason = HTTPStatus(answer.status).phrase
        response = h11.Response(status_code=answer.status, headers=headers, reason=reason)
        for event in (response, h11.Data(data=text), h11.EndOfMessage()):
            writer.write(connection.send(event) or b"")
        await writer.drain()
        writer.write_eof()
        while await reader.read(_CHUNK):  # what is still on its way would undo the answer
            pass


async def _read(connection: h11.Connection, reader: asyncio.StreamReader) -> Received | None:
    """The request that comes; None where its body is too large."""
    request, body = None, bytearray()
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(_CHUNK))
        elif isinstance(event, h11.Request):
            request = event
            announced = dict(event.headers).get(b"content-length", b"0")
            if int(announced) > LARGEST_BODY:
                return None
        elif isinstance(event, h11.Data):
            body += event.data
            if len(body) > LARGEST_BODY:
                return None
        elif isinstance(event, h11.EndOfMessage) and request is not None:
            headers = tuple((_text(name), _text(value)) for name, value in request.headers)
            return Received(_text(request.method), _text(request.target), headers, bytes(body))
        else:
            raise h11.RemoteProtocolError("the connection was closed")


def _text(data: bytes) -> str:
    return data.decode("latin-1")
