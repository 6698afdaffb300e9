"""Find the resources and live objects that the references of a resource name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from reconciler.identity import LiveIndex, key_text
from reconciler.model import Address, Live, Pointer, Ref, Resource, Scope
from reconciler.planner.context import CannotPlan, Context
from reconciler.values.scalars import text_form
from reconciler.values.text import dotted, shown


def resolved_references(context: Context, resource: Resource) -> tuple[tuple[Ref, Pointer], ...]:
    """Each reference with a pointer to the object that it names, whose id is None where the object
    does not exist yet; a reference to a resource is given that resource's key as its name.

    Raises CannotPlan, with a finding for each reference that names neither a declared nor a live
    object.
    """
    indexes = context.indexes
    pairs = [(ref, _resolved(indexes[ref.target], ref)) for ref in resource.refs]
    dangling = [_dangling(indexes[ref.target], ref) for ref, pair in pairs if pair is None]
    if dangling:
        raise CannotPlan(resource, *dangling)
    return tuple([pair for _, pair in pairs if pair is not None])


def referrers(context: Context, desired: Iterable[Resource]) -> dict[tuple[Scope, str], Address]:
    """The undeclared live objects that resources refer to, each with the address of the first
    resource that does. Kinds whose archived objects can still be referred to are left out."""
    users: dict[tuple[Scope, str], Address] = {}
    for resource in desired:
        for ref in () if resource.options.absent else resource.refs:
            index = context.indexes.get(ref.target)
            if index is None or index.resource_named(ref.name) is not None:
                continue
            archive, live = index.resource_type.kind.archive, index.live_named(ref.name)
            if live is not None and (archive is None or archive.query is not None):
                users.setdefault((ref.target, live.id), resource.address)
    return users


def _resolved(index: LiveIndex, ref: Ref) -> tuple[Ref, Pointer] | None:
    target = index.resource_named(ref.name)
    if target is not None and not target.options.absent:
        live = index.matched.get(target.address.key)
        key = target.fields.get(index.resource_type.kind.natural_key[0], ref.name)
        pointer = Pointer(live.id if isinstance(live, Live) else None, str(key))
        return replace(ref, name=target.address.key), pointer
    match = index.live_named(ref.name)
    return None if match is None else (ref, Pointer(match.id, ref.name))


def _dangling(index: LiveIndex, ref: Ref) -> tuple[str, str]:
    """The summary and the hint for a reference to an object that does not exist."""
    from difflib import get_close_matches

    names = [*index.declared, *map(key_text, index.by_key)]
    near = get_close_matches(text_form(ref.name), names, n=1)
    hint = f"Did you mean {shown(near[0])}? " if near else ""
    return (
        f"{dotted(ref.path)} names {shown(ref.name)}, but {ref.target} has no such object, "
        "neither declared nor live",
        f"{hint}Declare it under {ref.target.kind}, or correct the name.",
    )
