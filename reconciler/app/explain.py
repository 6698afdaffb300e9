"""Find the kind or field that a name such as `webhooks.events` means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from reconciler.errors import Diagnostic, Invalid
from reconciler.kinds import Kind, Provider
from reconciler.kinds.options import OPTIONS
from reconciler.values.fields import NamedField, facts_from, facts_of, named_fields
from reconciler.values.text import did_you_mean, shown


class Topic(NamedTuple):
    """What a name means: a kind of a provider, or one of its fields.

    `name` is what the workspace calls the provider; its type where the workspace has none.
    """

    provider: Provider
    kind: Kind
    name: str
    field: NamedField | None


def explain(
    name: str,
    types: Mapping[str, Provider],
    configured: Mapping[str, Provider],
    others: Iterable[str] = (),
) -> Topic:
    """What `kind`, `kind.field`, `provider/kind.field` or an address means.

    The provider in it is one of `types` or of `configured`, the providers of the workspace by
    name. Raises Invalid, with what could have been meant, where it means nothing or several things;
    `others` are the names of what is no kind.
    """
    providers = {**types, **configured}
    vendor, slash, rest = name.partition("/")
    if not slash and name in providers:
        raise _only_a_provider(name, providers[name])
    if slash and vendor not in providers:
        hint = did_you_mean(vendor, providers)
        raise Invalid(Diagnostic(f"there is no provider {shown(vendor)}", hint))
    kind, *path = (rest.partition("/")[0] if slash else name).split(".")
    own = [providers[vendor]] if slash else list(types.values())
    provider = _provider_of(kind, path, own, () if slash else others)
    named = [own for own, other in configured.items() if other.type == provider.type]
    own_name = vendor if slash and vendor in configured else next(iter(named), provider.type)
    field = find_field(provider, provider.kinds[kind], path) if path else None
    return Topic(provider, provider.kinds[kind], own_name, field)


def _only_a_provider(name: str, provider: Provider) -> Invalid:
    kinds = provider.kinds
    return Invalid(
        Diagnostic(
            f"{name} is a provider, not a kind",
            f"Its kinds: {', '.join(kinds)}. Try: reconciler explain {name}/{next(iter(kinds))}",
        )
    )


def _provider_of(
    kind: str, path: Sequence[str], providers: Sequence[Provider], others: Iterable[str]
) -> Provider:
    """The only one of these providers that has the kind."""
    having = [provider for provider in providers if kind in provider.kinds]
    if len(having) == 1:
        return having[0]
    if not having:
        known = {name for provider in providers for name in provider.kinds}
        where = f"{providers[0].title} has" if len(providers) == 1 else "there is"
        reasons = [f"{p.title}: {why}" for p in providers if (why := p.why_not_managed(kind))]
        hint = " ".join(reasons) or did_you_mean(kind, [*known, *others])
        raise Invalid(Diagnostic(f"{where} no kind {shown(kind)}", hint))
    names = [f"{provider.type}/{'.'.join([kind, *path])}" for provider in having]
    raise Invalid(
        Diagnostic(
            f"{kind} is a kind of {' and of '.join(p.title for p in having)}",
            f"Name the provider: reconciler explain {' or '.join(names)}",
        )
    )


def find_field(provider: Provider, kind: Kind, path: Sequence[str]) -> NamedField:
    """The field at `path`, also one of the `$…` options; raises Invalid with a hint."""
    known = {field.name.replace("[]", ""): field for field in _fields(provider, kind)}
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


def _fields(provider: Provider, kind: Kind) -> Iterator[NamedField]:
    for facts in (facts_of(provider.type, kind.name), facts_from({"properties": OPTIONS})):
        yield from named_fields(facts.fields, facts.schema)
