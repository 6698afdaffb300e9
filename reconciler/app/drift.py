"""Find what changed at the vendors since the last apply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from reconciler import planner
from reconciler.app.options import PlanOptions
from reconciler.app.plan import make_plan, providers_needed
from reconciler.app.project import (
    Project,
    load_valid_manifests,
    open_accounts,
    secret_fingerprints,
)
from reconciler.app.watches import failures
from reconciler.errors import Refused
from reconciler.ledger import State
from reconciler.model import Action, Drift, Manifests, Plan, Scope

if TYPE_CHECKING:
    from reconciler.rest.account import Account


def drift(project: Project) -> Drift:
    """Compare what is live with what was last applied; nothing is written anywhere.

    Raises what `plan` raises.
    """
    manifests = load_valid_manifests(project)
    state = project.ledger.read()
    with open_accounts(project, providers_needed(project, manifests, state)) as accounts:
        return find_drift(project, accounts, manifests, state)


def find_drift(
    project: Project, accounts: Mapping[str, Account], manifests: Manifests, state: State
) -> Drift:
    """The drift, with warnings of what failed at the vendors by itself.

    An observed object that never matched has no last apply to compare with: its entry comes from
    the plan.
    """
    planned = make_plan(project, PlanOptions(), accounts, manifests, state)
    since_apply = planner.plan(
        manifests.resources,
        planned.snapshot,
        state.owned,
        project.resource_types,
        planner.Rules(refresh_only=True, unproven=planned.unproven),
        secret_fingerprints(project),
    )
    if since_apply.refusals:
        raise Refused(*since_apply.refusals)
    known = {change.address for change in since_apply.changes}
    by_hand = tuple(
        change
        for change in planned.plan.changes
        if change.action is Action.BY_HAND and change.address not in known
    )
    changes = sorted((*since_apply.changes, *by_hand), key=lambda change: change.address)
    diagnostics = (*planned.plan.diagnostics, *failures(project, accounts, state.owned))
    plan = replace(
        planned.plan, changes=tuple(changes), diagnostics=diagnostics, refusals=(), budget=()
    )
    return Drift(plan, _undeclared(project, plan), bool(state.owned))


def _undeclared(project: Project, plan: Plan) -> Mapping[Scope, tuple[str, ...]]:
    """The unmanaged objects of kinds whose manifests say all that may exist."""
    return {
        scope: names
        for scope, names in plan.unmanaged.items()
        if scope in project.config.exclusive or project.resource_types.of(scope).kind.allow_list
    }
