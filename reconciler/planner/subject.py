"""Gather and compare everything that the plan entry of one address is decided from.

All lookups and comparisons happen here, so that deciding only reads a `Subject`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from reconciler.errors import Diagnostic
from reconciler.identity import LiveIndex, current_names, key_text
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
    Scope,
)
from reconciler.planner.context import CannotPlan, Context
from reconciler.planner.references import referrers, resolved_references
from reconciler.values.compare import cause_of, differences, fingerprint, same, secret_differences
from reconciler.values.mask import accept_live, drop_secrets, seal_secrets
from reconciler.values.shape import project


@dataclass(frozen=True, slots=True)
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
    blocker      why the vendor would refuse the changes; empty where it would not
    recorded     the declared fields as the ledger stores them
    drift        the differences between the fields last applied and the live ones
    accepted     the fields that the ledger stores once the live values are accepted
    fingerprint  identifies the live object and its values in `before`
    refs         the live object that each reference means
    user         a declared object that still refers to this undeclared one
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
    blocker: str = ""
    recorded: Fields = field(default_factory=dict)
    drift: tuple[FieldChange, ...] = ()
    accepted: Fields = field(default_factory=dict)
    fingerprint: str = ""
    refs: tuple[tuple[Ref, Pointer], ...] = ()
    user: Address | None = None


def examine_declared(
    context: Context, desired: Iterable[Resource]
) -> Iterator[Subject | Diagnostic]:
    """A subject for each declared object of the kinds that were read, or the finding that says why
    nothing can be planned for it."""
    claims: dict[tuple[Scope, str], Address] = {}
    for resource in desired:
        if resource.address.scope in context.blind:
            continue
        index = context.indexes[resource.address.scope]
        try:
            live = _match(index, resource, claims)
            yield _declared(context, index, resource, live)
        except CannotPlan as problem:
            yield from problem.diagnostics


def examine_left(
    context: Context, desired: Sequence[Resource], rows: Iterable[Owned]
) -> Iterator[Subject]:
    """A subject for each owned object that is no longer declared."""
    users = referrers(context, desired)
    for row in rows:
        index = context.indexes[row.address.scope]
        user = users.get((row.address.scope, row.id))
        subject = Subject(row.address, index.resource_type, row=row, user=user)
        live = index.by_id.get(row.id)
        yield subject if live is None else _compared_to_ledger(context, subject, live)


def examine_undeclared(
    context: Context, desired: Sequence[Resource], exclusive: Iterable[Scope]
) -> Iterator[Subject]:
    """A subject for each live object of an exclusive kind that is neither declared nor owned."""
    users = referrers(context, desired) if exclusive else {}
    owned = {(row.address.scope, row.id) for row in context.owned.values()}
    for scope in sorted(exclusive):
        if scope not in context.indexes or scope in context.blind:
            continue
        index = context.indexes[scope]
        kept = set(index.declared_ids)
        for match in index.matched.values():
            kept |= {live.id for live in match} if isinstance(match, tuple) else set()
        for id, live in index.by_id.items():
            if id not in kept and (scope, id) not in owned:
                before = index.live_fields(live)
                yield Subject(
                    scope.address(index.names[id]),
                    index.resource_type,
                    live=live,
                    before=before,
                    fingerprint=fingerprint(id, before),
                    user=users.get((scope, id)),
                )


def examine_owned(context: Context, desired: Iterable[Resource]) -> Iterator[Subject]:
    """A subject for each owned object of the kinds that were read, compared with the ledger."""
    declared = {resource.address: resource for resource in desired}
    for address, row in context.owned.items():
        index = context.indexes.get(address.scope)
        if index is None or address.scope in context.blind:
            continue
        subject = Subject(address, index.resource_type, declared.get(address), row)
        live = index.by_id.get(row.id)
        yield subject if live is None else _compared_to_ledger(context, subject, live, refresh=True)


def _match(
    index: LiveIndex, resource: Resource, claims: dict[tuple[Scope, str], Address]
) -> Live | None:
    """The live object of a resource; None where there is none. Raises CannotPlan where several
    match, or where another resource has the same object; `claims` holds the objects so far."""
    live = index.matched[resource.address.key]
    if isinstance(live, tuple):
        ids = " and ".join(candidate.id for candidate in live)
        raise CannotPlan(
            resource,
            (
                f"{len(live)} live objects have this name: ids {ids}",
                f"Choose one with $id (for example `$id: {live[0].id}`), or delete the others.",
            ),
        )
    key = index.keys[resource.address.key]
    if live is None and key is None:
        return None
    name = f"live object (id {live.id})" if live else f"object ({key_text(key or ())})"
    first = claims.setdefault((resource.address.scope, name), resource.address)
    if first != resource.address:
        raise CannotPlan(
            resource,
            (
                f"it is the same {name} as {first}",
                "Remove one of the two, or give each its own $id.",
            ),
        )
    return live


def _declared(context: Context, index: LiveIndex, resource: Resource, live: Live | None) -> Subject:
    if not resource.options.absent:
        refs = resolved_references(context, resource) if resource.refs else ()
        return _compared(context, index, resource, live, refs)
    row = index.rows.get(resource.address.key)
    subject = Subject(resource.address, index.resource_type, resource, row)
    if live is None or live.archived:
        return subject
    mentioned = {**resource.fields, **(row.fields if row else {})}
    before = project(index.resource_type.facts, index.live_fields(live), mentioned)
    return replace(subject, live=live, before=before, fingerprint=fingerprint(live.id, before))


def _compared(
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
        return Subject(resource.address, resource_type, resource, row, desired=desired, refs=refs)
    actual = index.live_fields(live)
    applied = _applied(context, resource_type, row)
    desired = _without(desired, resource.options.ignore)
    restored = _restored(resource_type, desired) if live.archived else ()
    shown = context.still_answered(live.scope, drop_secrets(facts, desired))
    alike = same(facts, shown, actual)
    changes = restored if alike else (*restored, *differences(facts, shown, actual))
    if facts.sensitive:
        changes += secret_differences(facts, desired, row.fields if row else {}, context.seal)
    subject = Subject(
        resource.address,
        resource_type,
        resource,
        row,
        live,
        desired,
        before=shown if alike else project(facts, actual, shown),
        changes=changes,
        recorded=seal_secrets(facts, desired, context.seal),
        refs=refs,
    )
    if not changes:
        return subject
    last = None if applied is None else drop_secrets(facts, applied)
    blocker = resource_type.kind.update_blocker
    return replace(
        subject,
        cause=cause_of(facts, changes, shown, actual, last),
        blocker=blocker(actual, desired) if blocker else "",
        fingerprint=fingerprint(live.id, subject.before),
    )


def _compared_to_ledger(
    context: Context, subject: Subject, live: Live, refresh: bool = False
) -> Subject:
    """The subject of an owned object, compared with what was last applied. With `refresh`,
    ignored fields and those that the vendor no longer returns are left out."""
    row, facts = subject.row, subject.resource_type.facts
    applied = _applied(context, subject.resource_type, row)
    if row is None or applied is None:
        raise ValueError(f"the ledger does not know {subject.address}")
    actual = context.indexes[live.scope].live_fields(live)
    ignored = subject.resource.options.ignore if subject.resource else ()
    last = _without(context.still_answered(live.scope, applied), ignored) if refresh else applied
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


def _applied(context: Context, resource_type: ResourceType, row: Owned | None) -> Fields | None:
    """The fields that were last applied; None where the ledger has no row."""
    if row is None:
        return None
    return current_names(resource_type, row.fields, context.indexes, context.owned)


def _restored(resource_type: ResourceType, desired: Fields) -> tuple[FieldChange, ...]:
    """The change that restores an archived object, unless the manifest declares its field."""
    archive = resource_type.kind.archive
    name = (archive.field if archive else None) or "archived"
    return () if name in desired else (FieldChange((name,), True, False),)


def _without(fields: Fields, ignored: Sequence[str]) -> Fields:
    if not ignored:
        return fields
    return {name: value for name, value in fields.items() if name not in ignored}
