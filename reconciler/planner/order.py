"""Determine which changes must wait for which others: an object is created before others refer to
it, deleted after the last reference to it, and given a natural key after that key is free."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from reconciler.errors import Diagnostic
from reconciler.identity import LiveIndexes, NaturalKey, key_in, loose_key, pointers_in
from reconciler.model import WRITES, Action, Address, Change, Fields, Live, Owned, Scope, steps_of
from reconciler.model.cycle import find_cycle
from reconciler.values.compare import fingerprint

Deleted = Mapping[tuple[Scope, str | None], Address]


def link(
    changes: Sequence[Change], indexes: LiveIndexes, owned: Mapping[Address, Owned]
) -> list[Change]:
    """The changes with the addresses that each must wait for (`needs`): those of new objects that
    it refers to, those that free its natural key, and for a delete those of objects that still
    refer to the deleted one."""
    to_delete = {
        (change.address.scope, change.id): change.address
        for change in changes
        if change.action is Action.DELETE
    }
    created = {change.address for change in changes if _creates(change, indexes)}
    needs: dict[Address, dict[Address, None]] = {}
    for change in changes:
        for ref, _ in change.refs:
            target = indexes[ref.target].resource_named(ref.name)
            if target is not None and target.address in created:
                needs.setdefault(change.address, {})[target.address] = None
        if to_delete and change.id is not None and change.action in WRITES:
            for deleted in _deleted_targets(change, indexes, to_delete):
                needs.setdefault(deleted, {})[change.address] = None
    holders = _key_holders(changes, indexes, owned)
    for address, holder in holders.items():
        needs.setdefault(address, {})[holder] = None
    detours = _detours(changes, indexes, holders)
    return [
        replace(
            change,
            needs=tuple(sorted(needs.get(change.address, ()))),
            detour=detours.get(change.address, {}),
        )
        if change.address in needs
        else change
        for change in changes
    ]


def _creates(change: Change, indexes: LiveIndexes) -> bool:
    """Whether the object exists only after this change, so that others must wait to refer to it."""
    if change.action is Action.UPDATE:
        match = indexes[change.address.scope].matched.get(change.address.key)
        return isinstance(match, Live) and match.archived
    is_new = change.action in (Action.CREATE, Action.BY_HAND) and change.id is None
    return is_new or change.action is Action.REPLACE


def _deleted_targets(change: Change, indexes: LiveIndexes, to_delete: Deleted) -> Iterator[Address]:
    """The addresses of objects to be deleted that the live object of a change refers to."""
    index = indexes[change.address.scope]
    live = index.by_id.get(change.id or "")
    for scope, pointer in pointers_in(index.resource_type, live.fields) if live else ():
        target = indexes[scope].live_named(pointer.key) if pointer.key else None
        deleted = to_delete.get((scope, target.id if target else pointer.id))
        if deleted is not None and deleted != change.address:
            yield deleted


def _key_holders(
    changes: Sequence[Change], indexes: LiveIndexes, owned: Mapping[Address, Owned]
) -> dict[Address, Address]:
    """For each change that gives an object a new natural key, the change that takes that key from
    another live object, also where the vendor is known to spell keys otherwise than manifests and
    that object has it in another spelling."""
    by_object = {
        (change.address.scope, change.id): change
        for change in changes
        if change.id is not None and change.action in WRITES
    }
    holders: dict[Address, Address] = {}
    spelled = _spelled_keys(by_object, indexes, owned)
    for change in changes:
        if change.action not in (Action.CREATE, Action.UPDATE, Action.REPLACE):
            continue
        index = indexes[change.address.scope]
        key = index.keys.get(change.address.key)
        found = [] if key is None else [*index.by_key.get(key, ())]
        if spelled and key is not None:
            other = spelled.get((change.address.scope, loose_key(key)))
            found += [other] if other is not None and other not in found else []
        for live in found:
            holder = by_object.get((change.address.scope, live.id))
            if holder is not None and holder.address != change.address:
                holders[change.address] = holder.address
    return holders


def _spelled_keys(
    objects: Collection[tuple[Scope, str | None]],
    indexes: LiveIndexes,
    owned: Mapping[Address, Owned],
) -> dict[tuple[Scope, NaturalKey], Live]:
    """Those of the live objects, given by kind and id, whose vendor is known to keep natural keys
    otherwise than they are written, by kind and by the natural key in its loose form."""
    spelling = {
        address.scope
        for address, row in owned.items()
        if row.stored
        and address.scope in indexes
        and not row.stored.keys().isdisjoint(indexes[address.scope].key_names)
    }
    found: dict[tuple[Scope, NaturalKey], Live] = {}
    for scope, id in objects if spelling else ():
        live = indexes[scope].by_id.get(id or "") if scope in spelling else None
        key = key_in(indexes, indexes[scope].resource_type, live.fields) if live else None
        if live is not None and key is not None:
            found[scope, loose_key(key)] = live
    return found


def _detours(
    changes: Sequence[Change], indexes: LiveIndexes, holders: Mapping[Address, Address]
) -> dict[Address, Fields]:
    """Where objects exchange natural keys: the temporary one of an update in each such ring, so
    that the vendor never sees one twice. None where that is no update of a single text field; that
    ring is refused by `order_refusals`."""
    by_address = {change.address: change for change in changes if change.address in holders}
    open_holders = {address: (holder,) for address, holder in holders.items()}
    detours: dict[Address, Fields] = {}
    while ring := find_cycle(open_holders):
        del open_holders[ring[0]]
        for address in ring:
            change, names = by_address[address], indexes[address.scope].key_names
            if change.action is not Action.UPDATE or len(names) != 1:
                continue
            value = (change.after or {}).get(names[0])
            if isinstance(value, str):
                detours[address] = {names[0]: f"{value}-{fingerprint(change.id)[:6]}"}
                break
    return detours


def order_refusals(
    changes: Sequence[Change], indexes: LiveIndexes, owned: Mapping[Address, Owned]
) -> Iterator[Diagnostic]:
    """A refusal for changes that depend on each other, so that no order is possible."""
    cycle = find_cycle(steps_of(changes))
    if not cycle:
        return
    addresses = list(dict.fromkeys(step.address for step in cycle))
    path = " → ".join(map(str, [*addresses, addresses[0]]))
    holders = _key_holders(changes, indexes, owned)
    if all(address in holders for address in addresses):
        kind = indexes[addresses[0].scope].resource_type.kind
        name = " and ".join(kind.natural_key)
        yield Diagnostic(
            f"these objects exchange their {name}, which the vendor keeps unique: {path}",
            f"Give one of them a {name} that no other has, and apply; then the one it is to have.",
            address=str(addresses[0]),
        )
        return
    taker = next((address for address in addresses if holders.get(address) in addresses), None)
    if taker is not None:
        name = " and ".join(indexes[taker.scope].resource_type.kind.natural_key)
        yield Diagnostic(
            f"these changes depend on each other: {path}",
            f"{taker} is to have the {name} of {holders[taker]}. Give it one that no other has, "
            "and apply; then the one it is to have.",
            address=str(taker),
        )
        return
    yield Diagnostic(
        f"these changes depend on each other: {path}",
        "Apply them in two steps: leave one of them out with --exclude, then apply the rest.",
        address=str(addresses[0]),
    )
