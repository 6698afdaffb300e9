"""Provider → its reference page, in Markdown: what can be declared, and what we only assume."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from reconciler.kinds import Kind, Provider, Verb
from reconciler.report.descriptions import FEW, abilities, key_of, limits, names, type_of
from reconciler.values.fields import Facts, facts_of, named_fields


def reference(provider: Provider) -> str:
    """The page `docs/providers/<type>.md`."""
    blocks = [
        f"# {provider.title} (`{provider.type}`)",
        "<!-- Generated from the schemas and declarations by `python -m tools.generate`. -->",
        _bullets(_account(provider)),
        "## Kinds",
        capability_table([provider]),
        *(block for kind in provider.kinds.values() for block in _kind(provider, kind)),
        *_not_managed(provider),
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
            key_of(kind),
        )
        for provider in providers
        for kind in provider.kinds.values()
    ]
    return markdown_table(
        ("provider", "kind", "mode", "L", "G", "C", "U", "D", "natural key"), rows
    )


def with_capabilities(text: str, providers: Iterable[Provider]) -> str:
    """A text with the capability table between its two markers, where it has them."""
    before, begin, rest = text.partition("<!-- capabilities -->\n")
    _, end, after = rest.partition("\n<!-- /capabilities -->")
    return f"{before}{begin}{capability_table(providers)}{end}{after}" if end else text


def _account(provider: Provider) -> Iterator[str]:
    auth = provider.auth
    address = f"`{provider.base_url}`" if provider.base_url else "each customer's own"
    yield f"Address (`base_url`): {address}"
    yield f"Credentials: {auth.describe()}"
    own = " or ".join(f"`{host}`" for host in provider.own_hosts) or "none"
    customers = names(f"*.{host}" for host in provider.tenancy.hosts) if provider.tenancy else ""
    yield f"Hosts that need no approval for them: {own}" + (
        f", which names the customer's own ({customers})" if customers else ""
    )
    yield f"Settings in `reconciler.yaml`: {names(provider.settings)}"
    tiers = "; ".join(f"{rate} with tier `{tier}`" for tier, rate in provider.rate.items() if tier)
    usual = f"{provider.rate['']} unless set otherwise"
    rates = f"{tiers}; {usual}" if tiers else usual
    yield f"Requests a minute (`requests_per_minute`, 0 for no limit): {rates}"
    yield f"Requests at once (`parallelism`): {provider.parallelism}"


def _not_managed(provider: Provider) -> Iterator[str]:
    if rows := provider.not_managed:
        yield "## Not managed"
        yield _bullets(f"{names(row.names)}: {row.why}" for row in rows)


def _kind(provider: Provider, kind: Kind) -> Iterator[str]:
    facts = facts_of(provider.type, kind.name)
    yield f"## `{kind.name}`"
    yield facts.description
    yield _bullets(abilities(kind))
    yield _fields(kind, facts)
    yield from _long_lists(facts)
    if kind.notes:
        yield _bullets(kind.notes)


def _fields(kind: Kind, facts: Facts) -> str:
    rows = [
        (f"`{name}`", type_of(field), ", ".join(limits(kind, field, part)), field.description)
        for name, field, part in named_fields(facts.fields, facts.schema)
    ]
    return markdown_table(("field", "type", "constraints", "description"), rows)


def _long_lists(facts: Facts) -> Iterator[str]:
    for name, field, _ in named_fields(facts.fields, facts.schema):
        values = (field.items or field).enum
        if len(values) > FEW or (values and (field.items or field).live):
            yield f"Values of `{name}`: {names(values)}."


def _bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def markdown_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; a bar inside a cell would end the cell."""
    lines = [head, ["---"] * len(head), *([c.replace("|", "\\|") for c in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
