"""Sends what a vendor posts to its customers, from threads of its own and only to this machine."""

from __future__ import annotations

import http.client
import ipaddress
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from urllib.parse import urlsplit

TIMEOUT = 2.0
"""Seconds that a receiver has to answer."""
AT_ONCE = 4

# What is done with the status of the answer; 0 where there was none.
Settle = Callable[[int], None]


def is_here(url: str) -> bool:
    """Whether an address is on this machine: the sandbox sends to no other."""
    parts = urlsplit(url)
    try:
        host = parts.hostname or ""
        loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
        return parts.scheme == "http" and loopback and parts.port is not None
    except ValueError:
        return False


@dataclass(slots=True)
class Outbox:
    """What is on its way. Only the thread that serves the vendor calls the methods; what an answer
    changes is changed there, by `collect`."""

    _under_way: dict[Future[int], Settle] = field(default_factory=dict)
    _pool: ThreadPoolExecutor | None = None

    def post(self, url: str, headers: Mapping[str, str], body: bytes, settle: Settle) -> None:
        """Send a POST without waiting for its answer."""
        if self._pool is None:
            self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="sandbox-outbox")
        self._under_way[self._pool.submit(_post, url, headers, body)] = settle

    def collect(self, wait_for: float = 0.0) -> None:
        """Settle what was answered; wait so many seconds at most for what was not."""
        if not self._under_way:
            return
        if wait_for:
            wait(self._under_way, timeout=wait_for)
        for future in [future for future in self._under_way if future.done()]:
            self._under_way.pop(future)(future.result())


def _post(url: str, headers: Mapping[str, str], body: bytes) -> int:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=TIMEOUT)
    path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    try:
        connection.request("POST", path, body, dict(headers))
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()
