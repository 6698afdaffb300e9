"""Google Cloud Storage's XML API as far as a ledger asks for it, written from its documentation:
an object has a generation, and a request that names another one is refused."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from urllib.parse import unquote

MISSING = b"<Error><Code>%s</Code><Message>%s</Message></Error>"


@contextmanager
def serving(bucket: str) -> Iterator[str]:
    """Serve one bucket; gives the URL."""
    objects: dict[str, bytes] = {}
    generations: dict[str, int] = {}
    numbers, lock = count(1700000000000000), threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def parse_request(self) -> bool:
            understood = super().parse_request()
            self.path = unquote(self.path)
            return understood

        def do_GET(self) -> None:
            with lock:
                if not self.path.startswith(f"/{bucket}/"):
                    return self.answer(404, MISSING % (b"NoSuchBucket", b"No such bucket."))
                if self.path not in objects:
                    return self.answer(404, MISSING % (b"NoSuchKey", b"No such object."))
                self.answer(200, objects[self.path])

        def do_PUT(self) -> None:
            data = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            wanted = self.headers.get("x-goog-if-generation-match")
            with lock:
                # "Zero: only if there are no live versions of the object."
                if wanted is not None and int(wanted) != generations.get(self.path, 0):
                    return self.answer(412, MISSING % (b"PreconditionFailed", b"It differs."))
                objects[self.path], generations[self.path] = data, next(numbers)
                self.answer(200, b"")

        def answer(self, status: int, content: bytes) -> None:
            self.send_response(status)
            if status == 200:
                tag = hashlib.md5(objects[self.path]).hexdigest()
                self.send_header("ETag", f'"{tag}"')
                self.send_header("x-goog-generation", str(generations[self.path]))
                self.send_header("Last-Modified", "Mon, 15 Jan 2024 10:00:00 GMT")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
