"""TLS on loopback, in front of a vendor of the sandbox."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
import threading
from collections.abc import Iterator
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


@contextmanager
def tls(port: int, folder: Path) -> Iterator[tuple[int, Path]]:
    """A TLS listener that passes everything on to a port; its own port, and its certificate."""
    certificate, context = certified(folder)
    ready, ports = threading.Event(), []
    loop, stop = asyncio.new_event_loop(), asyncio.Event()

    async def passed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.close()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        other, upstream = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(passed(reader, upstream), passed(other, writer))

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
        yield ports[0], certificate
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
