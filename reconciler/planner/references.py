"""What the references of a resource mean: the one name of each, and the object behind it."""

from __future__ import annotations

from dataclasses import replace

from reconciler.identity import LiveIndex
from reconciler.model import Live, Pointer, Ref, Resource
from reconciler.planner.context import CannotPlan, Context
from reconciler.values.scalars import text_form
from reconciler.values.text import dotted, shown


def pointed(context: Context, resource: Resource) -> tuple[tuple[Ref, Pointer], ...]:
    """Each reference under its one name, with the live object it means as far as there is one.

    Raises CannotPlan, with all of them, where neither a declared nor a live object has the name.
    """
    index_live = context.indexes
    found = [(ref, _pointed(index_live[ref.target], ref)) for ref in resource.refs]
    dangling = [_dangling(index_live[ref.target], ref) for ref, pair in found if pair is None]
    if dangling:
        raise CannotPlan(resource, *dangling)
    return tuple([pair for _, pair in found if pair is not None])


def _pointed(index: LiveIndex, ref: Ref) -> tuple[Ref, Pointer] | None:
    target = index.resource_named(ref.name)
    if target is not None and not target.options.absent:
        found = index.matched.get(target.address.key)
        key = target.fields.get(index.resource_type.kind.natural_key[0], ref.name)
        pointer = Pointer(found.id if isinstance(found, Live) else None, str(key))
        return replace(ref, name=target.address.key), pointer
    live = index.live_named(ref.name)
    return None if live is None else (ref, Pointer(live.id, ref.name))


def _dangling(index: LiveIndex, ref: Ref) -> tuple[str, str]:
    """What is wrong and what to do."""
    from difflib import get_close_matches

    near = get_close_matches(text_form(ref.name), [*index.declared, *index.by_key], n=1)
    hint = f"Did you mean {shown(near[0])}? " if near else ""
    return (
        f"{dotted(ref.path)} names {shown(ref.name)}, but {ref.target} has no such object, "
        "declared or live",
        f"{hint}Declare it under {ref.target.kind}, or correct the name.",
    )
