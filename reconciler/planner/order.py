"""Order the changes: an object is created before others refer to it, and deleted after they no
longer do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

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
