"""A forwarder of bytes between a client and a server, which a test may watch or change."""

from __future__ import annotations

import selectors
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Pass = Callable[[bool, bytes], bytes]
"""Is given whether bytes come from the server, and the bytes; returns what is sent instead."""


@contextmanager
def forwarding(path: str, change: Pass) -> Iterator[int]:
    """Forward connections to the server at the Unix socket `path`; gives the TCP port."""
    listener = socket.create_server(("127.0.0.1", 0))
    waker, stop = socket.socketpair()

    def serve() -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(listener, selectors.EVENT_READ)
            selector.register(stop, selectors.EVENT_READ)
            opened: list[socket.socket] = []
            while True:
                for key, _ in selector.select():
                    if key.fileobj is stop:
                        for connection in opened:
                            connection.close()
                        return
                    if key.fileobj is listener:
                        client, server = listener.accept()[0], socket.socket(socket.AF_UNIX)
                        server.connect(path)
                        selector.register(client, selectors.EVENT_READ, (server, False))
                        selector.register(server, selectors.EVENT_READ, (client, True))
                        opened += [client, server]
                        continue
                    assert isinstance(key.fileobj, socket.socket)
                    _pass_on(selector, key.fileobj, *key.data)

    def _pass_on(
        selector: selectors.BaseSelector, source: socket.socket, to: socket.socket, answers: bool
    ) -> None:
        data = source.recv(65536)
        if data:
            to.sendall(change(answers, data))
        else:
            selector.unregister(source)
            to.shutdown(socket.SHUT_WR)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        waker.close()
        thread.join()
        listener.close()
        stop.close()
