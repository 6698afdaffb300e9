"""Make one change at a vendor: check the object, journal the write, send it, journal the result."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from reconciler.errors import Diagnostic, VendorError
from reconciler.executor.additions import Added, Additions
from reconciler.executor.carried import carried_over, send_create
from reconciler.executor.freshness import ChangeFailed, check_unchanged, is_fresh
from reconciler.executor.lookup import Lookups, find_created
from reconciler.executor.options import ExecuteOptions, Journal
from reconciler.executor.references import parent_restored, resolve_references
from reconciler.executor.repetition import send_until_known, status_of
from reconciler.executor.shown_once import lost_secret_warning, rotate
from reconciler.executor.verify import differing_fields
from reconciler.kinds import Verb
from reconciler.model import (
    ABSENT,
    ROTATE,
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

REMOVES = frozenset({Action.DELETE, Action.REPLACE})
STILL_EXISTS = Diagnostic(
    "the vendor answered that it was deleted, but it still exists",
    "Plan again; if it stays, delete it in the vendor's screens.",
)


@dataclass(slots=True)
class SingleChange:
    """The execution of one change; `outcomes` are those of the changes that have ended. A change
    that is one step of a replacement is journalled as that (`replaces`)."""

    change: Change
    driver: Driver
    journal: Journal
    options: ExecuteOptions
    outcomes: Mapping[Address, Outcome]
    additions: Additions = field(default_factory=Additions)
    lookups: Lookups | None = None
    requests: int = 0
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    warning: Diagnostic | None = None
    deleted: bool = False
    replaces: Change | None = None

    def run(self) -> Outcome:
        """Make the change and return its outcome. Raises LedgerError where that cannot be
        journalled."""
        started = self.options.clock()
        id: str | None = self.change.id
        diagnostic: Diagnostic | None = None
        added = False
        try:
            id = self._apply()
            status, diagnostic = Status.APPLIED, self.warning
        except ChangeFailed as failure:
            status, diagnostic = failure.status, failure.diagnostic
            added = isinstance(failure, Added)
        except VendorError as error:
            status = status_of(error)
            diagnostic = error.diagnostics[0]
        if diagnostic is not None:
            diagnostic = replace(
                diagnostic, address=str(self.change.address), source=self.change.source
            )
        seconds = self.options.clock() - started
        half_replaced = self.deleted and status is not Status.APPLIED
        if half_replaced and status is Status.NOT_ATTEMPTED:
            status = Status.FAILED
        return Outcome(
            self.change,
            status,
            id,
            diagnostic,
            seconds,
            self.requests,
            self.secrets,
            half_replaced,
            added,
        )

    def _apply(self) -> str | None:
        action, id = self.change.action, self.change.id
        if action is Action.CREATE:
            return self._create(self._replaced_object())
        if id is None:
            raise ValueError(f"{self.change.address}: {action} without an id")
        live = self._current_object(id)
        if action is Action.UPDATE:
            self._update_and_rotate(live)
            return id
        self._journal_and_send(Verb.DELETE, lambda: self._delete(id))
        if action is Action.DELETE:
            return id
        self.deleted = True
        return self._create(live)

    def _replaced_object(self) -> Live | None:
        """The old object, where creating is one step of a replacement; as the plan saw it, where it
        is deleted already. Or the one that a new object is to be like."""
        if self.replaces is None or self.change.id is None:
            return self.options.template(self.change.address)
        if self.replaces.create_first:
            return self._current_object(self.change.id)
        seen = self.options.seen(self.change)
        return seen[0] if seen else None

    def _update_and_rotate(self, live: Live) -> None:
        """Write the fields that differ, then replace the secret; one of them, where only that is
        to be done."""
        rotation = self.change.rotation
        if rotation is None or len(self.change.fields) > 1:
            self._journal_and_send(Verb.UPDATE, lambda: self._update(live))
        if rotation is not None:
            self._journal_and_send(Verb.UPDATE, lambda: self._rotate(live.id), rotates=True)

    def _rotate(self, id: str) -> str:
        self.requests += 1
        self.secrets, self.warning = rotate(self.driver, id)
        return id

    def _create(self, old: Live | None) -> str:
        fields = resolve_references(self.change, self.outcomes)
        if parent_restored(self.driver.resource_type.kind, self.change, self.outcomes):
            live = self._find_by_key(fields)
            if live is not None:
                return self._journal_and_send(Verb.UPDATE, lambda: self._write_fields(live, fields))
        known = self.options.is_known
        other = self.lookups.appeared(self.driver, fields, known) if self.lookups else None
        if other is not None:
            raise ChangeFailed(
                Status.FAILED,
                "not created: an object with its natural key has appeared since the plan was made "
                f"(id {other.id})",
                "Plan again: then it is taken under management instead.",
            )
        key = self.options.keys.get(self.change.address) or str(uuid.uuid4())
        whole = carried_over(self.driver.resource_type, self.change, fields, old) if old else fields
        return self._journal_and_send(
            Verb.CREATE, lambda: self._send_create(whole, fields, key), key
        )

    def _write_fields(self, live: Live, fields: Fields, changed: Sequence[str] = ()) -> str:
        self.requests += 1
        ignore = self.change.options.ignore
        changed = changed or list(fields)
        self.driver.update(live, fields, changed, ignore, self._check_unchanged)
        return live.id

    def _check_unchanged(self, now: Live) -> None:
        """Raise ChangeFailed where the object is not as the plan saw it, just before an update."""
        seen = self.options.seen(self.change)
        if seen is not None and not seen[0].archived:
            check_unchanged(self.driver.resource_type, self.change, seen[0], now)

    def _send_create(self, whole: Fields, fields: Fields, key: str) -> str:
        """Create the object and return its id. Where the answer was lost, look it up; if it is not
        there, send it again where that is safe. `fields` are those of `whole` that are declared."""

        def send() -> str:
            self.requests += 1
            sent = send_create(self.driver, whole, fields, key, self.options.is_known)
            id, self.secrets, self.warning = sent
            return id or self._just_created(fields)

        def look() -> str | None:
            created = self._find_by_key(fields)
            if created is None:
                return None
            self.warning = lost_secret_warning(self.driver.resource_type)
            return created.id

        return send_until_known(send, look)

    def _just_created(self, fields: Fields) -> str:
        """The id of the object that was just created, where the answer did not contain it."""
        try:
            created = self._find_by_key(fields)
        except VendorError as error:
            raise ChangeFailed(
                Status.UNKNOWN,
                "create was sent, but the object could not be looked up: "
                f"{error.diagnostics[0].summary}; outcome unknown",
                "Plan again.",
            ) from None
        if created is not None:
            return created.id
        raise ChangeFailed(
            Status.UNKNOWN,
            "create was sent, but no object with this key exists at the vendor; outcome unknown",
            "Check the object in the vendor's screens, then plan again.",
        )

    def _update(self, live: Live) -> str:
        parts = (field.path for field in self.change.fields if field.path != ROTATE)
        changed = list(dict.fromkeys(str(path[0]) for path in parts))
        fields = resolve_references(self.change, self.outcomes)
        id = send_until_known(
            lambda: self._write_fields(live, fields, changed),
            lambda: self._look_for_update(live, fields, changed),
        )
        self.additions.check(self.driver, live, {name: fields.get(name) for name in changed})
        return id

    def _look_for_update(self, before: Live, fields: Fields, changed: Sequence[str]) -> str | None:
        """The id of the object where it has these fields now; None where it is still as it was
        before the update. Raises VendorError where it is neither, or cannot be read."""
        self.requests += 1
        now, resource_type = self.driver.get(before.id), self.driver.resource_type
        self.additions.judge(resource_type, before, {n: fields.get(n) for n in changed}, now)
        hidden = any(field.sensitive for field in self.change.fields)
        if now and not hidden and not differing_fields(resource_type, self.change, fields, now):
            return now.id
        try:
            check_unchanged(resource_type, self.change, before, now)
        except ChangeFailed as changed:
            raise VendorError(changed.diagnostic) from None
        return None

    def _delete(self, id: str) -> str:
        """Delete the object, and check that it no longer exists, whatever the vendor answered."""

        def look() -> str | None:
            self.requests += 1
            live = self.driver.get(id)
            return id if live is None or live.archived else None

        def send() -> str:
            self.requests += 1
            self.driver.delete(id)
            try:
                gone = look()
            except VendorError as error:
                raise ChangeFailed(
                    Status.UNKNOWN,
                    "delete was sent, but reading the object back failed: "
                    f"{error.diagnostics[0].summary}",
                    "Plan again.",
                ) from None
            if gone is None:
                raise ChangeFailed(Status.FAILED, STILL_EXISTS.summary, STILL_EXISTS.detail)
            return gone

        return send_until_known(send, look)

    def _current_object(self, id: str) -> Live:
        """The live object, read again where it was last read too long ago: for a deletion that is
        sooner. Raises ChangeFailed where it is not as the plan saw it."""
        seen, deletes = self.options.seen(self.change), self.change.action in REMOVES
        if seen is not None and (seen[0].archived or is_fresh(self.options, seen[1], deletes)):
            self.requests += self.options.pages.prepare(self.driver, self.change)
            return seen[0]
        now, requests = self.options.pages.read(self.driver, id, alone=deletes)
        self.requests += requests
        return check_unchanged(self.driver.resource_type, self.change, seen and seen[0], now)

    def _journal_and_send(
        self,
        verb: Verb,
        write: Callable[[], str],
        key: str | None = None,
        rotates: bool = False,
    ) -> str:
        """Journal the intent, write, then journal the outcome, also where the write fails. Only a
        write that `rotates` the secret records that it was rotated."""
        change, rotation = self.replaces or self.change, self.change.rotation
        if rotation is not None and not rotates:
            before = None if rotation.before is ABSENT else rotation.before
            change = replace(change, options=replace(change.options, rotate=before))
        settle = self.journal(change, verb, key)
        try:
            id = write()
        except VendorError as error:
            settle(status_of(error), None, str(error))
            raise
        except ChangeFailed as failure:
            settle(failure.status, None, str(failure))
            raise
        settle(Status.APPLIED, id, "")
        return id

    def _find_by_key(self, fields: Fields) -> Live | None:
        """The live object with the natural key of these fields; None if there is none. Raises
        VendorError where the list cannot be read."""
        self.requests += 1
        keys = self.options.other_keys(self.change)
        return find_created(self.driver, fields, self.options.is_known, keys)
