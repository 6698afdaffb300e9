"""Receive events: verify each, take it once, and gather the kinds that they are about."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event, Lock
from typing import TYPE_CHECKING

from reconciler import files
from reconciler.app.senders import Sender
from reconciler.kinds.events import Unverified
from reconciler.model import Scope

if TYPE_CHECKING:
    from reconciler.http.receiver import Answer, Received

MOST_KEYS = 100_000
LARGEST_FILE = 32 * 1024 * 1024


@dataclass(slots=True)
class Seen:
    """The events that were received and could be sent again: no more than `most` keys. They are
    kept in a file, so that a restart forgets none that came before the last `save`."""

    path: Path
    root: Path
    most: int = MOST_KEYS
    _until: dict[str, float] = field(default_factory=dict)

    def load(self) -> None:
        """Read what was saved; a file that is not there or of no use counts as empty."""
        with suppress(OSError, ValueError, TypeError, RecursionError):
            kept = json.loads(files.read_file(self.path, LARGEST_FILE, self.root))
            self._until = {str(key): float(until) for key, until in dict(kept).items()}

    def save(self, now: float) -> None:
        """Write what could still be sent again. Raises OSError."""
        self._forget(now)
        files.make_folder(self.path.parent, self.root)
        files.replace_file(self.path, json.dumps(self._until).encode(), 0o600, self.root)

    def add(self, keys: Sequence[str], until: float, now: float) -> bool:
        """Whether an event with these keys is new, and note it. Raises Unverified where there are
        too many to note another one."""
        if any(self._until.get(key, 0) >= now for key in keys):
            return False
        if len(self._until) + len(keys) > self.most:
            self._forget(now)
            if len(self._until) + len(keys) > self.most:
                raise Unverified(503, "too many events at once")
        self._until.update(dict.fromkeys(keys, until))
        return True

    def _forget(self, now: float) -> None:
        self._until = {key: until for key, until in self._until.items() if until >= now}


@dataclass(slots=True)
class Inbox:
    """What was received and not yet compared. `receive` is called by the server's thread, `batches`
    by the one that compares; `stop` ends it, once `wake` was called. `note` is told of events that
    are refused, of many of one sort only of some."""

    senders: Mapping[str, Sender]
    seen: Seen
    max_age: float
    note: Callable[[str], None]
    clock: Callable[[], float] = time.time
    pending: Counter[Scope] = field(default_factory=Counter)
    _refused: Counter[str] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)
    _signals: SimpleQueue[None] = field(default_factory=SimpleQueue)

    def receive(self, request: Received) -> Answer:
        """The answer to a request; an event that is new is to be compared."""
        from reconciler.http.receiver import Answer

        try:
            return Answer(202, self._take(request))
        except Unverified as problem:
            self._note_refusal(str(problem))
            return Answer(problem.status, str(problem))

    def _take(self, request: Received) -> str:
        sender = self.senders.get(request.target.partition("?")[0].removeprefix("/"))
        if sender is None:
            raise Unverified(404, "there is no such provider here")
        if request.method != "POST":
            raise Unverified(405, "an event is sent with POST")
        now = self.clock()
        event = sender.events.verify(
            request.headers, request.body, sender.secrets, now, self.max_age
        )
        with self._lock:
            if not self.seen.add(event.keys, event.until, now):
                return "received before"
            scope = Scope(sender.name, event.kind or "")
            if scope not in sender.kinds:
                return "nothing to compare"
            self.pending[scope] += 1
            if self.pending.total() == 1:
                self._signals.put(None)
        return "accepted"

    def wake(self) -> None:
        """Have `batches` look at `stop`; may be called by a signal's handler."""
        self._signals.put(None)

    def batches(self, stop: Event, delay: float) -> Iterator[Mapping[Scope, int]]:
        """The kinds of the events that came, with their numbers, `delay` seconds after the first of
        them; until `stop` is set."""
        while not stop.is_set():
            with suppress(Empty):
                # a signal that another thread gets does not wake this one
                self._signals.get(timeout=1.0)
            if not self.pending or stop.wait(delay):
                continue
            with self._lock:
                batch, self.pending = self.pending, Counter()
            self.save()
            yield batch
        self.save()

    def save(self) -> None:
        """Keep what was seen for the next start, if the disk takes it."""
        try:
            with self._lock:
                self.seen.save(self.clock())
        except OSError as error:
            self.note(f"After a restart, events may be taken twice: {files.reason(error)}.")

    def _note_refusal(self, why: str) -> None:
        self._refused[why] += 1
        count = self._refused[why]
        if count in (1, 10, 100) or count % 1000 == 0:
            self.note(f"Refused {count} so far: {why}.")
