"""Order the changes: an object is created before others refer to it, and deleted after they no
longer do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter

from reconciler.errors import Diagnostic
from reconciler.identity import LiveIndexes, pointers_in
from reconciler.model import WRITES, Action, Address, Change, Live, Scope

Deleted = Mapping[tuple[Scope, str | None], Address]


def linked(changes: Sequence[Change], indexes: LiveIndexes) -> list[Change]:
    """The changes with the addresses that each must wait for (`needs`): the new objects that it
    refers to, and for a delete the changes to objects that still refer to it."""
    to_delete = {
        (change.address.scope, change.id): change.address
        for change in changes
        if change.action in (Action.DELETE, Action.REPLACE)
    }
    coming = {change.address for change in changes if _creates(change, indexes)}
    needs: dict[Address, dict[Address, None]] = {}
    for change in changes:
        for ref, _ in change.refs:
            target = indexes[ref.target].resource_named(ref.name)
            if target is not None and target.address in coming:
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
    new = change.action in (Action.CREATE, Action.BY_HAND) and change.id is None
    match = indexes[change.address.scope].matched.get(change.address.key)
    restored = change.action is Action.UPDATE and isinstance(match, Live) and match.archived
    return new or restored or change.action is Action.REPLACE


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


def impossible(changes: Sequence[Change], indexes: LiveIndexes) -> Iterator[Diagnostic]:
    """What forbids these changes because no order of them works: a replacement of an object that
    others use, and changes that wait for each other."""
    replaced = {
        (change.address.scope, change.id): change
        for change in changes
        if change.action is Action.REPLACE
    }
    users = _users(replaced, changes, indexes) if replaced else {}
    for change, user in users.values():
        yield Diagnostic(
            f"it cannot be replaced while {user} refers to it: replacing deletes it first",
            "Declare the new object under another key, let the others refer to that one, and "
            "apply; then take this one out of the manifests.",
            address=str(change.address),
            source=change.source,
        )
    if not users and (cycle := _cycle(changes)):
        yield Diagnostic(
            "these changes wait for each other: " + " → ".join(map(str, cycle)),
            "Apply them in two steps: leave one of them out with --exclude, then apply the rest.",
            address=str(cycle[0]),
        )


def _users(
    replaced: Mapping[tuple[Scope, str | None], Change],
    changes: Sequence[Change],
    indexes: LiveIndexes,
) -> dict[Address, tuple[Change, Address]]:
    """For each replaced object that a live one refers to, its change and the first that does; not
    those that are deleted or replaced themselves."""
    scopes = {scope for scope, _ in replaced}
    going = {
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
                if change is not None and (scope, live.id) not in going:
                    user = scope.address(index.names[live.id])
                    users.setdefault(change.address, (change, user))
    return users


def _cycle(changes: Sequence[Change]) -> tuple[Address, ...]:
    """Changes that wait for each other, the first and the last the same; () if there are none."""
    writes = {change.address: change for change in changes if change.action in WRITES}
    needs = {a: [n for n in change.needs if n in writes] for a, change in writes.items()}
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        return tuple(reversed(error.args[1]))
    return ()
