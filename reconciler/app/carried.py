"""Make what one environment declares of an object that is live in another."""

from __future__ import annotations

from dataclasses import replace

from reconciler.app.entry import declarable
from reconciler.app.plan import Planned
from reconciler.kinds.resource_types import ResourceType
from reconciler.model import Cause, Change, Fields, Options, Resource, is_secret
from reconciler.values.shape import merge_value, project
from reconciler.values.text import dotted
from reconciler.values.walk import nodes


def carried_fields(
    resource_type: ResourceType, live: Fields, managed: Fields | None
) -> dict[str, object]:
    """The fields of a live object that are carried over: those that are managed where it comes
    from, with the natural key; or all that a manifest may declare, where nothing is. One that is
    managed and not set is carried over as null."""
    facts = resource_type.facts
    fields = declarable(resource_type, live)
    if managed is None:
        return fields
    known = {name: value for name, value in managed.items() if not is_secret(value)}
    carried = dict(project(facts, fields, known))
    for name in known.keys() - carried.keys():
        field = facts.fields.get(name)
        if field and field.writable and not field.sensitive and "null" in field.types:
            carried[name] = None
    key = {name: fields[name] for name in resource_type.kind.natural_key if name in fields}
    return key | carried


def declared_with(
    resource_type: ResourceType, made: Resource, own: Resource | None, options: Options
) -> Resource:
    """The resource with the carried fields over those that the manifests declare, whose secrets
    and options stay; with `options` where they declare none."""
    if own is None:
        return replace(made, options=options)
    facts, fields = resource_type.facts.fields, dict(own.fields)
    for name, value in made.fields.items():
        old = own.fields.get(name)
        keeps = any(is_secret(node.value) for node in nodes(None, old))
        fields[name] = merge_value(facts[name], old, value) if keeps else value
    refs = tuple(ref for ref in own.refs if ref.path[0] not in made.fields)
    return replace(own, fields=fields, refs=(*refs, *made.refs))


def secrets_managed(resource_type: ResourceType, managed: Fields | None) -> tuple[str, ...]:
    """The secrets among the managed fields, by their paths; where nothing is managed, the sensitive
    fields that can be written."""
    if managed is None:
        fields = resource_type.facts.fields.items()
        return tuple(name for name, field in fields if field.sensitive and field.writable)
    found = (node.path for node in nodes(None, managed) if is_secret(node.value))
    return tuple(dict.fromkeys(dotted(path) for path in found))


def with_origin(planned: Planned, name: str) -> Planned:
    """The plan in which no change is said to come from the manifests: it is from environment
    `name`."""

    def told(change: Change) -> Change:
        if change.cause is not Cause.EDIT:
            return change
        reason = "; ".join(filter(None, (f"as in {name}", change.reason)))
        return replace(change, cause=None, reason=reason)

    changes = tuple(map(told, planned.plan.changes))
    return replace(planned, plan=replace(planned.plan, changes=changes))
