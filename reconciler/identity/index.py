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

    by_id, by_key    the live objects that are not archived
    declared         the resources of this kind by the key in their address
    declared_by_key  the resources by natural key
    matched          the live object of each resource: one, several, or None
    names            the name that manifests use for a live object, by id: the key of its
                     resource, or else its natural key
    declared_ids     the ids of the live objects that a resource declares
    archived_by_key  the archived objects: they count as deleted unless a resource declares one
    keys             the natural keys of the resources
    rows             the ledger's rows of the resources
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
        """The declared fields, with each reference replaced by the name that manifests use."""
        return self._declared_named.get(resource.address.key, resource.fields)

    def live_fields(self, live: Live) -> Fields:
        """The live fields, with each reference replaced by the name that manifests use."""
        return self._named.get(live.id, live.fields)

    def resolve_references(self, indexes: Mapping[Scope, LiveIndex]) -> None:
        """Replace the references of all objects of this kind by names, once every index is
        complete."""
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
        """The name that manifests use for the object of a reference, which is a vendor's pointer or
        a name in a manifest. An unknown id or name stays as it is."""
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
        """The resource that a reference names, by its key or else by its natural key."""
        resource = self.declared.get(name)
        return resource or self.declared_by_key.get(parse_key(self.resource_type, name))

    def live_named(self, name: str) -> Live | None:
        """The live object with this natural key; else the archived one, if ordinary lists of the
        vendor contain it, because other objects may still refer to it."""
        key, archive = parse_key(self.resource_type, name), self.resource_type.kind.archive
        candidates = self.by_key.get(key)
        if not candidates and archive is not None and archive.query is None:
            candidates = self.archived_by_key.get(key)
        return candidates[0] if candidates else None


LiveIndexes = dict[Scope, LiveIndex]


def index_live(
    types: Sequence[ResourceType],
    objects: Mapping[Scope, Sequence[Live]],
    desired: Iterable[Resource],
    owned: Mapping[Address, Owned],
) -> LiveIndexes:
    """The index of live objects and resources for each type. `types` are in the order of their
    references, with the referenced kinds first, because a reference may be part of a natural key.
    """
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
    """The natural key of an object, with the names that manifests use for references in it."""
    return natural_key(resource_type, fields, lambda target, part: indexes[target].name_of(part))


def resolve_names(
    resource_type: ResourceType, fields: Fields, indexes: Mapping[Scope, LiveIndex]
) -> Fields:
    """The fields with each reference replaced by the name that manifests use for its object."""
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
    """The ledger's row of a resource, under its address or its previous one (`$was`)."""
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
    """The live object of a resource with this natural key; a tuple where several could be it.

    With `$id`, only the id counts. Otherwise the object is looked up by natural key, and of several
    the one in the ledger is taken. Where there is none, the object in the ledger is taken, because
    its key may have been changed; unless another resource now declares that key.
    """
    if resource.options.id is not None:
        return index.by_id.get(resource.options.id)
    candidates = index.by_key.get(key, []) if key is not None else []
    recorded = index.by_id.get(row.id) if row else None
    if len(candidates) > 1:
        return recorded if recorded in candidates else tuple(candidates)
    if candidates:
        return candidates[0]
    if recorded is None:
        return _archived(index, key, row)
    old_key = key_in(indexes, index.resource_type, recorded.fields)
    new_owner = index.declared_by_key.get(old_key) if old_key is not None else None
    return recorded if new_owner is None or new_owner is resource else None


def _archived(index: LiveIndex, key: NaturalKey | None, row: Owned | None) -> Live | None:
    """The archived object with this natural key: the one in the ledger, or else the last one."""
    candidates = index.archived_by_key.get(key, []) if key is not None else []
    recorded = [live for live in candidates if row is not None and live.id == row.id]
    return (recorded or candidates)[-1] if candidates else None
