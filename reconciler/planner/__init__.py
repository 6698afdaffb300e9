"""(desired, snapshot, owned) → Plan: a pure function, and the only place that decides anything."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from reconciler.catalogue import Catalogue, Shape
from reconciler.errors import Diagnostic
from reconciler.graph import ordered
from reconciler.model import (
    WRITES,
    Action,
    Address,
    Budget,
    Change,
    Guard,
    Live,
    Owned,
    Plan,
    Resource,
    Scope,
    Secret,
    Snapshot,
)
from reconciler.planner.decide import Context, Undecided, decide
from reconciler.planner.guard import refusals
from reconciler.planner.match import Roster, Rosters, pointers, rosters
from reconciler.planner.prune import removed, undeclared
from reconciler.planner.refresh import refreshed
from reconciler.planner.select import select

__all__ = ["Rules", "plan", "scopes_needed"]


@dataclass(frozen=True, slots=True)
class Rules:
    """What the workspace and the command line say about planning.

    `limits` are requests a minute for each provider (0: none).
    """

    guard: Guard = field(default_factory=Guard)
    exclusive: frozenset[Scope] = frozenset()
    prune: bool = True
    destroy: bool = False
    targets: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    refresh_only: bool = False
    limits: Mapping[str, int] = field(default_factory=dict)


def scopes_needed(
    catalogue: Catalogue,
    desired: Iterable[Resource],
    owned: Iterable[Address],
    exclusive: Iterable[Scope],
) -> tuple[Scope, ...]:
    """The kinds that must be read: declared, owned or exclusive ones and all that those refer to,
    each after the kinds it refers to."""
    pairs = {resource.address[:2] for resource in desired} | {address[:2] for address in owned}
    wanted = {Scope(*pair) for pair in pairs} | set(exclusive)
    needs: dict[Scope, set[Scope]] = {}
    waiting = [scope for scope in wanted if catalogue.knows(scope)]
    while waiting:
        scope = waiting.pop()
        targets = {target for _, target in catalogue.shape(scope).targets} - {scope}
        needs[scope] = {target for target in targets if catalogue.knows(target)}
        waiting += needs[scope] - needs.keys()
    return ordered({scope: sorted(needs[scope]) for scope in sorted(needs)})


def plan(
    desired: Sequence[Resource],
    snapshot: Snapshot,
    owned: Mapping[Address, Owned],
    catalogue: Catalogue,
    rules: Rules,
    seal: Callable[[Secret], str] = repr,
) -> Plan:
    """What makes the vendors match the manifests, given what is live and what we own.

    `seal` gives a secret's keyed fingerprint. Nothing is planned from a list that could not be
    read completely: its resources are deferred.
    """
    scopes = scopes_needed(catalogue, desired, owned, rules.exclusive)
    shapes = {scope: catalogue.shape(scope) for scope in scopes}
    objects = {scope: listing.objects for scope, listing in snapshot.listings.items()}
    known = rosters(tuple(shapes.values()), objects, desired, owned)
    unread = frozenset(
        scope
        for scope in scopes
        if scope not in snapshot.listings or not snapshot.listings[scope].complete
    )
    blind = _blind(scopes, shapes, unread)
    context = Context(known, owned, seal)
    findings = list(dict.fromkeys(one.problem for one in snapshot.listings.values() if one.problem))
    if rules.refresh_only:
        declared = {resource.address: resource for resource in desired}
        changes = list(refreshed(context, shapes, declared, blind))
    else:
        changes = _entries(context, shapes, desired, blind, rules, findings)
    changes = _possible(changes, findings)
    changes = select(_linked(changes, known), rules.targets, rules.excludes)
    changes.sort(key=lambda change: change.address)
    everyone = (*(r.address for r in desired), *owned)
    going = {(c.address.scope, c.id) for c in changes if c.action is not Action.NO_OP}
    return Plan(
        changes=tuple(changes),
        diagnostics=(*findings, *snapshot.warnings),
        deferred=tuple(sorted({a for a in everyone if a.scope in blind})) if blind else (),
        unmanaged={s: names for s in scopes if (names := _unmanaged(known[s], s, owned, going))},
        budget=_budget(changes, rules.limits),
        refusals=refusals(
            changes, {s: len(r.by_id) for s, r in known.items()}, rules.guard, rules.destroy
        ),
    )


def _entries(
    context: Context,
    shapes: Mapping[Scope, Shape],
    desired: Sequence[Resource],
    blind: frozenset[Scope],
    rules: Rules,
    findings: list[Diagnostic],
) -> list[Change]:
    changes = [] if rules.destroy else list(_declared(context, shapes, desired, blind, findings))
    changes += removed(context, shapes, desired, blind, rules.prune, rules.destroy, findings)
    if not rules.destroy:
        changes += undeclared(context, shapes, rules.exclusive - blind)
    return changes


def _blind(
    scopes: Iterable[Scope], shapes: Mapping[Scope, Shape], unread: frozenset[Scope]
) -> frozenset[Scope]:
    """The kinds that were not read and all that refer to them; `scopes` come in that order."""
    blind: set[Scope] = set()
    for scope in scopes:
        if scope in unread or _targets(shapes[scope]) & (blind | unread):
            blind.add(scope)
    return frozenset(blind)


def _possible(changes: Iterable[Change], findings: list[Diagnostic]) -> list[Change]:
    """The changes less those that need an object which neither is there nor comes, since nothing
    could be planned for it."""
    found = list(changes)
    while True:
        needed = [(c, ref) for c in found for ref, pointer in c.refs if pointer.id is None]
        planned = {change.address for change in found} if needed else set()
        stuck = {c.address: ref for c, ref in needed if ref.target.address(ref.name) not in planned}
        if not stuck:
            return found
        for change in found:
            if ref := stuck.get(change.address):
                findings.append(
                    Diagnostic(
                        f"it needs {ref.target.address(ref.name)}, which could not be planned",
                        "Mend that first.",
                        address=str(change.address),
                        source=change.source,
                    )
                )
        found = [change for change in found if change.address not in stuck]


def _targets(shape: Shape) -> set[Scope]:
    return {target for _, target in shape.targets}


def _declared(
    context: Context,
    shapes: Mapping[Scope, Shape],
    desired: Sequence[Resource],
    blind: frozenset[Scope],
    findings: list[Diagnostic],
) -> Iterator[Change]:
    claimed: dict[tuple[Scope, str], Address] = {}
    for resource in desired:
        scope = resource.address.scope
        if scope in blind:
            continue
        live = context.rosters[scope].matched[resource.address.key]
        try:
            if isinstance(live, tuple):
                raise Undecided(_ambiguous(resource, live))
            if live is not None:
                _claim(claimed, resource, live)
            change = decide(context, shapes[scope], resource, live)
        except Undecided as undecided:
            findings.append(undecided.diagnostic)
            continue
        if change is not None:
            yield change


def _claim(claimed: dict[tuple[Scope, str], Address], resource: Resource, live: Live) -> None:
    first = claimed.setdefault((live.scope, live.id), resource.address)
    if first != resource.address:
        raise Undecided(
            Diagnostic(
                f"it means the same live object (id {live.id}) as {first}",
                "Keep one of the two, or tell them apart with $id.",
                address=str(resource.address),
                source=resource.source,
            )
        )


def _ambiguous(resource: Resource, live: tuple[Live, ...]) -> Diagnostic:
    ids = " and ".join(one.id for one in live)
    return Diagnostic(
        f"{len(live)} live objects have this name: ids {ids}",
        f"Say which one is meant with $id (for example `$id: {live[0].id}`), or delete the others.",
        address=str(resource.address),
        source=resource.source,
    )


def _linked(changes: Iterable[Change], known: Rosters) -> list[Change]:
    """The changes with what each must wait for: what it refers to comes first, and what a
    deleted object was referred to by lets go of it first."""
    found = list(changes)
    first = {
        change.address
        for change in found
        if change.action in (Action.CREATE, Action.REPLACE, Action.BY_HAND)
        and (change.id is None or change.action is Action.REPLACE)
    }
    doomed = {
        (change.address.scope, change.id): change.address
        for change in found
        if change.action in (Action.DELETE, Action.REPLACE)
    }
    needs: dict[Address, dict[Address, None]] = {}
    for change in found:
        for ref, _ in change.refs:
            target = known[ref.target].resource_named(ref.name)
            if target is not None and target.address in first:
                needs.setdefault(change.address, {})[target.address] = None
        if doomed and change.id is not None and change.action in WRITES:
            for doom in _doomed_targets(change, known, doomed):
                needs.setdefault(doom, {})[change.address] = None
    return [
        replace(change, needs=tuple(needs[change.address])) if change.address in needs else change
        for change in found
    ]


def _doomed_targets(
    change: Change, known: Rosters, doomed: Mapping[tuple[Scope, str | None], Address]
) -> Iterator[Address]:
    roster = known[change.address.scope]
    live = roster.by_id.get(change.id or "")
    for scope, pointer in pointers(roster.shape, live.fields) if live else ():
        target = known[scope].live_named(pointer.key) if pointer.key else None
        doom = doomed.get((scope, target.id if target else pointer.id))
        if doom is not None and doom != change.address and change.action is not Action.REPLACE:
            yield doom


def _unmanaged(
    roster: Roster,
    scope: Scope,
    owned: Mapping[Address, Owned],
    going: set[tuple[Scope, str | None]],
) -> tuple[str, ...]:
    """The names of live objects that are neither declared nor owned, nor to be deleted."""
    ours = {live.id for live in roster.matched.values() if isinstance(live, Live)}
    strangers = roster.names.keys() - ours
    if strangers:
        strangers -= {row.id for address, row in owned.items() if address.scope == scope}
    return tuple(sorted(roster.names[id] for id in strangers if (scope, id) not in going))


REQUESTS = {Action.CREATE: 2, Action.UPDATE: 2, Action.DELETE: 2, Action.REPLACE: 3}


def _budget(changes: Iterable[Change], limits: Mapping[str, int]) -> tuple[Budget, ...]:
    """Each write is one request and is looked at once more afterwards."""
    requests: dict[str, int] = {}
    for change in changes:
        if change.action in WRITES:
            provider = change.address.provider
            requests[provider] = requests.get(provider, 0) + REQUESTS[change.action]
    return tuple(Budget(p, n, limits.get(p, 0)) for p, n in sorted(requests.items()))
