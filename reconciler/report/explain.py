"""Explain a kind or a field: what may be declared, what the vendor does with it, an example."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reconciler.kinds import Kind, Provider, Verb
from reconciler.kinds.options import OPTIONS
from reconciler.model import ABSENT
from reconciler.report.columns import columns, paragraph
from reconciler.report.descriptions import abilities, limits, type_of
from reconciler.report.yaml_text import entries, flow
from reconciler.values.fields import Facts, Field, NamedField, Schema, facts_of, named_fields
from reconciler.values.text import printable

# An example shows this many fields, and more only where the vendor needs more.
ENOUGH = 5
BOUNDS = {
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} entries",
    "maxItems": "at most {} entries",
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
    "multipleOf": "a multiple of {}",
    "format": "in the form `{}`",
}
PLACEHOLDERS = {"boolean": True, "integer": 1, "number": 1, "array": [], "object": {}}


def kind_lines(provider: Provider, kind: Kind, name: str) -> Iterator[str]:
    """Everything that is known of a kind; `name` is what the workspace calls the provider."""
    facts = facts_of(provider.type, kind.name)
    yield f"{provider.type}/{kind.name}: {kind.title}"
    yield from paragraph(facts.description)
    yield ""
    yield from columns((line.replace(": ", ":\n", 1).split("\n") for line in abilities(kind)), "  ")
    yield ""
    yield "Fields"
    yield from _field_list(kind, facts.fields, facts.schema)
    yield ""
    yield f"Options of every resource: {', '.join(OPTIONS)}"
    if kind.notes:
        yield ""
        yield "Notes"
        for note in kind.notes:
            first, *rest = paragraph(note, "    ")
            yield from ("  - " + first.lstrip(), *rest)
    yield ""
    yield "Example"
    yield from (f"  {line}" for line in example(kind, facts, name))


def field_lines(provider: Provider, kind: Kind, named: NamedField) -> Iterator[str]:
    """Everything that is known of one field, and of its members where it has some."""
    full, field, part = named
    yield f"{provider.type}/{kind.name}.{full}"
    yield from paragraph(field.description)
    yield ""
    rows = [("Type:", type_of(field))]
    if described := constraints(kind, field, part):
        rows.append(("Constraints:", ", ".join(described)))
    rows += [("Example:", flow(value)) for value in part.get("examples", ())]
    yield from columns(rows, "  ")
    values = (field.items or field).enum
    if values:
        yield ""
        yield "Values"
        yield from paragraph(", ".join(str(value) for value in values), "  ")
    inner, schema = (field, part) if field.fields else (field.items, part.get("items", {}))
    if inner is not None and inner.fields:
        yield ""
        yield "Fields inside it"
        yield from _field_list(kind, inner.fields, schema)


def _field_list(kind: Kind, fields: Mapping[str, Field], schema: Schema) -> Iterator[str]:
    for name, field, part in named_fields(fields, schema):
        yield f"  {name}: {'; '.join([type_of(field), *constraints(kind, field, part)])}"
        yield from paragraph(field.description, "      ")


def constraints(kind: Kind, field: Field, part: Schema) -> list[str]:
    """The constraints of a field beside its type, the bounds of its values included."""
    bounds = [
        "not empty" if (rule, part[rule]) == ("minLength", 1) else text.format(part[rule])
        for rule, text in BOUNDS.items()
        if rule in part
    ]
    if field.decimal:
        bounds.insert(0, "compared as a number: 45.00 equals 45")
    if field.default is not ABSENT:
        bounds.append(f"by default {flow(field.default)}")
    words = [limit.removesuffix(" (below)") for limit in limits(kind, field, part)]
    return [*(word for word in words if not word.startswith("by default")), *bounds]


def example(kind: Kind, facts: Facts, name: str) -> list[str]:
    """A manifest with one object of this kind, made from the examples in its schema."""
    by_key = len(kind.natural_key) == 1
    if by_key:
        name_field = kind.natural_key[0]
        key = str(_sample(facts.fields[name_field], _part(facts, name_field)))
    else:
        key = f"my-{kind.title.replace(' ', '-')}"
    body: dict[str, Any] = {}
    for field in facts.fields.values():
        if field.read_only or (by_key and field.name in kind.natural_key):
            continue
        part = _part(facts, field.name)
        if field.observed and kind.can(Verb.CREATE):
            continue
        needed = (field.required and kind.can(Verb.CREATE)) or field.name in kind.natural_key
        if needed or (not field.volatile and not field.sensitive and _has_sample(field, part)):
            body[field.name] = _sample(field, part)
    shown_names = _enough(kind, facts, body)
    kept = {field: value for field, value in body.items() if field in shown_names}
    head = [f"provider: {printable(name, 200)}", f"{kind.name}:"]
    if not kept:
        return [*head, f"  {flow(key)}: {{}}"]
    return [*head, f"  {flow(key)}:", *entries(kept, "    ")]


def _enough(kind: Kind, facts: Facts, body: dict[str, Any]) -> set[str]:
    """The fields that an example needs, filled up with others in the schema's order."""
    needed = [n for n in body if facts.fields[n].required or n in kind.natural_key]
    others = [n for n in body if n not in needed]
    return {*needed, *others[: max(0, ENOUGH - len(needed))]}


def _part(facts: Facts, name: str) -> Schema:
    part: Schema = facts.schema["properties"][name]
    return part


def _has_sample(field: Field, part: Schema) -> bool:
    return bool(part.get("examples") or field.enum or field.types == {"boolean"})


def _sample(field: Field, part: Schema) -> Any:
    """A value that may be written: the schema's example where it has one."""
    if field.sensitive:
        return "${secret.NAME}"
    for value in (*part.get("examples", ()), *field.enum):
        return value
    if field.default is not ABSENT:
        return field.default
    kinds = sorted(field.types - {"null"})
    return PLACEHOLDERS.get(kinds[0] if kinds else "", "…")
