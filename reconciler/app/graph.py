"""Find which declared resources refer to which, without any network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from reconciler.app.project import Project, load_valid_manifests
from reconciler.errors import Diagnostic, Invalid
from reconciler.identity import index_live
from reconciler.model import Action, Address, Change, Plan
from reconciler.planner import scopes_needed
from reconciler.planner.scope import covers
from reconciler.values.text import did_you_mean, dotted, printable


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


def changes(plan: Plan) -> tuple[References, Mapping[Address, Action]]:
    """What a plan changes, what each change needs of the others, and the action of each."""
    actions = {c.address: c.action for c in plan.changes if c.action is not Action.NO_OP}
    edges = sorted(
        (change.address, needed, _field(change, needed))
        for change in plan.changes
        for needed in change.needs
        if change.address in actions and needed in actions
    )
    return References(tuple(sorted(actions)), tuple(edges)), actions


def _field(change: Change, needed: Address) -> str:
    """The field by which a change refers to what it needs; empty where it has none."""
    paths = (r.path for r, _ in change.refs if r.target.address(r.name) == needed)
    return dotted(next(paths, ()))


def part_of(graph: References, names: Sequence[str]) -> References:
    """The resources with these addresses, and what refers to them or is referred to. Raises
    Invalid for a name that matches nothing."""
    known = {*graph.declared, *(address for edge in graph.edges for address in edge[:2])}
    for name in names:
        if not any(covers([name], address) for address in known):
            hint = did_you_mean(name, map(str, known))
            raise Invalid(Diagnostic(f"{printable(name, 200)}: nothing has this address", hint))
    edges = tuple(e for e in graph.edges if covers(names, e[0]) or covers(names, e[1]))
    return References(tuple(a for a in graph.declared if covers(names, a)), edges)
