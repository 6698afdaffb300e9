"""Read the JSON Schema of a kind and turn it into facts about its fields."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path as FilePath
from typing import Any, NamedTuple

from reconciler.frozen import frozen
from reconciler.model import ABSENT, Path

Schema = Mapping[str, Any]


def schema_folder() -> FilePath:
    """The folder with the JSON Schemas: in the installed package, or beside it in a checkout."""
    package = FilePath(__file__).parent.parent
    inside = package / "schemas"
    return inside if inside.is_dir() else package.parent / "schemas"


@cache
def load_schema(name: str) -> Schema:
    """The schema in a file of the schemas folder, such as `kobo-plm/suppliers.json`; read once."""
    schema: Schema = json.loads((schema_folder() / name).read_text("utf-8"))
    return schema


@frozen
class Field:
    """The facts about one field; `fields` are the members of an object, `items` the entries of a
    list; `item` says that it is such an entry itself. `others` are the members of a free-form
    mapping, where the schema says what they are.

    `enum` are the allowed values; where the vendor may allow more (`live`), the documented ones.
    `write` is the path in a request body: True for the field's own name, False where the body does
    not contain it. `observed` means that answers show the field and no request can set it: it may
    be declared and is compared, and a difference is changed by hand. `number` says whether it is
    written as a number (True) or as text (False), whatever its declared type; None leaves it as
    declared.
    """

    name: str
    types: frozenset[str]
    description: str = ""
    read_only: bool = False
    observed: bool = False
    write_only: bool = False
    immutable: bool = False
    sensitive: bool = False
    required: bool = False
    volatile: bool = False
    conditional: bool = False
    unordered: bool = False
    decimal: bool = False
    format: str | None = None
    may_add: bool = False
    date: str | None = None
    ref: str | None = None
    by_key: bool = False
    key: str | None = None
    live: str | None = None
    lookup: Mapping[str, str] | None = None
    enum: tuple[Any, ...] = ()
    default: Any = ABSENT
    read: tuple[str, ...] = ()
    write: str | bool = True
    number: bool | None = None
    fields: Mapping[str, Field] | None = None
    items: Field | None = None
    others: Field | None = None
    item: bool = False

    @property
    def is_text(self) -> bool:
        """Whether it may be any text, and no day or point in time."""
        return "string" in self.types and self.format is None

    @property
    def has_entries(self) -> bool:
        """Whether it is a list of mappings, whose entries are matched with those of another list:
        by the member that the schema names (`x-key`), or by what they contain."""
        items = self.items
        return bool(self.key) or bool(items and (items.fields or "object" in items.types))

    @property
    def has_members(self) -> bool:
        """Whether it is a mapping that is compared and merged member by member: its members are in
        the schema, or it is an entry of a list."""
        return bool(self.fields) or (self.item and "object" in self.types)

    @property
    def writable(self) -> bool:
        """Whether a request may set it."""
        return not (self.read_only or self.observed)


@frozen
class Facts:
    """Everything that the schema of a kind says about its fields.

    `plain` means that two objects of this kind are equal where Python's `==` says so: there are no
    booleans or numbers inside nested values, where `==` takes True for 1, and no free-form maps.
    `every` are the fields at any depth with their paths, in the order of `fields_below`, `live`
    those of them whose values the vendor can list. `sensitive` are the names
    that manifests and the vendor have for sensitive fields at any depth. `has_entries` means that
    some list has entries that are matched.
    `observed` are the names of the fields that no request can set, `may_add` those of quantities
    that the vendor may add to what is there instead of setting them, `lookups` those that may hold
    another name for the id that answers have.
    """

    description: str
    fields: Mapping[str, Field]
    refs: tuple[tuple[Path, str], ...]
    plain: bool
    schema: Schema
    every: tuple[tuple[Path, Field], ...]
    live: tuple[tuple[Path, Field], ...] = ()
    sensitive: frozenset[str] = frozenset()
    has_entries: bool = False
    observed: frozenset[str] = frozenset()
    may_add: frozenset[str] = frozenset()
    lookups: tuple[str, ...] = ()

    def field(self, path: Path) -> Field | None:
        """The facts of the field at `path`; list positions may be any number."""
        fields: Mapping[str, Field] | None = self.fields
        field: Field | None = None
        for part in path:
            if isinstance(part, int):
                field = field.items if field else None
            else:
                field = (fields or {}).get(part)
            fields = field.fields if field else None
        return field


@cache
def facts_of(provider_type: str, kind: str) -> Facts:
    """The facts about the fields of a kind, read from `schemas/<provider_type>/<kind>.json`."""
    return facts_from(load_schema(f"{provider_type}/{kind}.json"))


def facts_from(schema: Schema) -> Facts:
    """The facts about the fields of a kind, taken from its schema."""
    required = frozenset(schema.get("required", ()))
    fields = {
        name: _field(name, part, schema, required) for name, part in schema["properties"].items()
    }
    every = tuple(fields_below(fields))
    ambiguous = {"boolean", "integer", "number"}
    nested = any(f.types & ambiguous for path, f in every if len(path) > 1)
    free_form = any("object" in f.types and not f.fields for _, f in every)
    return Facts(
        description=schema.get("description", ""),
        fields=fields,
        refs=tuple((path, f.ref) for path, f in every if f.ref),
        plain=not free_form and not nested,
        schema=schema,
        every=every,
        live=tuple((path, f) for path, f in every if f.live),
        sensitive=frozenset(
            name.rpartition(".")[2]
            for path, f in every
            if f.sensitive
            for name in (str(path[-1]), *f.read)
        ),
        has_entries=any(f.has_entries for _, f in every),
        observed=frozenset(name for name, field in fields.items() if field.observed),
        lookups=tuple(name for name, field in fields.items() if field.lookup),
        may_add=frozenset(name for name, field in fields.items() if field.may_add),
    )


def fields_below(fields: Mapping[str, Field], path: Path = ()) -> Iterator[tuple[Path, Field]]:
    """Every field at any depth with its path, parents before their members; 0 in a path stands for
    every item of a list."""
    for name, field in fields.items():
        yield from _with_members((*path, name), field)


def _with_members(path: Path, field: Field) -> Iterator[tuple[Path, Field]]:
    yield path, field
    yield from fields_below(field.fields or {}, path)
    if field.items:
        yield from _with_members((*path, 0), field.items)


class NamedField(NamedTuple):
    """A field with its full name, such as `contacts[].email`, and its schema."""

    name: str
    field: Field
    schema: Schema


def named_fields(
    fields: Mapping[str, Field], schema: Schema, above: str = ""
) -> Iterator[NamedField]:
    """Each field followed by its members: `contacts` before `contacts[].email`."""
    for name, field in fields.items():
        part = schema["properties"][name]
        yield NamedField(above + name, field, part)
        if field.fields:
            yield from named_fields(field.fields, part, f"{above}{name}.")
        elif field.items and field.items.fields:
            yield from named_fields(field.items.fields, part["items"], f"{above}{name}[].")


# The words of a schema that state facts, with the attributes of `Field` that hold them as they are.
_ATTRIBUTES: Mapping[str, str] = {
    "description": "description",
    "readOnly": "read_only",
    "x-observed": "observed",
    "writeOnly": "write_only",
    "x-sensitive": "sensitive",
    "x-volatile": "volatile",
    "x-conditional": "conditional",
    "x-set": "unordered",
    "x-decimal": "decimal",
    "format": "format",
    "x-may-add": "may_add",
    "x-date": "date",
    "x-ref": "ref",
    "x-by-key": "by_key",
    "x-key": "key",
    "x-live": "live",
    "x-lookup": "lookup",
    "default": "default",
    "x-write": "write",
    "x-number": "number",
}


def _field(
    name: str,
    part: Schema,
    root: Schema,
    required: frozenset[str] = frozenset(),
    immutable: bool = False,
) -> Field:
    """The facts about one field; `immutable` says that an object around the field is immutable."""
    part = _resolved(part, root)
    immutable = immutable or part.get("x-immutable", False)
    members, others = part.get("properties"), part.get("additionalProperties")
    items = part.get("items")
    stated = {_ATTRIBUTES[word]: fact for word, fact in part.items() if word in _ATTRIBUTES}
    return Field(
        name=name,
        types=_types(part),
        immutable=immutable,
        required=name in required or part.get("x-required", False),
        enum=_values(part),
        read=tuple(part.get("x-read", ())),
        fields={n: _field(n, p, root, immutable=immutable) for n, p in members.items()}
        if members
        else None,
        others=_field(name, others, root, immutable=immutable)
        if others and isinstance(others, Mapping)
        else None,
        items=replace(_field(name, items, root, immutable=immutable), item=True) if items else None,
        **stated,
    )


def _types(part: Schema) -> frozenset[str]:
    types = part.get("type", ())
    return frozenset((types,) if isinstance(types, str) else types)


def _values(part: Schema) -> tuple[Any, ...]:
    """The values that a schema allows by `enum`, those in its `anyOf` branches included."""
    branches = (part, *part.get("anyOf", ()))
    return tuple(value for branch in branches for value in branch.get("enum", ()))


def _resolved(part: Schema, root: Schema) -> Schema:
    while "$ref" in part:
        target: Any = root
        for step in part["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        part = target
    return part
