"""What a name on the command line means, and what the declared resources need of each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from reconciler.app.project import Project, desired
from reconciler.errors import Diagnostic, Invalid
from reconciler.identity import index_live
from reconciler.kinds import Kind, Provider
from reconciler.model import Address
from reconciler.planner import scopes_needed
from reconciler.values.text import did_you_mean, dotted, shown


class Topic(NamedTuple):
    """What is to be explained: a kind of a provider, or the field of it at `path`."""

    provider: Provider
    kind: Kind
    path: tuple[str, ...]


def topic(what: str, types: Mapping[str, Provider], configured: Mapping[str, Provider]) -> Topic:
    """What `kind`, `kind.field` or `provider/kind.field` means, the provider being a type or a
    name in the workspace; an address means its kind. Raises Invalid, with a way to say it."""
    providers = {**types, **configured}
    vendor, slash, rest = what.partition("/")
    if not slash and what in providers:
        kinds = providers[what].kinds
        raise Invalid(
            Diagnostic(
                f"{what} is a provider: say which of its kinds",
                f"They are {', '.join(kinds)}. Try: reconciler explain {what}/{next(iter(kinds))}",
            )
        )
    if slash and vendor not in providers:
        raise Invalid(
            Diagnostic(f"there is no provider {shown(vendor)}", did_you_mean(vendor, providers))
        )
    name, *path = (rest.partition("/")[0] if slash else what).split(".")
    asked = {providers[vendor].type: providers[vendor]} if slash else types
    having = [provider for provider in asked.values() if name in provider.kinds]
    if not having:
        known = {kind for provider in asked.values() for kind in provider.kinds}
        where = f"{asked[providers[vendor].type].title} has" if slash else "there is"
        raise Invalid(Diagnostic(f"{where} no kind {shown(name)}", did_you_mean(name, known)))
    if len(having) > 1:
        ways = [f"{provider.type}/{'.'.join([name, *path])}" for provider in having]
        raise Invalid(
            Diagnostic(
                f"{name} is a kind of {' and of '.join(p.title for p in having)}",
                f"Say which: reconciler explain {' or '.join(ways)}",
            )
        )
    return Topic(having[0], having[0].kinds[name], tuple(path))


class Needs(NamedTuple):
    """What is declared, and each reference as (from, to, field), all in the order of addresses.

    A reference may lead to what nobody declares: an object that is expected to be live.
    """

    declared: tuple[Address, ...]
    references: tuple[tuple[Address, Address, str], ...]


def needs(project: Project) -> Needs:
    """The declared resources and their references, without any network."""
    resources = desired(project).resources
    resource_types = project.resource_types
    types = [resource_types.of(scope) for scope in scopes_needed(resource_types, resources, (), ())]
    known = index_live(types, {}, resources, {})
    references = set()
    for resource in resources:
        for ref in resource.refs:
            index = known.get(ref.target)
            meant = index.resource_named(ref.name) if index else None
            target = meant.address if meant else ref.target.address(ref.name)
            references.add((resource.address, target, dotted(ref.path)))
    return Needs(
        tuple(sorted(resource.address for resource in resources)), tuple(sorted(references))
    )
