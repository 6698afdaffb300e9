"""What the references of a resource mean: the one name of each, and the object behind it."""

from __future__ import annotations

from dataclasses import replace

from reconciler.fields import text_form
from reconciler.model import Live, Pointer, Ref, Resource
from reconciler.planner.context import Context, Undecided
from reconciler.planner.match import Roster


def pointed(context: Context, resource: Resource) -> tuple[tuple[Ref, Pointer], ...]:
    """Each reference under its one name, with the live object it means as far as there is one.

    Raises Undecided where neither a declared nor a live object has that name.
    """
    return tuple([_pointed(context.rosters[ref.target], resource, ref) for ref in resource.refs])


def _pointed(roster: Roster, resource: Resource, ref: Ref) -> tuple[Ref, Pointer]:
    target = roster.resource_named(ref.name)
    if target is not None and not target.options.absent:
        found = roster.matched.get(target.address.key)
        key = target.fields.get(roster.shape.kind.natural_key[0], ref.name)
        pointer = Pointer(found.id if isinstance(found, Live) else None, str(key))
        return replace(ref, name=target.address.key), pointer
    live = roster.live_named(ref.name)
    if live is None:
        raise _dangling(roster, resource, ref)
    return ref, Pointer(live.id, ref.name)


def _dangling(roster: Roster, resource: Resource, ref: Ref) -> Undecided:
    from difflib import get_close_matches

    near = get_close_matches(text_form(ref.name), [*roster.declared, *roster.by_key], n=1)
    where = ".".join(str(part) for part in ref.path)
    hint = f'Did you mean "{near[0]}"? ' if near else ""
    return Undecided(
        resource,
        f'{where} names "{ref.name}", but {ref.target} has no such object, declared or live',
        f"{hint}Declare it under {ref.target.kind}, or correct the name.",
    )
