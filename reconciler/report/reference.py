"""Provider → its reference page, in Markdown: what can be declared, and what we only assume."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from reconciler.kinds import Identity, Kind, Provider, Verb
from reconciler.model import ABSENT
from reconciler.values.fields import Facts, Field, Schema, facts_of

# More values than this are listed below the table, where a cell would grow too wide to read.
FEW = 6


def reference(provider: Provider) -> str:
    """The page `docs/providers/<type>.md`."""
    blocks = [
        f"# {provider.title} (`{provider.type}`)",
        "<!-- Generated from the schemas and declarations by `reconciler schema --write`. -->",
        _bullets(_account(provider)),
        "## Kinds",
        capability_table([provider]),
        *(block for kind in provider.kinds.values() for block in _kind(provider, kind)),
        "## Oddities and assumptions",
        _bullets(provider.notes),
    ]
    return "\n\n".join(blocks) + "\n"


def capability_table(providers: Iterable[Provider]) -> str:
    """Which verbs each kind of each provider has: list, get, create, update, delete."""
    rows = [
        (
            provider.type,
            f"`{kind.name}`",
            kind.mode.value,
            *("✓" if kind.can(verb) else "" for verb in Verb),
            _key(kind),
        )
        for provider in providers
        for kind in provider.kinds.values()
    ]
    return _table(("provider", "kind", "mode", "L", "G", "C", "U", "D", "natural key"), rows)


def with_capabilities(text: str, providers: Iterable[Provider]) -> str:
    """A text with the capability table between its two markers, where it has them."""
    before, begin, rest = text.partition("<!-- capabilities -->\n")
    _, end, after = rest.partition("\n<!-- /capabilities -->")
    return f"{before}{begin}{capability_table(providers)}{end}{after}" if end else text


def pages(providers: Iterable[Provider]) -> dict[str, str]:
    """Every reference page, by file name."""
    return {f"{provider.type}.md": reference(provider) for provider in providers}


def _account(provider: Provider) -> Iterator[str]:
    auth = provider.auth
    address = f"`{provider.base_url}`" if provider.base_url else "each customer's own"
    yield f"Address (`base_url`): {address}"
    yield f"Credentials: {auth.describe()}"
    yield f"Settings in `reconciler.yaml`: {_names(provider.settings)}"
    tiers = "; ".join(f"{rate} with tier `{tier}`" for tier, rate in provider.rate.items() if tier)
    usual = f"{provider.rate['']} unless set otherwise"
    rates = f"{tiers}; {usual}" if tiers else usual
    yield f"Requests a minute (`requests_per_minute`, 0 for no limit): {rates}"
    yield f"Requests at once (`parallelism`): {provider.parallelism}"


def _kind(provider: Provider, kind: Kind) -> Iterator[str]:
    facts = facts_of(provider.type, kind.name)
    yield f"## `{kind.name}`"
    yield facts.description
    yield _bullets(abilities(kind))
    yield _fields(kind, facts)
    yield from _long_lists(facts)
    if kind.notes:
        yield _bullets(kind.notes)


def abilities(kind: Kind) -> Iterator[str]:
    """How far a kind can be managed, how its objects are found, and where a person sees them."""
    verbs = ", ".join(verb.value for verb in Verb if kind.can(verb))
    yield f"Mode: {kind.mode} ({verbs})"
    kept = {
        Identity.ENFORCED: "the vendor keeps it unique",
        Identity.CONVENTION: "unique by convention only",
    }
    unique = f", {kept[kind.identity]}" if kind.natural_key else ""
    yield f"Natural key: {_key(kind)}{unique}"
    yield f"On screen: {kind.screen}"
    if kind.right:
        writes = any(kind.can(verb) for verb in (Verb.CREATE, Verb.UPDATE, Verb.DELETE))
        yield f"Rights: `{kind.right}:read`" + (f", `{kind.right}:write`" if writes else "")


def _fields(kind: Kind, facts: Facts) -> str:
    rows = [
        (f"`{name}`", type_of(field), ", ".join(limits(kind, field, part)), field.description)
        for name, field, part in walk(facts.fields, facts.schema)
    ]
    return _table(("field", "type", "constraints", "description"), rows)


def walk(
    fields: Mapping[str, Field], schema: Schema, above: str = ""
) -> Iterator[tuple[str, Field, Schema]]:
    """Each field with its full name and its schema, members after what holds them."""
    for name, field in fields.items():
        part = schema["properties"][name]
        yield above + name, field, part
        if field.fields:
            yield from walk(field.fields, part, f"{above}{name}.")
        elif field.items and field.items.fields:
            yield from walk(field.items.fields, part["items"], f"{above}{name}[].")


def type_of(field: Field) -> str:
    """The type of a field, in words."""
    if field.decimal:
        return "decimal"
    if field.items:
        return f"list of {type_of(field.items)}s"
    spoken = {"string": "text", "object": "map"}
    return " or ".join(spoken.get(kind, kind) for kind in sorted(field.types - {"null"}))


def limits(kind: Kind, field: Field, part: Schema) -> Iterator[str]:
    """What is said of a field beside its type, in the words of the schema."""
    entry = field.items or field
    said = {
        "needed to create": field.required and kind.can(Verb.CREATE),
        "read-only": field.read_only,
        "write-only": field.write_only,
        "sensitive": field.sensitive,
        "cannot be changed": field.immutable,
        "may be null": "null" in field.types,
        "order does not matter": field.unordered,
        f"entries told apart by `{field.key}`": field.key,
        "each once": part.get("uniqueItems"),
        "moves by itself": field.volatile,
        f"names one of `{entry.ref}`": entry.ref,
        f"date as `{field.date}`": field.date,
        f"by default `{field.default}`": field.default is not ABSENT,
        f"matches `{part.get('pattern')}`": "pattern" in part and not field.decimal,
        f"one of {_names(entry.enum)}": 0 < len(entry.enum) <= FEW and not entry.live,
        f"one of {len(entry.enum)} values (below)": len(entry.enum) > FEW and not entry.live,
        f"{len(entry.enum)} values are documented (below)": bool(entry.enum and entry.live),
        "asked of the vendor by `validate --online`": entry.live,
    }
    return (words for words, holds in said.items() if holds)


def _long_lists(facts: Facts) -> Iterator[str]:
    for name, field, _ in walk(facts.fields, facts.schema):
        values = (field.items or field).enum
        if len(values) > FEW or (values and (field.items or field).live):
            yield f"Values of `{name}`: {_names(values)}."


def _key(kind: Kind) -> str:
    return " + ".join(f"`{name}`" for name in kind.natural_key) or "none: there is one"


def _names(values: Iterable[Any]) -> str:
    return ", ".join(f"`{value}`" for value in values)


def _bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; a bar inside a cell would end the cell."""
    lines = [head, ["---"] * len(head), *([c.replace("|", "\\|") for c in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
