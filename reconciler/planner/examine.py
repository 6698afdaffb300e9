"""List the subjects of a plan: every address that it may need an entry for, with its comparison."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from reconciler.errors import Diagnostic
from reconciler.identity import LiveIndex, NaturalKey, key_text
from reconciler.model import Address, Change, Live, Owned, Resource, Scope
from reconciler.planner.context import CannotPlan, Context
from reconciler.planner.recorded import is_another_object, recorded_object
from reconciler.planner.references import referrers, resolved_references
from reconciler.planner.settled import Settled
from reconciler.planner.subject import Subject, compare_absent, compare_declared, compare_owned
from reconciler.planner.unknown import check_may_create
from reconciler.values.compare import fingerprint
from reconciler.values.text import shown


def examine_declared(
    context: Context, desired: Iterable[Resource]
) -> Iterator[Subject | Change | Diagnostic]:
    """A subject for each declared object of the kinds that were read, or the finding that says why
    nothing can be planned for it; the entry itself where everything agrees."""
    seen: dict[tuple[Scope, str | NaturalKey], Address] = {}
    contested = {scope for scope, index in context.indexes.items() if _is_contested(index)}
    settled = Settled(context)
    for resource in desired:
        scope = resource.address.scope
        if scope in context.unread:
            continue
        index = context.indexes[scope]
        if is_another_object(index, resource):
            continue  # see `identity_refusals`
        try:
            live = _match(index, resource)
            if scope in contested:
                _check_first(index, resource, live, seen)
            if live is not None:
                _check_key_free(context, index, resource, live)
            if live is not None and (entry := settled.entry(index, resource, live)):
                yield entry
            elif resource.options.absent:
                yield compare_absent(index, resource, live)
            else:
                if live is None:
                    check_may_create(context, resource)
                refs = resolved_references(context, resource) if resource.refs else ()
                yield compare_declared(context, index, resource, live, refs)
        except CannotPlan as problem:
            yield from problem.diagnostics


def examine_removed(
    context: Context, desired: Sequence[Resource], rows: Iterable[Owned]
) -> Iterator[Subject]:
    """A subject for each owned object that is no longer declared."""
    users = referrers(context, desired)
    for row in rows:
        index = context.indexes[row.address.scope]
        user = users.get((row.address.scope, row.id))
        subject = Subject(row.address, index.resource_type, row=row, user=user)
        live = recorded_object(context, row)
        yield subject if live is None else compare_owned(context, subject, live)


def examine_undeclared(
    context: Context, desired: Sequence[Resource], exclusive: Iterable[Scope]
) -> Iterator[Subject]:
    """A subject for each live object of an exclusive kind that is neither declared nor owned."""
    users = referrers(context, desired) if exclusive else {}
    for scope in sorted(exclusive):
        if scope not in context.indexes or scope in context.unread:
            continue
        index = context.indexes[scope]
        kept = set(index.declared_ids)
        for match in index.matched.values():
            kept |= {live.id for live in match} if isinstance(match, tuple) else set()
        for id, live in index.by_id.items():
            if id not in kept and (scope, id) not in context.recorded:
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
        if index is None or address.scope in context.unread:
            continue
        subject = Subject(address, index.resource_type, declared.get(address), row)
        live = recorded_object(context, row)
        yield subject if live is None else compare_owned(context, subject, live, refresh=True)


def _check_key_free(context: Context, index: LiveIndex, resource: Resource, live: Live) -> None:
    """Raise CannotPlan where a resource is to get the natural key of another live object that
    nothing in this workspace declares or owns."""
    key = index.keys[resource.address.key]
    holders = index.by_key.get(key, ()) if key is not None else ()
    if live in holders:
        return
    scope = resource.address.scope
    for other in holders:
        if other.id in index.declared_ids or (scope, other.id) in context.recorded:
            continue
        name = " and ".join(index.resource_type.kind.natural_key)
        raise CannotPlan(
            resource,
            (
                f"its {name} is to become {shown(key_text(key or ()))}, which another live object "
                f"has (id {other.id}) that is neither declared nor owned",
                f"Choose another {name}; or, if that is the object you mean, give its id: "
                f"`$id: {other.id}`.",
            ),
        )


def _match(index: LiveIndex, resource: Resource) -> Live | None:
    """The live object of a resource; None where there is none. Raises CannotPlan where several
    match."""
    live = index.matched[resource.address.key]
    if isinstance(live, tuple):
        ids = " and ".join(candidate.id for candidate in live)
        raise CannotPlan(
            resource,
            (
                f"{len(live)} live objects have this natural key: ids {ids}",
                f"Choose one with $id (for example `$id: {live[0].id}`), or delete the others.",
            ),
        )
    return live


def _is_contested(index: LiveIndex) -> bool:
    """Whether two resources of a kind may mean the same object, live or to be created."""
    matched = sum(isinstance(match, Live) for match in index.matched.values())
    missing = [index.keys[name] for name, match in index.matched.items() if match is None]
    return matched > len(index.declared_ids) or len(missing) > len(set(missing))


def _check_first(
    index: LiveIndex,
    resource: Resource,
    live: Live | None,
    seen: dict[tuple[Scope, str | NaturalKey], Address],
) -> None:
    """Raise CannotPlan where an earlier resource has the same object; `seen` holds those objects,
    by id or else by natural key, of which one is a text and the other a tuple."""
    key = index.keys[resource.address.key]
    if live is None and key is None:
        return
    first = seen.setdefault(
        (resource.address.scope, live.id if live else key or ()), resource.address
    )
    if first != resource.address:
        name = f"live object (id {live.id})" if live else f"object ({key_text(key or ())})"
        raise CannotPlan(
            resource,
            (
                f"it is the same {name} as {first}",
                "Remove one of the two, or give each its own $id.",
            ),
        )
