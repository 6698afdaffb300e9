"""What a plan is to reach: the manifests, what was last applied, the state before a run, or what
another environment has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconciler.app.options import PlanOptions
from reconciler.app.plan import Planned, make_plan
from reconciler.app.policies import with_policies
from reconciler.app.project import Project, load_valid_manifests, open_accounts
from reconciler.app.selection import check_names, providers_needed
from reconciler.ledger import State
from reconciler.model import Manifests, Plan

if TYPE_CHECKING:
    from reconciler.rest.account import Account


def unchanged(planned: Planned) -> Planned:
    """The plan as it was made."""
    return planned


@dataclass(frozen=True, slots=True)
class Goal:
    """The options and declared objects from which a plan is made, and what is done with it then."""

    options: PlanOptions
    manifests: Manifests
    finish: Callable[[Planned], Planned] = unchanged

    def plan(self, project: Project, accounts: Mapping[str, Account], state: State) -> Planned:
        """The plan, with what it was made from."""
        return self.finish(make_plan(project, self.options, accounts, self.manifests, state))


def plan(project: Project, options: PlanOptions) -> Plan:
    """Read what is live and compare it with what the options ask for; nothing is written anywhere.

    Raises Invalid for manifests with errors and for targets that match nothing, LedgerError for a
    ledger that cannot be read. A vendor that cannot be read does not raise: what depends on it is
    deferred, and the plan's diagnostics say why.
    """
    manifests = load_valid_manifests(project)
    state = project.ledger.read()
    goal = goal_of(project, options, manifests, state)
    names = providers_needed(project, goal.options, goal.manifests, state)
    with open_accounts(project, names) as accounts:
        planned = goal.plan(project, accounts, state)
    return with_policies(planned.plan, project.config.policies)


def goal_of(project: Project, options: PlanOptions, manifests: Manifests, state: State) -> Goal:
    """What the options ask for. Raises Invalid for targets that match nothing and where there is no
    such run to undo, and what `promoted` raises."""
    if options.revert:
        from reconciler.app.revert import undone

        return undone(project, options, manifests, state)
    if options.promote:
        from reconciler.app.promote import promoted

        return promoted(project, options, manifests, state)
    check_names(project, options, manifests, state)
    if options.put_back:
        from reconciler.app.put_back import put_back

        return put_back(project, options, manifests, state)
    return Goal(options, manifests)
