"""A server that speaks S3, which a test may watch or disturb."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest


@contextmanager
def between(
    monkeypatch: pytest.MonkeyPatch, change: Callable[[dict[str, Any]], None]
) -> Iterator[list[str]]:
    """A server like the other, which first lets `change` change the request, and loses the answer
    to one that it marks; gives the requests."""
    from moto.server import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import make_server

    application, seen = DomainDispatcherApplication(create_backend_app), []

    def changed(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        change(environ)
        seen.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO'].rpartition('/')[2]}")
        if environ.get("lose"):
            list(application(environ, lambda *_: None))
            start("500 Internal Server Error", [("Content-Length", "0")])
            return [b""]
        answer: Iterable[bytes] = application(environ, start)
        return answer

    server = make_server("127.0.0.1", 0, changed, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
    try:
        yield seen
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def nothing(_environ: dict[str, Any]) -> None:
    """Change nothing."""
