"""Read what is live, compare, and judge whether a saved plan is still true."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from reconciler import planfile, planner
from reconciler.app.project import Account, Project, sealer
from reconciler.app.snapshot import Wanted, read
from reconciler.app.watches import watched
from reconciler.errors import Diagnostic, Invalid, Refused, Severity
from reconciler.ledger import State
from reconciler.model import Action, Address, Manifests, Owned, Plan, Resource, Scope, Snapshot
from reconciler.planner.scope import covers


@dataclass(frozen=True, slots=True)
class Choice:
    """What the command line asks a plan to be about."""

    targets: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    refresh_only: bool = False
    destroy: bool = False
    prune: bool = True


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan and what it was made from."""

    plan: Plan
    snapshot: Snapshot
    state: State


def plan(
    project: Project,
    choice: Choice,
    accounts: Mapping[str, Account],
    manifests: Manifests,
    state: State,
) -> Planned:
    """Read what is live and compare. `accounts` must hold every provider that `providers` names."""
    resources, owned = _scoped(project, choice, manifests, state)
    exclusive = _exclusive(project, choice)
    scopes = planner.scopes_needed(project.resource_types, resources, owned, exclusive)
    snapshot = read(project.resource_types, scopes, accounts, Wanted(resources, owned, exclusive))
    rules = planner.Rules(
        guard=project.workspace.guard,
        exclusive=exclusive,
        prune=choice.prune,
        destroy=choice.destroy,
        refresh_only=choice.refresh_only,
        targets=choice.targets,
        excludes=choice.excludes,
        limits={name: account.per_minute for name, account in accounts.items()},
    )
    made = planner.plan(resources, snapshot, owned, project.resource_types, rules, sealer(project))
    warnings = tuple(p for p in manifests.problems if p.severity is Severity.WARNING)
    made = replace(
        made,
        origin=_origin(project, choice, manifests, state),
        diagnostics=(*warnings, *made.diagnostics),
    )
    return Planned(made, snapshot, state)


def _origin(project: Project, choice: Choice, manifests: Manifests, state: State) -> dict[str, Any]:
    """What a plan was made from, by which a saved one is known to be stale."""
    return {
        "workspace": project.workspace.name,
        "environment": project.workspace.environment,
        "types": {name: one.type for name, one in project.resource_types.providers.items()},
        "manifests": manifests.digest,
        # A ledger of nothing but its header says no more than one that is not there yet.
        "ledger": f"{state.lineage}:{state.serial}" if state.serial > 1 else "",
        "choice": {
            "targets": list(choice.targets),
            "excludes": list(choice.excludes),
            "refresh_only": choice.refresh_only,
            "destroy": choice.destroy,
            "prune": choice.prune,
        },
    }


def providers(project: Project, manifests: Manifests, state: State) -> tuple[str, ...]:
    """The providers that a plan has to ask."""
    scopes = planner.scopes_needed(
        project.resource_types, manifests.resources, state.owned, project.workspace.exclusive
    )
    return tuple(dict.fromkeys(scope.provider for scope in scopes))


def choice_of(saved: Plan) -> Choice:
    """The choice that a saved plan was made with."""
    said: Mapping[str, Any] = saved.origin["choice"]
    return Choice(
        tuple(said["targets"]),
        tuple(said["excludes"]),
        said["refresh_only"],
        said["destroy"],
        said["prune"],
    )


def still_true(saved: Plan, now: Planned) -> Planned:
    """What a saved plan comes to now: its own entries, and none that came up since.

    Raises Refused where the manifests, the ledger or a live object it was made from has changed.
    """
    stale = [
        word
        for word in ("workspace", "environment", "manifests", "ledger")
        if saved.origin.get(word) != now.plan.origin[word]
    ]
    if stale:
        raise Refused(
            Diagnostic(
                f"the plan is stale: {' and '.join(stale)} changed since it was made",
                "Plan again, and have that plan approved.",
            )
        )
    current = {change.address: change for change in now.plan.changes}
    kept, findings = [], []
    for change in saved.changes:
        found = current.get(change.address)
        if found is not None and planfile.entry_digest(found) == planfile.entry_digest(change):
            kept.append(found)
        elif change.action is not Action.NO_OP:
            findings.append(
                Diagnostic(
                    "the plan is stale: the live object changed since it was made",
                    "Plan again, and have that plan approved.",
                    address=str(change.address),
                )
            )
    if findings:
        raise Refused(*findings)
    return replace(now, plan=replace(now.plan, changes=tuple(kept)))


def _scoped(
    project: Project, choice: Choice, manifests: Manifests, state: State
) -> tuple[tuple[Resource, ...], Mapping[Address, Owned]]:
    """The declared and owned objects of the kinds that matter: all, or those of the targets and
    what they refer to, so that a narrow run reads little."""
    if not choice.targets:
        return manifests.resources, state.owned
    hit = {
        address.scope
        for address in (*(r.address for r in manifests.resources), *state.owned)
        if covers(choice.targets, address)
    }
    if not hit:
        names = ", ".join(choice.targets)
        raise Invalid(
            Diagnostic(
                f"--target {names}: nothing declared or owned has this address",
                "Write provider, provider/kind or provider/kind/key; `reconciler state list` "
                "and the manifests have the addresses.",
            )
        )
    wanted = set(planner.scopes_needed(project.resource_types, (), (), hit))
    return (
        tuple(r for r in manifests.resources if r.address.scope in wanted),
        {a: row for a, row in state.owned.items() if a.scope in wanted},
    )


def _exclusive(project: Project, choice: Choice) -> frozenset[Scope]:
    exclusive = project.workspace.exclusive
    if choice.targets:
        return frozenset(s for s in exclusive if covers(choice.targets, s.address("")))
    return exclusive


def drift(
    project: Project, accounts: Mapping[str, Account], manifests: Manifests, state: State
) -> Plan:
    """What changed at the vendors since the last apply, with what only a person can mend there and
    warnings of what failed there by itself.

    An observed object that never matched has no last apply: its entry comes from the plan.
    """
    planned = plan(project, Choice(), accounts, manifests, state)
    rules = planner.Rules(refresh_only=True)
    moved = planner.plan(
        manifests.resources,
        planned.snapshot,
        state.owned,
        project.resource_types,
        rules,
        sealer(project),
    )
    known = {change.address for change in moved.changes}
    by_hand = tuple(
        change
        for change in planned.plan.changes
        if change.action is Action.BY_HAND and change.address not in known
    )
    changes = sorted((*moved.changes, *by_hand), key=lambda change: change.address)
    diagnostics = (*planned.plan.diagnostics, *watched(project, accounts))
    return replace(
        planned.plan, changes=tuple(changes), diagnostics=diagnostics, refusals=(), budget=()
    )
