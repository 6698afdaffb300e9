"""Find what a name means that is no kind: a setting of reconciler.yaml, a word of manifests.

What is known of them is their JSON Schema, by which files are checked and which editors read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reconciler import workspace
from reconciler.errors import Diagnostic, Invalid
from reconciler.kinds import Provider
from reconciler.kinds.options import MARKS, OPTIONS
from reconciler.model import Setting
from reconciler.values.fields import Schema
from reconciler.values.text import did_you_mean, shown

WORKSPACE = "reconciler.yaml"
MANIFEST = "manifest"
OPTION_LIST = "$"
NAME = "NAME"
# A setting is shown with those inside it, and with those inside these.
DEPTH = 2


def find_setting(name: str, configured: Mapping[str, Provider]) -> Setting | None:
    """What a name such as `guard.max_deletes`, `environments`, `$was` or `${var.NAME}` means;
    `configured` are the providers of the workspace by name. None where it is nothing of this sort.

    Raises Invalid, with what could have been meant, for a name that begins like one.
    """
    if name in (WORKSPACE, "reconciler.yml", "workspace"):
        also = (
            "The settings of a provider: reconciler explain providers.TYPE; what a manifest may "
            f"hold: reconciler explain {MANIFEST}"
        )
        return _setting(WORKSPACE, workspace.schema(), also=also)
    if name in (MANIFEST, "provider"):
        return _manifest(name)
    if name.startswith("$"):
        return _word(name)
    path = name.removeprefix(f"{WORKSPACE}.").removeprefix(f"{WORKSPACE}/")
    first, *rest = path.split(".")
    if first not in workspace.schema()["properties"] and path == name:
        return None
    return _inside(first, rest, configured)


def names() -> Iterator[str]:
    """The names that `find_setting` knows, but for what is inside others."""
    yield from (WORKSPACE, MANIFEST, *workspace.schema()["properties"], *OPTIONS)


def _inside(first: str, rest: Sequence[str], configured: Mapping[str, Provider]) -> Setting:
    """The setting at a path in reconciler.yaml."""
    part, name, required = _resolved(workspace.schema()), "", False
    types = workspace.schema()["definitions"]
    for step in (first, *rest):
        part = _resolved(part.get("items", part))
        known, others = part.get("properties", {}), part.get("additionalProperties")
        if step in known:
            required = step in part.get("required", ())
            part, name = _resolved(known[step]), f"{name}.{step}"
        elif isinstance(others, Mapping):
            own = configured[step].type if step in configured else step
            is_account = name == ".providers" and own in types and "title" in types[own]
            part = types[own] if is_account else _resolved(others)
            name, required = f"{name}.{step if is_account else NAME}", False
        else:
            above = name.removeprefix(".") or WORKSPACE
            hint = did_you_mean(step, known) or f"{above} has nothing inside it."
            raise Invalid(Diagnostic(f"{above} has no setting {shown(step)}", hint))
    name = name.removeprefix(".")
    accounts = ", ".join(types["provider"]["properties"]["type"]["enum"])
    also = f"The settings of each type: reconciler explain providers.TYPE ({accounts})"
    return _setting(name, part, required, also=also if name == "providers" else "")


def _word(name: str) -> Setting:
    """One of the words that begin with `$`, or all of them."""
    if name == OPTION_LIST:
        schema = {"description": "The words of every resource that are the tool's.", **_OPTIONS}
        return _setting(name, schema, separator="")
    mark = next((m for m in MARKS if name.startswith(m.partition("NAME")[0])), None)
    mark = mark if name != "$${" else "$${"
    if mark is not None:
        return _setting(mark, MARKS[mark])
    first = name.partition(".")[0]
    if first not in OPTIONS:
        hint = did_you_mean(first, [*OPTIONS, *MARKS])
        raise Invalid(Diagnostic(f"there is no word {shown(first)}", hint))
    also = "It may be written in every resource. All of them: reconciler explain '$'"
    return _setting(first, OPTIONS[first], also=also)


_OPTIONS: Schema = {"type": "object", "properties": OPTIONS}


def _manifest(name: str) -> Setting:
    """A manifest as a whole, or its line `provider`."""
    if name == "provider":
        return _setting(name, _PROVIDER, required=True)
    schema: Schema = {
        "type": "object",
        "description": "A YAML file in the folder `manifests`, of one or more documents. Each "
        "names a provider and declares objects of its kinds by key, in sections with the names of "
        "the kinds.",
        "required": ["provider"],
        "properties": {"provider": _PROVIDER, **MARKS, **OPTIONS},
        "examples": [{"provider": "kobo", "suppliers": {"SUP-001": {"name": "Anadolu"}}}],
    }
    also = "The kinds: reconciler providers. A kind: reconciler explain KIND"
    return _setting(name, schema, separator="", also=also)


_PROVIDER: Schema = {
    "type": "string",
    "minLength": 1,
    "description": "The name in `reconciler.yaml` of the provider whose objects the document "
    "declares.",
    "examples": ["kobo"],
}


def _setting(
    name: str, schema: Schema, required: bool = False, separator: str = ".", also: str = ""
) -> Setting:
    above = "" if name in (WORKSPACE, MANIFEST, OPTION_LIST) else f"{name}{separator}"
    members = tuple(_members(schema, above, DEPTH))
    return Setting(name, schema, required, members, example_of(schema), also)


def _members(part: Schema, above: str, depth: int) -> Iterator[Setting]:
    """What is inside a part of the schema, each followed by what is inside that."""
    if depth == 0:
        return
    part = _resolved(part.get("items", part))
    others = part.get("additionalProperties")
    if isinstance(others, Mapping):
        inner = _resolved(others)
        if "properties" in inner or "additionalProperties" in inner:
            yield from _members(inner, f"{above}{NAME}.", depth if depth == DEPTH else depth - 1)
        else:
            yield Setting(f"{above}{NAME}", inner, example=example_of(inner))
    for name, inner in part.get("properties", {}).items():
        inner = _resolved(inner)
        required = name in part.get("required", ())
        yield Setting(f"{above}{name}", inner, required, (), example_of(inner))
        yield from _members(inner, f"{above}{name}.", depth - 1)


def example_of(part: Schema) -> Any:
    """A value that is valid under a part of the schema; None where the schema shows none."""
    part = _resolved(part)
    for value in (*part.get("examples", ()), *_constant(part), *part.get("enum", ())):
        return value
    if "default" in part:
        return part["default"]
    if others := part.get("additionalProperties"):
        return {NAME: example_of(others)}
    needed = part.get("required") or part.get("properties", ())
    found = ((name, example_of(part["properties"][name])) for name in needed)
    return {name: value for name, value in found if value is not None} or None


def _constant(part: Schema) -> tuple[Any, ...]:
    return (part["const"],) if "const" in part else ()


def _resolved(part: Schema) -> Schema:
    while "$ref" in part:
        part = workspace.schema()["definitions"][part["$ref"].rpartition("/")[2]]
    return part
