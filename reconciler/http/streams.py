"""Read and write the bytes of connections, within the deadline of the request that needs them.

The timeouts of httpcore begin anew with every byte that arrives, so that a status line, headers,
chunk extensions or trailers that come one byte at a time, or one `100 Continue` after another,
would never end. Here everything that one request reads and writes has one deadline, and a read
ends soon after the run was asked to stop.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterable
from concurrent.futures import Future, wait
from ssl import SSLContext
from typing import Any

import httpcore

LARGEST_WRITE = 64 * 1024
GLANCE = 0.1
"""Seconds after which a wait looks whether the run was asked to stop."""


class Stopped(Exception):
    """The run was asked to stop while a request waited for its connection or its answer."""


class Deadline(threading.local):
    """Until when, in seconds of the monotonic clock, the request of this thread may take, and
    whether its answer is not waited for once `stop` is set.

    A request is sent and its answer is read by one thread, in which the connection is called.
    """

    at = math.inf
    stoppable = False

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop

    def check(self) -> None:
        """Raise Stopped where the run was asked to stop."""
        if self._stop.is_set():
            raise Stopped

    def left(self, timeout: float | None) -> float:
        """The seconds that one step may take; 0 or less where the time is over."""
        left = self.at - time.monotonic()
        return left if timeout is None else min(timeout, left)


class Backend(httpcore.NetworkBackend):
    """Opens connections whose reads and writes keep a deadline."""

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline
        self._backend = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Open a connection. Raises httpcore.ConnectTimeout or ConnectError."""
        left = self._deadline.left(timeout)
        if left <= 0:
            raise httpcore.ConnectTimeout("no connection in time")
        opening: Future[httpcore.NetworkStream] = Future()

        def open_connection() -> None:
            try:
                opening.set_result(
                    self._backend.connect_tcp(host, port, left, local_address, socket_options)
                )
            except BaseException as error:
                opening.set_exception(error)

        # In a thread of its own, because neither the look-up of a name nor a connection can be
        # interrupted.
        threading.Thread(target=open_connection, name=f"connect {host}", daemon=True).start()
        while not wait([opening], GLANCE).done:
            self._deadline.check()
        return _Stream(opening.result(), self._deadline)


class _Stream(httpcore.NetworkStream):
    """A connection, or the TLS layer of one."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """What has arrived. Raises httpcore.ReadTimeout, also where the deadline is over, and
        Stopped."""
        left = self._deadline.left(timeout)
        if left <= 0:
            raise httpcore.ReadTimeout("the answer never ends")
        if not self._deadline.stoppable:
            return self._stream.read(max_bytes, left)
        until = time.monotonic() + left
        while True:
            self._deadline.check()
            left = until - time.monotonic()
            try:
                return self._stream.read(max_bytes, max(min(left, GLANCE), 0.001))
            except httpcore.ReadTimeout:
                if left <= GLANCE:
                    raise

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send everything, a piece at a time. Raises httpcore.WriteTimeout."""
        for start in range(0, len(buffer), LARGEST_WRITE):
            left = self._deadline.left(timeout)
            if left <= 0:
                raise httpcore.WriteTimeout("the vendor does not take the request")
            self._stream.write(buffer[start : start + LARGEST_WRITE], left)

    def start_tls(
        self,
        ssl_context: SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """The TLS layer on this connection. Raises httpcore.ConnectTimeout or ConnectError."""
        left = self._deadline.left(timeout)
        if left <= 0:
            raise httpcore.ConnectTimeout("no connection in time")
        secure = self._stream.start_tls(ssl_context, server_hostname, left)
        return _Stream(secure, self._deadline)

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        """What httpcore wants to know of the socket."""
        return self._stream.get_extra_info(info)
