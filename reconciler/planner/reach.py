"""How far a plan reaches: what has to be read for it, and what cannot be planned without that."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from graphlib import TopologicalSorter

from reconciler.errors import Diagnostic
from reconciler.kinds.resource_types import ResourceType, ResourceTypes
from reconciler.model import Address, Change, Resource, Scope, Snapshot


def scopes_needed(
    resource_types: ResourceTypes,
    desired: Iterable[Resource],
    owned: Iterable[Address],
    exclusive: Iterable[Scope],
) -> tuple[Scope, ...]:
    """The kinds that must be read: declared, owned or exclusive ones and all that those refer to,
    each after the kinds it refers to."""
    pairs = {resource.address[:2] for resource in desired} | {address[:2] for address in owned}
    wanted = {Scope(*pair) for pair in pairs} | set(exclusive)
    needs: dict[Scope, set[Scope]] = {}
    waiting = [scope for scope in wanted if resource_types.knows(scope)]
    while waiting:
        scope = waiting.pop()
        targets = _targets(resource_types.of(scope)) - {scope}
        needs[scope] = {target for target in targets if resource_types.knows(target)}
        waiting += needs[scope] - needs.keys()
    order = TopologicalSorter({scope: sorted(needs[scope]) for scope in sorted(needs)})
    return tuple(order.static_order())


def blind(types: Sequence[ResourceType], snapshot: Snapshot) -> frozenset[Scope]:
    """The kinds that were not read whole and all that refer to them; `shapes` come in the order
    of `scopes_needed`."""
    read = {scope for scope, listing in snapshot.listings.items() if listing.complete}
    unread = {resource_type.scope for resource_type in types} - read
    for resource_type in types:
        if _targets(resource_type) & unread:
            unread.add(resource_type.scope)
    return frozenset(unread)


def possible(changes: Iterable[Change]) -> tuple[list[Change], list[Diagnostic]]:
    """The changes less those that need an object which neither is there nor comes, since nothing
    could be planned for it; and a finding for each of these."""
    found = list(changes)
    findings: list[Diagnostic] = []
    while True:
        needed = [(c, ref) for c in found for ref, pointer in c.refs if pointer.id is None]
        planned = {change.address for change in found} if needed else set()
        stuck = {c.address: ref for c, ref in needed if ref.target.address(ref.name) not in planned}
        if not stuck:
            return found, findings
        findings += [
            Diagnostic(
                f"it needs {ref.target.address(ref.name)}, which could not be planned",
                "Mend that first.",
                address=str(change.address),
                source=change.source,
            )
            for change in found
            if (ref := stuck.get(change.address))
        ]
        found = [change for change in found if change.address not in stuck]


def _targets(resource_type: ResourceType) -> set[Scope]:
    return {target for _, target in resource_type.targets}
