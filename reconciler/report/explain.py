"""A kind or a field explained: what may be declared, what the vendor does with it, an example."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from reconciler.errors import Diagnostic, Invalid
from reconciler.kinds import Kind, Provider, Verb
from reconciler.kinds.options import OPTIONS
from reconciler.model import ABSENT
from reconciler.report.capabilities import kind_document
from reconciler.report.columns import columns, paragraph
from reconciler.report.descriptions import abilities, limits, type_of, walk
from reconciler.report.yaml_text import entries, flow
from reconciler.values.fields import Facts, Field, Schema, facts_from, facts_of
from reconciler.values.text import did_you_mean, printable, shown

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

Found = tuple[str, Field, Schema]


def find_field(provider: Provider, kind: Kind, path: Sequence[str]) -> Found:
    """The field at `path` with its full name and its schema; raises Invalid with a hint."""
    facts = facts_of(provider.type, kind.name)
    tools = facts_from({"properties": OPTIONS})
    known: dict[str, Found] = {}
    for own in (facts, tools):
        for full, field, part in walk(own.fields, own.schema):
            known[full.replace("[]", "")] = (full, field, part)
    wanted = re.sub(r"\[\d*\]", "", ".".join(path))
    if wanted in known:
        return known[wanted]
    above = wanted
    while above and above not in known:
        above = above.rpartition(".")[0]
    names = [name for name in known if name.rpartition(".")[0] == above]
    missing = wanted.removeprefix(f"{above}.").partition(".")[0]
    place = f"{provider.type}/{kind.name}" + (f".{above}" if above else "")
    raise Invalid(
        Diagnostic(
            f"{place} has no field {shown(missing)}",
            did_you_mean(missing, [name.removeprefix(f"{above}.") for name in names])
            or f"{place} has no fields inside it.",
        )
    )


def kind_lines(provider: Provider, kind: Kind, name: str) -> Iterator[str]:
    """All that is known of a kind; `name` is what the workspace calls the provider."""
    facts = facts_of(provider.type, kind.name)
    yield f"{provider.type}/{kind.name}: {kind.title}"
    yield from paragraph(facts.description)
    yield ""
    yield from columns((one.replace(": ", ":\n", 1).split("\n") for one in abilities(kind)), "  ")
    yield ""
    yield "Fields"
    for full, field, part in walk(facts.fields, facts.schema):
        yield f"  {full}: {'; '.join([type_of(field), *constraints(kind, field, part)])}"
        yield from paragraph(field.description, "      ")
    yield ""
    yield f"Words of the tool: {', '.join(OPTIONS)}"
    if kind.notes:
        yield ""
        yield "Notes"
        for note in kind.notes:
            first, *rest = paragraph(note, "    ")
            yield from ("  - " + first.lstrip(), *rest)
    yield ""
    yield "Example"
    yield from (f"  {line}" for line in example(kind, facts, name))


def field_lines(provider: Provider, kind: Kind, found: Found) -> Iterator[str]:
    """All that is known of one field, and of its members where it has some."""
    full, field, part = found
    yield f"{provider.type}/{kind.name}.{full}"
    yield from paragraph(field.description)
    yield ""
    rows = [("Type:", type_of(field))]
    said = constraints(kind, field, part)
    if said:
        rows.append(("Constraints:", ", ".join(said)))
    rows += [("Example:", flow(one)) for one in part.get("examples", ())]
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
        for name, one, its in walk(inner.fields, schema):
            yield f"  {name}: {'; '.join([type_of(one), *constraints(kind, one, its)])}"
            yield from paragraph(one.description, "      ")


def constraints(kind: Kind, field: Field, part: Schema) -> list[str]:
    """What is said of a field beside its type."""
    bounds = [
        "not empty" if (rule, part[rule]) == ("minLength", 1) else text.format(part[rule])
        for rule, text in BOUNDS.items()
        if rule in part
    ]
    if field.decimal:
        bounds.insert(0, "compared as a number: 45.00 equals 45")
    if field.default is not ABSENT:
        bounds.append(f"by default {flow(field.default)}")
    said = [one.removesuffix(" (below)") for one in limits(kind, field, part)]
    return [*(one for one in said if not one.startswith("by default")), *bounds]


def example(kind: Kind, facts: Facts, name: str) -> list[str]:
    """A manifest with one object of this kind, made of the schema's own examples."""
    by_key = len(kind.natural_key) == 1
    found = {name: facts.fields[name] for name in kind.natural_key}
    if by_key:
        key = str(_sample(found[kind.natural_key[0]], _part(facts, kind.natural_key[0])))
    else:
        key = f"my-{kind.title.replace(' ', '-')}"
    body: dict[str, Any] = {}
    for field in facts.fields.values():
        if field.read_only or (by_key and field.name in kind.natural_key):
            continue
        part = _part(facts, field.name)
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


def kind_explained(provider: Provider, kind: Kind, name: str) -> dict[str, Any]:
    """A kind for a program."""
    facts = facts_of(provider.type, kind.name)
    return {
        "format_version": "1.0",
        "provider_type": provider.type,
        **kind_document(kind),
        "description": facts.description,
        "fields": [field_document(kind, one) for one in walk(facts.fields, facts.schema)],
        "notes": list(kind.notes),
        "example": "\n".join(example(kind, facts, name)) + "\n",
    }


def field_document(kind: Kind, found: Found) -> dict[str, Any]:
    """A field for a program."""
    full, field, part = found
    return {
        "name": full,
        "description": field.description,
        "type": type_of(field),
        "constraints": constraints(kind, field, part),
        "required_to_create": field.required and kind.can(Verb.CREATE),
        "read_only": field.read_only,
        "write_only": field.write_only,
        "sensitive": field.sensitive,
        "immutable": field.immutable,
        "volatile": field.volatile,
        "unordered": field.unordered,
        "decimal": field.decimal,
        "refers_to": (field.items or field).ref,
        "values": list((field.items or field).enum),
        "default": None if field.default is ABSENT else field.default,
        "examples": list(part.get("examples", ())),
    }
