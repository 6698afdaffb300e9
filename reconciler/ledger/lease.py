"""The lock of a store that cannot tell whether a process lives: a note that expires.

The note says who holds the lock and until when, and its holder renews it. Every change of the note
is conditional on what it was, so of two that take it at once one gets it. A lock has ended when its
time is over by our clock and nobody renews it while we look, or, in case the holder's clock is
ahead of ours, when nobody has renewed it for its whole time while we wait.
"""

from __future__ import annotations

import calendar
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Protocol

from reconciler.errors import LedgerError, LockHeld
from reconciler.frozen import frozen
from reconciler.ledger.store import Content, Holder, lock_held

_TIME = "%Y-%m-%dT%H:%M:%SZ"
# Others may change the note between our look and our change this often.
_TRIES = 20
_TEXTS = tuple(one.name for one in fields(Holder) if one.name != "pid")


class Note(Protocol):
    """Where the note is kept. Both methods raise LedgerError where the place fails."""

    def read_note(self) -> Content:
        """The note: no bytes where nobody has the lock, no version where nobody ever had it."""

    def replace_note(self, text: bytes, version: str) -> str | None:
        """Put `text` in the place of the note with this version, and return the new version; None
        where another note is there."""


@frozen
class Terms:
    """For how many seconds a lock is taken, and how many seconds pass until it is renewed."""

    lasts: float = 90
    renew: float = 10


@dataclass(slots=True)
class Lease:
    """The lock that a note gives, of the ledger in `place`. One thread takes it at a time."""

    note: Note
    place: str
    terms: Terms = field(default_factory=Terms)
    _held: _Held | None = None
    # The version of the note that was looked at last, and since when nothing has changed it.
    _seen: tuple[str, float] = ("", 0.0)

    @contextmanager
    def hold(self, holder: Holder) -> Iterator[Holder | None]:
        """Hold the lock during the block; gives the process whose lock had expired. Raises LockHeld
        where another process has it."""
        began = time.monotonic()
        crashed, version = self._take(holder)
        held = self._held = _Held(self.note, holder, self.terms, version, began)
        try:
            with held.renewed():
                yield crashed
        finally:
            self._held = None
            held.release()

    def check(self) -> None:
        """Raise LedgerError where the lock is held no longer, or not for long enough to write."""
        if self._held is not None and not self._held.lasts():
            raise LedgerError(
                f"the ledger {self.place} cannot be written: its lock was broken, or could not be "
                "renewed in time"
            )

    def holder(self) -> Holder | None:
        """Who holds the lock now."""
        other = _Known.of(self.note.read_note().data)
        return None if other is None or other.is_over() else other.holder

    def unlock(self, id: str) -> Holder | None:
        """Remove the lock with this id, or one that has expired, and return whose it was. Raises
        LockHeld for another."""
        for _ in range(_TRIES):
            content = self.note.read_note()
            other = _Known.of(content.data)
            if other is None:
                return None
            if id != other.holder.id and not other.is_over():
                raise _held_by(other)
            # Its holder may renew it in between.
            if self.note.replace_note(b"", content.version) is not None:
                return other.holder
        raise self._restless()

    def _take(self, holder: Holder) -> tuple[Holder | None, str]:
        """Take the lock; returns whose lock had expired, and the version of our note."""
        for _ in range(_TRIES):
            other, content = self._wait_for_end()
            version = self.note.replace_note(_text(holder, self.terms), content.version)
            if version is not None:
                return other.holder if other else None, version
        raise LedgerError(
            f"the ledger {self.place} cannot be locked: its lock changes all the time"
        )

    def _restless(self) -> LedgerError:
        return LedgerError(f"the lock of the ledger {self.place} changes all the time: try again")

    def _wait_for_end(self) -> tuple[_Known | None, Content]:
        """The note once its time is over or nobody has it; raises LockHeld where that may take
        longer than a look."""
        while True:
            content = self.note.read_note()
            other = _Known.of(content.data)
            if other is None:
                return None, content
            now = time.monotonic()
            if self._seen[0] != content.version:
                self._seen = (content.version, now)
            unchanged = now - self._seen[1]
            if unchanged >= (2 * self.terms.renew if other.is_over() else other.lasts):
                return other, content
            if not other.is_over():
                raise _held_by(other)
            time.sleep(self.terms.renew / 4)


@dataclass(slots=True)
class _Held:
    """A lock that is ours: `version` is that of our note, `renewed_at` when it was written last."""

    note: Note
    holder: Holder
    terms: Terms
    version: str
    renewed_at: float
    lost: bool = False
    ended: threading.Event = field(default_factory=threading.Event)

    def lasts(self) -> bool:
        """Whether it is still ours, with time left for a write."""
        left = self.terms.lasts - (time.monotonic() - self.renewed_at)
        return not self.lost and left > self.terms.lasts / 3

    @contextmanager
    def renewed(self) -> Iterator[None]:
        """Renew it, in a thread of its own, until the block ends."""
        thread = threading.Thread(target=self._renew_until_end, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self.ended.set()
            thread.join()

    def release(self) -> None:
        """Give it back. Where that fails it expires."""
        if not self.lost:
            with suppress(LedgerError):
                self.note.replace_note(b"", self.version)

    def _renew_until_end(self) -> None:
        while not self.ended.wait(self.terms.renew):
            began = time.monotonic()
            try:
                version = self.note.replace_note(_text(self.holder, self.terms), self.version)
            except LedgerError:
                continue  # tried again until the time is over, which `lasts` says
            if version is None:
                self.lost = True
                return
            self.version, self.renewed_at = version, began


@frozen
class _Known:
    """What a note says: who, until when in seconds since 1970, and for how many seconds."""

    holder: Holder
    until: float
    lasts: float

    @classmethod
    def of(cls, text: bytes) -> _Known | None:
        """What the note says; None where nobody has the lock. A note that cannot be read is a lock
        without a name, which can be broken by its own text."""
        if not text.strip():
            return None
        try:
            entry = json.loads(text)
            holder = Holder(**{name: str(entry.get(name, "")) for name in _TEXTS}, pid=entry["pid"])
            until = calendar.timegm(time.strptime(entry["until"], _TIME))
            return cls(replace(holder, pid=int(holder.pid)), until, float(entry["lasts"]))
        except (ValueError, TypeError, KeyError, AttributeError):
            return cls(Holder("", 0, "", "", "", "unreadable"), float("inf"), Terms().lasts)

    def is_over(self) -> bool:
        """Whether its time is over by our clock."""
        return time.time() > self.until


def _text(holder: Holder, terms: Terms) -> bytes:
    """The note that says that a process holds the lock from now on. It is different each time."""
    now = time.time()
    until = time.strftime(_TIME, time.gmtime(now + terms.lasts + 1))
    return json.dumps(asdict(holder) | {"until": until, "lasts": terms.lasts, "at": now}).encode()


def _held_by(other: _Known) -> LockHeld:
    if other.until == float("inf"):
        when = f"when nobody has changed it for {other.lasts:.0f} seconds"
    else:
        when = f"at {time.strftime(_TIME, time.gmtime(other.until))} unless it is renewed"
    return lock_held(
        other.holder,
        "Wait for that run to end: --lock-timeout SECONDS. If its process is gone, the lock ends "
        f"{when}; to break it now: reconciler state unlock {other.holder.id}",
    )
