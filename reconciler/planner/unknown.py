"""Find what became of creates whose outcome an earlier run did not learn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reconciler.errors import Diagnostic, Severity
from reconciler.identity import LiveIndex, NaturalKey, key_in, loose_key, parse_key
from reconciler.model import Address, BegunCreate, Live, Owned, Resource, replaced_address
from reconciler.planner.context import CannotPlan, Context
from reconciler.planner.interrupted import has_fields


def match_begun(context: Context, desired: Iterable[Resource]) -> None:
    """Match resources that an earlier run may have created with the objects that have appeared
    since, where the vendor spells their natural keys differently; and those that it began to take
    under management with the objects that it was changing."""
    found = False
    for resource in desired:
        address, absent = resource.address, resource.options.absent
        begun = address in context.begun or address in context.adopting
        if not begun or absent or address.scope in context.unread:
            continue
        index = context.indexes[address.scope]
        if index.matched.get(address.key) is None:
            candidates = _candidates(context, index, resource)
            if len(candidates) == 1:
                index.match(address.key, candidates[0])
                found = True
            elif candidates:
                index.matched[address.key] = candidates
    if found:
        for index in context.indexes.values():
            index.resolve_references(context.indexes)


def _candidates(context: Context, index: LiveIndex, resource: Resource) -> tuple[Live, ...]:
    """The live objects that neither a resource nor the ledger accounts for, and that have the id
    of the one that was being changed; or the resource's natural key but for case, blanks, escapes
    or a slash; or else were created with the natural key that the resource had then."""
    address = resource.address
    if (id := context.adopting.get(address)) is not None:
        return tuple(live for live in _unaccounted(context, index) if live.id == id)
    key = index.keys[address.key]
    same = () if key is None else _with_key(context, index, key)
    return same or _created(context, index, context.begun[address])


def _created(context: Context, index: LiveIndex, begun: BegunCreate) -> tuple[Live, ...]:
    """The live objects that a create has made, as their natural key and their time of creation say,
    or, where the vendor does not say that, all fields that were sent."""
    if begun.natural_key is None:
        return ()
    return tuple(
        live
        for live in _with_key(context, index, parse_key(index.resource_type, begun.natural_key))
        if (
            live.created[:19] >= begun.at[:19]
            if live.created
            else begun.fields is not None
            and has_fields(index, context.indexes, context.owned, live, begun.fields, begun.refs)
        )
    )


def _with_key(context: Context, index: LiveIndex, key: NaturalKey) -> tuple[Live, ...]:
    """The live objects that neither a resource nor the ledger accounts for, and that have this
    natural key but for case, blanks, escapes or a slash."""
    wanted = loose_key(key)
    return tuple(
        live
        for live in _unaccounted(context, index)
        if (live_key := key_in(context.indexes, index.resource_type, live.fields)) is not None
        and loose_key(live_key) == wanted
    )


def _unaccounted(context: Context, index: LiveIndex) -> Iterator[Live]:
    """The live objects that no resource declares and the ledger neither has nor let go."""
    scope = index.resource_type.scope
    for live in index.by_id.values():
        pair = (scope, live.id)
        known = live.id in index.declared_ids or pair in context.recorded
        if not known and pair not in context.released:
            yield live


def check_may_create(context: Context, resource: Resource) -> None:
    """Raise CannotPlan where an earlier run may have created the object although it cannot be
    found, and creating it again could make a second one."""
    begun = context.begun.get(resource.address)
    kind = context.indexes[resource.address.scope].resource_type.kind
    if begun is None or kind.unique or kind.idempotent:
        return
    raise CannotPlan(
        resource,
        (
            f"held back: its creation was begun at {begun.at}, the outcome is unknown, and no such "
            "object was found",
            f"Look for it in {kind.screen}. If it is there: reconciler adopt {resource.address} "
            f"--id ID. If it is not, create it again with --retry-unknown {resource.address}",
        ),
        waits=True,
    )


def begun_reason(index: LiveIndex) -> str:
    """The reason to adopt an object that an earlier run created."""
    secrets = ", ".join(index.resource_type.secrets_shown_once)
    lost = f", which held its {secrets}: create a new one" if secrets else ""
    return f"an earlier run created it, and the answer was lost{lost}"


def undeclared_creates(context: Context, desired: Iterable[Resource]) -> dict[Address, Owned]:
    """Rows for the objects that an earlier run created without learning of it, and that are not
    declared any more; where their address is that of another object now, under one of their own."""
    declared = {resource.address for resource in desired}
    rows: dict[Address, Owned] = {}
    for address, begun in context.begun.items():
        index = context.indexes.get(address.scope)
        if index is None or address.scope in context.unread or begun.natural_key is None:
            continue
        known = address in declared or address in context.owned
        if known and not isinstance(index.matched.get(address.key), Live):
            continue
        found = _created(context, index, begun)
        if len(found) == 1:
            live = found[0]
            at = replaced_address(address, live.id) if known else address
            rows[at] = Owned(at, live.id, {}, "created", begun.at, created=live.created)
    return rows


def undeclared_warnings(context: Context, desired: Iterable[Resource]) -> Iterator[Diagnostic]:
    """A warning for each object that an earlier run may have created, that is not declared any more
    and that no row stands for: nothing would remove it."""
    declared = {resource.address for resource in desired}
    for address, begun in context.begun.items():
        index = context.indexes.get(address.scope)
        known = address in declared or address in context.owned
        if known or index is None or begun.natural_key is None:
            continue
        key = parse_key(index.resource_type, begun.natural_key)
        for live in _with_key(context, index, key):
            yield Diagnostic(
                f"its creation was begun at {begun.at}, the answer was lost, and it is not "
                f"declared any more; a live object has its natural key (id {live.id})",
                f"Declare it again to own it, or delete it in {index.resource_type.kind.screen}.",
                Severity.WARNING,
                address=str(address),
            )
