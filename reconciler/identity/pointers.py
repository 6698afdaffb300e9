"""References to live objects: what they are called now, and whether two mean the same object."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from reconciler.identity.index import LiveIndex
from reconciler.identity.keys import NaturalKey
from reconciler.kinds.resource_types import ResourceType
from reconciler.model import Address, Fields, Live, Owned, Pointer, Scope
from reconciler.values.scalars import text_form
from reconciler.values.walk import change_at, values_at


def current_names(
    resource_type: ResourceType,
    fields: Fields,
    indexes: Mapping[Scope, LiveIndex],
    owned: Mapping[Address, Owned],
) -> Fields:
    """The fields that were last applied, with every reference under the name that its object has
    now: the key it had then may have left the manifests or be another one."""

    def name_now(target: Scope, value: Any) -> Any:
        row = owned.get(target.address(value)) if isinstance(value, str) else None
        return indexes[target].names.get(row.id, value) if row else value

    for path, target in resource_type.targets:
        fields = change_at(fields, path, partial(name_now, target))
    return fields


def pointers_in(resource_type: ResourceType, fields: Fields) -> list[tuple[Scope, Pointer]]:
    """Every reference that a live object has, with the kind it refers to."""
    return [
        (target, value)
        for path, target in resource_type.targets
        for _, value in values_at(fields, path)
        if isinstance(value, Pointer)
    ]


def same_object(left: Pointer, right: Pointer) -> bool:
    """Whether two pointers mean the same object, by id where both have one."""
    if left.id is not None and right.id is not None:
        return left.id == right.id
    return left.key is not None and left.key == right.key


def finder(resource_type: ResourceType, objects: Iterable[Live]) -> Callable[[Fields], Live | None]:
    """A function that finds the one live object with the natural key of some fields, whose
    references are pointers; it takes the same time however many objects there are."""
    names = resource_type.kind.natural_key
    present = [live for live in objects if not live.archived]
    # Two pointers may mean the same object and be unequal: only the other parts can be looked up.
    pointing = {n for n in names for live in present if isinstance(live.fields.get(n), Pointer)}

    def without_pointers(fields: Fields) -> NaturalKey:
        parts = (fields.get(name) for name in names if name not in pointing)
        return tuple(None if part is None else text_form(str(part)) for part in parts)

    alike: dict[NaturalKey, list[Live]] = {}
    for live in present:
        alike.setdefault(without_pointers(live.fields), []).append(live)

    def find(fields: Fields) -> Live | None:
        same = partial(_same_pointers, pointing, fields)
        found = [live for live in alike.get(without_pointers(fields), ()) if same(live.fields)]
        return found[0] if len(found) == 1 else None

    return find


def _same_pointers(names: Iterable[str], left: Fields, right: Fields) -> bool:
    pairs = ((left.get(name), right.get(name)) for name in names)
    return all(
        same_object(a, b)
        if isinstance(a, Pointer) and isinstance(b, Pointer)
        else text_form(str(a)) == text_form(str(b))
        for a, b in pairs
    )
