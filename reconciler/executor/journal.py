"""What a run writes to the ledger: each request before and after it, and what is owned by it."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import field, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from reconciler.executor import ReadBack, Settle
from reconciler.executor.earlier_writes import EarlierWrites
from reconciler.executor.freshness import fields_as_before
from reconciler.executor.images import image_of
from reconciler.frozen import frozen
from reconciler.identity import key_text, natural_key, path_text
from reconciler.kinds import Verb
from reconciler.kinds.resource_types import ResourceTypes
from reconciler.ledger import Session
from reconciler.model import (
    ABSENT,
    Action,
    Address,
    Change,
    Fields,
    Live,
    Outcome,
    Owned,
    Pointer,
    Scope,
    Status,
    replaced_address,
)
from reconciler.values.fingerprints import Fingerprints
from reconciler.values.ignored import without_ignored
from reconciler.values.mask import seal_secrets
from reconciler.values.normal_form import as_declared


def former_address(change: Change) -> Address:
    """The address of the old object of a replacement, as long as it still exists."""
    return replaced_address(change.address, change.id)


@frozen
class RunJournal:
    """The ledger of a run that is under way; `fingerprints` makes those of secrets, and `seen`
    returns the live object of a change as it was when the plan was made; `earlier` are the writes
    of earlier runs whose outcome is not known."""

    resource_types: ResourceTypes
    fingerprints: Fingerprints
    session: Session
    seen: Callable[[Change], tuple[Live, float] | None]
    earlier: EarlierWrites
    _begun_creates: frozenset[Address] = field(init=False)
    """What earlier runs began to create, with an unknown outcome."""
    _ids: dict[Address, str] = field(init=False, default_factory=dict)
    """The ids of the objects that this run has created or changed."""
    made: set[tuple[Scope, str]] = field(init=False, default_factory=set)
    """Their kinds and ids."""
    _names: dict[tuple[Scope, str], str] = field(init=False, default_factory=dict)
    """The keys in the addresses of what the ledger owns, by kind and id."""
    _begun: set[Address] = field(init=False, default_factory=set)
    """What this run has journalled that it is about to write."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "_begun_creates", self.earlier.begun_creates())

    def begin_write(self, change: Change, verb: Verb, idempotency_key: str | None) -> Settle:
        """Record a write that is about to be sent; returns what records how it ended. The object
        that a new one replaces stays owned, under an address of its own, until it is deleted."""
        key = self._natural_key(change)
        old = change.address
        if change.create_first and verb in (Verb.CREATE, Verb.DELETE):
            old = former_address(change)
        fields = self._written(change, verb)
        with self.session.together():
            if old != change.address and verb is Verb.CREATE and (row := self._row(change)):
                self.session.own(replace(row, address=old))
                self.session.forget(change.address, reason=f"replaced, now {old}")
            op = self.session.intend(
                change.address,
                change.action,
                verb,
                key,
                idempotency_key,
                id=change.id if verb is not Verb.CREATE else None,
                fields=fields,
                refs=_within(fields, self._reference_ids(change)),
                **self._before(change, verb),
            )
        self._begun.add(change.address)
        return partial(self._settle, change, verb, op, old)

    def _settle(
        self,
        change: Change,
        verb: Verb,
        op: str,
        old: Address,
        status: Status,
        id: str | None,
        message: str,
    ) -> None:
        """Record how a write ended, with what is recorded next, save where no later run could find
        it out: a secret was written, or it is not known."""
        exists = status is Status.APPLIED and verb is not Verb.DELETE
        owned = self._owned(change, id or "") if exists else None
        if exists and id:
            self._ids[change.address] = id
            self.made.add((change.address.scope, id))
        sensitive = self.resource_types.of(change.address.scope).facts.sensitive
        with self.session.together(later=status is Status.APPLIED and not sensitive):
            self.session.settle(op, status, id, message, owned)
            if exists:
                self.earlier.ended(change.address)
            if status is Status.APPLIED and verb is Verb.DELETE:
                self.session.forget(old, reason=change.reason)

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
        owned = {**self.session.state.owned, **self.earlier.completed}
        owned = {
            address: row for address, row in owned.items() if address not in self.earlier.deleted
        }
        renamed = {
            old: change.address
            for change in changes
            if change.options.was
            and change.address not in owned
            and (old := change.address.scope.address(change.options.was)) in owned
        }
        # The new rows first: a crash in between must not lose what is known of an object.
        self.session.move_rows((a, replace(owned[a], address=new)) for a, new in renamed.items())
        rows = [self._owned(change, change.id or "") for change in adopted]
        moved = frozenset(renamed.values())
        self.session.own(*(row for row in rows if row.address in moved))
        self.session.adopt(*(row for row in rows if row.address not in moved))
        with self.session.together():
            for address in (*renamed, *gone):
                if address in owned:
                    reason = "renamed" if address in renamed else "gone"
                    released = gone.get(address, False)
                    self.session.forget(
                        address, reason=reason, released=released, unwritten=address in gone
                    )
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
                if outcome.change.options.manages is not None:
                    declared = outcome.change.after or {}
                    kept = {n: v for n, v in row.stored.items() if n not in declared}
                    stored = {**kept, **{n: v for n, v in stored.items() if n in row.fields}}
                facts = self.resource_types.of(live.scope).facts
                late = fields_as_before(facts, outcome.change, live) - stored.keys()
                if late:
                    fields = {n: value for n, value in row.fields.items() if n not in late}
                    self.session.own(
                        replace(row, fields=fields, created=live.created, stored=stored)
                    )
                elif (row.created, row.stored) != (live.created, stored):
                    self.session.record_stored(row.address, live.created, stored)

    def known_forms(self, change: Change, fields: Fields, live: Live) -> Fields:
        """The fields of a live object, with the declared value in place of each that is still as
        the vendor stored it before this run."""
        row = self._row(change)
        if row is None or not row.stored:
            return fields
        facts = self.resource_types.of(live.scope).facts
        return as_declared(facts, change.after or {}, row.fields, row.stored, fields)

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
        refs, manages = self._reference_ids(change), change.options.manages
        if manages is not None and before is not None:
            kept = _within(before.fields.keys() - fields.keys(), before.refs)
            sealed = {n: v for n, v in {**before.fields, **sealed}.items() if n in manages}
            refs = _within(sealed, {**kept, **refs})
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
            refs,
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

    def _before(self, change: Change, verb: Verb) -> dict[str, Any]:
        """What an intent records of the object before the write."""
        resource_type, seen = self.resource_types.of(change.address.scope), self.seen(change)
        image = image_of(resource_type, change, verb, seen[0] if seen else None, self._name)
        if image is None:
            return {}
        known = {"before": image.fields, "before_refs": image.refs, "archived": image.archived}
        return {name: value for name, value in known.items() if value or name == "before"}

    def _name(self, scope: Scope, pointer: Pointer) -> str:
        """The name by which manifests refer to an object, as far as the ledger knows it."""
        if not self._names:
            owned = self.session.state.owned.items()
            self._names.update({(a.scope, row.id): a.key for a, row in owned})
        name = self._names.get((scope, pointer.id)) if pointer.id is not None else None
        return name or pointer.key or pointer.id or ""

    def _row(self, change: Change) -> Owned | None:
        """The row of a change's object before this run, under its address or its previous one."""
        owned, was = self.session.state.owned, change.options.was
        address = change.address
        if address not in owned and was:
            address = address.scope.address(was)
        return self.earlier.completed.get(address) or owned.get(address)

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


def _within(names: Container[str], refs: Mapping[str, str]) -> dict[str, str]:
    """The references in these fields: ids by path, as `path_text` writes it."""
    return {path: id for path, id in refs.items() if path.partition(".")[0] in names}
