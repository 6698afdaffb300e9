"""Who is who: desired objects found among the live ones, and one name for each reference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from reconciler.kinds.resource_types import ResourceType
from reconciler.model import Address, Fields, Live, Owned, Pointer, Resource, Scope
from reconciler.values.scalars import text_form
from reconciler.values.walk import change_at, values_at


@dataclass(slots=True)
class LiveIndex:
    """The live objects of one kind by id and by natural key, and the resources that declare them.

    `names` says what manifests call a live object: the key of its resource, else its natural key;
    `declared_ids` holds the ids of those that a resource means; `keys` are the natural keys of the
    resources. What was put away counts as gone: it is
    in `archived_by_key` only, by natural key, until a resource means it.
    """

    resource_type: ResourceType
    by_id: dict[str, Live] = field(default_factory=dict)
    by_key: dict[str, list[Live]] = field(default_factory=dict)
    declared: dict[str, Resource] = field(default_factory=dict)
    declared_by_key: dict[str, Resource] = field(default_factory=dict)
    matched: dict[str, Live | tuple[Live, ...] | None] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    declared_ids: set[str] = field(default_factory=set)
    archived_by_key: dict[str, list[Live]] = field(default_factory=dict)
    keys: dict[str, str | None] = field(default_factory=dict)

    def name_of(self, pointer: Pointer) -> str | None:
        """What manifests call the object that a vendor points at; the raw id where unknown."""
        if pointer.id is not None:
            return self.names.get(pointer.id, pointer.id)
        found = self.live_named(pointer.key) if pointer.key is not None else None
        return self.names.get(found.id, pointer.key) if found else pointer.key

    def resource_named(self, name: str) -> Resource | None:
        """The declared object that a reference means, by its key or else its natural key."""
        return self.declared.get(name) or self.declared_by_key.get(text_form(name))

    def live_named(self, name: str) -> Live | None:
        """The live object with this natural key; else what was put away, if the vendor still
        shows it to everybody: others may go on referring to that."""
        key, archive = text_form(name), self.resource_type.kind.archive
        found = self.by_key.get(key)
        if not found and archive is not None and archive.query is None:
            found = self.archived_by_key.get(key)
        return found[0] if found else None


LiveIndexes = dict[Scope, LiveIndex]


def rosters(
    types: Sequence[ResourceType],
    objects: Mapping[Scope, Sequence[Live]],
    desired: Sequence[Resource],
    owned: Mapping[Address, Owned],
) -> LiveIndexes:
    """A roster for each shape; `shapes` come in the order of references, those referred to first,
    because a reference may be part of a natural key."""
    known: LiveIndexes = {}
    resources: dict[Scope, dict[str, Resource]] = {}
    for resource in desired:
        resources.setdefault(resource.address.scope, {})[resource.address.key] = resource
    for resource_type in types:
        roster = known[resource_type.scope] = LiveIndex(
            resource_type, declared=resources.get(resource_type.scope, {})
        )
        _call_the_roll(roster, objects.get(resource_type.scope, ()), known)
        _match_all(roster, known, owned)
    return known


def _call_the_roll(roster: LiveIndex, objects: Sequence[Live], known: LiveIndexes) -> None:
    for live in objects:
        key = natural_key(roster.resource_type, live.fields, known)
        if live.archived:
            roster.archived_by_key.setdefault(key or "", []).append(live)
            continue
        roster.by_id[live.id] = live
        if key is not None:
            roster.by_key.setdefault(key, []).append(live)
        roster.names[live.id] = key or live.id


def _match_all(roster: LiveIndex, known: LiveIndexes, owned: Mapping[Address, Owned]) -> None:
    keys = roster.keys = {
        name: natural_key(roster.resource_type, resource.fields, known)
        for name, resource in roster.declared.items()
    }
    roster.declared_by_key = {
        key: roster.declared[name] for name, key in keys.items() if key is not None
    }
    for name, resource in roster.declared.items():
        found = _match(roster, resource, keys[name], known, remembered(resource, owned))
        roster.matched[name] = found
        if isinstance(found, Live):
            roster.names[found.id] = name
            roster.declared_ids.add(found.id)


def natural_key(
    resource_type: ResourceType, fields: Fields, known: Mapping[Scope, LiveIndex]
) -> str | None:
    """The text by which an object is found, in NFC; None where a part of it is missing that may
    not be."""
    parts = []
    for name in resource_type.kind.natural_key:
        part = fields.get(name)
        for path, target in resource_type.targets:
            if path == (name,):
                part = called(known[target], part)
        if part is not None:
            parts.append(str(part))
        elif "null" not in resource_type.facts.fields[name].types:
            return None
    return text_form("/".join(parts))


def called(roster: LiveIndex, value: Any) -> Any:
    """The one name of what a reference means, from a vendor's pointer or a manifest's word."""
    if isinstance(value, Pointer):
        return roster.name_of(value)
    resource = roster.resource_named(value) if isinstance(value, str) else None
    return resource.address.key if resource else value


def named(resource_type: ResourceType, fields: Fields, known: Mapping[Scope, LiveIndex]) -> Fields:
    """The fields with every reference under its one name, whoever wrote it."""
    for path, target in resource_type.targets:
        fields = change_at(fields, path, partial(called, known[target]))
    return fields


def pointers(resource_type: ResourceType, fields: Fields) -> list[tuple[Scope, Pointer]]:
    """Every reference that a live object has, with the kind it refers to."""
    return [
        (target, value)
        for path, target in resource_type.targets
        for _, value in values_at(fields, path)
        if isinstance(value, Pointer)
    ]


def remembered(resource: Resource, owned: Mapping[Address, Owned]) -> Owned | None:
    """What the ledger knows of a resource, under its address or the one it had before."""
    was = resource.options.was
    return owned.get(resource.address) or (
        owned.get(resource.address.scope.address(was)) if was else None
    )


def _match(
    roster: LiveIndex, resource: Resource, key: str | None, known: LiveIndexes, owned: Owned | None
) -> Live | tuple[Live, ...] | None:
    """The live object of a declared one with this natural key; several where nothing tells them
    apart.

    `$id` decides alone. Otherwise the natural key finds the object and the ledger chooses among
    several; only where the key finds none does the ledger find one whose key was changed, unless
    another resource now declares that one.
    """
    if resource.options.id is not None:
        return roster.by_id.get(resource.options.id)
    found = roster.by_key.get(key, []) if key is not None else []
    remembered = roster.by_id.get(owned.id) if owned else None
    if len(found) > 1:
        return remembered if remembered in found else tuple(found)
    if found:
        return found[0]
    if remembered is None:
        return _put_away(roster, key, owned)
    old_key = natural_key(roster.resource_type, remembered.fields, known)
    heir = roster.declared_by_key.get(old_key) if old_key is not None else None
    return remembered if heir is None or heir is resource else None


def _put_away(roster: LiveIndex, key: str | None, owned: Owned | None) -> Live | None:
    """The object of this natural key that was put away: the one we had, else the last one."""
    found = roster.archived_by_key.get(key, []) if key is not None else []
    ours = [live for live in found if owned is not None and live.id == owned.id]
    return (ours or found)[-1] if found else None
