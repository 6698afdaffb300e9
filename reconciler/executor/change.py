"""Make one change at a vendor: read the object again, journal, write, journal the outcome."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from threading import Event

from reconciler.errors import Diagnostic, Severity, Unknown, VendorError
from reconciler.executor.references import parent_ids, parent_restored, resolve_references
from reconciler.identity import finder
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
STILL_THERE = Diagnostic(
    "the vendor answered that it was deleted, but it still exists",
    "Plan again; if it stays, delete it in the vendor's screens.",
)


# A `Journal` records a write before it is sent, with its idempotency key, and returns a `Settle`
# that records how it ended: the status, the object's id and a message.
Settle = Callable[[Status, str | None, str], None]
Journal = Callable[[Change, Verb, str | None], Settle]


@dataclass(frozen=True, slots=True)
class ExecuteOptions:
    """How to execute: how many changes run side by side, and whether a failure stops the others.

    When `stop` is set, changes in flight are finished and no others are started. `seen` returns the
    live object of a change and the monotonic time, in seconds, at which it was read. Records that
    are journalled inside `together` are durable when that block ends, and not before.
    """

    seen: Callable[[Change], tuple[Live, float] | None]
    together: Callable[[], AbstractContextManager[None]] = nullcontext
    parallelism: int = 10
    stop_on_failure: bool = False
    stop: Event = field(default_factory=Event)
    clock: Callable[[], float] = time.monotonic


class ChangeFailed(Exception):
    """A change cannot be made. Carries the status that it ends with and the finding."""

    def __init__(self, status: Status, summary: str, detail: str = "") -> None:
        super().__init__(summary)
        self.status = status
        self.diagnostic = Diagnostic(summary, detail)


@dataclass(slots=True)
class SingleChange:
    """The execution of one change; `outcomes` are those of the changes that have ended."""

    change: Change
    driver: Driver
    journal: Journal
    options: ExecuteOptions
    outcomes: Mapping[Address, Outcome]
    requests: int = 0
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    warning: Diagnostic | None = None
    deleted: bool = False

    def run(self) -> Outcome:
        """Make the change and return its outcome. Raises LedgerError where that cannot be
        journalled."""
        started = self.options.clock()
        id: str | None = self.change.id
        diagnostic: Diagnostic | None = None
        try:
            id = self._apply()
            status, diagnostic = Status.APPLIED, self.warning
        except ChangeFailed as failure:
            status, diagnostic = failure.status, failure.diagnostic
        except VendorError as error:
            status = Status.UNKNOWN if isinstance(error, Unknown) else Status.FAILED
            diagnostic = error.diagnostics[0]
        if diagnostic is not None:
            diagnostic = replace(
                diagnostic, address=str(self.change.address), source=self.change.source
            )
        seconds = self.options.clock() - started
        half_replaced = self.deleted and status is not Status.APPLIED
        return Outcome(
            self.change, status, id, diagnostic, seconds, self.requests, self.secrets, half_replaced
        )

    def _apply(self) -> str | None:
        action, id = self.change.action, self.change.id
        if action is Action.CREATE:
            return self._create()
        if id is None:
            raise ValueError(f"{self.change.address}: {action} without an id")
        live = self._fresh_look(id)
        if action is Action.UPDATE:
            self._journal_and_send(Verb.UPDATE, lambda: self._update(live))
            return id
        self._journal_and_send(Verb.DELETE, lambda: self._delete(id))
        if action is Action.DELETE:
            return id
        self.deleted = True
        return self._create()

    def _create(self) -> str:
        fields = resolve_references(self.change, self.outcomes)
        if parent_restored(self.driver.resource_type.kind, self.change, self.outcomes):
            live = self._find_by_key(fields, certain=True)
            if live is not None:
                return self._journal_and_send(Verb.UPDATE, lambda: self._write_fields(live, fields))
        key = str(uuid.uuid4())
        return self._journal_and_send(Verb.CREATE, lambda: self._send_create(fields, key), key)

    def _write_fields(self, live: Live, fields: Fields, changed: Sequence[str] = ()) -> str:
        self.requests += 1
        self.driver.update(live, fields, changed or list(fields))
        return live.id

    def _send_create(self, fields: Fields, key: str) -> str:
        """Create the object and return its id. Where the answer was lost, look the object up; only
        kinds that take idempotency keys are sent again, with the same key."""
        for round in range(CREATE_ROUNDS):
            try:
                self.requests += 1
                id, self.secrets = self.driver.create(fields, key)
            except Unknown:
                created = self._find_by_key(fields)
                if (
                    created is None
                    and self.driver.resource_type.kind.idempotent
                    and round + 1 < CREATE_ROUNDS
                ):
                    continue
                if created is None:
                    raise
                self.warning = self._lost_secret_warning()
                return created.id
            if id is not None:
                return id
            if (created := self._just_created(fields)) is not None:
                return created.id
            break
        raise ChangeFailed(
            Status.UNKNOWN,
            "create was sent, but no object with this key exists at the vendor; outcome unknown",
            "Check the object in the vendor's screens, then plan again.",
        )

    def _just_created(self, fields: Fields) -> Live | None:
        """The object that was just created, where the answer did not contain its id."""
        try:
            return self._find_by_key(fields, certain=True)
        except VendorError as error:
            why = error.diagnostics[0].summary
            raise ChangeFailed(
                Status.UNKNOWN,
                f"create was sent, but the object could not be looked up: {why}; outcome unknown",
                "Plan again.",
            ) from None

    def _lost_secret_warning(self) -> Diagnostic | None:
        """A warning that names the secrets that the lost answer contained and no other will."""
        fields = self.driver.resource_type.facts.fields.items()
        names = ", ".join(name for name, field in fields if field.sensitive and field.read_only)
        if not names:
            return None
        return Diagnostic(
            f"it was created, but the answer with its {names} was lost",
            f"Create a new {names} in {self.driver.resource_type.kind.screen}.",
            Severity.WARNING,
        )

    def _update(self, live: Live) -> str:
        changed = list(dict.fromkeys(str(field.path[0]) for field in self.change.fields))
        return self._write_fields(live, resolve_references(self.change, self.outcomes), changed)

    def _delete(self, id: str) -> str:
        """Delete the object, and check that it no longer exists, whatever the vendor answered."""
        self.requests += 1
        lost: Unknown | None = None
        try:
            self.driver.delete(id)
        except Unknown as error:
            lost = error
        self.requests += 1
        try:
            live = self.driver.get(id)
        except VendorError as error:
            raise lost or ChangeFailed(
                Status.UNKNOWN,
                "delete was sent, but reading the object back failed: "
                f"{error.diagnostics[0].summary}",
                "Plan again.",
            ) from None
        if live is None or live.archived:
            return id
        raise lost or ChangeFailed(Status.FAILED, STILL_THERE.summary, STILL_THERE.detail)

    def _fresh_look(self, id: str) -> Live:
        """The live object, read again where it was last read more than 30 seconds ago. Raises
        ChangeFailed where it is not as the plan saw it."""
        seen = self.options.seen(self.change)
        if seen is not None and (seen[0].archived or is_fresh(self.options, seen[1])):
            return seen[0]
        self.requests += 1
        before, now = seen[0] if seen else None, self.driver.get(id)
        return check_unchanged(self.driver.resource_type, self.change, before, now)

    def _journal_and_send(
        self, verb: Verb, write: Callable[[], str], key: str | None = None
    ) -> str:
        """Journal the intent, write, then journal the outcome, also where the write fails."""
        settle = self.journal(self.change, verb, key)
        try:
            id = write()
        except VendorError as error:
            unknown = isinstance(error, Unknown)
            settle(Status.UNKNOWN if unknown else Status.FAILED, None, str(error))
            raise
        except ChangeFailed as failure:
            settle(failure.status, None, str(failure))
            raise
        settle(Status.APPLIED, id, "")
        return id

    def _find_by_key(self, fields: Fields, certain: bool = False) -> Live | None:
        """The live object with the natural key of these fields, from a new list; None if there is
        none. Where the list cannot be read: None, or with `certain` a VendorError."""
        self.requests += 1
        listing = self.driver.list(parent_ids(self.driver.resource_type.kind, fields))
        if listing.problem is not None and certain:
            raise VendorError(listing.problem)
        if listing.problem is not None:
            return None
        return finder(self.driver.resource_type, listing.objects)(fields)


def is_fresh(options: ExecuteOptions, at: float) -> bool:
    """Whether what was read at the monotonic time `at` is recent enough to rely on."""
    return options.clock() - at <= FRESH_SECONDS


def check_unchanged(
    resource_type: ResourceType, change: Change, seen: Live | None, now: Live | None
) -> Live:
    """The object as it is now. Raises ChangeFailed where it is not as the plan saw it."""
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
        names = ", ".join(dict.fromkeys(str(field.path[0]) for field in moved))
        raise ChangeFailed(
            Status.FAILED, f"stale: {names} changed since the plan was made", "Plan again."
        )
    return now
