"""What waits for what: references are made before they are used, and let go before they end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from reconciler.identity import LiveIndexes, pointers_in
from reconciler.model import WRITES, Action, Address, Change, Live, Scope

Doomed = Mapping[tuple[Scope, str | None], Address]


def linked(changes: Sequence[Change], known: LiveIndexes) -> list[Change]:
    """The changes with what each must wait for: what it refers to comes first, and what a
    deleted object was referred to by lets go of it first."""
    doomed = {
        (change.address.scope, change.id): change.address
        for change in changes
        if change.action in (Action.DELETE, Action.REPLACE)
    }
    coming = {change.address for change in changes if _comes(change, known)}
    needs: dict[Address, dict[Address, None]] = {}
    for change in changes:
        for ref, _ in change.refs:
            target = known[ref.target].resource_named(ref.name)
            if target is not None and target.address in coming:
                needs.setdefault(change.address, {})[target.address] = None
        if doomed and change.id is not None and change.action in WRITES:
            for doom in _let_go(change, known, doomed):
                needs.setdefault(doom, {})[change.address] = None
    return [
        replace(change, needs=tuple(sorted(needs[change.address])))
        if change.address in needs
        else change
        for change in changes
    ]


def _comes(change: Change, known: LiveIndexes) -> bool:
    """Whether the object that others refer to will be there only after this change."""
    new = change.action in (Action.CREATE, Action.BY_HAND) and change.id is None
    found = known[change.address.scope].matched.get(change.address.key)
    back = change.action is Action.UPDATE and isinstance(found, Live) and found.archived
    return new or back or change.action is Action.REPLACE


def _let_go(change: Change, known: LiveIndexes, doomed: Doomed) -> Iterator[Address]:
    """The doomed objects that the live object of a change points at."""
    index = known[change.address.scope]
    live = index.by_id.get(change.id or "")
    for scope, pointer in pointers_in(index.resource_type, live.fields) if live else ():
        target = known[scope].live_named(pointer.key) if pointer.key else None
        doom = doomed.get((scope, target.id if target else pointer.id))
        if doom is not None and doom != change.address and change.action is not Action.REPLACE:
            yield doom
