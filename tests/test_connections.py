"""Connections are kept open between requests, and used by one request at a time."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Semaphore, Thread

import pytest

from reconciler.http.transport import Transport

from .servers import Seen, serving


@pytest.fixture(name="transport")
def transport_fixture() -> Iterator[Transport]:
    """The connections of one account."""
    transport = Transport(10, secure=False)
    yield transport
    transport.close()


def test_requests_at_the_same_time_have_a_connection_each(transport: Transport) -> None:
    """Three at once open three connections; what comes after uses the one that was used last."""
    barrier = Barrier(3)

    def together(seen: Seen) -> tuple[int, bytes]:
        if seen.target == "/together":
            barrier.wait(10)
        return 200, b"{}"

    with serving(together) as server:
        with ThreadPoolExecutor(3) as pool:
            ends = [
                pool.submit(transport.send, "GET", f"{server.url}/together", {}, None)
                for _ in range(3)
            ]
            assert [end.result().status for end in ends] == [200] * 3
        for _ in range(20):
            transport.send("GET", f"{server.url}/alone", {}, None)
        assert len(server.connections) == 3


def test_a_connection_that_the_vendor_has_closed_is_not_used_again(transport: Transport) -> None:
    """A vendor may close a connection after any answer, without a word: the next one is new."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        closed = Semaphore(0)

        def answer_and_close() -> None:
            for _ in range(3):
                connection, _ = listener.accept()
                with connection:
                    connection.recv(65536)
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
                closed.release()

        vendor = Thread(target=answer_and_close, daemon=True)
        vendor.start()
        for _ in range(3):
            url = f"http://127.0.0.1:{listener.getsockname()[1]}/x"
            assert transport.send("POST", url, {}, b"{}").status == 200
            assert closed.acquire(timeout=10)
        vendor.join()


@pytest.mark.parametrize("content", [b"", None, b"{}"])
@pytest.mark.parametrize("method", ["GET", "DELETE", "POST", "PUT", "PATCH"])
def test_a_request_says_how_long_its_body_is(
    transport: Transport, method: str, content: bytes | None
) -> None:
    """Where there is one, and where one may be expected; and which host it is for."""
    with serving(lambda _: (200, b"{}")) as server:
        transport.send(method, f"{server.url}/x/Ş?q=1", {"X-Own": "1"}, content)
    (seen,) = server.requests
    length = "2" if content else "0" if method in ("POST", "PUT", "PATCH") else None
    assert seen.headers.get("content-length") == length
    assert seen.headers["host"] == server.url.removeprefix("http://")
    assert seen.target == "/x/%C5%9E?q=1"
