"""Receive vendors' signed events, and say which kinds to compare because of them."""

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
from reconciler.app.drift import drift
from reconciler.app.options import PlanOptions
from reconciler.app.project import Project, load_valid_manifests
from reconciler.errors import Diagnostic, Invalid
from reconciler.kinds.events import SignedEvents, Unverified
from reconciler.model import Drift, Scope
from reconciler.values.text import did_you_mean, printable, shown

if TYPE_CHECKING:
    from reconciler.http.receiver import Answer, Received

UNDOCUMENTED = "the vendor's documentation does not say how events are signed"
INSTEAD = "What cannot be verified is not received. Run `reconciler drift` on a schedule instead."
MOST_KEYS = 100_000
LARGEST_FILE = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Sender:
    """A provider whose events are received: how they are signed, and with which secrets; and the
    kinds that its events may be about."""

    name: str
    events: SignedEvents
    secrets: tuple[str, ...] = field(repr=False)
    kinds: frozenset[Scope]


def senders(project: Project, secrets: Sequence[str], kinds: Sequence[str]) -> tuple[Sender, ...]:
    """The providers whose events can be received. `secrets` are names under `secrets` in
    reconciler.yaml, each with the provider before it (`PROVIDER=NAME`) where several sign their
    events; `kinds` those to compare, given as `kind` or `provider/kind`; all where none is named.

    Raises Invalid where a provider's document does not say how it signs events, a secret is not
    there, or a kind has no events.
    """
    signing = {n: p.events for n, p in project.resource_types.providers.items() if p.events}
    if not signing:
        names = ", ".join(project.resource_types.providers)
        raise Invalid(Diagnostic(f"{names}: {UNDOCUMENTED}", INSTEAD))
    named: dict[str, list[str]] = {}
    for text in secrets:
        provider, name = _provider_of(text, project, signing)
        named.setdefault(provider, []).append(_secret(project, name))
    if not named:
        raise Invalid(
            Diagnostic(
                "no secret is named with which events could be verified",
                "Put the webhook's signing secret under `secrets` in reconciler.yaml, such as "
                "`hooks: ${env.KOBO_WEBHOOK_SECRET}`, and name it: --secret hooks.",
            )
        )
    every = {Scope(n, kind) for n in named for kind in signing[n].kinds.values()}
    wanted = {s for s in every if not kinds or s.kind in kinds or str(s) in kinds}
    for kind in kinds:
        if not any(kind in (scope.kind, str(scope)) for scope in every):
            hint = did_you_mean(kind, sorted({scope.kind for scope in every}))
            raise Invalid(Diagnostic(f"--kind {printable(kind)}: no event is about it", hint))
    return tuple(
        Sender(n, signing[n], tuple(own), frozenset(s for s in wanted if s.provider == n))
        for n, own in named.items()
    )


def _provider_of(
    text: str, project: Project, signing: Mapping[str, SignedEvents]
) -> tuple[str, str]:
    """The provider and the secret's name in a text `PROVIDER=NAME` or `NAME`."""
    provider, equals, name = text.partition("=")
    if not equals and len(signing) > 1:
        names = ", ".join(signing)
        hint = (
            f"Write whose secret it is: --secret PROVIDER={printable(text)}, with one of {names}."
        )
        raise Invalid(Diagnostic("several providers sign events", hint))
    if not equals:
        return next(iter(signing)), text
    if provider in signing:
        return provider, name
    if provider in project.resource_types.providers:
        raise Invalid(Diagnostic(f"{provider}: {UNDOCUMENTED}", INSTEAD))
    summary = f"there is no provider {shown(provider)}"
    raise Invalid(Diagnostic(summary, did_you_mean(provider, signing)))


def _secret(project: Project, name: str) -> str:
    secret = project.config.secrets.get(name)
    if secret is None:
        hint = did_you_mean(name, project.config.secrets) or "Declare it under `secrets`."
        raise Invalid(Diagnostic(f"reconciler.yaml has no secret {shown(name)}", hint))
    if secret.missing is not None:
        raise Invalid(secret.missing)
    if not secret.reveal():
        raise Invalid(Diagnostic(f"the secret {shown(name)} is empty: anybody could sign with it"))
    return secret.reveal()


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
    _bell: SimpleQueue[None] = field(default_factory=SimpleQueue)

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
                self._bell.put(None)
        return "accepted"

    def wake(self) -> None:
        """Have `batches` look at `stop`; may be called by a signal's handler."""
        self._bell.put(None)

    def batches(self, stop: Event, delay: float) -> Iterator[Mapping[Scope, int]]:
        """The kinds of the events that came, with their numbers, `delay` seconds after the first of
        them; until `stop` is set."""
        while not stop.is_set():
            with suppress(Empty):
                # a signal that another thread gets does not wake this one
                self._bell.get(timeout=1.0)
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


def compare(project: Project, kinds: Sequence[Scope]) -> Drift | None:
    """The drift of these kinds; None where nothing of them is declared or owned."""
    addresses = [r.address for r in load_valid_manifests(project).resources]
    known = {address.scope for address in (*addresses, *project.ledger.read().owned)}
    targets = tuple(str(scope) for scope in sorted(kinds) if scope in known)
    return drift(project, PlanOptions(targets)) if targets else None
