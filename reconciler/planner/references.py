"""Find the resources and live objects that the references of a resource name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from reconciler.identity import LiveIndex, key_text
from reconciler.model import Address, Live, Pointer, Ref, Resource, Scope
from reconciler.planner.context import CannotPlan, Context
from reconciler.values.text import dotted, shown


class Problem(NamedTuple):
    """What is wrong with a reference, and what to do."""

    summary: str
    detail: str


def resolved_references(context: Context, resource: Resource) -> tuple[tuple[Ref, Pointer], ...]:
    """Each reference with a pointer to the object that it names, whose id is None where the object
    does not exist yet; a reference to a resource is given that resource's key as its name.

    Raises CannotPlan, with a finding for each reference that names no object, an object that is to
    lose that name, or several live objects.
    """
    resolved = [_resolve(context.indexes[ref.target], ref) for ref in resource.refs]
    problems = [result for result in resolved if isinstance(result, Problem)]
    if problems:
        raise CannotPlan(resource, *problems)
    return tuple([result for result in resolved if not isinstance(result, Problem)])


def referrers(context: Context, desired: Iterable[Resource]) -> dict[tuple[Scope, str], Address]:
    """The undeclared live objects that resources refer to, each with the address of the first
    resource that does. Kinds whose archived objects can still be referred to are left out."""
    users: dict[tuple[Scope, str], Address] = {}
    for resource in desired:
        for ref in () if resource.options.absent else resource.refs:
            index = context.indexes.get(ref.target)
            if index is None or ref.by_id or index.resource_named(ref.name) is not None:
                continue
            archive, live = index.resource_type.kind.archive, index.live_named(ref.name)
            if live is not None and (archive is None or archive.query is not None):
                users.setdefault((ref.target, live.id), resource.address)
    return users


def _resolve(index: LiveIndex, ref: Ref) -> tuple[Ref, Pointer] | Problem:
    """A reference with the pointer to its object, or what is wrong with it."""
    if ref.by_id:
        name = index.names.get(ref.name, ref.name)
        return replace(ref, name=name), Pointer(ref.name, name)
    target = index.resource_named(ref.name)
    if target is not None and not target.options.absent:
        live = index.matched.get(target.address.key)
        key = target.fields.get(index.resource_type.kind.natural_key[0], ref.name)
        pointer = Pointer(live.id if isinstance(live, Live) else None, str(key))
        return replace(ref, name=target.address.key), pointer
    candidates = index.all_named(ref.name)
    if target is not None or not candidates:
        return _dangling(index, ref)
    if len(candidates) > 1:
        return _ambiguous(ref, candidates)
    live = candidates[0]
    owner = index.resource_of(live)
    if owner is None:
        return ref, Pointer(live.id, ref.name)
    if index.keys.get(owner.address.key) is not None:
        return _renamed(index, ref, owner)
    return replace(ref, name=owner.address.key), Pointer(live.id, ref.name)


def _dangling(index: LiveIndex, ref: Ref) -> Problem:
    """The finding for a reference to an object that does not exist, or that must not."""
    similar = index.similar_name(ref.name)
    hint = f"Did you mean {shown(similar)}? " if similar else ""
    return Problem(
        f"{dotted(ref.path)} names {shown(ref.name)}, but {ref.target} has no such object, "
        "neither declared nor live",
        f"{hint}Declare it under {ref.target.kind}, or correct the name.",
    )


def _ambiguous(ref: Ref, candidates: Sequence[Live]) -> Problem:
    """The finding for a reference that could mean several live objects."""
    ids = " and ".join(live.id for live in candidates)
    return Problem(
        f"{dotted(ref.path)} names {shown(ref.name)}, and {len(candidates)} objects of "
        f"{ref.target} have that name: ids {ids}",
        f"Declare the one you mean under {ref.target.kind} with $id (for example "
        f"`$id: {candidates[0].id}`), and refer to its key.",
    )


def _renamed(index: LiveIndex, ref: Ref, owner: Resource) -> Problem:
    """The finding for a reference by a natural key that its object is about to lose."""
    name = " and ".join(index.resource_type.kind.natural_key)
    new = key_text(index.keys.get(owner.address.key) or ())
    return Problem(
        f"{dotted(ref.path)} names {shown(ref.name)}, but the {name} of that object is to become "
        f"{shown(new)}",
        f"Refer to it by its key, which does not change: {shown(owner.address.key)}.",
    )
