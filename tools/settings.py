"""A JSON Schema → tables in Markdown: the settings of reconciler.yaml, the words of a manifest."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from reconciler.app.schema import workspace
from reconciler.kinds import Provider
from reconciler.kinds.options import OPTIONS
from reconciler.values.fields import Schema, load_schema
from tools.reference import markdown_table

HEAD = ("setting", "value", "by default", "meaning")
_TYPES: Mapping[str, str] = {
    "string": "text",
    "object": "map",
    "array": "list",
    "boolean": "true or false",
}


def with_settings(page: str, providers: Iterable[Provider]) -> str:
    """The page about reconciler.yaml with its tables between the markers."""
    providers = list(providers)
    schema = workspace(providers)
    common = load_schema("workspace.json")["definitions"]["settings"]["properties"]
    top = {n: _resolved(p, schema) for n, p in schema["properties"].items() if n != "environments"}
    accounts = (_account(provider, schema, common) for provider in providers)
    return between_markers(
        page,
        {
            "settings": _table(_rows(top, schema, frozenset(schema["required"]))),
            "common-settings": _table(_rows(common, schema)),
            "accounts": "\n\n".join(accounts),
        },
    )


def _account(provider: Provider, schema: Schema, common: Schema) -> str:
    """The section about the accounts of one vendor: what is not the same for all."""
    account = schema["definitions"][provider.type]
    needed = frozenset(account["required"])
    left = {"type", *(name for name in common if name not in needed)}
    own = {name: part for name, part in account["properties"].items() if name not in left}
    return f"### {provider.title}: `{provider.type}`\n\n{_table(_rows(own, schema, needed))}"


def with_options(page: str) -> str:
    """The page about manifests with the table of the words that begin with `$`."""
    return between_markers(page, {"options": _table(_rows(OPTIONS, {}))})


def between_markers(page: str, texts: Mapping[str, str]) -> str:
    """The page with each text between the markers of its name; raises ValueError where a page
    lacks one."""
    for name, text in texts.items():
        before, begin, rest = page.partition(f"<!-- {name} -->\n")
        _, end, after = rest.partition(f"<!-- /{name} -->")
        if not end:
            raise ValueError(f"the page has no place for {name}")
        page = f"{before}{begin}{text}\n{end}{after}"
    return page


def _table(rows: Iterable[tuple[str, str, str, str]]) -> str:
    return markdown_table(HEAD, rows)


def _rows(
    parts: Mapping[str, Schema],
    root: Schema,
    needed: frozenset[str] = frozenset(),
    above: str = "",
) -> Iterator[tuple[str, str, str, str]]:
    """A row for each setting, followed by those inside it."""
    for name, part in parts.items():
        part = _resolved(part, root)
        default = _shown(part["default"]) if "default" in part else ""
        first = "needed" if name in needed else default
        yield f"`{above}{name}`", _value(part), first, part["description"]
        inside, prefix = part, f"{above}{name}."
        if "items" in part:
            inside, prefix = _resolved(part["items"], root), f"{above}{name}[]."
        if "properties" in inside:
            yield from _rows(
                inside["properties"], root, frozenset(inside.get("required", ())), prefix
            )


def _value(part: Schema) -> str:
    """What a setting may be, with the first example."""
    if "enum" in part:
        return " or ".join(_shown(value) for value in part["enum"])
    types = part["type"] if isinstance(part["type"], list) else [part["type"]]
    text = " or ".join(_TYPES.get(str(name), str(name)) for name in types)
    limits = [
        f"{word} {part[name]}"
        for word, name in (("at least", "minimum"), ("more than", "exclusiveMinimum"))
        if name in part
    ]
    limits += [f"at most {part['maximum']}"] if "maximum" in part else []
    if limits:
        text += f", {', '.join(limits)}"
    if "examples" in part:
        text += f", as {_shown(part['examples'][0])}"
    return text


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"`{text}`"


def _resolved(part: Schema, root: Schema) -> Schema:
    """The schema that a reference inside `root` leads to."""
    if "$ref" not in part:
        return part
    found: Any = root
    for name in part["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return {**found, **{name: value for name, value in part.items() if name != "$ref"}}
