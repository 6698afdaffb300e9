"""What stores have in common that can only replace the whole ledger, and whose lock expires."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager

from reconciler.ledger.lease import Lease
from reconciler.ledger.store import Content, Holder, changed_by_another


class LeasedStore(ABC):
    """Keeps what it last read or wrote, and replaces that only where nobody else has written since.
    `Store` says what the methods promise."""

    _lease: Lease
    _seen: bytes = b""

    @property
    @abstractmethod
    def place(self) -> str:
        """What messages call the place."""

    @abstractmethod
    def read_whole(self) -> Content:
        """The ledger, and its version; no bytes and no version where there is none."""

    @abstractmethod
    def replace_whole(self, data: bytes, version: str) -> str | None:
        """Replace the ledger that has this version, and return the new version; None where it has
        another one."""

    def read(self) -> Content:
        """What is kept now."""
        content = self.read_whole()
        self._seen = content.data
        return content

    def append(self, lines: bytes, version: str, keep: int) -> str:
        """Replace the ledger by what it was, with the lines."""
        self._lease.check()
        data = self._seen[:keep] + lines
        written = self.replace_whole(data, version)
        if written is None:
            raise changed_by_another(self.place)
        self._seen = data
        return written

    def lock(self, holder: Holder) -> AbstractContextManager[Holder | None]:
        """Hold the lock during the block."""
        return self._lease.hold(holder)

    def holder(self) -> Holder | None:
        """Who holds the lock now."""
        return self._lease.holder()

    def unlock(self, id: str = "") -> Holder | None:
        """Remove the lock with this id, or one that has expired."""
        return self._lease.unlock(id)

    def obstacle(self) -> str:
        """Whether we may write is seen only when we do."""
        return ""
