"""Walk through a value together with its schema; no other module recurses with one over a value.

A value is JSON data, with secrets and references in it. `field` holds the schema's facts about it,
None where the schema says nothing. The functions differ in what they return:

    map_value   another value, where a function decides what replaces each part
    zip_value   one value made of two, where a function decides what replaces each pair
    nodes       every part with its path
    pairs       the parts of two values in the pairs to compare
    values_at, change_at, replace_at    the parts at one path
    replace_all                         the parts at many paths
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from typing import Any, NamedTuple

from reconciler.model import ABSENT, Path, is_secret
from reconciler.values.fields import Field
from reconciler.values.items import item_names, match_items


class Descend(Enum):
    """The type of `DESCEND`, which a function returns to continue the walk inside a value."""

    DESCEND = "descend"


DESCEND = Descend.DESCEND

Enter = Callable[[Field | None, Any], Any]
Leave = Callable[[Field | None, Any], Any]


class Node(NamedTuple):
    """A part of a value. `place` is its path with the names of list items that have one instead of
    their positions."""

    path: Path
    place: Path
    field: Field | None
    value: Any


class Pair(NamedTuple):
    """Two parts that belong to the same place; ABSENT stands for a missing one."""

    path: Path
    place: Path
    field: Field | None
    before: Any
    after: Any


def map_value(field: Field | None, value: Any, enter: Enter, leave: Leave | None = None) -> Any:
    """`value` with its parts replaced.

    `enter(field, part)` returns the replacement: ABSENT leaves the part out, DESCEND continues
    inside a mapping or a list and keeps any other value. `leave(field, part)` may replace each
    mapping and list after its members.
    """
    part = enter(field, value)
    return _mapped_inside(field, value, enter, leave) if part is DESCEND else part


def _mapped_inside(field: Field | None, value: Any, enter: Enter, leave: Leave | None) -> Any:
    """A mapping or list with its parts replaced; any other value unchanged."""
    if isinstance(value, (dict, Mapping)):
        fields = (field.fields if field else None) or {}
        others = field.others if field else None
        members = {}
        for name, member in value.items():
            inner = fields.get(name, others)
            part = enter(inner, member)
            if part is DESCEND:
                part = _mapped_inside(inner, member, enter, leave)
            if part is not ABSENT:
                members[name] = part
        return leave(field, members) if leave else members
    if isinstance(value, (list, tuple)):
        item = field.items if field else None
        parts = (map_value(item, member, enter, leave) for member in value)
        items = [part for part in parts if part is not ABSENT]
        return leave(field, items) if leave else items
    return value


def zip_value(
    field: Field | None,
    left: Any,
    right: Any,
    enter: Callable[[Field | None, Any, Any], Any],
    follow_right: bool = True,
) -> Any:
    """One value made of two.

    `enter(field, left, right)` returns what replaces a pair: ABSENT leaves it out, DESCEND
    continues inside two mappings or two lists. It is called for every member that either mapping
    has, with ABSENT for a missing one. The result of two lists has the items of `right` (of `left`
    unless `follow_right`): an item without a partner in the other list is kept unchanged, and items
    of the other list without a partner are left out.
    """
    result = enter(field, left, right)
    if result is not DESCEND:
        return result
    if isinstance(left, Mapping):
        fields = (field.fields if field else None) or {}
        names = dict.fromkeys((*left, *right))
        members = (
            (
                name,
                zip_value(
                    fields.get(name),
                    left.get(name, ABSENT),
                    right.get(name, ABSENT),
                    enter,
                    follow_right,
                ),
            )
            for name in names
        )
        return {name: part for name, part in members if part is not ABSENT}
    return _zip_lists(field, left, right, enter, follow_right)


def _zip_lists(
    field: Field | None,
    left: list[Any],
    right: list[Any],
    enter: Callable[[Field | None, Any, Any], Any],
    follow_right: bool,
) -> list[Any]:
    item = field.items if field else None
    followed, partners = (right, left) if follow_right else (left, right)
    result = []
    for entry, partner in zip(followed, match_items(field, followed, partners), strict=True):
        if partner is None:
            result.append(entry)
        else:
            pair = (partners[partner], entry) if follow_right else (entry, partners[partner])
            result.append(zip_value(item, *pair, enter, follow_right))
    return result


def nodes(field: Field | None, value: Any, path: Path = (), place: Path = ()) -> Iterator[Node]:
    """`value` and every part of it, a mapping or list before its members; a secret and the
    fingerprint of a secret have no parts."""
    yield Node(path, place, field, value)
    if isinstance(value, Mapping) and not is_secret(value):
        fields = (field.fields if field else None) or {}
        for name, member in value.items():
            yield from nodes(fields.get(name), member, (*path, name), (*place, name))
    elif isinstance(value, list):
        item = field.items if field else None
        for position, name in enumerate(item_names(field, value)):
            yield from nodes(item, value[position], (*path, position), (*place, name))


def pairs(
    field: Field | None, before: Any, after: Any, path: Path = (), place: Path = ()
) -> Iterator[Pair]:
    """The parts of two values, in the pairs in which they must be compared.

    An object is compared member by member, for the members of `after`; a list of objects, item by
    item. Where the order of a list counts and the items that both have are in a different order,
    the list is one pair.
    """
    if is_mapping_pair(field, before, after):
        fields = (field.fields if field else None) or {}
        for name, member in after.items():
            below = before.get(name, ABSENT)
            yield from pairs(fields.get(name), below, member, (*path, name), (*place, name))
        return
    empty = not (before and after) and not (field and field.key)  # shown as one value
    if empty or not is_list_pair(field, before, after):
        yield Pair(path, place, field, before, after)
        return
    partners = match_items(field, after, before)
    kept = [partner for partner in partners if partner is not None]
    ordered = field is None or not field.unordered
    if ordered and kept != sorted(kept):
        yield Pair(path, place, field, before, after)
        return
    item = field.items if field else None
    for position, name in enumerate(item_names(field, after)):
        partner, at = partners[position], ((*path, position), (*place, name))
        if partner is None:
            yield Pair(*at, item, ABSENT, after[position])
        else:
            yield from pairs(item, before[partner], after[position], *at)
    with_partner = set(kept)
    for position, name in enumerate(item_names(field, before)):
        if position not in with_partner:
            yield Pair((*path, position), (*place, name), item, before[position], ABSENT)


def is_mapping_pair(field: Field | None, left: Any, right: Any) -> bool:
    """Whether two values are mappings that are compared and merged member by member. `field` is
    None inside the entries of lists whose members the schema does not name."""
    both = isinstance(left, Mapping) and isinstance(right, Mapping)
    return both and (field is None or field.has_members)


def is_list_pair(field: Field | None, left: Any, right: Any) -> bool:
    """Whether two values are lists that are compared and merged item by item."""
    return _is_list(left) and _is_list(right) and (field is None or field.has_entries)


def same_types(left: Any, right: Any) -> bool:
    """Whether two values that are `==` have the same types at every depth: in Python, True equals 1
    and 1 equals 1.0."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return all(same_types(member, right[name]) for name, member in left.items())
    if isinstance(left, list):
        return all(map(same_types, left, right))
    return True


def is_written_alike(left: Any, right: Any) -> bool:
    """Whether two values that are `==` have the same types and the same order of members at every
    depth, so that one can be kept instead of the other."""
    kind = type(left)
    if kind is not type(right) or (kind is dict and [*left] != [*right]):
        return False
    if kind is dict or kind is list:
        for place, part in left.items() if kind is dict else enumerate(left):
            # Texts, which most values are, are of the same type where they are equal.
            if type(part) is not str and not is_written_alike(part, right[place]):
                return False
    return True


def values_at(value: Any, pattern: Path, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every part at `pattern` with its path; a number in the pattern stands for every item."""
    if len(path) == len(pattern):
        yield path, value
        return
    head = pattern[len(path)]
    if isinstance(head, int):
        for position, item in enumerate(value if _is_list(value) else ()):
            yield from values_at(item, pattern, (*path, position))
    elif isinstance(value, Mapping) and head in value:
        yield from values_at(value[head], pattern, (*path, head))


def change_at(value: Any, pattern: Path, change: Callable[[Any], Any]) -> Any:
    """`value` with each part at `pattern` changed; a number in the pattern stands for every item.
    Where there is no such part, the value is unchanged."""
    if not pattern:
        return change(value)
    head, rest = pattern[0], pattern[1:]
    if isinstance(head, int):
        return [change_at(item, rest, change) for item in value] if _is_list(value) else value
    if not isinstance(value, Mapping) or head not in value:
        return value
    return {**value, head: change_at(value[head], rest, change)}


def replace_at(value: Any, path: Path, part: Any) -> Any:
    """`value` with the part at exactly this path replaced; unchanged where there is none."""
    if not path:
        return part
    head, rest = path[0], path[1:]
    if isinstance(head, int):
        if not _is_list(value) or head >= len(value):
            return value
        return [*value[:head], replace_at(value[head], rest, part), *value[head + 1 :]]
    if not isinstance(value, Mapping) or head not in value:
        return value
    return {**value, head: replace_at(value[head], rest, part)}


def replace_all(value: Any, parts: Mapping[Path, Any]) -> Any:
    """`value` with the parts at these paths, none of which is inside another, replaced in one pass;
    whatever is beside them stays the same object."""
    if not parts:
        return value
    if () in parts:
        return parts[()]
    inside: dict[str | int, dict[Path, Any]] = {}
    for path, part in parts.items():
        inside.setdefault(path[0], {})[path[1:]] = part
    copy: Any = list(value) if _is_list(value) else dict(value)
    for head, below in inside.items():
        copy[head] = replace_all(copy[head], below)
    return copy


def overlap(path: Path, other: Path) -> bool:
    """Whether two paths are the same, or one leads into what the other is."""
    return path[: len(other)] == other[: len(path)]


def value_at(value: Any, path: Path) -> Any:
    """The part at exactly this path; ABSENT where there is none."""
    for head in path:
        try:
            value = value[head]
        except (KeyError, IndexError, TypeError):
            return ABSENT
    return value


def _is_list(value: Any) -> bool:
    return isinstance(value, list)
