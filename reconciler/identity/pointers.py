"""Name and compare references to live objects."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from reconciler.identity.index import LiveIndex
from reconciler.identity.keys import NaturalKey
from reconciler.kinds.resource_types import ResourceType
from reconciler.model import Address, Fields, Live, Owned, Path, Pointer, Ref, Scope
from reconciler.values.scalars import text_form
from reconciler.values.walk import change_at, replace_at, values_at


def references_in(targets: Iterable[tuple[Path, Scope]], fields: Fields) -> tuple[Ref, ...]:
    """The references in fields that have a name in the place of each, or an id, which is a number;
    `targets` are the paths where they may be, each with the kind that it refers to."""
    return tuple(
        Ref(path, target, str(value), isinstance(value, int))
        for pattern, target in targets
        if pattern[0] in fields
        for path, value in values_at(fields, pattern)
        if isinstance(value, str | int) and not isinstance(value, bool)
    )


def current_names(
    resource_type: ResourceType,
    row: Owned,
    indexes: Mapping[Scope, LiveIndex],
    owned: Mapping[Address, Owned],
) -> Fields:
    """The fields of a row, with each reference replaced by the current name of its object, whose
    key may since have been changed, added or removed in the manifests."""

    def name_now(target: Scope, value: Any) -> Any:
        known = owned.get(target.address(value)) if isinstance(value, str) else None
        index = indexes[target]
        return index.names.get(known.id, value) if known else index.name_of(value)

    fields = row.fields
    for path, target in resource_type.targets:
        if not row.refs:
            fields = change_at(fields, path, partial(name_now, target))
            continue
        for place, name in values_at(fields, path):
            id = row.refs.get(path_text(place))
            name = name_now(target, name) if id is None else indexes[target].names.get(id, name)
            fields = replace_at(fields, place, name)
    return fields


def path_text(path: Path) -> str:
    """The path of a reference as the ledger writes it, such as `items.0.product`."""
    return ".".join(map(str, path))


def pointers_in(resource_type: ResourceType, fields: Fields) -> list[tuple[Scope, Pointer]]:
    """The references in the fields of a live object, each with the kind it refers to."""
    return [
        (target, value)
        for path, target in resource_type.targets
        for _, value in values_at(fields, path)
        if isinstance(value, Pointer)
    ]


def same_object(left: Pointer, right: Pointer) -> bool:
    """Whether two pointers refer to the same object; compared by id where both have an id."""
    if left.id is not None and right.id is not None:
        return left.id == right.id
    return left.key is not None and left.key == right.key


def finder(resource_type: ResourceType, objects: Iterable[Live]) -> Callable[[Fields], Live | None]:
    """A function that returns the live object with the natural key of the given fields, in which
    references are pointers; None unless there is exactly one. Each lookup takes constant time."""
    names = resource_type.kind.natural_key
    present = [live for live in objects if not live.archived]
    # Unequal pointers may refer to the same object, so only the other parts can be looked up.
    references = {n for n in names for live in present if isinstance(live.fields.get(n), Pointer)}

    def without_pointers(fields: Fields) -> NaturalKey:
        parts = (fields.get(name) for name in names if name not in references)
        return tuple(None if part is None else text_form(str(part)) for part in parts)

    by_other_parts: dict[NaturalKey, list[Live]] = {}
    for live in present:
        by_other_parts.setdefault(without_pointers(live.fields), []).append(live)

    def find(fields: Fields) -> Live | None:
        same = partial(_same_pointers, references, fields)
        candidates = by_other_parts.get(without_pointers(fields), ())
        matches = [live for live in candidates if same(live.fields)]
        return matches[0] if len(matches) == 1 else None

    return find


def _same_pointers(names: Iterable[str], left: Fields, right: Fields) -> bool:
    parts = ((left.get(name), right.get(name)) for name in names)
    return all(
        same_object(a, b)
        if isinstance(a, Pointer) and isinstance(b, Pointer)
        else text_form(str(a)) == text_form(str(b))
        for a, b in parts
    )
