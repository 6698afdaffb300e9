"""Find which declared resources refer to which, without any network."""

from __future__ import annotations

from typing import NamedTuple

from reconciler.app.project import Project, load_valid_manifests
from reconciler.identity import index_live
from reconciler.model import Address
from reconciler.planner import scopes_needed
from reconciler.values.text import dotted


class References(NamedTuple):
    """The declared resources, and each reference as (from, to, field), in the order of addresses.

    A reference may lead to an address that nobody declares: an object that should exist already.
    """

    declared: tuple[Address, ...]
    edges: tuple[tuple[Address, Address, str], ...]


def references(project: Project) -> References:
    """The declared resources and their references; raises Invalid for manifests with errors."""
    resources = load_valid_manifests(project).resources
    resource_types = project.resource_types
    types = [resource_types.of(scope) for scope in scopes_needed(resource_types, resources, (), ())]
    indexes = index_live(types, {}, resources, {})
    edges = set()
    for resource in resources:
        for ref in resource.refs:
            index = indexes.get(ref.target)
            meant = index.resource_named(ref.name) if index else None
            target = meant.address if meant else ref.target.address(ref.name)
            edges.add((resource.address, target, dotted(ref.path)))
    declared = tuple(sorted(resource.address for resource in resources))
    return References(declared, tuple(sorted(edges)))
