"""What nobody declares any more: owned objects that left the manifests, and strangers.

The premise: when in doubt, nothing is deleted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from reconciler.errors import Diagnostic, Severity
from reconciler.identity import resolve_names
from reconciler.kinds import Mode, Verb
from reconciler.kinds.resource_types import ResourceType
from reconciler.model import Action, Address, Cause, Change, Live, Options, Owned, Resource, Scope
from reconciler.planner.context import Context
from reconciler.planner.decide import delete_note, live_fingerprint
from reconciler.planner.history import recalled
from reconciler.values.compare import differences
from reconciler.values.mask import drop_secrets
from reconciler.values.shape import project


def removed(
    context: Context, desired: Sequence[Resource], prune: bool, destroy: bool
) -> Iterator[Change | Diagnostic]:
    """Entries for owned objects that the manifests no longer declare (all of them to `destroy`).

    Without `prune` they are kept, and a warning counts them.
    """
    wanted = set() if destroy else _wanted(context, desired)
    left = [
        row
        for address, row in context.owned.items()
        if address not in wanted
        and address.scope in context.indexes
        and address.scope not in context.blind
    ]
    if left and not prune:
        yield Diagnostic(
            f"{len(left)} owned objects left the manifests and are kept (--no-prune)",
            severity=Severity.WARNING,
        )
        return
    used = {} if destroy else referrers(context, desired)
    for row in left:
        claimed = not destroy and row.id in context.indexes[row.address.scope].declared_ids
        change = _removed(context, row, claimed, "destroy" if destroy else LEFT)
        user = used.get((row.address.scope, row.id))
        if user is not None and isinstance(change, Change) and change.action is Action.DELETE:
            yield _still_used(row, user)
        else:
            yield change


def referrers(context: Context, desired: Iterable[Resource]) -> dict[tuple[Scope, str], Address]:
    """The live objects that nobody declares and a declared object refers to, each with the first
    that does. A kind whose objects can still be referred to when they are put away has none."""
    found: dict[tuple[Scope, str], Address] = {}
    for resource in desired:
        for ref in () if resource.options.absent else resource.refs:
            index = context.indexes.get(ref.target)
            if index is None or index.resource_named(ref.name) is not None:
                continue
            archive, live = index.resource_type.kind.archive, index.live_named(ref.name)
            if live is not None and (archive is None or archive.query is not None):
                found.setdefault((ref.target, live.id), resource.address)
    return found


def _still_used(row: Owned, user: Address) -> Diagnostic:
    return Diagnostic(
        f"not deleted: {user} still refers to it",
        "Take that out of the manifests too, let it refer to another one, or declare this again.",
        Severity.WARNING,
        address=str(row.address),
    )


LEFT = "it is no longer in the manifests"


def _wanted(context: Context, desired: Iterable[Resource]) -> set[Address]:
    """The addresses that are declared, and those that declared objects are only now leaving."""
    wanted = set()
    for resource in desired:
        wanted.add(resource.address)
        if resource.options.was and resource.address not in context.owned:
            wanted.add(resource.address.scope.address(resource.options.was))
    return wanted


def _removed(context: Context, row: Owned, claimed: bool, reason: str) -> Change | Diagnostic:
    index = context.indexes[row.address.scope]
    live = index.by_id.get(row.id)
    forget = Change(row.address, Action.FORGET, id=row.id, cause=Cause.EDIT, reason=reason)
    if live is None or claimed:
        why = "it is gone at the vendor" if live is None else "its object has another address now"
        return replace(forget, reason=f"{reason}, and {why}")
    if row.on_remove == "keep":
        return replace(forget, reason=f"{reason}; $on_remove: keep")
    if index.resource_type.kind.mode is Mode.OBSERVED or index.resource_type.kind.undeletable:
        return forget
    if changed := _changed_since(context, index.resource_type, row, live):
        return Diagnostic(
            f"not deleted: {', '.join(changed)} changed at the vendor since we last applied it",
            "Look at the change. `reconciler apply --refresh-only` accepts it, after which it "
            "can be deleted.",
            Severity.WARNING,
            address=str(row.address),
        )
    return _delete(context, index.resource_type, row, live, reason)


def undeclared(
    context: Context, desired: Iterable[Resource], exclusive: Iterable[Scope]
) -> Iterator[Change | Diagnostic]:
    """Deletes for the live objects of exclusive kinds that nobody declares or refers to."""
    used = referrers(context, desired) if exclusive else {}
    owned = {(row.address.scope, row.id) for row in context.owned.values()}
    for scope in sorted(exclusive):
        if scope not in context.indexes or scope in context.blind:
            continue
        index = context.indexes[scope]
        spared = set(index.declared_ids)
        for found in index.matched.values():
            spared |= {live.id for live in found} if isinstance(found, tuple) else set()
        for id, live in index.by_id.items():
            if id in spared or (scope, id) in owned:
                continue
            row = Owned(scope.address(index.names[id]), id, {}, "adopted", "")
            user = used.get((scope, id))
            if user is not None:
                yield _still_used(row, user)
                continue
            yield _delete(
                context, index.resource_type, row, live, "undeclared in an exclusive kind"
            )


def unmanaged(context: Context, changes: Iterable[Change]) -> dict[Scope, tuple[str, ...]]:
    """The names of live objects that are neither declared nor owned, nor to be deleted, in the
    order of entries; none of kinds that only move by themselves."""
    going = {(c.address.scope, c.id) for c in changes if c.action is not Action.NO_OP}
    names = {}
    for scope, index in sorted(context.indexes.items(), key=lambda one: str(one[0])):
        if index.resource_type.moving:
            continue
        strangers = index.names.keys() - index.declared_ids
        if strangers:
            strangers -= {row.id for a, row in context.owned.items() if a.scope == scope}
        if found := sorted(index.names[id] for id in strangers if (scope, id) not in going):
            names[scope] = tuple(found)
    return names


def _delete(
    context: Context, resource_type: ResourceType, row: Owned, live: Live, reason: str
) -> Change:
    actual = resolve_names(resource_type, live.fields, context.indexes)
    before = project(resource_type.facts, actual, row.fields) or actual
    kind = resource_type.kind
    return Change(
        row.address,
        Action.DELETE if kind.can(Verb.DELETE) else Action.BY_HAND,
        before=before,
        id=row.id,
        cause=Cause.EDIT,
        reason=f"{reason}{delete_note(kind)}",
        fingerprint=live_fingerprint(live, before),
        options=Options(protect=row.protect, on_remove=row.on_remove),
    )


def _changed_since(
    context: Context, resource_type: ResourceType, row: Owned, live: Live
) -> list[str]:
    """The fields whose live value is no longer the one we last applied."""
    actual = resolve_names(resource_type, live.fields, context.indexes)
    last = recalled(context, resource_type, drop_secrets(resource_type.facts, row.fields))
    changes = differences(resource_type.facts, last, actual)
    return sorted({str(change.path[0]) for change in changes})
