"""The schemas that editors read: of each provider type's manifests, reconciler.yaml, our words."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from pathlib import Path as FilePath
from typing import Any

from reconciler.kinds import Kind, Provider
from reconciler.kinds.options import OPTIONS
from reconciler.values.fields import WORDS, Schema, facts_of, schema_folder

DRAFT = "http://json-schema.org/draft-07/schema#"

_TYPE = {"description": "Which vendor it is."}

# What our words may be set to; all the others are said by being there.
_SAID = {"const": True}
_VALUES: Mapping[str, Schema] = {
    "x-date": {"type": "string", "pattern": "%", "examples": ["%d-%m-%Y"]},
    "x-decimal": _SAID,
    "x-immutable": _SAID,
    "x-key": {"type": "string", "minLength": 1, "examples": ["name"]},
    "x-live": {"type": "string", "pattern": "^[a-z_]+$", "examples": ["webhook_events"]},
    "x-ref": {"type": "string", "pattern": "^([a-z-]+/)?[a-z_]+$", "examples": ["suppliers"]},
    "x-required": _SAID,
    "x-sensitive": _SAID,
    "x-set": _SAID,
    "x-volatile": _SAID,
}


def umbrella(provider: Provider) -> dict[str, Any]:
    """The schema of one manifest document for a provider of this type."""
    sections = {kind.name: _section(kind) for kind in provider.kinds.values()}
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
                kind.name: _resource(facts_of(provider.type, kind.name).schema)
                for kind in provider.kinds.values()
            },
        },
    }


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


def _resource(schema: Schema) -> dict[str, Any]:
    """A kind's schema as a manifest uses it: with the tool's words, and without what only the
    vendor may write. The natural key may be left out, and so may all there is to say: `SUP-001:`
    alone declares that the object exists."""
    kept = {k: v for k, v in schema.items() if k not in ("$schema", "$id", "required")}
    writable = {k: _filled_in(v) for k, v in schema["properties"].items() if not v.get("readOnly")}
    return {**kept, "type": ["object", "null"], "properties": {**writable, **OPTIONS}}


_INTERPOLATION: Schema = {
    "type": "string",
    "pattern": "\\$\\{(var|secret)\\.",
    "description": "A text with `${var.NAME}` in it, or `${secret.NAME}`.",
}
_SPOKEN = ("title", "description", "default", "examples")


def _filled_in(part: Schema) -> Schema:
    """The schema of a field as an editor needs it, which sees what will be filled in later."""
    inside = dict(part)
    for word in ("items", "additionalProperties"):
        if isinstance(part.get(word), Mapping):
            inside[word] = _filled_in(part[word])
    if "properties" in part:
        inside["properties"] = {name: _filled_in(one) for name, one in part["properties"].items()}
    if inside.keys() <= {"type", *_SPOKEN} and part.get("type") == "string":
        return inside
    spoken = {word: inside.pop(word) for word in _SPOKEN if word in inside}
    return {**spoken, "anyOf": [inside, {"$ref": "#/definitions/filled-in"}]}


def workspace(providers: Collection[Provider]) -> dict[str, Any]:
    """The schema of `reconciler.yaml` where these are the types: `schemas/workspace.json`, with
    what `schemas/<type>.settings.json` says of each."""
    schema = _kept("workspace.json")
    definitions = schema.pop("definitions")
    every = definitions.pop("settings")["properties"]
    types = [provider.type for provider in providers]
    said = {name: _kept(f"{name}.settings.json") for name in types}
    own: dict[str, Any] = {}
    for one in said.values():
        own |= {n: part for n, part in one["properties"].items() if n not in {**every, **own}}
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
    definitions["provider_overlay"]["properties"] = {**which, **own, **every}
    accounts = {one.type: _account(one, said[one.type], every) for one in providers}
    return {**schema, "$id": "workspace.schema.json", "definitions": {**accounts, **definitions}}


def _account(provider: Provider, settings: Schema, every: Schema) -> dict[str, Any]:
    """One account in `reconciler.yaml`: what its vendor needs, and what any may have."""
    own = settings["properties"]
    return {
        "title": provider.title,
        "type": "object",
        "additionalProperties": False,
        "required": ["type", *settings["required"]],
        "description": f"A connection to {provider.title}.",
        "properties": {
            "type": {"type": "string", "const": provider.type, **_TYPE},
            **{name: part for name, part in own.items() if name not in every},
            **{name: own.get(name, part) for name, part in every.items()},
        },
    }


def _kept(name: str) -> dict[str, Any]:
    """A schema that is written by hand."""
    found: dict[str, Any] = json.loads((schema_folder() / name).read_text("utf-8"))
    return found


def words() -> dict[str, Any]:
    """The meta-schema of a kind's schema: draft-07 and the words that we add to it."""
    known = "|".join(word.removeprefix("x-") for word in WORDS)
    everywhere = {"$ref": "#"}
    return {
        "$schema": DRAFT,
        "$id": "words.schema.json",
        "title": "Schema of a kind",
        "description": "JSON Schema draft-07 with the words that say what a vendor does "
        "with a field.",
        "allOf": [{"$ref": DRAFT}],
        "properties": {
            **{word: {**_VALUES[word], "description": say} for word, say in WORDS.items()},
            "properties": {"additionalProperties": everywhere},
            "definitions": {"additionalProperties": everywhere},
            "items": everywhere,
            "additionalProperties": everywhere,
        },
        "patternProperties": {f"^x-(?!({known})$)": False},
    }


def files(providers: Collection[Provider]) -> dict[str, str]:
    """The generated schemas, by file name."""
    made = {f"{provider.type}.schema.json": umbrella(provider) for provider in providers}
    made["workspace.schema.json"] = workspace(providers)
    made["words.schema.json"] = words()
    return {
        name: json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
        for name, schema in made.items()
    }


def write_umbrellas(folder: FilePath, providers: Collection[Provider]) -> None:
    """Write the generated schemas beside the kinds' own."""
    for name, text in files(providers).items():
        (folder / name).write_text(text, "utf-8")
