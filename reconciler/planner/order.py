"""Determine which changes must wait for which others: an object is created before others refer to
it, and deleted after the last reference to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from reconciler.errors import Diagnostic
from reconciler.identity import LiveIndexes, pointers_in
from reconciler.model import WRITES, Action, Address, Change, Live, Scope
from reconciler.model.cycle import find_cycle

Deleted = Mapping[tuple[Scope, str | None], Address]


def link(changes: Sequence[Change], indexes: LiveIndexes) -> list[Change]:
    """The changes with the addresses that each must wait for (`needs`): those of new objects that
    it refers to, and for a delete those of objects that still refer to the deleted one."""
    to_delete = {
        (change.address.scope, change.id): change.address
        for change in changes
        if change.action in (Action.DELETE, Action.REPLACE)
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
    return [
        replace(change, needs=tuple(sorted(needs[change.address])))
        if change.address in needs
        else change
        for change in changes
    ]


def _creates(change: Change, indexes: LiveIndexes) -> bool:
    """Whether the object exists only after this change, so that others must wait to refer to it."""
    is_new = change.action in (Action.CREATE, Action.BY_HAND) and change.id is None
    match = indexes[change.address.scope].matched.get(change.address.key)
    is_restored = change.action is Action.UPDATE and isinstance(match, Live) and match.archived
    return is_new or is_restored or change.action is Action.REPLACE


def _deleted_targets(change: Change, indexes: LiveIndexes, to_delete: Deleted) -> Iterator[Address]:
    """The addresses of objects to be deleted that the live object of a change refers to."""
    index = indexes[change.address.scope]
    live = index.by_id.get(change.id or "")
    for scope, pointer in pointers_in(index.resource_type, live.fields) if live else ():
        target = indexes[scope].live_named(pointer.key) if pointer.key else None
        deleted = to_delete.get((scope, target.id if target else pointer.id))
        replaces = change.action is Action.REPLACE
        if deleted is not None and deleted != change.address and not replaces:
            yield deleted


def order_refusals(changes: Sequence[Change], indexes: LiveIndexes) -> Iterator[Diagnostic]:
    """A refusal for each change that cannot be made in any order: the replacement of an object that
    others refer to, and changes that depend on each other."""
    replaced = {
        (change.address.scope, change.id): change
        for change in changes
        if change.action is Action.REPLACE
    }
    users = _users(replaced, changes, indexes) if replaced else {}
    for change, user in users.values():
        yield Diagnostic(
            f"it cannot be replaced while {user} refers to it: replacing deletes it first",
            "Declare the new object under another key, change the references to it, and apply; "
            "then remove this one from the manifests.",
            address=str(change.address),
            source=change.source,
        )
    if not users and (cycle := _cycle(changes)):
        yield Diagnostic(
            "these changes depend on each other: " + " → ".join(map(str, cycle)),
            "Apply them in two steps: leave one of them out with --exclude, then apply the rest.",
            address=str(cycle[0]),
        )


def _users(
    replaced: Mapping[tuple[Scope, str | None], Change],
    changes: Sequence[Change],
    indexes: LiveIndexes,
) -> dict[Address, tuple[Change, Address]]:
    """The replaced objects that live objects refer to: for each its change, and the address of the
    first object that refers to it and is neither deleted nor replaced."""
    scopes = {scope for scope, _ in replaced}
    removed = {
        (change.address.scope, change.id)
        for change in changes
        if change.action in (Action.DELETE, Action.REPLACE)
    }
    users: dict[Address, tuple[Change, Address]] = {}
    for scope, index in indexes.items():
        if scopes.isdisjoint(target for _, target in index.resource_type.targets):
            continue
        for live in index.by_id.values():
            for target, pointer in pointers_in(index.resource_type, live.fields):
                named = indexes[target].live_named(pointer.key) if pointer.key else None
                change = replaced.get((target, named.id if named else pointer.id))
                if change is not None and (scope, live.id) not in removed:
                    user = scope.address(index.names[live.id])
                    users.setdefault(change.address, (change, user))
    return users


def _cycle(changes: Sequence[Change]) -> tuple[Address, ...]:
    """A cycle of writes that must wait for each other, as `find_cycle` returns it."""
    writes = {change.address: change for change in changes if change.action in WRITES}
    needs = {a: [n for n in change.needs if n in writes] for a, change in writes.items()}
    return find_cycle(needs)
