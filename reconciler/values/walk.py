"""The one place that goes through a value under its schema."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from reconciler.model import Path, Pointer
from reconciler.values.canonical import canonical, text_form
from reconciler.values.fields import Field


def rewrite(value: Any, path: Path, change: Callable[[Any], Any]) -> Any:
    """`value` with `change` applied at `path`, where a number stands for every list position;
    what is not there stays as it is."""
    if not path:
        return change(value)
    head, rest = path[0], path[1:]
    if isinstance(head, int):
        return [rewrite(item, rest, change) for item in value] if isinstance(value, list) else value
    if not isinstance(value, Mapping) or head not in value:
        return value
    return {**value, head: rewrite(value[head], rest, change)}


def names(field: Field | None, entries: Sequence[Any]) -> list[str | int]:
    """What people call each entry of a list: its `x-key` member, or its position where it has
    none that is its own; a member that could be taken for a position with what it is called."""
    labels = [_label(field, entry, "key") for entry in entries]
    often = Counter(labels)
    called = f"{field.key} " if field else ""
    return [
        place
        if label is None or often[label] > 1
        else f"{called}{label}"
        if label.isdecimal()
        else label
        for place, label in enumerate(labels)
    ]


def match_items(
    field: Field | None, declared: Sequence[Any], live: Sequence[Any]
) -> list[int | None]:
    """For each declared entry the position of the live one that it means; by position where no
    member tells them apart. The second of a name means the second of that name."""
    if field is None or field.key is None:
        return [place if place < len(live) else None for place in range(len(declared))]
    values = (entry.get(field.key) for entry in live if isinstance(entry, Mapping))
    by = "key" if any(isinstance(v, Pointer) and v.id is None for v in values) else "id"
    there = {mark: place for place, mark in enumerate(_marks(field, live, by))}
    return [there.get(mark) for mark in _marks(field, declared, by)]


def _marks(field: Field, entries: Sequence[Any], by: str) -> list[tuple[str | None, int]]:
    """The name of each entry, and how many of that name come before it."""
    seen: Counter[str | None] = Counter()
    found = []
    for entry in entries:
        label = _label(field, entry, by)
        found.append((label, seen[label]))
        seen[label] += 1
    return found


def _label(field: Field | None, entry: Any, by: str) -> str | None:
    """The `x-key` member of an entry as text; `by` tells which side of a pointer counts."""
    if field is None or field.key is None or not isinstance(entry, Mapping):
        return None
    value = entry.get(field.key)
    if isinstance(value, Pointer):
        value = (value.id or value.key) if by == "id" else (value.key or value.id)
    member = field.items.fields.get(field.key) if field.items and field.items.fields else None
    if member is not None and member.date and isinstance(value, str):
        value = canonical(member, value)
    return None if value is None else text_form(str(value))
