"""One change on its way to the vendor: a fresh look, the journal, the write, the journal."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from threading import Event

from reconciler.errors import Diagnostic, Severity, Unknown, VendorError
from reconciler.executor.identity import below_what_came_back, beside, named, resolved
from reconciler.kinds import Verb
from reconciler.kinds.resource_types import ResourceType
from reconciler.model import (
    Action,
    Address,
    Change,
    Fields,
    Live,
    Outcome,
    Secret,
    Status,
)
from reconciler.rest.driver import Driver
from reconciler.values.compare import differences
from reconciler.values.shape import restrict_to

FRESH_SECONDS = 30.0
CREATE_ROUNDS = 3


# Where every write is noted before it is sent, with its idempotency key, and after it was answered:
# with how it ended, the object's id and what there is to say.
Settle = Callable[[Status, str | None, str], None]
Journal = Callable[[Change, Verb, str | None], Settle]


@dataclass(frozen=True, slots=True)
class ExecuteOptions:
    """How to execute: changes side by side, and whether a failure stops what is independent of it.

    `stop` set means: finish what is in flight and start nothing more. `seen` gives a change's live
    object and the monotonic time at which it was read. What is journalled inside `together` is
    durable when that ends, and not before.
    """

    seen: Callable[[Change], tuple[Live, float] | None]
    together: Callable[[], AbstractContextManager[None]] = nullcontext
    parallelism: int = 10
    stop_on_failure: bool = False
    stop: Event = field(default_factory=Event)
    clock: Callable[[], float] = time.monotonic


class ChangeFailed(Exception):
    """One change cannot be made; carries how it ends."""

    def __init__(self, status: Status, summary: str, detail: str = "") -> None:
        super().__init__(summary)
        self.status = status
        self.diagnostic = Diagnostic(summary, detail)


@dataclass(slots=True)
class Work:
    """One change on its way to the vendor."""

    change: Change
    driver: Driver
    journal: Journal
    terms: ExecuteOptions
    ended: Mapping[Address, Outcome]
    requests: int = 0
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    warning: Diagnostic | None = None

    def run(self) -> Outcome:
        """Make the change, and say how it ended; raises LedgerError where it cannot be noted."""
        began = self.terms.clock()
        id: str | None = self.change.id
        diagnostic: Diagnostic | None = None
        try:
            id = self._steps()
            status, diagnostic = Status.APPLIED, self.warning
        except ChangeFailed as halted:
            status, diagnostic = halted.status, halted.diagnostic
        except VendorError as error:
            status = Status.UNKNOWN if isinstance(error, Unknown) else Status.FAILED
            diagnostic = error.diagnostics[0]
        if diagnostic is not None:
            diagnostic = replace(
                diagnostic, address=str(self.change.address), source=self.change.source
            )
        seconds = self.terms.clock() - began
        return Outcome(self.change, status, id, diagnostic, seconds, self.requests, self.secrets)

    def _steps(self) -> str | None:
        action, id = self.change.action, self.change.id
        if action is Action.CREATE:
            return self._create()
        if id is None:
            raise ValueError(f"{self.change.address}: {action} without an id")
        live = self._fresh(id)
        if action is Action.UPDATE:
            self._journalled(Verb.UPDATE, lambda: self._update(live))
            return id
        self._journalled(Verb.DELETE, lambda: self._delete(id))
        return self._create() if action is Action.REPLACE else id

    def _create(self) -> str:
        fields = resolved(self.change, self.ended)
        if below_what_came_back(self.driver.resource_type.kind, self.change, self.ended):
            there = self._find(fields, certainly=True)
            if there is not None:
                return self._journalled(Verb.UPDATE, lambda: self._written(there, fields))
        key = str(uuid.uuid4())
        return self._journalled(Verb.CREATE, lambda: self._created(fields, key), key)

    def _written(self, live: Live, fields: Fields, changed: Sequence[str] = ()) -> str:
        self.requests += 1
        self.driver.update(live, fields, changed or list(fields))
        return live.id

    def _created(self, fields: Fields, key: str) -> str:
        """The new object's id. Where the answer was lost, the object is looked for, and only a
        kind that takes idempotency keys is asked a second time, with the same key."""
        for round in range(CREATE_ROUNDS):
            try:
                self.requests += 1
                id, self.secrets = self.driver.create(fields, key)
            except Unknown:
                found = self._find(fields)
                if (
                    found is None
                    and self.driver.resource_type.kind.idempotent
                    and round + 1 < CREATE_ROUNDS
                ):
                    continue
                if found is None:
                    raise
                self.warning = self._unseen()
                return found.id
            if id is not None:
                return id
            if (found := self._made(fields)) is not None:
                return found.id
            break
        raise ChangeFailed(
            Status.UNKNOWN,
            "it was sent, and no object with its name is there",
            "Look at the vendor's screens, then plan again.",
        )

    def _made(self, fields: Fields) -> Live | None:
        """The object that was just made, whose answer did not say its id."""
        try:
            return self._find(fields, certainly=True)
        except VendorError as error:
            why = error.diagnostics[0].summary
            raise ChangeFailed(
                Status.UNKNOWN, f"it was sent, and could not be looked for: {why}", "Plan again."
            ) from None

    def _unseen(self) -> Diagnostic | None:
        """What was in an answer that never came and is shown only once."""
        fields = self.driver.resource_type.facts.fields.items()
        once = ", ".join(name for name, one in fields if one.sensitive and one.read_only)
        if not once:
            return None
        return Diagnostic(
            f"it was made, but the answer that shows its {once} was lost",
            f"Have a new {once} made in {self.driver.resource_type.kind.screen}.",
            Severity.WARNING,
        )

    def _update(self, live: Live) -> str:
        changed = list(dict.fromkeys(str(one.path[0]) for one in self.change.fields))
        return self._written(live, resolved(self.change, self.ended), changed)

    def _delete(self, id: str) -> str:
        self.requests += 1
        try:
            self.driver.delete(id)
        except Unknown:
            self.requests += 1
            live = self.driver.get(id)
            if live is not None and not live.archived:
                raise
        return id

    def _fresh(self, id: str) -> Live:
        """The live object that the plan was made from, read again where that was a while ago."""
        seen = self.terms.seen(self.change)
        if seen is not None and (seen[0].archived or is_fresh(self.terms, seen[1])):
            return seen[0]
        self.requests += 1
        before, now = seen[0] if seen else None, self.driver.get(id)
        return unmoved(self.driver.resource_type, self.change, before, now)

    def _journalled(self, verb: Verb, write: Callable[[], str], key: str | None = None) -> str:
        """Note the intent, write, note how it ended: in this order, whatever happens."""
        ended = self.journal(self.change, verb, key)
        try:
            id = write()
        except VendorError as error:
            unknown = isinstance(error, Unknown)
            ended(Status.UNKNOWN if unknown else Status.FAILED, None, str(error))
            raise
        except ChangeFailed as halted:
            ended(halted.status, None, str(halted))
            raise
        ended(Status.APPLIED, id, "")
        return id

    def _find(self, fields: Fields, certainly: bool = False) -> Live | None:
        """The live object with these natural-key values, in a list read just now; None where that
        cannot be read, unless it must be known `certainly`: then this raises a VendorError."""
        self.requests += 1
        listing = self.driver.list(beside(self.driver.resource_type.kind, fields))
        if listing.problem is not None and certainly:
            raise VendorError(listing.problem)
        return (
            None
            if listing.problem is not None
            else named(self.driver.resource_type, listing, fields)
        )


def is_fresh(terms: ExecuteOptions, at: float) -> bool:
    """Whether what was read then may still be taken for what is."""
    return terms.clock() - at <= FRESH_SECONDS


def unmoved(
    resource_type: ResourceType, change: Change, seen: Live | None, now: Live | None
) -> Live:
    """The object as it is now; raises ChangeFailed where it is not what the plan was made from."""
    if now is None:
        raise ChangeFailed(
            Status.FAILED, "stale: it was deleted since the plan was made", "Plan again."
        )
    before, facts = change.before or {}, resource_type.facts
    managed = {
        name: restrict_to(facts.fields.get(name), before[name], value) if facts.keyed else value
        for name, value in (seen.fields if seen else {}).items()
        if name in before
    }
    if moved := differences(facts, managed, now.fields):
        names = ", ".join(dict.fromkeys(str(one.path[0]) for one in moved))
        raise ChangeFailed(
            Status.FAILED, f"stale: {names} changed since the plan was made", "Plan again."
        )
    return now
