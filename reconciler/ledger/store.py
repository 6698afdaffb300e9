"""What a place that can keep a ledger must be able to do.

A ledger is lines of text that are only ever appended; `chain` says what the lines are, and a store
only keeps them. Each store is one file of this package and one row in `stores.SCHEMES`.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from reconciler.errors import Diagnostic, LedgerError, LockHeld
from reconciler.frozen import frozen


@frozen
class Holder:
    """The process that holds a lock, and since when.

    `id` names the lock itself, in stores whose lock can be taken away from a living process. `job`
    is the CI job, with its pull request, that the process works for.
    """

    host: str
    pid: int
    user: str
    command: str
    since: str
    id: str = ""
    job: str = ""

    def __str__(self) -> str:
        if not self.pid:
            return "a process that gave no name"
        job = f" for {self.job}" if self.job else ""
        return f"{self.user}@{self.host} (pid {self.pid}, `{self.command}`) since {self.since}{job}"


@frozen
class Content:
    """All the bytes of a ledger, and a version that changes with every write.

    A store gives the version whatever text suits it, such as an ETag or a commit id.
    """

    data: bytes
    version: str


class Store(Protocol):
    """A place that keeps one ledger. Every method raises LedgerError where the place fails.

    The lock keeps two runs from working at the same time, and may be advisory: it may expire or be
    broken. That no write is ever lost does not depend on it, but on `append`, which writes only
    where nobody else has written since.
    """

    @property
    def place(self) -> str:
        """What messages call the place; without credentials."""

    def read(self) -> Content:
        """What is kept now; no bytes where nothing was written yet. Creates nothing."""

    def append(self, lines: bytes, version: str, keep: int) -> str:
        """Write `lines` after the first `keep` bytes of the content that has this version.

        Bytes after those are dropped: a crash cut that line short. Returns the new version once
        the lines are durable. Raises `changed_by_another`, and writes nothing, where the place no
        longer holds this version. A store that can only replace its whole content keeps the bytes
        that it last read or wrote, and replaces them on the same condition.
        """

    def lock(self, holder: Holder) -> AbstractContextManager[Holder | None]:
        """Hold the lock during the block; gives the process that crashed while it held it before.

        Raises LockHeld at once where another process holds it. Proves that the place can be
        written, and creates what that needs. A lock that expires is renewed until the block ends.
        """

    def holder(self) -> Holder | None:
        """Who holds the lock now."""

    def unlock(self, id: str = "") -> Holder | None:
        """Remove the lock of a process that is gone, and return whose it was.

        A store that can tell raises LockHeld while that process lives; another store removes the
        lock with this `id`, and raises LockHeld where it has another one.
        """

    def obstacle(self) -> str:
        """Why the place cannot be written, as far as can be seen without writing; or no text."""


def lock_held(holder: Holder, advice: str) -> LockHeld:
    """The error that says who holds the lock and what to do about it."""
    return LockHeld(Diagnostic(f"the ledger is locked by {holder}", advice))


def changed_by_another(place: str) -> LedgerError:
    """The error of a write that came after somebody else's."""
    return LedgerError(
        f"the ledger {place} cannot be written: another process changed it during this run"
    )
