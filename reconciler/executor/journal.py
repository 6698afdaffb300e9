"""What a run writes to the ledger: each request before and after it, and what is owned by it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from reconciler.executor import ReadBack, Settle
from reconciler.identity import key_text, natural_key, path_text
from reconciler.kinds import Verb
from reconciler.kinds.resource_types import ResourceTypes
from reconciler.ledger import Intent, Session
from reconciler.model import (
    ABSENT,
    Action,
    Address,
    Change,
    Fields,
    Listing,
    Live,
    Outcome,
    Owned,
    Scope,
    Status,
    replaced_address,
)
from reconciler.values.compare import differences
from reconciler.values.fingerprints import Fingerprints
from reconciler.values.ignored import without_ignored
from reconciler.values.mask import seal_secrets
from reconciler.values.normal_form import as_declared

SUPERSEDED = "looked for by a later run"
FOUND = "found by a later run"


def former_address(change: Change) -> Address:
    """The address of the old object of a replacement, as long as it still exists."""
    return replaced_address(change.address, change.id)


@dataclass(frozen=True, slots=True)
class RunJournal:
    """The ledger of a run that is under way; `fingerprints` makes those of secrets, and `seen`
    returns the live object of a change as it was when the plan was made. `open_intents`
    are the writes of earlier runs whose outcome is not known, and `completed` the rows that differ
    from the ledger's because of them."""

    resource_types: ResourceTypes
    fingerprints: Fingerprints
    session: Session
    seen: Callable[[Change], tuple[Live, float] | None]
    open_intents: Sequence[Intent] = ()
    completed: Mapping[Address, Owned] = field(default_factory=dict)
    _begun_creates: frozenset[Address] = field(init=False)
    """What earlier runs began to create, with an unknown outcome."""
    _ids: dict[Address, str] = field(init=False, default_factory=dict)
    """The ids of the objects that this run has created or changed."""

    made: set[tuple[Scope, str]] = field(init=False, default_factory=set)
    """The kinds and ids of the objects that this run has created or changed."""
    _open: dict[Address, list[str]] = field(init=False, default_factory=dict)
    """The creates and updates of earlier runs whose effect is not there, and that this run makes
    again."""

    _deleted: set[Address] = field(init=False, default_factory=set)
    """The rows of what earlier runs have deleted without learning of it."""

    _begun: set[Address] = field(init=False, default_factory=set)
    """What this run has journalled that it is about to write."""

    def __post_init__(self) -> None:
        intents = self.open_intents
        creates = frozenset(intent.address for intent in intents if intent.action is Action.CREATE)
        object.__setattr__(self, "_begun_creates", creates)

    def begin_write(self, change: Change, verb: Verb, idempotency_key: str | None) -> Settle:
        """Record a write that is about to be sent; returns what records how it ended. The object
        that a new one replaces stays owned, under an address of its own, until it is deleted."""
        key = self._natural_key(change)
        old = change.address
        if change.create_first and verb in (Verb.CREATE, Verb.DELETE):
            old = former_address(change)
        if old != change.address and verb is Verb.CREATE and (row := self._row(change)):
            self.session.own(replace(row, address=old))
            self.session.forget(change.address, reason=f"replaced, now {old}")
        fields = self._written(change, verb)
        names = tuple(fields)
        refs = self._reference_ids(change)
        op = self.session.intend(
            change.address,
            change.action,
            verb,
            key,
            idempotency_key,
            id=change.id if verb is not Verb.CREATE else None,
            fields=fields,
            refs={path: id for path, id in refs.items() if path.split(".")[0] in names},
        )
        self._begun.add(change.address)

        def settle(status: Status, id: str | None, message: str) -> None:
            exists = status is Status.APPLIED and verb is not Verb.DELETE
            owned = self._owned(change, id or "") if exists else None
            if exists and id:
                self._ids[change.address] = id
                self.made.add((change.address.scope, id))
            self.session.settle(op, status, id, message, owned)
            for earlier in self._open.pop(change.address, ()) if exists else ():
                self.session.settle(earlier, Status.FAILED, None, SUPERSEDED)
            if status is Status.APPLIED and verb is Verb.DELETE:
                self.session.forget(old, reason=change.reason)

        return settle

    @property
    def written(self) -> frozenset[Address]:
        """What this run has created or changed, also where a later step of it failed."""
        return frozenset(self._ids)

    def wrote(self, outcomes: Iterable[Outcome]) -> bool:
        """Whether anything was or may have been written at a vendor; `outcomes` are those that are
        known."""
        known = {outcome.change.address: outcome for outcome in outcomes}
        done = (Status.APPLIED, Status.UNKNOWN)
        return bool(self._begun - known.keys()) or any(
            outcome.half or outcome.status in done for outcome in known.values()
        )

    def record_unwritten(self, changes: Sequence[Change]) -> int:
        """Record the changes that need no request: adoptions, renames and objects that are gone.

        Returns how many adoptions and objects that are gone were recorded.
        """
        adopted = [change for change in changes if change.action is Action.ADOPT]
        forgets = [change for change in changes if change.action is Action.FORGET]
        gone = {change.address: change.options.on_remove == "keep" for change in forgets}
        owned = {**self.session.state.owned, **self.completed}
        owned = {address: row for address, row in owned.items() if address not in self._deleted}
        renamed = {
            old: change.address
            for change in changes
            if change.options.was
            and change.address not in owned
            and (old := change.address.scope.address(change.options.was)) in owned
        }
        # The new rows first: a crash in between must not lose what is known of an object.
        self.session.own(*(replace(owned[old], address=new) for old, new in renamed.items()))
        self.session.own(*(self._owned(change, change.id or "") for change in adopted))
        with self.session.together():
            for address in (*renamed, *gone):
                if address in owned:
                    reason = "renamed" if address in renamed else "gone"
                    released = gone.get(address, False)
                    self.session.forget(address, reason=reason, released=released)
        return len(adopted) + len(gone)

    def record_read_back(self, results: Iterable[ReadBack]) -> None:
        """Record what was read back: when objects were created, and the vendor's form of fields. A
        field that still has its value from before the write is not recorded: nobody knows yet
        whether the vendor ignored it or shows it late, and neither is a change at the vendor."""
        with self.session.together():
            for outcome, live, stored, _ in results:
                if live is None:
                    continue
                row = self._owned(outcome.change, live.id)
                late = self._unchanged(outcome.change, live) - stored.keys()
                if late:
                    fields = {n: value for n, value in row.fields.items() if n not in late}
                    self.session.own(
                        replace(row, fields=fields, created=live.created, stored=stored)
                    )
                elif (row.created, row.stored) != (live.created, stored):
                    self.session.record_stored(row.address, live.created, stored)

    def _unchanged(self, change: Change, live: Live) -> set[str]:
        """The fields that the live object has as they were before they were to be changed."""
        facts = self.resource_types.of(live.scope).facts
        before, after = change.before or {}, change.after or {}
        names = {str(field.path[0]) for field in change.fields if not field.sensitive}
        return {
            name
            for name in names & before.keys() & after.keys()
            if differences(facts, {name: after[name]}, live.fields)
            and not differences(facts, {name: before[name]}, live.fields)
        }

    def known_forms(self, change: Change, fields: Fields, live: Live) -> Fields:
        """The fields of a live object, with the declared value in place of each that is still as
        the vendor stored it before this run."""
        row = self._row(change)
        if row is None or not row.stored:
            return fields
        facts = self.resource_types.of(live.scope).facts
        return as_declared(facts, change.after or {}, row.fields, row.stored, fields)

    def settle_earlier_writes(
        self, listings: Mapping[Scope, Listing], changes: Sequence[Change], held: Set[Address]
    ) -> None:
        """Settle the writes of earlier runs whose outcome is unknown, in the kinds that were just
        listed completely: the plan was made from what is live, so it covers their outcome. Those of
        the addresses in `held` stay open.

        What was found is recorded first: the rows of what was created and changed, and that what
        was deleted is owned no longer.
        """
        found = {change.address: change.id for change in changes if change.id is not None}
        updated = {change.address for change in changes if change.action is Action.UPDATE}
        created = {change.address for change in changes if change.action is Action.CREATE}
        again: dict[str, set[Address]] = {Verb.UPDATE: updated, Verb.CREATE: created}
        with self.session.together():
            self.session.own(*self.completed.values())
            for intent in self.open_intents:
                listing = listings.get(intent.address.scope)
                if listing is None or not listing.complete or intent.address in held:
                    continue
                at = self._address_of_created(intent, found)
                id = self._found(intent, listing, found.get(at))
                if id is None and intent.address in again.get(intent.verb, ()):
                    # An old list may have been read: known once the next write has ended.
                    self._open.setdefault(intent.address, []).append(intent.op)
                    continue
                status, owned = Status.APPLIED if id else Status.FAILED, None
                if id and intent.verb == Verb.CREATE and not self._is_owned(at, id):
                    owned = replace(self._created(intent, id), address=at)
                if id and intent.verb == Verb.DELETE:
                    for address, row in self.session.state.owned.items():
                        if (address.scope, row.id) == (intent.address.scope, id):
                            self.session.forget(address, reason=FOUND)
                            self._deleted.add(address)
                message = FOUND if id else SUPERSEDED
                self.session.settle(intent.op, status, id, message, owned)

    def _found(self, intent: Intent, listing: Listing, planned: str | None) -> str | None:
        """The id of the object that an earlier write created, changed or deleted, where its effect
        is there; `planned` is the id of the object for which something is planned there."""
        if intent.verb == Verb.CREATE:
            other = any(
                (address.scope, row.id) == (intent.address.scope, planned)
                for address, row in self.session.state.owned.items()
                if address != intent.address
            )
            return None if other else planned
        if intent.verb == Verb.UPDATE:
            row = self.completed.get(intent.address)
            return row.id if row else None
        present = {live.id for live in listing.objects if not live.archived}
        return intent.id if intent.id not in present else None

    def _address_of_created(self, intent: Intent, planned: Mapping[Address, str]) -> Address:
        """The address of what an earlier run began to create: one of its own, where another object
        has its address now."""
        for address, id in planned.items():
            if address == replaced_address(intent.address, id):
                return address
        return intent.address

    def _is_owned(self, address: Address, id: str) -> bool:
        row = self.session.state.owned.get(address)
        return row is not None and row.id == id

    def _created(self, intent: Intent, id: str) -> Owned:
        """The row of an object that an earlier run created and did not come to record."""
        return Owned(
            intent.address, id, intent.fields or {}, "created", intent.at, refs=intent.refs
        )

    def _natural_key(self, change: Change) -> str | None:
        fields = change.after or change.before or {}
        key = natural_key(self.resource_types.of(change.address.scope), fields)
        return None if key is None else key_text(key)

    def _owned(self, change: Change, id: str) -> Owned:
        """The row of an object that exists now, with the fields that this change declares."""
        facts = self.resource_types.of(change.address.scope).facts
        fields = without_ignored(facts, change.after or {}, change.options.ignore)
        sealed = seal_secrets(facts, fields, self.fingerprints)
        before, seen = self._row(change), self.seen(change)
        return Owned(
            change.address,
            id,
            sealed,
            self._origin(change),
            datetime.now(UTC).isoformat(timespec="seconds"),
            change.options.protect,
            change.options.on_remove,
            seen[0].created if seen and seen[0].id == id else "",
            {
                name: value
                for name, value in (before.stored if before and before.id == id else {}).items()
                if before and before.fields.get(name) == sealed.get(name, ABSENT)
            },
            self._reference_ids(change),
            change.options.rotate,
            self._file(change),
        )

    def _file(self, change: Change) -> str:
        """The manifest that declares the object, or that last did."""
        row = self.session.state.owned.get(change.address)
        return change.source.file if change.source else row.file if row else ""

    def _reference_ids(self, change: Change) -> dict[str, str]:
        """The ids of the objects that the references of a change mean, as far as they are known."""
        ids = {
            path_text(ref.path): self._ids.get(ref.target.address(ref.name)) or pointer.id
            for ref, pointer in change.refs
        }
        return {path: id for path, id in ids.items() if id is not None}

    def _origin(self, change: Change) -> str:
        """Whether this workspace created the object, also in an earlier run that did not learn the
        outcome, or adopted it."""
        if change.action in (Action.CREATE, Action.REPLACE):
            return "created"
        if change.address in self._begun_creates:
            return "created"
        row = self._row(change)
        return "created" if row and row.origin == "created" else "adopted"

    def _row(self, change: Change) -> Owned | None:
        """The row of a change's object before this run, under its address or its previous one."""
        owned, was = self.session.state.owned, change.options.was
        address = change.address
        if address not in owned and was:
            address = address.scope.address(was)
        return self.completed.get(address) or owned.get(address)

    def _written(self, change: Change, verb: Verb) -> Fields:
        """The fields that a write sends, as rows have them: of an update, those that differ."""
        if verb is Verb.DELETE:
            return {}
        facts = self.resource_types.of(change.address.scope).facts
        fields = without_ignored(facts, change.after or {}, change.options.ignore)
        if verb is Verb.UPDATE and change.action is not Action.CREATE:
            changed = {each.path[0] for each in change.fields}
            fields = {name: value for name, value in fields.items() if name in changed}
        return seal_secrets(facts, fields, self.fingerprints)
