"""Match and name the items of a list by the member that the schema names for it (`x-key`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from reconciler.model import Pointer
from reconciler.values.fields import Field
from reconciler.values.scalars import scalar_form, text_form


def item_names(field: Field | None, items: Sequence[Any]) -> list[str | int]:
    """The name of each item of a list: its `x-key` member, or its position where that member is
    missing or not unique. A name that looks like a position gets the member's name as prefix."""
    labels = [_label(field, item, by_key=True) for item in items]
    counts = Counter(labels)
    prefix = f"{field.key} " if field else ""
    return [
        position
        if label is None or counts[label] > 1
        else f"{prefix}{label}"
        if label.isdecimal()
        else label
        for position, label in enumerate(labels)
    ]


def match_items(
    field: Field | None, items: Sequence[Any], candidates: Sequence[Any]
) -> list[int | None]:
    """For each of `items` the position of its partner in `candidates`, None where it has none: the
    item with the same `x-key` member, or the one at the same position where the schema names no
    such member. Of several items with one name, the second is matched with the second."""
    if field is None or field.key is None:
        return [position if position < len(candidates) else None for position in range(len(items))]
    by_key = any(_points_by_key(field.key, side) for side in (items, candidates))
    positions = {label: at for at, label in enumerate(_labels(field, candidates, by_key))}
    return [positions.get(label) for label in _labels(field, items, by_key)]


def _points_by_key(member: str, items: Sequence[Any]) -> bool:
    """Whether every reference in this member is by natural key and none by id."""
    values = (item.get(member) for item in items if isinstance(item, Mapping))
    pointers = [value for value in values if isinstance(value, Pointer)]
    return bool(pointers) and all(pointer.id is None for pointer in pointers)


def _labels(field: Field, items: Sequence[Any], by_key: bool) -> list[tuple[str | None, int]]:
    """The label of each item, and how many items with that label come before it."""
    seen: Counter[str | None] = Counter()
    labels = []
    for item in items:
        label = _label(field, item, by_key)
        labels.append((label, seen[label]))
        seen[label] += 1
    return labels


def _label(field: Field | None, item: Any, by_key: bool) -> str | None:
    """The `x-key` member of an item as text; `by_key` prefers the natural key of a reference."""
    if field is None or field.key is None or not isinstance(item, Mapping):
        return None
    value = item.get(field.key)
    if isinstance(value, Pointer):
        value = (value.key or value.id) if by_key else (value.id or value.key)
    member = field.items.fields.get(field.key) if field.items and field.items.fields else None
    if member is not None and member.date and isinstance(value, str):
        value = scalar_form(member, value)
    return None if value is None else text_form(str(value))
