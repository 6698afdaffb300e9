"""Compare everything that the plan entry of one address depends on.

All comparisons happen here, so that deciding only reads a `Subject`.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import field, replace

from reconciler.frozen import frozen
from reconciler.identity import LiveIndex, current_names
from reconciler.kinds import Verb
from reconciler.kinds.resource_types import ResourceType
from reconciler.model import (
    Address,
    Cause,
    FieldChange,
    Fields,
    Live,
    Owned,
    Pointer,
    Ref,
    Resource,
)
from reconciler.planner.context import Context
from reconciler.planner.unknown import begun_reason
from reconciler.values.compare import cause_of, differences, fingerprint, same, secret_differences
from reconciler.values.ignored import without_ignored
from reconciler.values.mask import accept_live, drop_secrets, seal_secrets
from reconciler.values.normal_form import as_declared
from reconciler.values.shape import project

COMPLETED = "an earlier run wrote to it, and was interrupted before it could record that"
INTERRUPTED = "an earlier run deleted it, and was interrupted before it could create it again"


@frozen
class Subject:
    """The declared, recorded and live state of one address, compared.

    resource     the declared resource; None where nothing is declared
    row          the ledger's row of the address, or of its previous one
    live         the live object; None where there is none
    desired      the declared fields, references by name
    before       the live values of the declared fields; where nothing is declared, of the fields
                 that were last applied
    changes      the differences between the declared and the live fields
    cause        whether the manifest or the vendor changed them
    by_hand      the fields that differ, or are not there yet, and that no request can set: they
                 are left out of `desired` and `changes` where a request makes the rest of the entry
    blocker      why the vendor would refuse the changes; empty where it would not
    recorded     the declared fields as the ledger stores them
    drift        the differences between the fields last applied and the live ones
    accepted     the fields that the ledger stores once the live values are accepted
    fingerprint  identifies the live object and its values in `before`
    refs         the live object that each reference means
    user         a declared object that still refers to this undeclared one
    origin       why a live object without a row is known to be this workspace's, or why one with a
                 row does not exist; "" without any such reason
    former       what became of the object that the row has, where it is another one; "" if not
    """

    address: Address
    resource_type: ResourceType
    resource: Resource | None = None
    row: Owned | None = None
    live: Live | None = None
    desired: Fields = field(default_factory=dict)
    before: Fields = field(default_factory=dict)
    changes: tuple[FieldChange, ...] = ()
    cause: Cause = Cause.NEW
    by_hand: tuple[str, ...] = ()
    blocker: str = ""
    recorded: Fields = field(default_factory=dict)
    drift: tuple[FieldChange, ...] = ()
    accepted: Fields = field(default_factory=dict)
    fingerprint: str = ""
    refs: tuple[tuple[Ref, Pointer], ...] = ()
    user: Address | None = None
    origin: str = ""
    former: str = ""


def compare_absent(index: LiveIndex, resource: Resource, live: Live | None) -> Subject:
    """The subject of an object that must not exist (`$absent`)."""
    row = index.rows.get(resource.address.key)
    subject = Subject(resource.address, index.resource_type, resource, row)
    if live is None or live.archived:
        return subject
    mentioned = {**resource.fields, **(row.fields if row else {})}
    before = project(index.resource_type.facts, index.live_fields(live), mentioned)
    return replace(subject, live=live, before=before, fingerprint=fingerprint(live.id, before))


def compare_declared(
    context: Context,
    index: LiveIndex,
    resource: Resource,
    live: Live | None,
    refs: tuple[tuple[Ref, Pointer], ...],
) -> Subject:
    """The subject of an object that is declared to exist, compared with the live object."""
    resource_type, row = index.resource_type, index.rows.get(resource.address.key)
    facts, desired = resource_type.facts, index.desired_fields(resource)
    if live is None:
        origin = INTERRUPTED if _is_deleting(context, resource.address, row) else ""
        subject = Subject(
            resource.address,
            resource_type,
            resource,
            row,
            desired=desired,
            refs=refs,
            origin=origin,
        )
        creatable = facts.observed and resource_type.kind.can(Verb.CREATE)
        return _without_observed(subject, facts.observed) if creatable else subject
    actual = index.live_fields(live)
    ignored = resource.options.ignore
    if ignored:
        desired = without_ignored(facts, desired, ignored)
        actual = without_ignored(facts, actual, ignored)
    completed = context.completed.get(row.address) if context.completed and row else None
    if row is not None and row.stored:
        certain = completed.certain if completed else row
        actual = _as_declared(context, resource_type, certain, desired, actual)
    restored = _restore_change(resource_type, desired) if live.archived else ()
    comparable = context.without_vanished(live.scope, drop_secrets(facts, desired))
    is_same = same(facts, comparable, actual)
    changes = restored if is_same else (*restored, *differences(facts, comparable, actual))
    if facts.sensitive:
        applied = row.fields if row else {}
        changes += tuple(secret_differences(facts, desired, applied, context.fingerprints))
    subject = Subject(
        resource.address,
        resource_type,
        resource,
        row,
        live,
        desired,
        before=comparable if is_same else project(facts, actual, comparable),
        changes=changes,
        recorded=seal_secrets(facts, desired, context.fingerprints),
        refs=refs,
        origin=begun_reason(index) if row is None and resource.address in context.begun else "",
        former=_former(index, row, live) if row is not None else "",
    )
    if completed and completed.written and not subject.former:
        subject = replace(subject, former=COMPLETED)
    if not changes:
        return subject
    if observed := facts.observed.intersection(str(change.path[0]) for change in changes):
        subject = _without_observed(subject, observed)
    return _with_cause(context, subject, actual, comparable)


def _is_deleting(context: Context, address: Address, row: Owned | None) -> bool:
    """Whether an interrupted run of ours may have deleted the object of an address, which may have
    had another address then."""
    return address in context.deleting or (row is not None and row.address in context.deleting)


def _without_observed(subject: Subject, names: Set[str]) -> Subject:
    """The subject without these fields, which no request can set, in what is to be written. Where
    nothing else differs they stay: the whole entry is then for a person."""
    changes = tuple(change for change in subject.changes if change.path[0] not in names)
    can_update = subject.resource_type.kind.can(Verb.UPDATE)
    if subject.live is not None and not (changes and can_update):
        return subject
    return replace(
        subject,
        desired={name: v for name, v in subject.desired.items() if name not in names},
        before={name: v for name, v in subject.before.items() if name not in names},
        changes=changes,
        refs=tuple(named for named in subject.refs if named[0].path[0] not in names),
        by_hand=tuple(name for name in subject.desired if name in names),
    )


def _former(index: LiveIndex, row: Owned, live: Live) -> str:
    """What to say of the object with the id in a row, where the live object is another one."""
    if row.id == live.id:
        return ""
    left = row.id in index.by_id and row.id not in index.declared_ids
    note = "; that object still exists and is let go" if left else ""
    return f"it has another id than before ({row.id}){note}"


def _with_cause(context: Context, subject: Subject, actual: Fields, comparable: Fields) -> Subject:
    """The subject with the cause of its changes, and whether the vendor would refuse them."""
    facts, live, row = subject.resource_type.facts, subject.live, subject.row
    applied = _last_applied(context, subject.resource_type, row)
    last = None if applied is None else drop_secrets(facts, applied)
    if last is not None and subject.resource is not None:
        last = without_ignored(facts, last, subject.resource.options.ignore)
    since = actual
    if row is not None and row.stored and last is not None:
        since = _as_declared(context, subject.resource_type, row, last, actual)
    cause = cause_of(facts, subject.changes, comparable, since, last)
    ours = subject.address in context.updating or _is_deleting(context, subject.address, row)
    if ours and cause is not Cause.NEW:
        cause = Cause.EDIT  # an interrupted run of ours may have changed what differs
    blocker = subject.resource_type.kind.update_blocker
    return replace(
        subject,
        cause=cause,
        blocker=blocker(actual, subject.desired) if blocker else "",
        fingerprint=fingerprint(live.id if live else None, subject.before),
    )


def compare_owned(context: Context, subject: Subject, live: Live, refresh: bool = False) -> Subject:
    """The subject of an owned object, compared with what was last applied. With `refresh`,
    ignored fields and those that the vendor no longer returns are left out."""
    row, facts = subject.row, subject.resource_type.facts
    applied = _last_applied(context, subject.resource_type, row)
    if row is None or applied is None:
        raise ValueError(f"the ledger does not know {subject.address}")
    actual = context.indexes[live.scope].live_fields(live)
    ignored = subject.resource.options.ignore if subject.resource else ()
    if refresh:
        actual = without_ignored(facts, actual, ignored)
        last = without_ignored(facts, context.without_vanished(live.scope, applied), ignored)
    else:
        last = applied
    if row.stored:
        actual = _as_declared(context, subject.resource_type, row, applied, actual)
    drift = differences(facts, drop_secrets(facts, last), actual)
    if not refresh:
        before = project(facts, actual, row.fields) or actual
        return replace(
            subject,
            live=live,
            before=before,
            drift=drift,
            fingerprint=fingerprint(live.id, before),
        )
    if not drift:
        return replace(subject, live=live)
    before = project(facts, actual, drop_secrets(facts, applied))
    return replace(
        subject,
        live=live,
        before=before,
        drift=drift,
        accepted=accept_live(facts, row.fields, before),
        fingerprint=fingerprint(live.id, before),
    )


def _last_applied(
    context: Context, resource_type: ResourceType, row: Owned | None
) -> Fields | None:
    """The fields that were last applied; None where the ledger has no row."""
    if row is None:
        return None
    return current_names(resource_type, row, context.indexes, context.owned)


def _as_declared(
    context: Context, resource_type: ResourceType, row: Owned, declared: Fields, live: Fields
) -> Fields:
    """The live fields, with the declared value in place of each that is still as the vendor stored
    it after the last apply."""
    applied = _last_applied(context, resource_type, row) or row.fields
    return as_declared(resource_type.facts, declared, applied, row.stored, live)


def _restore_change(resource_type: ResourceType, desired: Fields) -> tuple[FieldChange, ...]:
    """The change that restores an archived object, unless the manifest declares its field."""
    archive = resource_type.kind.archive
    name = (archive.field if archive else None) or "archived"
    return () if name in desired else (FieldChange((name,), True, False),)
