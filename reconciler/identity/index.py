"""Find the live objects of a kind by id, by natural key and by the resource that declares them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from reconciler.identity.keys import NaturalKey, key_text, natural_key, parse_key
from reconciler.kinds.resource_types import ResourceType
from reconciler.model import Address, Fields, Live, Owned, Pointer, Resource, Scope
from reconciler.values.walk import change_at


@dataclass(slots=True)
class LiveIndex:
    """The live objects of one kind by id and by natural key, and the resources that declare them.

    matched          what each declared key means: a live object, several, or none
    names            what manifests call a live object, by id: the key of its resource, else its
                     natural key
    declared_ids     the ids of the live objects that a resource means
    keys             the natural keys of the resources
    archived_by_key  objects that were archived: they count as gone until a resource means one
    rows             what the ledger knows of the declared keys
    """

    resource_type: ResourceType
    by_id: dict[str, Live] = field(default_factory=dict)
    by_key: dict[NaturalKey, list[Live]] = field(default_factory=dict)
    declared: dict[str, Resource] = field(default_factory=dict)
    declared_by_key: dict[NaturalKey, Resource] = field(default_factory=dict)
    matched: dict[str, Live | tuple[Live, ...] | None] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    declared_ids: set[str] = field(default_factory=set)
    archived_by_key: dict[NaturalKey | None, list[Live]] = field(default_factory=dict)
    keys: dict[str, NaturalKey | None] = field(default_factory=dict)
    rows: dict[str, Owned] = field(default_factory=dict)
    _named: dict[str, Fields] = field(default_factory=dict)
    _declared_named: dict[str, Fields] = field(default_factory=dict)

    def desired_fields(self, resource: Resource) -> Fields:
        """The declared fields, every reference under the one name that manifests use."""
        return self._declared_named.get(resource.address.key, resource.fields)

    def live_fields(self, live: Live) -> Fields:
        """The live fields, every reference under the one name that manifests use."""
        return self._named.get(live.id, live.fields)

    def resolve_references(self, indexes: Mapping[Scope, LiveIndex]) -> None:
        """Learn the names of what the objects of this kind refer to, once every index is whole."""
        if not self.resource_type.targets:
            return
        for resource in self.declared.values():
            fields = resolve_names(self.resource_type, resource.fields, indexes)
            self._declared_named[resource.address.key] = fields
        archived = (live for live in self.matched.values() if isinstance(live, Live))
        for live in (*self.by_id.values(), *archived):
            fields = resolve_names(self.resource_type, live.fields, indexes)
            self._named[live.id] = fields

    def name_of(self, value: Any) -> Any:
        """What manifests call the object that a reference means, whoever wrote it: a vendor's
        pointer or the word in a manifest. An id or a word that nobody knows stays as it is."""
        if isinstance(value, str):
            resource = self.resource_named(value)
            return resource.address.key if resource else value
        if not isinstance(value, Pointer):
            return value
        if value.id is not None:
            return self.names.get(value.id, value.id)
        live = self.live_named(value.key) if value.key is not None else None
        return self.names.get(live.id, value.key) if live else value.key

    def resource_named(self, name: str) -> Resource | None:
        """The declared object that a reference means, by its key or else its natural key."""
        found = self.declared.get(name)
        return found or self.declared_by_key.get(parse_key(self.resource_type, name))

    def live_named(self, name: str) -> Live | None:
        """The live object with this natural key; else the archived one, if the vendor still shows
        it to everybody: others may go on referring to that."""
        key, archive = parse_key(self.resource_type, name), self.resource_type.kind.archive
        found = self.by_key.get(key)
        if not found and archive is not None and archive.query is None:
            found = self.archived_by_key.get(key)
        return found[0] if found else None


LiveIndexes = dict[Scope, LiveIndex]


def index_live(
    types: Sequence[ResourceType],
    objects: Mapping[Scope, Sequence[Live]],
    desired: Iterable[Resource],
    owned: Mapping[Address, Owned],
) -> LiveIndexes:
    """An index for each type; `types` come in the order of references, those referred to first,
    because a reference may be part of a natural key."""
    indexes: LiveIndexes = {}
    resources: dict[Scope, dict[str, Resource]] = {}
    for resource in desired:
        resources.setdefault(resource.address.scope, {})[resource.address.key] = resource
    for resource_type in types:
        index = LiveIndex(resource_type, declared=resources.get(resource_type.scope, {}))
        indexes[resource_type.scope] = index
        _add_live(index, objects.get(resource_type.scope, ()), indexes)
        _match_declared(index, indexes, owned)
    for index in indexes.values():
        index.resolve_references(indexes)
    return indexes


def key_in(indexes: LiveIndexes, resource_type: ResourceType, fields: Fields) -> NaturalKey | None:
    """The natural key of an object, with references under the names that manifests use."""
    return natural_key(resource_type, fields, lambda target, part: indexes[target].name_of(part))


def resolve_names(
    resource_type: ResourceType, fields: Fields, indexes: Mapping[Scope, LiveIndex]
) -> Fields:
    """The fields with every reference under the one name that manifests use for its object."""
    for path, target in resource_type.targets:
        fields = change_at(fields, path, indexes[target].name_of)
    return fields


def _add_live(index: LiveIndex, objects: Sequence[Live], indexes: LiveIndexes) -> None:
    for live in objects:
        key = key_in(indexes, index.resource_type, live.fields)
        if live.archived:
            index.archived_by_key.setdefault(key, []).append(live)
            continue
        index.by_id[live.id] = live
        if key is not None:
            index.by_key.setdefault(key, []).append(live)
        index.names[live.id] = (key_text(key) if key else "") or live.id


def _match_declared(index: LiveIndex, indexes: LiveIndexes, owned: Mapping[Address, Owned]) -> None:
    keys = index.keys = {
        name: key_in(indexes, index.resource_type, resource.fields)
        for name, resource in index.declared.items()
    }
    index.declared_by_key = {
        key: index.declared[name] for name, key in keys.items() if key is not None
    }
    for name, resource in index.declared.items():
        if row := ledger_row(resource, owned):
            index.rows[name] = row
        index.matched[name] = live = _match(index, resource, keys[name], indexes, row)
        if isinstance(live, Live):
            index.names[live.id] = name
            index.declared_ids.add(live.id)


def ledger_row(resource: Resource, owned: Mapping[Address, Owned]) -> Owned | None:
    """What the ledger knows of a resource, under its address or the one it had before (`$was`)."""
    was = resource.options.was
    return owned.get(resource.address) or (
        owned.get(resource.address.scope.address(was)) if was else None
    )


def _match(
    index: LiveIndex,
    resource: Resource,
    key: NaturalKey | None,
    indexes: LiveIndexes,
    row: Owned | None,
) -> Live | tuple[Live, ...] | None:
    """The live object of a declared one with this natural key; several where nothing tells them
    apart.

    `$id` decides alone. Otherwise the natural key finds the object and the ledger chooses among
    several; only where the key finds none does the ledger find one whose key was changed, unless
    another resource now declares that one.
    """
    if resource.options.id is not None:
        return index.by_id.get(resource.options.id)
    found = index.by_key.get(key, []) if key is not None else []
    recorded = index.by_id.get(row.id) if row else None
    if len(found) > 1:
        return recorded if recorded in found else tuple(found)
    if found:
        return found[0]
    if recorded is None:
        return _archived(index, key, row)
    old_key = key_in(indexes, index.resource_type, recorded.fields)
    heir = index.declared_by_key.get(old_key) if old_key is not None else None
    return recorded if heir is None or heir is resource else None


def _archived(index: LiveIndex, key: NaturalKey | None, row: Owned | None) -> Live | None:
    """The archived object of this natural key: the one that the ledger knows, else the last one."""
    found = index.archived_by_key.get(key, []) if key is not None else []
    ours = [live for live in found if row is not None and live.id == row.id]
    return (ours or found)[-1] if found else None
