"""A store in memory, as an object store would be: it replaces the whole content or nothing, and its
lock is only a note that anybody can remove. It shows what a store costs, and tests use it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from threading import Lock

from reconciler.ledger.lease import Lease, Terms
from reconciler.ledger.store import Content, Holder, changed_by_another

USUAL = Terms()


@dataclass
class Object:
    """Bytes that are replaced if they are unchanged."""

    data: bytes = b""
    version: int = 0
    mutex: Lock = field(default_factory=Lock)

    def get(self) -> Content:
        """What it holds."""
        with self.mutex:
            return Content(self.data, str(self.version))

    def put(self, data: bytes, if_match: str) -> str | None:
        """Replace the bytes and return their new version; None where another version is there."""
        with self.mutex:
            if str(self.version) != if_match:
                return None
            self.data, self.version = data, self.version + 1
            return str(self.version)


@dataclass
class Server:
    """What the store talks to: the ledger and the note of its lock."""

    ledger: Object = field(default_factory=Object)
    note: Object = field(default_factory=Object)


@dataclass
class MemoryStore:
    """A ledger on a `Server`; `Store` says what the methods promise."""

    server: Server
    terms: Terms = USUAL
    seen: bytes = b""
    place: str = "memory:ledger"

    def __post_init__(self) -> None:
        self.lease = Lease(self, self.place, self.terms)

    def read(self) -> Content:
        """What the server holds, kept for the next write."""
        content = self.server.ledger.get()
        self.seen = content.data
        return content

    def append(self, lines: bytes, version: str, keep: int) -> str:
        """Replace everything by what was there and the lines."""
        self.lease.check()
        data = self.seen[:keep] + lines
        written = self.server.ledger.put(data, version)
        if written is None:
            raise changed_by_another(self.place)
        self.seen = data
        return written

    def lock(self, holder: Holder) -> AbstractContextManager[Holder | None]:
        """Leave a note, and renew it until the block ends."""
        return self.lease.hold(holder)

    def holder(self) -> Holder | None:
        """Whose note is there."""
        return self.lease.holder()

    def unlock(self, id: str = "") -> Holder | None:
        """Remove the note with this id, whether or not its process lives."""
        return self.lease.unlock(id)

    def obstacle(self) -> str:
        """Nothing prevents a write to memory."""
        return ""

    def read_note(self) -> Content:
        """The note of the lock."""
        return self.server.note.get()

    def replace_note(self, text: bytes, version: str) -> str | None:
        """Replace the note where it is unchanged."""
        return self.server.note.put(text, version)
