"""What is declared: an entry for each resource, or the reason why there can be none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reconciler.errors import Diagnostic
from reconciler.identity import key_text
from reconciler.model import Address, Change, Live, Resource, Scope
from reconciler.planner.context import CannotPlan, Context
from reconciler.planner.decide import decide


def declared(context: Context, desired: Iterable[Resource]) -> Iterator[Change | Diagnostic]:
    """Entries for the declared objects of every kind that was read, and findings."""
    claimed: dict[tuple[Scope, str], Address] = {}
    for resource in desired:
        scope = resource.address.scope
        if scope in context.blind:
            continue
        live = context.indexes[scope].matched[resource.address.key]
        try:
            if isinstance(live, tuple):
                raise _ambiguous(resource, live)
            if live is not None:
                _claim(claimed, resource, f"live object (id {live.id})")
            elif (key := context.indexes[scope].keys[resource.address.key]) is not None:
                _claim(claimed, resource, f"object ({key_text(key)})")
            change = decide(context, resource, live)
        except CannotPlan as undecided:
            yield from undecided.diagnostics
        else:
            if change is not None:
                yield change


def _claim(claimed: dict[tuple[Scope, str], Address], resource: Resource, what: str) -> None:
    """Note which object a resource means, in words that no other object of the kind shares."""
    first = claimed.setdefault((resource.address.scope, what), resource.address)
    if first != resource.address:
        raise CannotPlan(
            resource,
            (
                f"it means the same {what} as {first}",
                "Keep one of the two, or tell them apart with $id.",
            ),
        )


def _ambiguous(resource: Resource, live: tuple[Live, ...]) -> CannotPlan:
    ids = " and ".join(one.id for one in live)
    return CannotPlan(
        resource,
        (
            f"{len(live)} live objects have this name: ids {ids}",
            f"Say which one is meant with $id (for example `$id: {live[0].id}`), or delete the "
            "others.",
        ),
    )
