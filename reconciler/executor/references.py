"""The references of a change: resolved to the ids that exist when it is its turn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from reconciler.kinds import Kind
from reconciler.model import Action, Address, Change, Fields, Outcome, Pointer
from reconciler.values.walk import replace_at


def parent_ids(kind: Kind, fields: Fields) -> tuple[str, ...]:
    """What has to be read to find an object with these fields: its parent's id, where the kind is
    read below parents."""
    pointer = fields.get(kind.parent.field) if kind.parent and kind.nested else None
    return (pointer.id,) if isinstance(pointer, Pointer) and pointer.id else ()


def parent_restored(kind: Kind, change: Change, ended: Mapping[Address, Outcome]) -> bool:
    """Whether the parent of a new object was put away when the plan was made, and is back: what
    there is below it could not be seen till now."""
    if kind.parent is None:
        return False
    parents = (ref for ref, _ in change.refs if ref.path == (kind.parent.field,))
    made = [ended.get(ref.target.address(ref.name)) for ref in parents]
    came = {one.change.address for one in made if one and one.change.action is Action.UPDATE}
    return not came.isdisjoint(change.needs)


def resolve_references(change: Change, ended: Mapping[Address, Outcome]) -> Fields:
    """The fields to write, with every reference as a `Pointer` to an object that exists by now."""
    fields: Any = change.after or {}
    for ref, pointer in change.refs:
        made = ended.get(ref.target.address(ref.name))
        target = replace(pointer, id=made.id) if made is not None and made.id else pointer
        fields = replace_at(fields, ref.path, target)
    return dict(fields)
