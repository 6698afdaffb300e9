"""A kind and its fields in words: what can be done with it, types, constraints."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from reconciler.kinds import Kind, Verb
from reconciler.model import ABSENT
from reconciler.values.fields import Field, Schema

URL = "^https?://"
FEW = 6
"""More values than this are listed apart from the other constraints of a field."""


def abilities(kind: Kind) -> Iterator[str]:
    """The mode, natural key, screen and rights of a kind, one line each."""
    verbs = ", ".join(verb.value for verb in Verb if kind.can(verb))
    yield f"Mode: {kind.mode} ({verbs})"
    unique = ", the vendor keeps it unique" if kind.unique else ", unique by convention only"
    yield f"Natural key: {key_of(kind)}{unique if kind.natural_key else ''}"
    yield f"On screen: {kind.screen}"
    if kind.updated_since and kind.listed_plainly:
        yield f"Long lists: only what changed since the last reading (`{kind.updated_since}`)"
    if kind.right:
        writes = any(kind.can(verb) for verb in (Verb.CREATE, Verb.UPDATE, Verb.DELETE))
        yield f"Rights: `{kind.right}:read`" + (f", `{kind.right}:write`" if writes else "")


def type_of(field: Field) -> str:
    """The type of a field, in words."""
    if field.decimal:
        return "decimal"
    if field.items:
        return f"list of {type_of(field.items)}s"
    spoken = {"string": "text", "object": "map"}
    return " or ".join(spoken.get(kind, kind) for kind in sorted(field.types - {"null"}))


def limits(kind: Kind, field: Field, part: Schema) -> Iterator[str]:
    """The constraints of a field beside its type, in the words of the schema."""
    entry = field.items or field
    constraints = {
        "needed to create": field.required and kind.can(Verb.CREATE),
        "read-only": field.read_only,
        "cannot be set through the API": field.observed,
        "write-only": field.write_only,
        "sensitive": field.sensitive,
        "cannot be changed": field.immutable,
        "may be null": "null" in field.types,
        "order does not matter": field.unordered,
        f"entries told apart by `{field.key}`": field.key,
        "each once": part.get("uniqueItems"),
        "moves by itself": field.volatile,
        "the vendor may refuse it": field.conditional,
        "the vendor may add it instead of setting it": field.may_add,
        f"names one of `{entry.ref}`": entry.ref,
        f"date as `{field.date}`": field.date,
        f"by default `{field.default}`": field.default is not ABSENT,
        _pattern(part): "pattern" in part and not (field.decimal or field.date),
        f"one of {names(entry.enum)}": 0 < len(entry.enum) <= FEW and not entry.live,
        f"one of {len(entry.enum)} values (below)": len(entry.enum) > FEW and not entry.live,
        f"{len(entry.enum)} values are documented (below)": bool(entry.enum and entry.live),
        "asked of the vendor by `validate --online`": entry.live,
    }
    return (words for words, holds in constraints.items() if holds)


def _pattern(part: Schema) -> str:
    """What a text must look like, in words where its pattern is a well-known form."""
    form: str = part.get("pattern", "")
    if form.startswith(URL):
        return "an http or https URL"
    words = {"date": "a day as YYYY-MM-DD", "date-time": "a point in time as ISO 8601"}
    return words.get(part.get("format", ""), f"matches `{form}`")


def key_of(kind: Kind) -> str:
    """The natural key of a kind, in words."""
    return " + ".join(f"`{name}`" for name in kind.natural_key) or "none: there is one"


def names(values: Iterable[Any]) -> str:
    """Values as code, in a line."""
    return ", ".join(f"`{value}`" for value in values)
