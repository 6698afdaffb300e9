"""Determine which kinds a plan must read, and which of its entries to keep."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from functools import cached_property
from graphlib import TopologicalSorter

from reconciler.errors import Diagnostic
from reconciler.kinds.resource_types import ResourceType, ResourceTypes
from reconciler.model import Address, Change, Resource, Scope, Snapshot
from reconciler.values.scalars import text_form


def scopes_needed(
    resource_types: ResourceTypes,
    desired: Iterable[Resource],
    owned: Iterable[Address],
    exclusive: Iterable[Scope],
) -> tuple[Scope, ...]:
    """The kinds that must be read: those declared, owned or exclusive, and all kinds they refer to,
    each after the kinds it refers to."""
    pairs = {resource.address[:2] for resource in desired} | {address[:2] for address in owned}
    wanted = {Scope(*pair) for pair in pairs} | set(exclusive)
    needs: dict[Scope, set[Scope]] = {}
    pending = [scope for scope in wanted if resource_types.knows(scope)]
    while pending:
        scope = pending.pop()
        targets = _targets(resource_types.of(scope)) - {scope}
        needs[scope] = {target for target in targets if resource_types.knows(target)}
        pending += needs[scope] - needs.keys()
    order = TopologicalSorter({scope: sorted(needs[scope]) for scope in sorted(needs)})
    return tuple(order.static_order())


def unread_scopes(types: Sequence[ResourceType], snapshot: Snapshot) -> frozenset[Scope]:
    """The kinds that were not read completely, and all kinds that refer to them; `types` are in the
    order of `scopes_needed`."""
    read = {scope for scope, listing in snapshot.listings.items() if listing.complete}
    unread = {resource_type.scope for resource_type in types} - read
    for resource_type in types:
        if _targets(resource_type) & unread:
            unread.add(resource_type.scope)
    return frozenset(unread)


def plannable(changes: Iterable[Change]) -> tuple[list[Change], list[tuple[Change, Address]]]:
    """The changes that can be made; and each that cannot, because it refers to an object that does
    not exist and could not be planned either, with the address of that."""
    remaining = list(changes)
    blocked: list[tuple[Change, Address]] = []
    while True:
        needed = [(c, ref) for c in remaining for ref, pointer in c.refs if pointer.id is None]
        planned = {change.address for change in remaining} if needed else set()
        targets = [(change, ref.target.address(ref.name)) for change, ref in needed]
        missing = {change.address: (change, t) for change, t in targets if t not in planned}
        if not missing:
            return remaining, blocked
        blocked += missing.values()
        remaining = [change for change in remaining if change.address not in missing]


def blocked_findings(
    blocked: Iterable[tuple[Change, Address]],
    findings: Iterable[Diagnostic],
    excludes: Sequence[str],
) -> Iterator[Diagnostic]:
    """A finding for each change that `plannable` left out, unless what it needs is excluded. It is
    only held back where what it needs is, according to the `findings` about that."""
    waiting = {finding.address for finding in findings if finding.waits}
    excluded: set[Address] = set()
    for change, needed in blocked:
        if needed in excluded or covers(excludes, needed):
            excluded.add(change.address)
            continue
        if str(needed) in waiting:
            waiting.add(str(change.address))
        yield Diagnostic(
            f"it needs {needed}, which could not be planned",
            "Fix that first.",
            address=str(change.address),
            source=change.source,
            waits=str(needed) in waiting,
        )


def findings_about(
    findings: Sequence[Diagnostic], targets: Sequence[str], excludes: Sequence[str]
) -> list[Diagnostic]:
    """The findings about an address that `targets` name, if there are any, and `excludes` do not;
    and those that are about no address."""
    if not targets and not excludes:
        return list(findings)
    addresses = [
        Address.parse(finding.address) if finding.address else None for finding in findings
    ]
    return [
        finding
        for finding, address in zip(findings, addresses, strict=True)
        if address is None
        or ((not targets or covers(targets, address)) and not covers(excludes, address))
    ]


def _targets(resource_type: ResourceType) -> set[Scope]:
    return {target for _, target in resource_type.targets}


def select(
    changes: Sequence[Change], targets: Sequence[str], excludes: Sequence[str]
) -> list[Change]:
    """The entries that `targets` name with all that they need, without those that `excludes` name
    and all that need them. A name is an address, a provider/kind or a provider.
    """
    if not targets and not excludes:
        return list(changes)
    by_address = {change.address: change for change in changes}
    wanted = set(by_address)
    if targets:
        wanted = _closure(
            (a for a in by_address if covers(targets, a)),
            {a: (*change.needs, *change.users) for a, change in by_address.items()},
        )
    if excludes:
        needed_by: dict[Address, list[Address]] = {}
        for change in changes:
            for need in (*change.needs, *change.users):
                needed_by.setdefault(need, []).append(change.address)
        wanted -= _closure((a for a in by_address if covers(excludes, a)), needed_by)
    return [change for change in changes if change.address in wanted]


WILDCARDS = "*?["


class ExactNames(tuple[str, ...]):
    """Names of which each is one address, whatever signs are in it: however many there are, an
    address is found among them at once."""

    @cached_property
    def texts(self) -> frozenset[str]:
        """The names in the form in which they are compared."""
        return frozenset(map(text_form, self))


def covers(names: Iterable[str], address: Address) -> bool:
    """Whether any of `names` matches the address.

    A name is a provider, a provider/kind or an address. An address matches only itself; followed by
    `/**` it matches the addresses that begin with it. `*`, `?` and `[…]` are wildcards as in a
    shell, also in a provider and a kind. None of that holds for `ExactNames`.
    """
    text = text_form(str(address))
    if isinstance(names, ExactNames):
        return text in names.texts
    return any(_matches(text_form(name.rstrip("/")), text) for name in names)


def may_cover(name: str, scope: Scope) -> bool:
    """Whether a name, as `covers` takes it, may match the address of an object of this kind."""
    parts = text_form(name.rstrip("/")).split("/", 2)
    if len(parts) == 1 and any(wildcard in name for wildcard in WILDCARDS):
        return True
    return all(
        part == "**" or part == own or fnmatchcase(own, part)
        for part, own in zip(parts, map(text_form, scope), strict=False)
    )


def _matches(name: str, text: str) -> bool:
    exact = not name.endswith("/**")
    below = not exact or name.count("/") < 2
    name = name.removesuffix("/**")
    if (exact and text == name) or (below and text.startswith(f"{name}/")):
        return True
    if not any(wildcard in name for wildcard in WILDCARDS):
        return False
    return (exact and fnmatchcase(text, name)) or (below and fnmatchcase(text, f"{name}/*"))


def _closure(
    start: Iterable[Address],
    edges: dict[Address, tuple[Address, ...]] | dict[Address, list[Address]],
) -> set[Address]:
    reached: set[Address] = set()
    pending = list(start)
    while pending:
        address = pending.pop()
        if address not in reached:
            reached.add(address)
            pending += edges.get(address, ())
    return reached
