"""Order changes of different kinds as a vendor's rules want it, where no reference does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from reconciler.identity import LiveIndexes
from reconciler.model import WRITES, Address, Change, Scope
from reconciler.values.scalars import text_form


def in_sequence(changes: Sequence[Change], indexes: LiveIndexes) -> list[Change]:
    """The changes, each waiting also for those that must be made first although nothing refers to
    them (`after` in `x-kind`)."""
    later = [scope for scope, index in indexes.items() if index.resource_type.kind.after]
    if not later:
        return list(changes)
    earlier = {
        (change.address.scope, by, text_form(str(value))): change.address
        for scope in later
        for first in indexes[scope].resource_type.kind.after
        for by in (first.by,)
        for change in changes
        if change.action in WRITES
        and change.address.scope == Scope(scope.provider, first.kind)
        and any(part.path[0] in first.fields for part in change.fields)
        and (value := _value(change, by)) is not None
    }
    return [_waiting(change, indexes, earlier) for change in changes] if earlier else list(changes)


def _waiting(
    change: Change, indexes: LiveIndexes, earlier: dict[tuple[Scope, str, str], Address]
) -> Change:
    index = indexes.get(change.address.scope)
    if index is None or change.action not in WRITES:
        return change
    provider = change.address.provider
    found = (
        earlier.get((Scope(provider, first.kind), first.by, text_form(str(value))))
        for first in index.resource_type.kind.after
        if (value := _value(change, first.by)) is not None
    )
    needs = {address for address in found if address is not None}
    return replace(change, needs=tuple(sorted({*change.needs, *needs}))) if needs else change


def _value(change: Change, name: str) -> Any:
    """The value that a change leaves an object with, which may not be among what it changes."""
    for fields in (change.after, change.before):
        if fields and fields.get(name) is not None:
            return fields[name]
    return None
