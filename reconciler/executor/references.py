"""Resolve the references of a change to the ids that exist when the change is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from reconciler.kinds import Kind
from reconciler.model import Action, Address, Change, Fields, Outcome, Pointer
from reconciler.values.walk import replace_at


def parent_ids(kind: Kind, fields: Fields) -> tuple[str, ...]:
    """The id of the parent below which an object with these fields is listed; empty where the kind
    is not listed below parents."""
    pointer = fields.get(kind.parent.field) if kind.parent and kind.nested else None
    return (pointer.id,) if isinstance(pointer, Pointer) and pointer.id else ()


def parent_restored(kind: Kind, change: Change, ended: Mapping[Address, Outcome]) -> bool:
    """Whether the parent of a new object was archived when the plan was made and has been restored,
    so that the objects below it could not be read before."""
    if kind.parent is None:
        return False
    parents = (ref for ref, _ in change.refs if ref.path == (kind.parent.field,))
    outcomes = [ended.get(ref.target.address(ref.name)) for ref in parents]
    restored = {o.change.address for o in outcomes if o and o.change.action is Action.UPDATE}
    return not restored.isdisjoint(change.needs)


def resolve_references(change: Change, ended: Mapping[Address, Outcome]) -> Fields:
    """The fields to write, with every reference as a `Pointer` to an object that now exists."""
    fields: Any = change.after or {}
    for ref, pointer in change.refs:
        outcome = ended.get(ref.target.address(ref.name))
        target = replace(pointer, id=outcome.id) if outcome and outcome.id else pointer
        fields = replace_at(fields, ref.path, target)
    return dict(fields)
