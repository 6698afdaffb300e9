"""Which object a change is about, and which ones it refers to, when it is its turn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from reconciler.kinds import Kind
from reconciler.kinds.resource_types import ResourceType
from reconciler.model import Action, Address, Change, Fields, Listing, Live, Outcome, Pointer
from reconciler.values.scalars import text_form
from reconciler.values.walk import replace_at


def beside(kind: Kind, fields: Fields) -> tuple[str, ...]:
    """What has to be read to find an object with these fields: its parent's id, where the kind is
    read below parents."""
    pointer = fields.get(kind.parent.field) if kind.parent and kind.nested else None
    return (pointer.id,) if isinstance(pointer, Pointer) and pointer.id else ()


def named(resource_type: ResourceType, listing: Listing, fields: Fields) -> Live | None:
    """The one live object with these natural-key values."""
    return by_name(resource_type, listing)(fields)


def by_name(resource_type: ResourceType, listing: Listing) -> Callable[[Fields], Live | None]:
    """What finds the one live object with the natural-key values of some fields, however many
    objects there are."""
    names = resource_type.kind.natural_key
    there = [live for live in listing.objects if not live.archived]
    # A pointer may be one by id or by key: only the other parts tell where to look.
    plain = [n for n in names if not any(isinstance(o.fields.get(n), Pointer) for o in there)]
    alike: dict[tuple[str, ...], list[Live]] = {}

    def place(fields: Fields) -> tuple[str, ...]:
        return tuple(text_form(str(fields.get(name))) for name in plain)

    for live in there:
        alike.setdefault(place(live.fields), []).append(live)

    def find(fields: Fields) -> Live | None:
        found = [
            live
            for live in alike.get(place(fields), ())
            if all(_alike(live.fields.get(name), fields.get(name)) for name in names)
        ]
        return found[0] if len(found) == 1 else None

    return find


def below_what_came_back(kind: Kind, change: Change, ended: Mapping[Address, Outcome]) -> bool:
    """Whether the parent of a new object was put away when the plan was made, and is back: what
    there is below it could not be seen till now."""
    if kind.parent is None:
        return False
    parents = (ref for ref, _ in change.refs if ref.path == (kind.parent.field,))
    made = [ended.get(ref.target.address(ref.name)) for ref in parents]
    came = {one.change.address for one in made if one and one.change.action is Action.UPDATE}
    return not came.isdisjoint(change.needs)


def resolved(change: Change, ended: Mapping[Address, Outcome]) -> Fields:
    """The fields to write, with every reference as a `Pointer` to an object that exists by now."""
    fields: Any = change.after or {}
    for ref, pointer in change.refs:
        made = ended.get(ref.target.address(ref.name))
        target = replace(pointer, id=made.id) if made is not None and made.id else pointer
        fields = replace_at(fields, ref.path, target)
    return dict(fields)


def _alike(live: Any, desired: Any) -> bool:
    if isinstance(live, Pointer) and isinstance(desired, Pointer):
        return same_object(live, desired)
    return text_form(str(live)) == text_form(str(desired))


def same_object(one: Pointer, other: Pointer) -> bool:
    """Whether two pointers mean the same object, by id where both have one."""
    if one.id is not None and other.id is not None:
        return one.id == other.id
    return one.key is not None and other.key is not None and one.key == other.key
