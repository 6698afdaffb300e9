"""The stores that every promise of a ledger is tested with. Another store is one more row."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from reconciler.ledger import Ledger, open_ledger

from .memory import MemoryStore, Server

FILE = "ledger.jsonl"


class Place(Protocol):
    """One ledger in one store, as a test sees it."""

    def ledger(self, workspace: str = "acme") -> Ledger:
        """The ledger, opened anew as another process would."""

    def content(self) -> bytes:
        """The bytes that the store holds."""

    def replace(self, data: bytes) -> None:
        """Put other bytes in the store, past the ledger."""

    def break_lock(self) -> None:
        """Let somebody else take the lock, though it is held."""


@dataclass(frozen=True)
class FilePlace:
    """A ledger in a file."""

    folder: Path

    @property
    def path(self) -> Path:
        """The file."""
        return self.folder / FILE

    def ledger(self, workspace: str = "acme") -> Ledger:
        """The ledger in the file."""
        return open_ledger(FILE, self.folder, workspace)

    def content(self) -> bytes:
        """The file's bytes; none where there is no file."""
        return self.path.read_bytes() if self.path.exists() else b""

    def replace(self, data: bytes) -> None:
        """Write the file."""
        self.path.write_bytes(data)

    def break_lock(self) -> None:
        """The kernel's lock cannot be broken, so put a copy of the ledger in its place."""
        self.path.with_name(f"{FILE}.lock").unlink()
        copy = self.path.with_name("copy")
        shutil.copy(self.path, copy)
        copy.replace(self.path)


@dataclass(frozen=True)
class MemoryPlace:
    """A ledger in memory; it needs no folder."""

    folder: Path
    server: Server = field(default_factory=Server)

    def ledger(self, workspace: str = "acme") -> Ledger:
        """The ledger, with a connection of its own."""
        return Ledger(MemoryStore(self.server), workspace)

    def content(self) -> bytes:
        """The server's object."""
        return self.server.ledger.data

    def replace(self, data: bytes) -> None:
        """Put another object there."""
        self.server.ledger.put(data, str(self.server.ledger.version))

    def break_lock(self) -> None:
        """Remove the lock by its id."""
        ledger = self.ledger()
        holder = ledger.holder()
        assert holder is not None
        assert ledger.unlock(holder.id) == holder


STORES: Mapping[str, Callable[[Path], Place]] = {"file": FilePlace, "memory": MemoryPlace}
