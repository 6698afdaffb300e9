"""The schemas that editors read: of each provider type's manifests, reconciler.yaml, our words."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from copy import deepcopy
from typing import Any

from reconciler.kinds import Kind, Provider
from reconciler.kinds.conventions import KIND, NOT_MANAGED
from reconciler.kinds.options import OPTIONS
from reconciler.values.fields import Schema, facts_of, load_schema
from reconciler.values.keywords import WORDS

DRAFT = "http://json-schema.org/draft-07/schema#"

_TYPE = {"description": "Which vendor it is."}


def umbrella(provider: Provider) -> dict[str, Any]:
    """The schema of one manifest document for a provider of this type."""
    sections = {kind.name: _section(kind) for kind in provider.kinds.values()}
    keys = dict(_key_examples(provider))
    return {
        "$schema": DRAFT,
        "$id": f"{provider.type}.schema.json",
        "title": f"{provider.title} manifest",
        "description": f"What should exist at a {provider.title} account.",
        "type": "object",
        "additionalProperties": False,
        "required": ["provider"],
        "properties": {
            "provider": {
                "type": "string",
                "description": "The name in `reconciler.yaml` of a provider "
                f"of type `{provider.type}`.",
                "minLength": 1,
            },
            **sections,
        },
        "definitions": {
            "filled-in": _INTERPOLATION,
            **{
                kind.name: _resource(facts_of(provider.type, kind.name).schema, keys)
                for kind in provider.kinds.values()
            },
        },
    }


def _key_examples(provider: Provider) -> Iterator[tuple[str, Any]]:
    """The kinds whose objects are found by one field, each with an example of that."""
    for kind in provider.kinds.values():
        if len(kind.natural_key) == 1:
            part = facts_of(provider.type, kind.name).schema["properties"][kind.natural_key[0]]
            yield from ((kind.name, example) for example in part.get("examples", ())[:1])


def _section(kind: Kind) -> dict[str, Any]:
    """Every object of a kind, by key."""
    found = " and ".join(f"`{name}`" for name in kind.natural_key)
    key = (
        f"The key is the value of {found} unless that is given."
        if len(kind.natural_key) == 1
        else f"An object is found by {found}."
        if found
        else "There is one, whatever its key."
    )
    title = kind.name.replace("_", " ")
    return {
        "title": title,
        "type": "object",
        "description": f"The {title} ({kind.mode}), by key. {key}",
        "additionalProperties": {"$ref": f"#/definitions/{kind.name}"},
    }


def _resource(schema: Schema, keys: Mapping[str, Any]) -> dict[str, Any]:
    """A kind's schema as a manifest uses it: with the tool's words, and without what only the
    vendor may write. The natural key may be left out, and so may all there is to say: `SUP-001:`
    alone declares that the object exists."""
    kept = {k: v for k, v in schema.items() if k not in ("$schema", "$id", "required", "x-kind")}
    writable = {
        name: _filled_in(part, keys, name)
        for name, part in schema["properties"].items()
        if not part.get("readOnly")
    }
    options = {name: {"title": title_of(name), **part} for name, part in OPTIONS.items()}
    return {**kept, "type": ["object", "null"], "properties": {**writable, **options}}


_INTERPOLATION: Schema = {
    "type": "string",
    "pattern": "\\$\\{(var|secret)\\.",
    "description": "A text with `${var.NAME}` in it, or `${secret.NAME}`.",
}
_VENDOR_WORDS = ("$comment", "x-by-key", "x-lookup", "x-number", "x-read", "x-write")
_SPOKEN = ("title", "description", "default", "examples")
_REMARKS = ("x-required", "x-immutable", "x-observed", "x-sensitive", "x-volatile", "x-conditional")
"""The words of a kind's schema that a person who writes a manifest should know of a field."""


def _filled_in(part: Schema, keys: Mapping[str, Any], name: str = "") -> Schema:
    """The schema of a field as an editor needs it, which sees what will be filled in later and
    does not ask the vendor. With the `name` of the field it says what editors show of it; `keys`
    are what objects are called, by kind."""
    inside = {word: value for word, value in part.items() if word not in _VENDOR_WORDS}
    if name:
        inside = {"title": title_of(name), **_with_remarks(inside, keys)}
    for word in ("items", "additionalProperties"):
        if isinstance(part.get(word), Mapping):
            inside[word] = _filled_in(part[word], keys)
    if "properties" in part:
        members = part["properties"].items()
        inside["properties"] = {own: _filled_in(inner, keys, own) for own, inner in members}
    if inside.keys() <= {"type", *_SPOKEN} and part.get("type") == "string":
        return inside
    spoken = {word: inside.pop(word) for word in _SPOKEN if word in inside}
    return {**spoken, "anyOf": [inside, {"$ref": "#/definitions/filled-in"}]}


def title_of(name: str) -> str:
    """A field's name in words: `payment terms` for payment_terms and paymentTerms."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).replace("_", " ").split()
    return " ".join(word if word.isupper() else word.lower() for word in words)


def _with_remarks(part: Schema, keys: Mapping[str, Any]) -> Schema:
    """A field whose description also says what its `x-` words mean, which no editor shows; a
    reference with an example."""
    remarks = [WORDS[word].meaning for word in _REMARKS if part.get(word)]
    ref = part.get("x-ref") or part.get("items", {}).get("x-ref")
    if ref in keys and "examples" not in part:
        part = {**part, "examples": [[keys[ref]] if "items" in part else keys[ref]]}
    remarks += [f"names one of `{ref}`, by its key or its natural key"] if ref else []
    sentences = (f"{remark[0].upper()}{remark[1:]}." for remark in remarks)
    return {**part, "description": " ".join([part["description"], *sentences])}


def workspace(providers: Collection[Provider]) -> dict[str, Any]:
    """The schema of `reconciler.yaml` where these are the types: `schemas/workspace.json`, with
    what `schemas/<type>/account.json` says of each."""
    schema: dict[str, Any] = deepcopy(dict(load_schema("workspace.json")))
    definitions = schema.pop("definitions")
    common = definitions.pop("settings")["properties"]
    types = [provider.type for provider in providers]
    own: dict[str, Any] = {}
    for provider in providers:
        settings = provider.account["properties"]
        own |= {n: part for n, part in settings.items() if n not in {**common, **own}}
    which = {"type": {"type": "string", "enum": types, **_TYPE}}
    definitions["provider"] |= {
        "properties": which,
        "allOf": [
            {
                "if": {"required": ["type"], "properties": {"type": {"const": name}}},
                "then": {"$ref": f"#/definitions/{name}"},
            }
            for name in types
        ],
    }
    definitions["provider_overlay"]["properties"] = {**which, **own, **common}
    accounts = {provider.type: _account(provider, common) for provider in providers}
    return {**schema, "$id": "workspace.schema.json", "definitions": {**accounts, **definitions}}


def _account(provider: Provider, common: Schema) -> dict[str, Any]:
    """One account in `reconciler.yaml`: what its vendor needs, and what any may have."""
    settings = provider.account["properties"]
    return {
        "title": provider.title,
        "type": "object",
        "additionalProperties": False,
        "required": ["type", *provider.account["required"]],
        "description": f"A connection to {provider.title}.",
        "properties": {
            "type": {"type": "string", "const": provider.type, **_TYPE},
            **{name: part for name, part in settings.items() if name not in common},
            **{name: settings.get(name, part) for name, part in common.items()},
        },
    }


def words() -> dict[str, Any]:
    """The meta-schema of a kind's schema: draft-07 and the words that we add to it."""
    roots = {"x-kind": KIND, "x-not-managed": NOT_MANAGED}
    known = "|".join(word.removeprefix("x-") for word in (*roots, *WORDS))
    everywhere = {"$ref": "#"}
    return {
        "$schema": DRAFT,
        "$id": "words.schema.json",
        "title": "Schema of a kind",
        "description": "JSON Schema draft-07 with the words that say what a vendor does "
        "with a kind and with each field.",
        "allOf": [{"$ref": DRAFT}],
        "properties": {
            **roots,
            **{name: {**word.schema, "description": word.meaning} for name, word in WORDS.items()},
            "properties": {"additionalProperties": everywhere},
            "definitions": {"additionalProperties": everywhere},
            "items": everywhere,
            "additionalProperties": everywhere,
        },
        "patternProperties": {f"^x-(?!({known})$)": False},
    }
