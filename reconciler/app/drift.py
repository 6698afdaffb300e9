"""Find what changed at the vendors since the last apply."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from reconciler import planner
from reconciler.app.acknowledged import acknowledged, idle_patterns
from reconciler.app.interrupted import begun_deletes
from reconciler.app.last_set import last_set
from reconciler.app.memory import Memory, remembered
from reconciler.app.options import PlanOptions
from reconciler.app.plan import Planned, make_plan
from reconciler.app.project import Project, load_valid_manifests
from reconciler.app.selection import check_names, exclusive_kinds, providers_needed, scoped
from reconciler.app.watches import failures
from reconciler.errors import Refused
from reconciler.frozen import frozen
from reconciler.ledger import State
from reconciler.model import (
    DRIFTED,
    Action,
    Address,
    Change,
    Drift,
    Manifests,
    Plan,
    Resource,
    Scope,
)

if TYPE_CHECKING:
    from reconciler.rest.account import Account

EVERYTHING = PlanOptions()


@frozen
class Examined:
    """The drift, the plan for what it is about, and the manifests that both are made from."""

    drift: Drift
    planned: Planned
    manifests: Manifests


def drift(project: Project, options: PlanOptions = EVERYTHING) -> Drift:
    """Compare what is live with what was last applied; nothing is written but in the cache.

    Of `options` the targets, the excludes and `full` count.

    Raises what `plan` raises.
    """
    with remembered(project, "drift", options) as memory:
        if memory.result is not None:
            return _unpacked(memory.result)
        examined = _examine(project, options, memory)
        memory.keep(lambda: _packed(examined.drift), examined.planned.snapshot)
        return examined.drift


def examine(project: Project, options: PlanOptions) -> Examined:
    """The drift and the plan, made from the same live objects."""
    with remembered(project, "drift", options, recall=False) as memory:
        return _examine(project, options, memory)


def _examine(project: Project, options: PlanOptions, memory: Memory) -> Examined:
    manifests = load_valid_manifests(project, memory.inputs.manifests, memory.cache)
    state = project.ledger.read(memory.inputs.ledger, manifests.resources)
    memory.release()
    check_names(project, options, manifests, state)
    names = providers_needed(project, options, manifests, state)
    return find_drift(project, memory.accounts(names), manifests, state, options)


def _packed(drift: Drift) -> dict[str, Any] | None:
    """The members of a drift in forms that JSON has; None where something drifted, which is told
    with what the ledger knows of it."""
    from reconciler.planfile.kept import packed

    plan = packed(drift.plan)
    if drift.last_set or plan is None or len(plan["changes"]) < len(drift.plan.changes):
        return None
    return {
        "plan": plan,
        "undeclared": list(drift.undeclared.items()),
        "applied": drift.applied,
        "acknowledged": list(drift.acknowledged.items()),
    }


def _unpacked(members: Mapping[str, Any]) -> Drift:
    from reconciler.planfile.kept import unpacked

    undeclared, acknowledged = (
        {Scope(*scope): tuple(names) for scope, names in members[name]}
        for name in ("undeclared", "acknowledged")
    )
    return Drift(unpacked(members["plan"]), undeclared, members["applied"], acknowledged)


def find_drift(
    project: Project,
    accounts: Mapping[str, Account],
    manifests: Manifests,
    state: State,
    options: PlanOptions = EVERYTHING,
) -> Examined:
    """The drift, with warnings of what failed at the vendors by itself, and the plan.

    An observed object that never matched has no last apply to compare with: its entry comes from
    the plan.
    """
    planned = make_plan(project, options, accounts, manifests, state)
    resources, _ = scoped(project, options, manifests, state)
    since_apply = _since_apply(project, options, state, planned, resources)
    if since_apply.refusals:
        raise Refused(*since_apply.refusals)
    whole, owned = planned.plan, planned.owned
    changes = tuple(_with_by_hand(since_apply, whole))
    findings = [*whole.diagnostics, *failures(project, accounts, _ids(planned, options))]
    if not (options.targets or options.excludes):
        findings += idle_patterns(project, since_apply.unmanaged, planned.snapshot)
    drifted = [c.address for c in changes if c.action in DRIFTED and c.address in owned]
    history = project.ledger.history() if drifted else ()
    drift = Drift(
        replace(
            whole,
            changes=changes,
            unmanaged=_selected(whole.unmanaged, options),
            diagnostics=tuple(findings),
            refusals=(),
            budget=(),
        ),
        _undeclared(project, options, whole, {r.address for r in resources} | owned.keys()),
        # A ledger whose objects were all destroyed or forgotten is one in which nothing can drift.
        applied=bool(state.owned) or state.serial > 1,
        acknowledged=_selected(acknowledged(project, since_apply.unmanaged), options),
        last_set=last_set(drifted, owned, history, planned.snapshot),
    )
    return Examined(drift, planned, manifests)


def _since_apply(
    project: Project,
    options: PlanOptions,
    state: State,
    planned: Planned,
    resources: Sequence[Resource],
) -> Plan:
    """What differs between what is live and what was last applied."""
    return planner.plan(
        resources,
        planned.snapshot,
        planned.owned,
        project.resource_types,
        planner.Rules(
            refresh_only=True,
            exclusive=exclusive_kinds(project, options),
            targets=options.targets,
            excludes=options.excludes,
            unproven=planned.unproven,
            completed=planned.completed,
            deleting=begun_deletes(state),
        ),
        project.fingerprints,
    )


def _with_by_hand(since_apply: Plan, plan: Plan) -> list[Change]:
    """The changes since the last apply, with what the plan leaves to a person and was never
    applied."""
    known = {change.address for change in since_apply.changes}
    by_hand = (c for c in plan.changes if c.action is Action.BY_HAND and c.address not in known)
    return sorted((*since_apply.changes, *by_hand), key=lambda change: change.address)


def _ids(planned: Planned, options: PlanOptions) -> dict[Address, str]:
    """The ids of the objects that the report is about: of those that are owned, and of those in the
    plan."""
    ids = {address: row.id for address, row in planned.owned.items()}
    ids |= {change.address: change.id for change in planned.plan.changes if change.id}
    return {address: id for address, id in ids.items() if options.is_about(address)}


def _selected(
    unmanaged: Mapping[Scope, tuple[str, ...]], options: PlanOptions
) -> Mapping[Scope, tuple[str, ...]]:
    """The unmanaged objects that the report is about."""
    selected = {
        scope: tuple(name for name in names if options.is_about(scope.address(name)))
        for scope, names in unmanaged.items()
    }
    return {scope: names for scope, names in selected.items() if names}


def _undeclared(
    project: Project, options: PlanOptions, plan: Plan, known: Set[Address]
) -> Mapping[Scope, tuple[str, ...]]:
    """The undeclared objects of kinds whose manifests say all that may exist: those that the plan
    deletes or would delete in exclusive kinds, and the unmanaged ones of a vendor's allow-list.
    `known` are the addresses that are declared or owned."""
    undeclared = {
        scope: names
        for scope, names in _selected(plan.unmanaged, options).items()
        if project.resource_types.of(scope).kind.allow_list
    }
    for address in sorted(set(_rejected(plan)) - known):
        if address.scope in project.config.exclusive:
            names = undeclared.get(address.scope, ())
            undeclared[address.scope] = tuple(dict.fromkeys((*names, address.key)))
    return undeclared


def _rejected(plan: Plan) -> Iterator[Address]:
    """The addresses of objects that the plan deletes, or says why it does not."""
    yield from (change.address for change in plan.changes if change.action is Action.DELETE)
    for finding in plan.diagnostics:
        places = (finding.address, *(other.address for other in finding.others))
        yield from (Address.parse(address) for address in places if address)
