"""Find deletions of objects to which others refer that stay as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reconciler.app.project import Project
from reconciler.identity import path_text
from reconciler.model import Action, Address, Change, Owned, Scope
from reconciler.values.walk import values_at

_Object = tuple[Scope, str]
"""A kind and an id."""


def still_used(
    project: Project, owned: Mapping[Address, Owned], changes: Sequence[Change]
) -> dict[Address, Address]:
    """The addresses that the changes delete although others refer to them, each with one of these;
    `owned` says what refers to what. A reference that one of the changes ends does not count,
    unless that change is such a deletion itself."""
    deleted = {_object(change): change for change in changes if change.action is Action.DELETE}
    users = _users(project, owned) if deleted else {}
    ended = {
        (*_object(change), str(field.path[0]))
        for change in changes
        if change.action in (Action.UPDATE, Action.REPLACE)
        for field in change.fields
    }
    found: dict[Address, Address] = {}
    while True:
        new = {
            place: (change.address, row.address)
            for place, change in deleted.items()
            for row, field in users.get(place, ())
            if (row.address.scope, row.id) not in deleted
            and (row.address.scope, row.id, field) not in ended
        }
        if not new:
            return found
        found.update(new.values())
        deleted = {place: change for place, change in deleted.items() if place not in new}


def _object(change: Change) -> _Object:
    return change.address.scope, change.id or ""


def _users(
    project: Project, owned: Mapping[Address, Owned]
) -> Mapping[_Object, list[tuple[Owned, str]]]:
    """What refers to each object, with the field that does."""
    users: dict[_Object, list[tuple[Owned, str]]] = {}
    for address, row in owned.items():
        if not project.resource_types.knows(address.scope):
            continue
        for path, target in project.resource_types.of(address.scope).targets:
            for place, _ in values_at(row.fields, path):
                id = row.refs.get(path_text(place))
                if id is not None and (target, id) != (address.scope, row.id):
                    users.setdefault((target, id), []).append((row, str(place[0])))
    return users
