"""TLS on loopback, in front of a vendor of the sandbox."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def certified(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate for loopback that nobody else signed, and what serves it."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    new = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject]
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*new, *files], check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    return certificate, context


Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextmanager
def tls(port: int, folder: Path) -> Iterator[tuple[int, Path]]:
    """A TLS listener that passes everything on to a port; its own port, and its certificate."""
    certificate, context = certified(folder)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _both_ways(reader, writer, port)

    with _listening(answer, context) as own:
        yield own, certificate


@contextmanager
def tunnelling(refusal: str = "") -> Iterator[tuple[str, list[str]]]:
    """A proxy that opens a tunnel to any port of this machine, or answers with a refusal; its
    address, and the heads of the requests that it has had."""
    heads: list[str] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        heads.append(head)
        writer.write(f"HTTP/1.1 {refusal or '200 OK'}\r\n\r\n".encode())
        await writer.drain()
        if refusal:
            writer.close()
        else:
            await _both_ways(reader, writer, int(head.split()[1].rpartition(":")[2]))

    with _listening(answer) as port:
        yield f"127.0.0.1:{port}", heads


async def _both_ways(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
    other, upstream = await asyncio.open_connection("127.0.0.1", port)
    await asyncio.gather(_passed(reader, upstream), _passed(other, writer))


async def _passed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


@contextmanager
def _listening(answer: Answer, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """A listener on loopback for as long as the block lasts; its port."""
    ready, ports = threading.Event(), []
    loop, stop = asyncio.new_event_loop(), asyncio.Event()

    async def serve() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
        ports.append(server.sockets[0].getsockname()[1])
        ready.set()
        await stop.wait()
        server.close()

    def work() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(serve())

    thread = threading.Thread(target=work)
    thread.start()
    ready.wait()
    try:
        yield ports[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
