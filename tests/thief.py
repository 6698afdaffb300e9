"""A server on this machine that stands for every host elsewhere, and keeps what reaches it."""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import pytest


@dataclass(slots=True)
class Thief:
    """What was asked for elsewhere: the names that were looked up, the addresses that were
    connected to, and the bytes that arrived."""

    names: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    received: list[bytes] = field(default_factory=list)

    @property
    def asked(self) -> set[str]:
        """Every host that anything was meant for."""
        return {*self.names, *self.addresses}


@contextmanager
def thieving() -> Iterator[Thief]:
    """For as long as the block lasts, each name leads to the thief, and so does each address that
    is not of this machine."""
    thief = Thief()
    listener = socket.create_server(("127.0.0.1", 0))
    home: tuple[str, int] = listener.getsockname()
    stop = threading.Event()

    def serve() -> None:
        listener.settimeout(0.05)
        while not stop.is_set():
            with suppress(TimeoutError):
                caller, _ = listener.accept()
                with caller, suppress(OSError):
                    caller.settimeout(0.2)
                    thief.received.append(caller.recv(65536))

    def look_up(host: Any, port: Any, *rest: Any, **more: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else str(host)
        if name == "localhost" or _is_here(name):
            return looked_up(host, port, *rest, **more)
        thief.names.append(name)
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", home)]

    def redirected(original: Callable[..., Any]) -> Callable[..., Any]:
        def connect(self: socket.socket, address: Any) -> Any:
            if self.family not in (socket.AF_INET, socket.AF_INET6) or _is_here(str(address[0])):
                return original(self, address)
            thief.addresses.append(str(address[0]))
            return original(self, home)

        return connect

    looked_up = socket.getaddrinfo
    patch = pytest.MonkeyPatch()
    patch.setattr(socket, "getaddrinfo", look_up)
    for name in ("connect", "connect_ex"):
        patch.setattr(socket.socket, name, redirected(getattr(socket.socket, name)))
    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield thief
    finally:
        patch.undo()
        stop.set()
        thread.join()
        listener.close()


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
