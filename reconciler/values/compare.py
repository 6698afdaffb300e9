"""One desired against one live → the fields that differ.

`==` finds a difference, at a few hundred nanoseconds for an object where there is none; DeepDiff,
a thousand times slower, is asked only to explain a nested value that is known to differ.
"""

from __future__ import annotations

from typing import Any

from reconciler.model import ABSENT, FieldChange, Fields, Path, Secret
from reconciler.values.canonical import canonical
from reconciler.values.fields import Facts, Field
from reconciler.values.shape import restrict_to
from reconciler.values.walk import match_items, names


def same(facts: Facts, desired: Fields, live: Fields) -> bool:
    """Whether every declared field has the live value, types included. True is always right;
    False may also mean that a closer look is needed: see `differences`."""
    if not desired.items() <= live.items():
        return False
    for name, value in desired.items():
        if type(live[name]) is not type(value):
            return False
    return facts.plain or all(_alike(value, live[name]) for name, value in desired.items())


def _alike(one: Any, other: Any) -> bool:
    """Whether two values that are `==` hold the same types at every depth."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return all(_alike(value, other[name]) for name, value in one.items())
    if isinstance(one, list):
        return all(map(_alike, one, other))
    return True


def differences(facts: Facts, desired: Fields, live: Fields) -> tuple[FieldChange, ...]:
    """The declared fields that differ, in the order of declaration, down to the leaf of an object
    or the entry of a list. Fields that live has and the manifest does not are not ours, nor are
    such members of an entry that both have, where the schema says how entries are told apart."""
    if same(facts, desired, live):
        return ()
    changes: list[FieldChange] = []
    for name, after in desired.items():
        field = facts.fields.get(name)
        before = live.get(name, ABSENT)
        changes += _field_changes(field, ((name,), (name,)), before, after)
    return tuple(changes)


def equal(field: Field | None, one: Any, other: Any) -> bool:
    """Whether two values of a field mean the same."""
    return bool(canonical(field, one) == canonical(field, other))


# A path twice: with positions of list entries, and with their names where they have some.
Where = tuple[Path, Path]


def _field_changes(field: Field | None, at: Where, before: Any, after: Any) -> list[FieldChange]:
    if isinstance(after, dict) and isinstance(before, dict) and field and field.fields:
        # An object's members are managed one by one, like the fields of a resource.
        return [
            change
            for name, value in after.items()
            for change in _field_changes(
                field.fields.get(name), _below(at, name), before.get(name, ABSENT), value
            )
        ]
    keyed = field is not None and field.key is not None
    if keyed:
        before = restrict_to(field, after, before)
    if equal(field, before, after) or (after is None and before is ABSENT):
        return []
    whole = _change(field, at, before, after)
    if field and keyed and isinstance(before, list) and isinstance(after, list):
        return _entry_changes(field, at, before, after) or [whole]
    if not _nested(before, after) or (field and (field.unordered or field.sensitive)):
        return [whole]
    return _explained(field, at, before, after) or [whole]


def _entry_changes(
    field: Field, at: Where, before: list[Any], after: list[Any]
) -> list[FieldChange]:
    """The entries that come, go or differ; none where they stand in another order."""
    meant = match_items(field, after, before)
    kept = [place for place in meant if place is not None]
    if not field.unordered and kept != sorted(kept):
        return []
    changes: list[FieldChange] = []
    for place, name in enumerate(names(field, after)):
        below, there = _below(at, place, name), meant[place]
        if there is None:
            changes.append(_change(field.items, below, ABSENT, after[place]))
        else:
            changes += _field_changes(field.items, below, before[there], after[place])
    for place, name in enumerate(names(field, before)):
        if place not in kept:
            changes.append(_change(field.items, _below(at, place, name), before[place], ABSENT))
    return changes


def _below(at: Where, part: str | int, name: str | int | None = None) -> Where:
    path, place = at
    return (*path, part), (*place, part if name is None else name)


def _nested(before: Any, after: Any) -> bool:
    containers = (dict, list)
    return type(before) is type(after) and isinstance(before, containers) and bool(before and after)


def _explained(field: Field | None, at: Where, before: Any, after: Any) -> list[FieldChange]:
    from deepdiff import DeepDiff

    tree = DeepDiff(
        before, after, view="tree", ignore_private_variables=False, threshold_to_diff_deeper=0
    )
    found: list[FieldChange] = []
    for level in (level for group in tree.values() for level in group):
        inside = tuple(level.path(output_format="list"))
        old, new = _value(level.t1), _value(level.t2)
        leaf = _descend(field, inside)
        unset_both = old in (None, ABSENT) and new in (None, ABSENT)
        if not (unset_both or equal(leaf, old, new)):
            below = (*at[0], *inside), (*at[1], *inside)
            found.append(_change(leaf or field, below, old, new))
    return sorted(found, key=lambda change: [_rank(part) for part in change.path])


def _rank(part: str | int) -> str:
    return part if isinstance(part, str) else f"{part:06}"


def _value(value: Any) -> Any:
    """DeepDiff's own marker for a side that has no such entry, in our words."""
    return ABSENT if type(value).__name__ == "NotPresent" else value


def _descend(field: Field | None, path: Path) -> Field | None:
    for part in path:
        if field is None:
            return None
        field = field.items if isinstance(part, int) else (field.fields or {}).get(part)
    return field


def _change(field: Field | None, at: Where, before: Any, after: Any) -> FieldChange:
    path, place = at
    sensitive = bool(field and field.sensitive) or isinstance(after, Secret)
    immutable = bool(field and field.immutable)
    return FieldChange(path, before, after, sensitive, immutable, () if place == path else place)
