"""Small HTTP servers on loopback that keep what they were sent."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as a server saw it, with the headers by their names in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


Respond = Callable[[Seen], tuple[int, bytes]]


@dataclass(slots=True)
class Server:
    """A running server: its address, the requests it was sent and the connections it accepted."""

    url: str
    requests: list[Seen] = field(default_factory=list)
    connections: list[object] = field(default_factory=list)


@contextmanager
def serving(respond: Respond) -> Iterator[Server]:
    """A server that answers each request with the status and the JSON that `respond` gives."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def setup(self) -> None:
            server.connections.append(self.client_address)
            super().setup()

        def answer(self) -> None:
            length = int(self.headers.get("content-length", 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            seen = Seen(self.command, self.path, headers, self.rfile.read(length))
            server.requests.append(seen)
            status, content = respond(seen)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            with suppress(ConnectionError):  # who asked may be gone by now
                self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

        def log_message(self, format: str, *args: object) -> None:
            return

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener.daemon_threads = True
    server = Server(f"http://127.0.0.1:{listener.server_port}")
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown()
        thread.join()
        listener.server_close()


def forward(seen: Seen) -> tuple[int, bytes]:
    """What a proxy answers: it asks the host that the target names."""
    parts = urlsplit(seen.target)
    connection = HTTPConnection(parts.hostname or "", parts.port)
    path = parts._replace(scheme="", netloc="").geturl()
    headers = {name: value for name, value in seen.headers.items() if "proxy" not in name}
    connection.request(seen.method, path, seen.body or None, headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, content
