"""A store in memory, as an object store would be: it replaces the whole content or nothing, and its
lock is only a note that anybody can remove. It shows what a store costs, and tests use it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock

from reconciler.ledger.store import Content, Holder, changed_by_another, lock_held


@dataclass
class Server:
    """What the store talks to: one object that is replaced if it is unchanged, and one note."""

    data: bytes = b""
    version: int = 0
    note: Holder | None = None
    mutex: Lock = field(default_factory=Lock)

    def put(self, data: bytes, if_match: str) -> str | None:
        """Replace the object and return its new version; None where another version is there."""
        with self.mutex:
            if str(self.version) != if_match:
                return None
            self.data, self.version = data, self.version + 1
            return str(self.version)

    def put_note(self, holder: Holder) -> Holder | None:
        """Leave the note where there is none; returns the one that is there."""
        with self.mutex:
            if self.note is None:
                self.note = holder
                return None
            return self.note

    def remove_note(self, id: str) -> bool:
        """Remove the note if it still has this id."""
        with self.mutex:
            removed = self.note is not None and self.note.id == id
            if removed:
                self.note = None
            return removed


@dataclass
class MemoryStore:
    """A ledger on a `Server`; `Store` says what the methods promise."""

    server: Server
    seen: bytes = b""
    place: str = "memory:ledger"

    def read(self) -> Content:
        """What the server holds, kept for the next write."""
        with self.server.mutex:
            self.seen, version = self.server.data, self.server.version
        return Content(self.seen, str(version))

    def append(self, lines: bytes, version: str, keep: int) -> str:
        """Replace everything by what was there and the lines."""
        data = self.seen[:keep] + lines
        written = self.server.put(data, version)
        if written is None:
            raise changed_by_another(self.place)
        self.seen = data
        return written

    @contextmanager
    def lock(self, holder: Holder) -> Iterator[Holder | None]:
        """Leave the note, and remove it afterwards unless it is somebody else's by then."""
        if other := self.server.put_note(holder):
            raise lock_held(other, f"Wait, or run `reconciler state unlock {other.id}`.")
        try:
            yield None
        finally:
            self.server.remove_note(holder.id)

    def holder(self) -> Holder | None:
        """Whose note is there."""
        return self.server.note

    def unlock(self, id: str = "") -> Holder | None:
        """Remove the note with this id, whether or not its process lives."""
        if (other := self.holder()) and not self.server.remove_note(id):
            raise lock_held(other, f"To break the lock, give its id: {other.id}.")
        return other

    def obstacle(self) -> str:
        """Nothing prevents a write to memory."""
        return ""
