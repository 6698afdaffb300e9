"""Point out `$was` options that have no effect, renames that lack one, and likely duplicates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from reconciler.errors import Diagnostic, Severity
from reconciler.identity import LiveIndexes, NaturalKey, key_text, loose_key
from reconciler.model import Action, Change, Fields, Resource, Scope
from reconciler.planner.context import Context
from reconciler.values.compare import fingerprint
from reconciler.values.text import shown


def useless_was(context: Context, desired: Iterable[Resource]) -> Iterator[Diagnostic]:
    """A warning for each `$was` by which no object of the ledger gets another address."""
    for resource in desired:
        was, address = resource.options.was, resource.address
        if was is None or resource.options.absent:
            continue
        index = context.indexes.get(address.scope)
        if index is None:
            continue
        row = index.rows.get(address.key)
        if row is not None and row.address.key == was:
            continue
        if row is not None:
            why = "the ledger has this object under its new address already"
        else:
            why = f"the ledger has no {address.scope.address(was)}"
        yield Diagnostic(
            f"{address}: `$was: {was}` has no effect: {why}",
            "Remove it." if row is not None else "Correct or remove it, or adopt the object.",
            Severity.WARNING,
            source=resource.source,
        )


def likely_renames(changes: Sequence[Change], indexes: LiveIndexes) -> Iterator[Diagnostic]:
    """A warning for each object that is created while an owned one with the same values, but for
    the natural key, is deleted: it looks like a rename."""
    deleted: dict[tuple[Scope, str], Change] = {}
    for change in changes:
        if change.action is Action.DELETE and (key := _values(change, change.before, indexes)):
            deleted[change.address.scope, key] = change
    for change in changes if deleted else ():
        if change.action is not Action.CREATE or not (
            key := _values(change, change.after, indexes)
        ):
            continue
        old = deleted.get((change.address.scope, key))
        if old is not None:
            yield Diagnostic(
                f"{change.address} is created and {old.address} is deleted, and all other fields "
                "are equal",
                f"If it is the same object under another name, write `$was: {old.address.key}`.",
                Severity.WARNING,
                source=change.source,
            )


def likely_duplicates(changes: Sequence[Change], indexes: LiveIndexes) -> Iterator[Diagnostic]:
    """A warning for each object that is created although nobody's live object has the same natural
    key but for case, blanks and the like, in which vendors differ from manifests."""
    created: dict[Scope, dict[NaturalKey, Change]] = {}
    for change in changes:
        if change.action is Action.CREATE:
            index = indexes[change.address.scope]
            if (key := index.keys.get(change.address.key)) is not None:
                created.setdefault(change.address.scope, {})[loose_key(key)] = change
    if not created:
        return
    planned = {(change.address.scope, change.id) for change in changes if change.id is not None}
    for scope, wanted in created.items():
        index = indexes[scope]
        for live_key, found in index.by_key.items():
            twin = wanted.get(loose_key(live_key)) if live_key else None
            others = [live.id for live in found if live.id not in index.declared_ids]
            free = [id for id in others if (scope, id) not in planned]
            if twin is None or not free:
                continue
            yield Diagnostic(
                f"{twin.address} is created, and there is {shown(key_text(live_key or ()))} (id "
                f"{free[0]}), which nobody manages: the names differ in case, blanks or the like",
                f"If it is the same object, write its name as it is there, or `$id: {free[0]}`.",
                Severity.WARNING,
                source=twin.source,
            )


def _values(change: Change, fields: Fields | None, indexes: LiveIndexes) -> str:
    """A digest of the fields beside the natural key; "" where there are none."""
    names = indexes[change.address.scope].resource_type.kind.natural_key
    others = {name: value for name, value in (fields or {}).items() if name not in names}
    return fingerprint(others) if others else ""
