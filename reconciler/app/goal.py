"""What a plan is to reach: the manifests, what was last applied, the state before a run, or what
another environment has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from reconciler.app.memory import remembered
from reconciler.app.options import PlanOptions
from reconciler.app.plan import Planned, make_plan
from reconciler.app.policies import with_policies
from reconciler.app.project import Project, load_valid_manifests
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
    # What another environment has is not among the inputs that are compared.
    recall = not whole and not options.promote
    with remembered(project, "plan", options, recall) as memory:
        if memory.result is not None:
            from reconciler.planfile.kept import unpacked

            return with_policies(unpacked(memory.result), project.config.policies)
        manifests = load_valid_manifests(project, memory.inputs.manifests, memory.cache)
        state = project.ledger.read(memory.inputs.ledger, manifests.resources)
        memory.release()
        goal = goal_of(project, options, manifests, state)
        names = providers_needed(project, goal.options, goal.manifests, state)
        planned = goal.plan(project, memory.accounts(names), state)
        memory.keep(lambda: _packed(planned.plan), planned.snapshot)
    return with_policies(planned.plan, project.config.policies)


def _packed(plan: Plan) -> dict[str, Any] | None:
    from reconciler.planfile.kept import packed

    return packed(plan)


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
