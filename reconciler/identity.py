"""Which object is which: natural keys, references, and the live objects of a kind by both.

A natural key is a tuple of text in Unicode NFC, one part for each field that the kind is found by;
a part that may be null and is not there is None. It becomes one text only to be shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from reconciler.kinds.resource_types import ResourceType
from reconciler.model import Address, Fields, Live, Owned, Pointer, Resource, Scope
from reconciler.values.scalars import text_form
from reconciler.values.walk import change_at, values_at

NaturalKey = tuple[str | None, ...]
# What a reference that is part of a natural key is called: (the kind it refers to, what stands
# there) → a name.
ReferenceName = Callable[[Scope, Any], Any]


def natural_key(
    resource_type: ResourceType, fields: Fields, name_of: ReferenceName = lambda _, value: value
) -> NaturalKey | None:
    """The natural key of an object with these fields; None where a part is missing that no object
    can be without. `name_of` says what a reference in the key is called."""
    targets = dict(resource_type.targets)
    parts: list[str | None] = []
    for name in resource_type.kind.natural_key:
        part = fields.get(name)
        if (target := targets.get((name,))) is not None:
            part = name_of(target, part)
        if part is None and "null" not in resource_type.facts.fields[name].types:
            return None
        parts.append(None if part is None else text_form(str(part)))
    return tuple(parts)


def key_text(key: NaturalKey) -> str:
    """A natural key as one text, with `/` between its parts; `parse_key` reads it back.

    In a key of several parts `/` and `%` are escaped as in a URL, an empty part is written `%`, and
    parts that are not there are left empty, the last ones left out.
    """
    if len(key) == 1:
        return key[0] or ""
    texts = ["" if part is None else _escape(part) for part in key]
    while texts and not texts[-1]:
        texts.pop()
    return "/".join(texts)


def parse_key(resource_type: ResourceType, text: str) -> NaturalKey:
    """The natural key that `key_text` wrote; a text of too many parts is a key that no object
    has."""
    count = len(resource_type.kind.natural_key)
    if count == 1:
        return (text_form(text),)
    parts = [_unescape(part) if part else None for part in text.split("/")]
    return (*parts, *(None,) * (count - len(parts)))


def _escape(part: str) -> str:
    return part.replace("%", "%25").replace("/", "%2F") if part else "%"


def _unescape(part: str) -> str:
    return "" if part == "%" else text_form(part.replace("%2F", "/").replace("%25", "%"))


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


def resolve_names(
    resource_type: ResourceType, fields: Fields, indexes: Mapping[Scope, LiveIndex]
) -> Fields:
    """The fields with every reference under the one name that manifests use for its object."""
    for path, target in resource_type.targets:
        fields = change_at(fields, path, indexes[target].name_of)
    return fields


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
