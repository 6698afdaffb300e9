"""Make a plan from the manifests, the ledger and what is live."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, field, replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from reconciler import planner
from reconciler.app.accounts import check_accounts, identities, other_credentials
from reconciler.app.blocked_deletes import blocked_deletes
from reconciler.app.interrupted import (
    begun_adoptions,
    begun_creates,
    begun_deletes,
    begun_objects,
    completed_rows,
    deleted_objects,
    follow_keys,
    uncertain_objects,
    untold_updates,
)
from reconciler.app.kept_lists import Reader, announce, kept_lists, kinds_in_full, lists_in
from reconciler.app.ledger_age import missing_rows
from reconciler.app.options import PlanOptions
from reconciler.app.project import Project
from reconciler.app.removed_files import check_files
from reconciler.app.second_look import doubtful_objects
from reconciler.app.selection import exclusive_kinds, scoped
from reconciler.app.snapshot import Wanted, look_again
from reconciler.errors import Diagnostic, Invalid, Severity, grouped
from reconciler.frozen import frozen
from reconciler.ledger import State
from reconciler.model import (
    AccountIdentity,
    Address,
    Live,
    Manifests,
    Owned,
    Plan,
    Scope,
    Snapshot,
)

if TYPE_CHECKING:
    from reconciler.rest.account import Account


@frozen
class Planned:
    """A plan and what it was made from. `templates` are objects that were deleted, as they were,
    which are created again."""

    plan: Plan
    snapshot: Snapshot
    state: State
    accounts: Mapping[str, AccountIdentity]
    declared: frozenset[Address]
    owned: Mapping[Address, Owned]
    completed: Mapping[Address, planner.Completed] = field(default_factory=dict)
    templates: Mapping[Address, Live] = field(default_factory=dict)

    @property
    def held(self) -> frozenset[Address]:
        """The declared or owned addresses with a write of unknown outcome for which nothing is
        planned, and of which no effect is there."""
        planned = {change.address for change in self.plan.changes}
        planned |= {
            change.address.scope.address(change.options.was)
            for change in self.plan.changes
            if change.options.was
        }
        unknown = {intent.address for intent in self.state.open_intents}
        seen = self.completed.keys() | deleted_objects(self.state, self.snapshot)
        return frozenset((unknown & (self.declared | self.state.owned.keys())) - planned - seen)

    @property
    def unproven(self) -> frozenset[str]:
        """The providers whose credential is not the one that the ledger has."""
        return frozenset(other_credentials(self.state, self.accounts))


def make_plan(
    project: Project,
    options: PlanOptions,
    accounts: Mapping[str, Account],
    manifests: Manifests,
    state: State,
) -> Planned:
    """The plan with what it was made from; `accounts` holds all that `providers_needed` names."""
    types = project.resource_types
    resources, owned = scoped(project, options, manifests, state)
    _check_owned(project, state)
    identified = identities(project, accounts)
    check_accounts(state, identified)
    before, state = state, follow_keys(types, manifests.resources, state)
    begun = begun_creates(before, state, options.retry_unknown)
    exclusive = exclusive_kinds(project, options)
    known = (*owned, *(begun if not options.narrow else ()))
    needed = planner.scopes_needed(types, resources, known, exclusive)
    scopes = tuple(scope for scope in needed if scope.provider in accounts)
    uncertain, of_begun = uncertain_objects(state, owned), begun_objects(types, state)
    wanted = Wanted(resources, owned, exclusive, uncertain=uncertain, begun=of_begun)
    in_full = kinds_in_full(state, resources, owned, options)
    wanted = replace(wanted, in_full=frozenset(scopes) if in_full is None else in_full)
    reader = Reader(types, scopes, accounts, wanted, kept_lists(project, accounts))
    snapshot = reader.read()
    completed = completed_rows(types, scopes, snapshot, resources, owned, state)
    if completed:
        owned = {**owned, **{address: done.row for address, done in completed.items()}}
    rules = _rules(project, options, state, accounts, identified)
    rules = replace(rules, begun=begun, completed=completed)

    def make(live: Snapshot, rules: planner.Rules) -> Plan:
        return planner.plan(resources, live, owned, types, rules, project.fingerprints)

    plan, snapshot = _checked(make, reader, snapshot, rules, owned)
    announce(project, lists_in(snapshot))
    plan = replace(
        plan,
        origin=_origin(project, options, manifests, state, identified),
        diagnostics=tuple(_diagnostics(options, manifests, state, plan, snapshot)),
        not_read=() if options.targets else _not_read(project, options, scopes),
    )
    plan = check_files(plan, options, manifests, owned)
    declared = frozenset(resource.address for resource in manifests.resources)
    return Planned(plan, snapshot, state, identified, declared, owned, completed)


def _diagnostics(
    options: PlanOptions, manifests: Manifests, state: State, plan: Plan, snapshot: Snapshot
) -> Iterator[Diagnostic]:
    """The warnings about the manifests, what was found while planning, and what the ledger lacks,
    unless a run is undone, of which it has all."""
    yield from (p for p in manifests.problems if p.severity is Severity.WARNING)
    yield from grouped(plan.diagnostics)
    if not options.revert:
        yield from missing_rows(plan, snapshot, state)


def _rules(
    project: Project,
    options: PlanOptions,
    state: State,
    accounts: Mapping[str, Account],
    identified: Mapping[str, AccountIdentity],
) -> planner.Rules:
    """What the workspace, the options and the ledger say about planning."""
    return planner.Rules(
        guard=project.config.guard,
        exclusive=exclusive_kinds(project, options),
        excepted=project.config.excepted,
        acknowledged=project.config.unmanaged,
        released=state.released,
        prune=options.prune,
        destroy=options.destroy,
        refresh_only=options.refresh_only,
        put_back=options.put_back,
        targets=options.targets,
        excludes=options.excludes,
        limits={name: account.per_minute for name, account in accounts.items()},
        unproven=frozenset(other_credentials(state, identified)),
        deleting=begun_deletes(state),
        updating=untold_updates(state),
        adopting=begun_adoptions(state),
        allow_deletes=options.allow_deletes,
        allow_updates=options.allow_updates,
    )


def _checked(
    make: Callable[[Snapshot, planner.Rules], Plan],
    reader: Reader,
    snapshot: Snapshot,
    rules: planner.Rules,
    owned: Mapping[Address, Owned],
) -> tuple[Plan, Snapshot]:
    """The plan, and what is live, after the vendors were asked once more about what a list alone
    does not prove, and about what must not be deleted."""

    def again(live: Snapshot) -> Plan:
        return make(live, rules)

    types, accounts = reader.types, reader.accounts
    asked: set[tuple[Scope, str]] = set()
    plan, snapshot = reader.confirmed(again, snapshot, owned, asked)
    if doubtful := set(doubtful_objects(plan, owned)) - asked:
        snapshot = look_again(types, snapshot, accounts, doubtful)
        plan, snapshot = reader.confirmed(again, snapshot, owned, asked)
    if held := blocked_deletes(types, plan, accounts):
        plan = make(snapshot, replace(rules, held=held))
    return plan, snapshot


def _not_read(project: Project, options: PlanOptions, scopes: Iterable[Scope]) -> tuple[Scope, ...]:
    """The kinds of the workspace's providers that are not among those that were read, without those
    that are excluded."""
    read_scopes = set(scopes)
    rest = (scope for scope in project.resource_types.scopes() if scope not in read_scopes)
    return tuple(sorted(scope for scope in rest if not options.leaves_out(scope)))


def _origin(
    project: Project,
    options: PlanOptions,
    manifests: Manifests,
    state: State,
    accounts: Mapping[str, AccountIdentity],
) -> dict[str, Any]:
    """What a plan was made from: a saved plan is stale once any of it has changed."""
    return {
        "workspace": project.config.name,
        "environment": project.config.environment,
        "types": {name: own.type for name, own in project.resource_types.providers.items()},
        "manifests": manifests.digest,
        # A ledger that holds only its header counts as one that does not exist yet.
        "ledger": f"{state.lineage}:{state.serial}" if state.serial > 1 else "",
        "accounts": {name: asdict(account) for name, account in accounts.items()},
        "choice": options.recorded(),
    }


def _check_owned(project: Project, state: State) -> None:
    """Raise Invalid where the ledger has objects of a provider that reconciler.yaml lacks, or open
    writes: nothing would be said of them."""
    begun = {intent.address for intent in state.open_intents} - state.owned.keys()
    counts = Counter(
        address.scope
        for address in chain(state.owned, begun)
        if not project.resource_types.knows(address.scope)
    )
    lost = [
        Diagnostic(
            f"the ledger has {count} of {scope}, and reconciler.yaml declares no such "
            f"{'kind' if scope.provider in project.resource_types.providers else 'provider'}",
            f"Declare it again; if it was renamed, move what it has: reconciler state mv {scope} "
            f"NEW; or let it go: reconciler state forget {scope}",
        )
        for scope, count in sorted(counts.items())
    ]
    if lost:
        raise Invalid(*lost)
