"""Explain what a file can hold: its type, its limits, its default, and an example."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from reconciler.model import Setting
from reconciler.report.columns import columns, paragraph
from reconciler.report.descriptions import names
from reconciler.report.explain import BOUNDS
from reconciler.report.json import line
from reconciler.report.yaml_text import flow
from reconciler.values.fields import Schema

# how a provider and an environment are called in examples
_NAMES = {"providers": "kobo", "environments": "staging"}
_TYPES = {"string": "text", "object": "map", "integer": "whole number", "array": "list"}


def setting_lines(setting: Setting) -> Iterator[str]:
    """Everything that is known of a setting, and of what is inside it."""
    yield setting.name
    yield from paragraph(setting.schema.get("description", ""))
    yield ""
    rows = [("Type:", type_words(setting.schema))]
    if described := limits(setting):
        rows.append(("Constraints:", ", ".join(described)))
    if "default" in setting.schema:
        rows.append(("Default:", flow(setting.schema["default"])))
    if not setting.members:
        examples = setting.schema.get("examples") or filter(None, [setting.example])
        rows += [("Example:", flow(value)) for value in examples]
    yield from columns(rows, "  ")
    if setting.members:
        yield ""
        yield "Inside it"
        for member in setting.members:
            default = member.schema.get("default")
            described = [type_words(member.schema), *limits(member)]
            described += [f"by default {flow(default)}"] if default is not None else []
            yield f"  {member.name}: {'; '.join(described)}"
            yield from paragraph(member.schema.get("description", ""), "      ")
        if setting.example is not None:
            yield ""
            yield "Example"
            yield from (f"  {text}" for text in example_lines(setting))
    if setting.also:
        yield ""
        yield setting.also


def setting_document(setting: Setting) -> Iterator[str]:
    """A setting and what is inside it as one JSON document."""
    yield line(**_document(setting), members=[_document(member) for member in setting.members])


def _document(setting: Setting) -> dict[str, Any]:
    schema = setting.schema
    return {
        "name": setting.name,
        "description": schema.get("description", ""),
        "type": type_words(schema),
        "constraints": limits(setting),
        "required": setting.required,
        "default": schema.get("default"),
        "values": list(schema.get("enum", ())),
        "example": setting.example,
    }


def example_lines(setting: Setting) -> Iterator[str]:
    """The example as YAML, under the name of the setting unless that is a file or a choice."""
    from reconciler.yaml12 import writer

    value, path = setting.example, setting.name.split(".") if _has_place(setting.name) else []
    for above, name in reversed([*pairwise(["", *path])]):
        value = {_NAMES.get(above, name) if name == "NAME" else name: value}
    yield from writer.text(value).rstrip("\n").split("\n")


def _has_place(name: str) -> bool:
    return name[0] != "$" and name not in ("reconciler.yaml", "manifest")


def type_words(schema: Schema) -> str:
    """The type of a value, in words."""
    types = schema.get("type", [])
    spoken = [types] if isinstance(types, str) else types
    if spoken == ["array"] and "items" in schema:
        return f"list of {type_words(schema['items'])}"
    words = [_TYPES.get(name, name) for name in spoken if name != "null"]
    return " or ".join(words) or "any value"


def limits(setting: Setting) -> list[str]:
    """What a value must be beside its type."""
    schema = setting.schema
    types = schema.get("type", ())
    words = ["required"] if setting.required else []
    words += ["may be null"] if "null" in types else []
    words += ["never shown"] if schema.get("x-sensitive") else []
    words += [f"one of {names(schema['enum'])}"] if "enum" in schema else []
    words += [f"`{schema['const']}`"] if "const" in schema else []
    words += [f"matches `{schema['pattern']}`"] if "pattern" in schema else []
    words += ["each once"] if schema.get("uniqueItems") else []
    for rule, text in BOUNDS.items():
        if rule in schema:
            empty = (rule, schema[rule]) == ("minLength", 1)
            words.append("not empty" if empty else text.format(schema[rule]))
    return words
