"""What a kind's JSON Schema says of its fields: the one reader of `schemas/`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path as FilePath
from typing import Any, NamedTuple

from reconciler.model import ABSENT, Path

Schema = Mapping[str, Any]


WORDS: Mapping[str, str] = {
    "x-date": "the vendor's date format (strftime): compared with an ISO date as a date",
    "x-decimal": 'a decimal number: "45.00" equals 45 and 45.0',
    "x-immutable": "cannot be changed: another value replaces the object",
    "x-key": "the member by which the entries of a list are told apart; of each entry only what is "
    "declared is compared",
    "x-live": "the vendor's own list of the values that are allowed (checked by validate --online)",
    "x-ref": "names an object of this kind (`kind`, or `provider-type/kind`)",
    "x-required": "the vendor wants it to create an object",
    "x-sensitive": "never shown; filled only by ${secret.NAME}",
    "x-set": "the order of the entries does not matter",
    "x-volatile": "moves by itself: compared only where declared, never imported",
}


def schema_folder() -> FilePath:
    """Where the JSON Schemas are: in the installed package, or beside it in a checkout."""
    package = FilePath(__file__).parent.parent
    inside = package / "schemas"
    return inside if inside.is_dir() else package.parent / "schemas"


@dataclass(frozen=True, slots=True)
class Field:
    """What is known of one field; `fields` are an object's members, `items` a list's entries.

    `enum` are the values there are; where the vendor may have more (`live`), those documented.
    """

    name: str
    types: frozenset[str]
    description: str = ""
    read_only: bool = False
    write_only: bool = False
    immutable: bool = False
    sensitive: bool = False
    required: bool = False
    volatile: bool = False
    unordered: bool = False
    decimal: bool = False
    date: str | None = None
    ref: str | None = None
    key: str | None = None
    live: str | None = None
    enum: tuple[Any, ...] = ()
    default: Any = ABSENT
    fields: Mapping[str, Field] | None = None
    items: Field | None = None

    @property
    def writable(self) -> bool:
        """Whether a manifest may declare it."""
        return not self.read_only


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a kind's schema says, ready for use.

    `plain` tells that `==` on two objects of this kind means equal: no booleans or numbers
    inside nested values, where Python takes True for 1, and no maps that may hold anything.
    `live` are the fields whose values the vendor can list, at any depth.
    `sensitive` tells that a field at some depth is, `keyed` that the entries of some list are
    told apart by a member.
    """

    description: str
    fields: Mapping[str, Field]
    refs: tuple[tuple[Path, str], ...]
    plain: bool
    schema: Schema
    live: tuple[tuple[Path, Field], ...] = ()
    sensitive: bool = False
    keyed: bool = False

    def field(self, path: Path) -> Field | None:
        """The facts of the field at `path`; list positions may be any number."""
        fields: Mapping[str, Field] | None = self.fields
        found: Field | None = None
        for part in path:
            if isinstance(part, int):
                found = found.items if found else None
            else:
                found = (fields or {}).get(part)
            fields = found.fields if found else None
        return found


@cache
def facts_of(provider_type: str, kind: str) -> Facts:
    """The facts of a kind, from `schemas/<provider_type>/<kind>.json`."""
    text = (schema_folder() / provider_type / f"{kind}.json").read_text("utf-8")
    return facts_from(json.loads(text))


def facts_from(schema: Schema) -> Facts:
    """The facts that a kind's schema states."""
    required = frozenset(schema.get("required", ()))
    fields = {
        name: _field(name, part, schema, required) for name, part in schema["properties"].items()
    }
    every = tuple(fields_below(fields))
    scalar = {"boolean", "integer", "number"}
    nested = any(f.types & scalar for path, f in every if len(path) > 1)
    free = any("object" in f.types and not f.fields for _, f in every)
    return Facts(
        description=schema.get("description", ""),
        fields=fields,
        refs=tuple((path, f.ref) for path, f in every if f.ref),
        plain=not free and not nested,
        schema=schema,
        live=tuple((path, f) for path, f in every if f.live),
        sensitive=any(f.sensitive for _, f in every),
        keyed=any(f.key for _, f in every),
    )


def fields_below(fields: Mapping[str, Field], path: Path = ()) -> Iterator[tuple[Path, Field]]:
    """Every field at any depth with its path, a field before what is inside it; 0 in a path stands
    for the items of a list."""
    for name, field in fields.items():
        yield from _with_inner((*path, name), field)


def _with_inner(path: Path, field: Field) -> Iterator[tuple[Path, Field]]:
    yield path, field
    yield from fields_below(field.fields or {}, path)
    if field.items:
        yield from _with_inner((*path, 0), field.items)


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


def _field(
    name: str,
    part: Schema,
    root: Schema,
    required: frozenset[str] = frozenset(),
    immutable: bool = False,
) -> Field:
    """A field's facts; `immutable` where what holds it cannot be changed, and so neither can it."""
    part = _resolved(part, root)
    immutable = immutable or part.get("x-immutable", False)
    kinds = part.get("type", ())
    members = part.get("properties")
    items = part.get("items")
    return Field(
        name=name,
        types=frozenset((kinds,) if isinstance(kinds, str) else kinds),
        description=part.get("description", ""),
        read_only=part.get("readOnly", False),
        write_only=part.get("writeOnly", False),
        immutable=immutable,
        sensitive=part.get("x-sensitive", False),
        required=name in required or part.get("x-required", False),
        volatile=part.get("x-volatile", False),
        unordered=part.get("x-set", False),
        decimal=part.get("x-decimal", False),
        date=part.get("x-date"),
        ref=part.get("x-ref"),
        key=part.get("x-key"),
        live=part.get("x-live"),
        enum=_values(part),
        default=part.get("default", ABSENT),
        fields={n: _field(n, p, root, immutable=immutable) for n, p in members.items()}
        if members
        else None,
        items=_field(name, items, root, immutable=immutable) if items else None,
    )


def _values(part: Schema) -> tuple[Any, ...]:
    """The values that a schema lists, of its branches where one of them may do without."""
    branches = (part, *part.get("anyOf", ()))
    return tuple(value for branch in branches for value in branch.get("enum", ()))


def _resolved(part: Schema, root: Schema) -> Schema:
    while "$ref" in part:
        target: Any = root
        for step in part["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        part = target
    return part
