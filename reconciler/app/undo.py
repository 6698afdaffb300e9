"""What undoing a run means for each object that it touched: what is to be there again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from reconciler.app.before import Before, named_references
from reconciler.app.project import Project
from reconciler.app.run_rows import TOOK_EFFECT, RunRows, row_options
from reconciler.errors import Diagnostic, Severity, Source
from reconciler.kinds import Verb
from reconciler.ledger import Around, Operation, Recorded, State
from reconciler.model import (
    Action,
    Address,
    Change,
    Fields,
    Live,
    Options,
    Owned,
    Resource,
    Status,
)
from reconciler.values.compare import equal


@dataclass(slots=True)
class Undo:
    """How to undo a run, from the journal `around` it and what is owned now (`state`).

    resources  the objects as they are to be again; of those that were changed, the changed fields
    addresses  all that this is about, those among them that are to be removed included
    let_go     the entries for what the run adopted
    templates  the deleted objects as they were, with what no manifest declared
    reasons    what is undone, by address
    findings   what cannot be undone, and what else is to be known
    """

    project: Project
    around: Around
    state: State
    resources: list[Resource] = field(default_factory=list)
    addresses: set[Address] = field(default_factory=set)
    let_go: list[Change] = field(default_factory=list)
    templates: dict[Address, Live] = field(default_factory=dict)
    reasons: dict[Address, str] = field(default_factory=dict)
    findings: list[Diagnostic] = field(default_factory=list)
    _rows: RunRows = field(init=False)
    _before: Before = field(init=False)

    def __post_init__(self) -> None:
        self._rows = RunRows(self.around, self.state)
        self._before = Before(self.project, self._rows.by_id)
        if self.around.run.origin is None:
            text = "an older version recorded the run: what it adopted or let go is not undone"
            self.findings.append(Diagnostic(text, severity=Severity.WARNING))
        touched: dict[Address, list[Operation]] = {}
        for operation in self.around.run.operations:
            if operation.status in TOOK_EFFECT:
                touched.setdefault(operation.intent.address, []).append(operation)
        for address, operations in touched.items():
            if not self.project.resource_types.knows(address.scope):
                self._cannot(address, "reconciler.yaml does not declare its provider any more")
                continue
            self._undo(address, operations)
        for row in self.around.run.recorded:
            if row.address not in touched and self.project.resource_types.knows(row.address.scope):
                self._undo_recorded(row)

    def _undo(self, address: Address, operations: Sequence[Operation]) -> None:
        by_verb = {operation.intent.verb: operation for operation in reversed(operations)}
        created, deleted = by_verb.get(Verb.CREATE), by_verb.get(Verb.DELETE)
        self._report_rotation(address)
        if created and deleted:
            self._replaced(address, deleted, created)
        elif created:
            self._created(address, created)
        elif deleted:
            self._deleted(address, deleted)
        else:
            self._updated(address, operations)

    def _created(self, address: Address, operation: Operation) -> None:
        """Have what was created removed."""
        if operation.intent.action is Action.REPLACE:
            self._cannot(
                address,
                f"its replacement did not end, and the old object may exist (id {operation.id})",
                "Apply once, which ends it; then undo both runs, the newer one first.",
            )
            return
        row = self._rows.now(address, operation)
        if row is None and operation.status is Status.APPLIED:
            self._note(address, "it is not owned any more, so it is left alone")
            return
        if row is None or not (self._changed_since(row) or self._recorded_since(address, row)):
            at = row.address if row else address
            self._about(at, f"run {self._run} created it")

    def _deleted(self, address: Address, operation: Operation) -> None:
        """Have what was deleted created again."""
        intent, before = operation.intent, self._rows.before(address, operation)
        owned = self.state.owned.get(address)
        if owned is not None and owned.id != intent.id:
            again = self._rows.changed_by(owned)
            if again is not None and again.reverts == self._run:
                self._conflict(owned, ())
            else:
                self._cannot(address, f"it exists again, as another object (id {owned.id})")
            return
        if intent.before is None:
            self._not_recorded(address)
            return
        resource_type = self.project.resource_types.of(address.scope)
        image = self._before.image(resource_type, intent)
        fields, lost = self._before.fields_of_deleted(resource_type, image, before)
        self._report_lost(address, lost)
        if any(name in fields or resource_type.facts.fields[name].required for name in lost):
            return
        self.templates[address] = self._before.template(resource_type, intent, image)
        self._restore(address, fields, row_options(before))
        self._about(address, f"run {self._run} destroyed it")

    def _replaced(self, address: Address, deleted: Operation, created: Operation) -> None:
        """Have the new object replaced by one like the old one."""
        row, before = self._rows.now(address, created), self._rows.before(address, deleted)
        if row is None and created.status is Status.APPLIED:
            self._cannot(address, "the new object is not owned any more")
        elif row is None or before is None:
            self._deleted(address, deleted)
        elif not (self._changed_since(row) or self._recorded_since(address, row)):
            resource_type = self.project.resource_types.of(address.scope)
            fields, lost = self._before.declared(resource_type, before)
            self._report_lost(address, lost)
            if not lost:
                self._restore(row.address, fields, row_options(before))
                self._about(row.address, f"run {self._run} replaced it")

    def _updated(self, address: Address, operations: Sequence[Operation]) -> None:
        """Have the fields that were changed as they were."""
        writes = [o for o in operations if o.intent.fields or o.intent.archived]
        if not writes:
            return
        row = self._rows.now(address, writes[0])
        if row is None:
            self._cannot(address, "it is not owned any more")
        elif writes[0].intent.archived:
            if not self._changed_since(row):
                self._about(row.address, f"run {self._run} brought it back from the archive")
        elif any(write.intent.before is None for write in writes):
            self._not_recorded(address)
        else:
            self._restore_fields(address, row, writes)

    def _restore_fields(self, address: Address, row: Owned, writes: Sequence[Operation]) -> None:
        resource_type = self.project.resource_types.of(address.scope)
        sent: dict[str, Any] = {}
        old: dict[str, Any] = {}
        for write in writes:
            sent |= write.intent.fields or {}
            old = {**self._before.image(resource_type, write.intent), **old}
        open_write = any(write.status is not Status.APPLIED for write in writes)
        changed = [] if open_write else [n for n in sent if row.fields.get(n, sent[n]) != sent[n]]
        if changed:
            self._conflict(row, changed)
            return
        before = self._rows.before(address, writes[0])
        fields, lost = self._before.fields_of_updated(resource_type, sent, old, before)
        self._report_lost(address, lost)
        kept = {name: value for name, value in row.fields.items() if name not in sent}
        managed = {*kept, *(before.fields if before else sent)}
        options = replace(self._rows.options(address, row, before), manages=tuple(managed))
        fields = {n: v for n, v in fields.items() if n not in lost}
        if fields:
            self._restore(self._rows.address_before(row), fields, options, row)
            self._about(self._rows.address_before(row), f"run {self._run} changed it")
        if before is None:
            self._note(
                row.address,
                "it stays owned, with $on_remove: keep: run "
                f"{self._run} took it under management, and it is not to be destroyed when the "
                "manifests do not declare it any more",
            )

    def _undo_recorded(self, recorded: Recorded) -> None:
        address = recorded.address
        row = self._rows.by_id.get((address.scope, recorded.id or ""))
        if recorded.action == "forget":
            before = self.around.before.get(address)
            if recorded.released and before is not None and address not in self.state.owned:
                resource_type = self.project.resource_types.of(address.scope)
                fields, _ = self._before.declared(resource_type, before)
                self._restore(address, fields, replace(row_options(before), id=before.id))
                self._about(address, f"run {self._run} let go of it")
        elif row is None:
            self._note(address, "it is not owned any more")
        elif recorded.action == "adopt":
            if not self._changed_since(row):
                reason = self._reason(f"run {self._run} adopted it")
                keep = Options(on_remove="keep")
                entry = Change(row.address, Action.FORGET, reason=reason)
                self.let_go.append(replace(entry, id=row.id, options=keep))
        else:
            before = self._rows.before(address, None, row.id)
            if before is None:
                return
            options = replace(self._rows.options(address, row, before), manages=tuple(row.fields))
            self._restore(self._rows.address_before(row), {}, options, row)
            self._about(self._rows.address_before(row), f"run {self._run} recorded it otherwise")

    def _restore(
        self, address: Address, fields: Fields, options: Options, row: Owned | None = None
    ) -> None:
        """Declare that the object is to be as it was; `row` is that of an object of which only some
        fields are to be so."""
        resource_type = self.project.resource_types.of(address.scope)
        if row is not None:
            names = resource_type.kind.natural_key
            fields = {**{n: row.fields[n] for n in names if n in row.fields}, **fields}
            if row.address != address:
                options = replace(options, was=row.address.key)
        refs = named_references(resource_type, fields)
        self.resources.append(Resource(address, fields, refs, options, Source(f"run {self._run}")))

    @property
    def _run(self) -> str:
        return self.around.run.id

    def _changed_since(self, row: Owned) -> bool:
        """Whether a later run has written to an object; reports it."""
        changed = self._rows.changed_by(row) is not None
        if changed:
            self._conflict(row, ())
        return changed

    def _recorded_since(self, address: Address, row: Owned) -> bool:
        """Whether a later run has recorded what others changed of an object that the run made;
        reports it."""
        after = self.around.after.get(address)
        if after is None or after.id != row.id:
            return False
        facts = self.project.resource_types.of(address.scope).facts.fields
        names = [
            name
            for name in after.fields.keys() & row.fields.keys()
            if not equal(facts.get(name), after.fields[name], row.fields[name])
        ]
        if names:
            self._conflict(row, sorted(names))
        return bool(names)

    def _conflict(self, row: Owned, names: Sequence[str]) -> None:
        run = self._rows.changed_by(row)
        if run is not None and run.reverts == self._run:
            self._note(row.address, f"run {run.id} has undone this already")
            return
        what = f"its {', '.join(names)}" if names else "it"
        by = f"by run {run.id}" if run else "when what is live was recorded"
        undo_first = f"Undo that run first: reconciler revert {run.id}" if run else ""
        self._cannot(row.address, f"{what} has changed again since, {by}", undo_first)

    def _report_rotation(self, address: Address) -> None:
        before, after = self.around.before.get(address), self.around.after.get(address)
        if before and after and before.id == after.id and before.rotate != after.rotate:
            self._cannot(
                address,
                "its secret was replaced by a new one, and the old one is not kept",
                "The vendor cannot bring it back. Replace it again where it must change.",
            )

    def _report_lost(self, address: Address, lost: Mapping[str, str]) -> None:
        for name, why in lost.items():
            self._cannot(address, f"{name}: {why}")

    def _not_recorded(self, address: Address) -> None:
        reason = "the journal does not say how it was before: an older version wrote it"
        self._cannot(address, reason, "Revert the manifests in Git, and apply.")

    def _cannot(self, address: Address, why: str, detail: str = "") -> None:
        detail = detail or "It is left as it is. Undo the rest without it: --allow-partial"
        self.findings.append(Diagnostic(f"not undone: {why}", detail, address=str(address)))

    def _note(self, address: Address, text: str) -> None:
        self.findings.append(Diagnostic(text, "", Severity.WARNING, str(address)))

    def _about(self, address: Address, what: str) -> None:
        self.addresses.add(address)
        self.reasons[address] = self._reason(what)

    def _reason(self, what: str) -> str:
        return f"undone: {what}"
