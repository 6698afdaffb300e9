"""A forwarder of bytes between a client and a server, which a test may watch or change."""

from __future__ import annotations

import selectors
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress

Pass = Callable[[bool, bytes], bytes]
"""Is given whether bytes come from the server, and the bytes; returns what is sent instead."""


@contextmanager
def forwarding(path: str, change: Pass) -> Iterator[int]:
    """Forward connections to the server at the Unix socket `path`; gives the TCP port."""
    listener = socket.create_server(("127.0.0.1", 0))
    waker, stop = socket.socketpair()

    def serve() -> None:
        with ExitStack() as opened, selectors.DefaultSelector() as selector:
            selector.register(listener, selectors.EVENT_READ)
            selector.register(stop, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select():
                    if key.fileobj is stop:
                        return
                    if key.fileobj is listener:
                        client = opened.enter_context(listener.accept()[0])
                        server = opened.enter_context(socket.socket(socket.AF_UNIX))
                        server.connect(path)
                        selector.register(client, selectors.EVENT_READ, (server, False))
                        selector.register(server, selectors.EVENT_READ, (client, True))
                        continue
                    assert isinstance(key.fileobj, socket.socket)
                    if not _passed_on(key.fileobj, *key.data):
                        selector.unregister(key.fileobj)

    def _passed_on(source: socket.socket, to: socket.socket, answers: bool) -> bool:
        """Pass on what has come; returns whether more may come."""
        with suppress(OSError):  # one side is gone, and the other will be
            if data := source.recv(65536):
                to.sendall(change(answers, data))
                return True
            to.shutdown(socket.SHUT_WR)
        return False

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        waker.close()
        thread.join()
        listener.close()
        stop.close()
