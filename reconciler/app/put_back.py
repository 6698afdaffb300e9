"""Put back what changed at the vendors since the last apply, and change nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from reconciler.app.goal import Goal
from reconciler.app.options import PlanOptions
from reconciler.app.project import Project
from reconciler.identity import references_in
from reconciler.kinds.resource_types import ResourceType
from reconciler.ledger import State
from reconciler.model import Address, Manifests, Owned, Resource, Secret
from reconciler.values.compare import equal
from reconciler.values.mask import secrets_in


def put_back(project: Project, options: PlanOptions, manifests: Manifests, state: State) -> Goal:
    """That what was last applied is live: the manifests with what they said then."""
    resources = tuple(_last_applied(project, manifests.resources, state.owned))
    declared = frozenset(resource.address for resource in manifests.resources)
    return Goal(
        options,
        replace(manifests, resources=resources),
        lambda planned: replace(planned, declared=declared),
    )


def _last_applied(
    project: Project, resources: Iterable[Resource], owned: Mapping[Address, Owned]
) -> Iterator[Resource]:
    """The declared resources that were applied, with the fields that they had then.

    What was edited in the manifests since does not count. A secret is left out unless it is still
    the one that was applied: its text is nowhere else.
    """
    for resource in resources:
        options, address = resource.options, resource.address
        row = owned.get(address)
        if row is None and options.was:
            row = owned.get(address.scope.address(options.was))
        if row is not None and not options.absent:
            yield _as_applied(project, project.resource_types.of(address.scope), resource, row)


def _as_applied(
    project: Project, resource_type: ResourceType, resource: Resource, row: Owned
) -> Resource:
    facts = resource_type.facts
    fields: dict[str, Any] = {}
    edited = set()
    for name, value in row.fields.items():
        declared = resource.fields.get(name)
        if any(secrets_in(facts, {name: value})):
            if _same_secrets(project, resource_type, name, declared, value):
                fields[name] = declared
        elif name in resource.fields and equal(facts.fields.get(name), declared, value):
            fields[name] = declared
        else:
            fields[name] = value
            edited.add(name)
    kept = (ref for ref in resource.refs if ref.path[0] in fields and ref.path[0] not in edited)
    former = (ref for ref in references_in(resource_type.targets, fields) if ref.path[0] in edited)
    protect = row.protect or resource.options.protect
    options = replace(resource.options, protect=protect, on_remove=row.on_remove, rotate=row.rotate)
    return replace(resource, fields=fields, refs=(*kept, *former), options=options)


def _same_secrets(
    project: Project, resource_type: ResourceType, name: str, declared: Any, applied: Any
) -> bool:
    """Whether a field is declared with the secrets that it had when it was applied."""
    facts, known = resource_type.facts, {}
    for node in secrets_in(facts, {name: applied}):
        known[node.place] = node.value
    for node in secrets_in(facts, {name: declared}):
        fingerprint = known.pop(node.place, None)
        if fingerprint is None or not isinstance(node.value, Secret):
            return False
        if not project.fingerprints.same(node.value, str(next(iter(fingerprint.values())))):
            return False
    return not known
