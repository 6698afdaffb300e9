"""What a plan was made from, as executing it needs to know it: the live objects, where their lists
show them, and the keys that others are to have."""

from __future__ import annotations

import time
from collections.abc import Callable, Container
from functools import cache

from reconciler import executor
from reconciler.app.plan import Planned
from reconciler.app.project import Project
from reconciler.identity import NaturalKey, natural_key
from reconciler.model import Action, Change, Live, Plan, Scope


def objects_seen(planned: Planned) -> Callable[[Change], tuple[Live, float] | None]:
    """Gives the live object that a change was planned from, and when it was read."""
    wanted = {
        (change.address.scope, change.id)
        for change in planned.plan.changes
        if change.id is not None and change.action is not Action.NO_OP
    }
    seen: dict[tuple[Scope, str | None], tuple[Live, float]] = {
        (scope, live.id): (live, listing.at)
        for scope, listing in planned.snapshot.listings.items()
        for live in listing.objects
        if (scope, live.id) in wanted
    }
    return lambda change: seen.get((change.address.scope, change.id))


def known_objects(
    planned: Planned, made: Container[tuple[Scope, str]]
) -> Callable[[Scope, str], bool]:
    """Says whether an object was live when the plan was made, or is among those `made` since."""
    listings = planned.snapshot.listings

    @cache
    def ids(scope: Scope) -> frozenset[str]:
        return frozenset(live.id for live in listings[scope].objects)

    return lambda scope, id: id in ids(scope) or (scope, id) in made


def pages_of(planned: Planned) -> executor.Pages:
    """The places in their lists of the objects that are updated; a list that was kept from an
    earlier run does not say them."""
    updated = {c.id for c in planned.plan.changes if c.action is Action.UPDATE and c.id}
    positions: dict[tuple[Scope, str | None], int] = {
        (scope, live.id): at
        for scope, listing in planned.snapshot.listings.items()
        if listing.kept_at is None
        for at, live in enumerate(listing.objects)
        if live.id in updated
    }
    return executor.Pages(positions, executor.FRESH_SECONDS, time.monotonic)


def keys_of_others(project: Project, plan: Plan, change: Change) -> frozenset[NaturalKey]:
    """The natural keys that the other objects of a change's kind are to have."""
    resource_type = project.resource_types.of(change.address.scope)
    keys = (
        natural_key(resource_type, other.after)
        for other in plan.changes
        if other.address.scope == change.address.scope
        and other.address != change.address
        and other.after
    )
    return frozenset(key for key in keys if key is not None)
