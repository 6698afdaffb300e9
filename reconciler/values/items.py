"""Match the items of two lists, and name the items of a list.

The schema names the member that identifies an item (`x-key`), or else items are matched by what
they contain.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from reconciler.model import Pointer
from reconciler.values.fields import Field
from reconciler.values.scalars import key_part, scalar_form


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
    item with the same `x-key` member, or where the schema names no such member, the most similar
    one. Of several items with one name, the second is matched with the second."""
    if field is None or field.key is None:
        return _match_by_contents(field, items, candidates)
    by_key = any(_points_by_key(field.key, side) for side in (items, candidates))
    positions = {label: at for at, label in enumerate(_labels(field, candidates, by_key))}
    return [positions.get(label) for label in _labels(field, items, by_key)]


def _match_by_contents(
    field: Field | None, items: Sequence[Any], candidates: Sequence[Any]
) -> list[int | None]:
    """Partners by the members that two mappings have in common: those at the same position, where
    no such member differs; then the pairs with fewest differing and most equal ones; then what is
    left at the same position. The result is the same in both directions."""
    item = field.items if field else None
    shared = range(min(len(items), len(candidates)))
    partners = {at: at for at in shared if _agree(item, items[at], candidates[at])}
    if len(partners) < len(shared) or len(items) != len(candidates):
        left = [at for at in range(len(items)) if at not in partners]
        right = [at for at in range(len(candidates)) if at not in partners]
        if len(left) * len(right) <= _MOST_COMPARED:
            _match_similar(item, items, candidates, left, right, partners)
        taken = set(partners.values())
        partners |= {at: at for at in shared if at not in partners and at not in taken}
    return [partners.get(at) for at in range(len(items))]


_MOST_COMPARED = 10_000
"""Beyond this many pairs, only items at the same position are compared."""


def _agree(field: Field | None, left: Any, right: Any) -> bool:
    differing, equal = _similarity(field, left, right)
    return equal > 0 and not differing


def _match_similar(
    field: Field | None,
    items: Sequence[Any],
    candidates: Sequence[Any],
    left: Sequence[int],
    right: Sequence[int],
    partners: dict[int, int],
) -> None:
    """Add to `partners` the most similar of the items and candidates at these positions."""
    scores = []
    for at in left:
        for to in right:
            differing, equal = _similarity(field, items[at], candidates[to])
            if equal:
                scores.append((differing > 0, -equal, differing, abs(at - to), at + to, at, to))
    taken: set[int] = set()
    for *_, at, to in sorted(scores):
        if at not in partners and to not in taken:
            partners[at] = to
            taken.add(to)


def _similarity(field: Field | None, left: Any, right: Any) -> tuple[int, int]:
    """How many members that both mappings have differ, and how many are equal. Two other values
    are like mappings of one member."""
    if not (isinstance(left, Mapping) and isinstance(right, Mapping)):
        is_equal = _comparable(field, left) == _comparable(field, right)
        return int(not is_equal), int(is_equal)
    fields = (field.fields if field else None) or {}
    names = [name for name in left if name in right]
    equal = sum(
        _comparable(fields.get(name), left[name]) == _comparable(fields.get(name), right[name])
        for name in names
    )
    return len(names) - equal, equal


def _comparable(field: Field | None, value: Any) -> Any:
    return value if isinstance(value, (list, Mapping)) else scalar_form(field, value)


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
    return None if value is None else key_part(member, value)
