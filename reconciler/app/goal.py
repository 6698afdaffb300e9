"""What a plan is to reach: the manifests, what was last applied, the state before a run, or what
another environment has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import TYPE_CHECKING

from reconciler.app.kept_plan import PlanMemory, is_same
from reconciler.app.options import PlanOptions
from reconciler.app.plan import Planned, make_plan
from reconciler.app.policies import with_policies
from reconciler.app.project import Project, load_valid_manifests, open_accounts
from reconciler.app.selection import check_names, providers_needed
from reconciler.frozen import frozen
from reconciler.ledger import State
from reconciler.model import Manifests, Plan

if TYPE_CHECKING:
    from reconciler.rest.account import Account


def unchanged(planned: Planned) -> Planned:
    """The plan as it was made."""
    return planned


@frozen
class Goal:
    """The options and declared objects from which a plan is made, and what is done with it then."""

    options: PlanOptions
    manifests: Manifests
    finish: Callable[[Planned], Planned] = unchanged

    def plan(self, project: Project, accounts: Mapping[str, Account], state: State) -> Planned:
        """The plan, with what it was made from."""
        return self.finish(make_plan(project, self.options, accounts, self.manifests, state))


def plan(project: Project, options: PlanOptions, whole: bool = True) -> Plan:
    """Read what is live and compare it with what the options ask for; nothing is written anywhere
    but in the cache. Unless the `whole` plan is wanted, it may lack the entries of what stays as it
    is.

    Raises Invalid for manifests with errors and for targets that match nothing, LedgerError for a
    ledger that cannot be read. A vendor that cannot be read does not raise: what depends on it is
    deferred, and the plan's diagnostics say why.
    """
    memory = PlanMemory(project, options)
    inputs = memory.look()
    kept = None if whole else memory.recall(inputs)
    policies = project.config.policies
    with ExitStack() as stack:
        if kept:
            accounts = stack.enter_context(open_accounts(project, kept.replies))
            memory.note(accounts, kept)
            if is_same(kept, accounts):
                return with_policies(kept.plan, policies)
        manifests = load_valid_manifests(project, edited=inputs.manifests)
        state = project.ledger.read(inputs.ledger)
        goal = goal_of(project, options, manifests, state)
        if not kept:
            names = providers_needed(project, goal.options, goal.manifests, state)
            accounts = stack.enter_context(open_accounts(project, names))
            memory.note(accounts, kept)
        planned = goal.plan(project, accounts, state)
        memory.keep(planned.plan, inputs, accounts)
    return with_policies(planned.plan, policies)


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
