"""Find the live objects of a kind by id, by natural key and by the resource that declares them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from reconciler.identity.keys import NaturalKey, key_text, natural_key, parse_key
from reconciler.kinds.resource_types import ResourceType
from reconciler.model import Fields, Live, Owned, Pointer, Resource, Scope
from reconciler.values.scalars import text_form
from reconciler.values.text import Suggestions
from reconciler.values.walk import change_at


@dataclass(slots=True)
class LiveIndex:
    """The live objects of one kind by id and by natural key, and the resources that declare them.

    by_id, by_key    the live objects that are not archived
    declared         the resources of this kind by the key in their address
    matched          the live object of each resource: one, several, or None
    names            the name that manifests use for a live object, by id: the key of its
                     resource, or else its natural key
    declared_ids     the ids of the live objects that a resource declares
    archived_by_key  the archived objects: they count as deleted unless a resource declares one
    keys             the natural keys of the resources
    rows             the ledger's rows of the resources
    replaced         the live objects that have the id in a resource's row and are not the object
                     that was recorded
    """

    resource_type: ResourceType
    by_id: dict[str, Live] = field(default_factory=dict)
    by_key: dict[NaturalKey, list[Live]] = field(default_factory=dict)
    declared: dict[str, Resource] = field(default_factory=dict)
    matched: dict[str, Live | tuple[Live, ...] | None] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    declared_ids: set[str] = field(default_factory=set)
    archived_by_key: dict[NaturalKey | None, list[Live]] = field(default_factory=dict)
    keys: dict[str, NaturalKey | None] = field(default_factory=dict)
    rows: dict[str, Owned] = field(default_factory=dict)
    replaced: dict[str, Live] = field(default_factory=dict)
    _named: dict[str, Fields] = field(default_factory=dict)
    _declared_named: dict[str, Fields] = field(default_factory=dict)
    _suggestions: Suggestions | None = None
    _by_natural_key: dict[NaturalKey, Resource] | None = None

    @property
    def declared_by_key(self) -> Mapping[NaturalKey, Resource]:
        """The resources by natural key; for use once `keys` are complete."""
        if self._by_natural_key is None:
            self._by_natural_key = {
                key: self.declared[name] for name, key in self.keys.items() if key is not None
            }
        return self._by_natural_key

    def desired_fields(self, resource: Resource) -> Fields:
        """The declared fields, with each reference replaced by the name that manifests use."""
        return self._declared_named.get(resource.address.key, resource.fields)

    def live_fields(self, live: Live) -> Fields:
        """The live fields, with each reference replaced by the name that manifests use."""
        return self._named.get(live.id, live.fields)

    @property
    def key_names(self) -> tuple[str, ...]:
        """The fields that make the natural key."""
        return self.resource_type.kind.natural_key

    def match(self, key: str, live: Live) -> None:
        """Take `live` as the object of the resource with this key."""
        self.matched[key] = live
        self.names[live.id] = key
        self.declared_ids.add(live.id)

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

    def similar_name(self, name: str) -> str:
        """The name of an object, declared or live, that a wrong name is most like; empty where
        there is none. Call it once the index is complete."""
        if self._suggestions is None:
            self._suggestions = Suggestions({*self.declared, *map(key_text, self.by_key)})
        similar = self._suggestions.similar(text_form(name))
        return similar if similar != name else ""

    def live_named(self, name: str) -> Live | None:
        """The first of `all_named`; None where there is none."""
        return next(iter(self.all_named(name)), None)

    def all_named(self, name: str) -> Sequence[Live]:
        """The live objects with this natural key; else the archived ones, if ordinary lists of the
        vendor contain them, because other objects may still refer to them."""
        key, archive = parse_key(self.resource_type, name), self.resource_type.kind.archive
        candidates = self.by_key.get(key, ())
        if not candidates and archive is not None and archive.query is None:
            candidates = self.archived_by_key.get(key, ())
        return candidates

    def resource_of(self, live: Live) -> Resource | None:
        """The resource that declares a live object; None where none does."""
        if live.id not in self.declared_ids:
            return None
        return self.declared.get(self.names[live.id])


LiveIndexes = dict[Scope, LiveIndex]


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
