"""Providers, kinds and fields as JSON documents, each on one line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from reconciler.kinds import Kind, Provider, Verb
from reconciler.model import ABSENT
from reconciler.report.descriptions import type_of
from reconciler.report.explain import constraints, example
from reconciler.report.json import Document, line
from reconciler.values.fields import NamedField, facts_of, named_fields


def providers(providers: Iterable[Provider], configured: Mapping[str, Provider]) -> Iterator[str]:
    """Every provider type with its kinds and what the workspace calls it."""
    yield line(
        providers=[
            {
                "type": provider.type,
                "title": provider.title,
                "names": [n for n, own in configured.items() if own.type == provider.type],
                "base_url": provider.base_url or None,
                "settings": list(provider.settings),
                "kinds": [_kind(kind) for kind in provider.kinds.values()],
            }
            for provider in providers
        ]
    )


def kind(provider: Provider, kind: Kind, name: str) -> Iterator[str]:
    """A kind with its fields and an example; `name` is what the workspace calls the provider."""
    facts = facts_of(provider.type, kind.name)
    yield line(
        provider_type=provider.type,
        **_kind(kind),
        description=facts.description,
        fields=[_field(kind, field) for field in named_fields(facts.fields, facts.schema)],
        notes=list(kind.notes),
        example="\n".join(example(kind, facts, name)) + "\n",
    )


def field(provider: Provider, kind: Kind, field: NamedField) -> Iterator[str]:
    """One field of a kind."""
    yield line(provider_type=provider.type, kind=kind.name, **_field(kind, field))


def _kind(kind: Kind) -> Document:
    return {
        "name": kind.name,
        "title": kind.title,
        "mode": kind.mode.value,
        "verbs": [verb.value for verb in Verb if kind.can(verb)],
        "natural_key": list(kind.natural_key),
        "identity": "enforced" if kind.unique else "convention",
        "right": kind.right,
        "screen": kind.screen,
    }


def _field(kind: Kind, named: NamedField) -> Document:
    name, field, schema = named
    item = field.items or field
    return {
        "name": name,
        "description": field.description,
        "type": type_of(field),
        "constraints": constraints(kind, field, schema),
        "required_to_create": field.required and kind.can(Verb.CREATE),
        "read_only": field.read_only,
        "observed": field.observed,
        "write_only": field.write_only,
        "sensitive": field.sensitive,
        "immutable": field.immutable,
        "volatile": field.volatile,
        "unordered": field.unordered,
        "decimal": field.decimal,
        "refers_to": item.ref,
        "values": list(item.enum),
        "default": None if field.default is ABSENT else field.default,
        "examples": list(schema.get("examples", ())),
    }
