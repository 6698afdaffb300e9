"""Apply a plan: the only use case that writes to vendors."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from reconciler import executor, planfile
from reconciler.app.accounts import record_accounts
from reconciler.app.cache import open_cache
from reconciler.app.goal import goal_of
from reconciler.app.options import ApplyOptions, PlanOptions
from reconciler.app.plan import Planned
from reconciler.app.plan_basis import keys_of_others, known_objects, objects_seen, pages_of
from reconciler.app.policies import refusals_now
from reconciler.app.project import Project, load_valid_manifests, open_accounts
from reconciler.app.removed_files import record_files
from reconciler.app.saved_plan import check_saved, options_of
from reconciler.app.secrets import lost_secrets, require_secrets
from reconciler.app.selection import providers_needed
from reconciler.errors import (
    Diagnostic,
    Invalid,
    LedgerError,
    PartlyApplied,
    Refused,
    Severity,
)
from reconciler.executor.earlier_writes import EarlierWrites
from reconciler.executor.journal import RunJournal
from reconciler.frozen import frozen
from reconciler.kinds import Verb
from reconciler.ledger import Session
from reconciler.model import (
    WRITES,
    Action,
    Address,
    Applied,
    Change,
    Manifests,
    Outcome,
    Plan,
    Scope,
    Status,
)
from reconciler.values.text import counted

if TYPE_CHECKING:
    from reconciler.rest.account import Account
    from reconciler.rest.driver import Driver


SOON = 2.0
"""A plan that was approved within so many seconds is made from what is live."""


def apply(
    project: Project, saved: Plan | None, choice: PlanOptions, options: ApplyOptions
) -> Applied:
    """Carry out `saved`, or a new plan made with `choice` where there is no saved one.

    The ledger is locked from before the plan is made until the last outcome. Raises Refused where
    the plan holds refusals, is not approved or is stale, LockHeld where another run holds the
    lock, Invalid for manifests with errors and for a plan with errors about objects unless it is
    made with `allow_partial`. Where the ledger cannot be written, no other change is begun, and it
    raises LedgerError, or PartlyApplied where something was written at a vendor before.
    """
    if saved is not None and replace(choice, allow_partial=False) != PlanOptions():
        raise Invalid(
            Diagnostic(
                "a saved plan cannot be combined with options that choose what to plan",
                "Leave those options out, or apply without a saved plan.",
            )
        )
    with ExitStack() as stack:
        manifests = load_valid_manifests(project, cache=open_cache(project))
        session = stack.enter_context(_locked(project, manifests))
        chosen = options_of(saved) if saved else choice
        partial_too = chosen.allow_partial or choice.allow_partial
        chosen = replace(chosen, allow_partial=partial_too, full=choice.full)
        goal = goal_of(project, chosen, manifests, session.state)
        names = providers_needed(project, goal.options, goal.manifests, session.state)
        opened = open_accounts(project, names, True, options.stop, options.parallelism)
        accounts = stack.enter_context(opened)
        planned = goal.plan(project, accounts, session.state)
        planned = check_saved(saved, planned) if saved else planned
        require_secrets(planned.plan)
        rules = project.config.policies
        refusals = (*planned.plan.refusals, *refusals_now(planned.plan, rules))
        refusals = (*refusals, *lost_secrets(project, planned.plan, options))
        asked = time.monotonic()
        _have_approved(replace(planned.plan, refusals=refusals), options)
        if late := refusals_now(planned.plan, rules):  # a window may have closed meanwhile
            raise Refused(*late)
        fresh = executor.FRESH_SECONDS if time.monotonic() - asked < SOON else 0.0
        record_files(session, manifests.resources)
        return Run(project, planned, accounts, session, options, fresh).execute()


def _have_approved(plan: Plan, options: ApplyOptions) -> None:
    """Have the plan reviewed. Raises Refused where it holds refusals or is not approved, and
    Invalid where a part of it could not be made."""
    approved = options.review(plan)
    if plan.refusals:
        raise Refused(*plan.refusals)
    if plan.blocked:
        raise Invalid(*plan.blocked, _partial(sum(finding.count for finding in plan.blocked)))
    if not approved:
        raise Refused(Diagnostic("the plan was not approved: nothing was written"))


def _partial(errors: int) -> Diagnostic:
    return Diagnostic(
        f"nothing was applied: a part of the plan could not be made ({counted(errors, 'error')})",
        "Fix that first; or apply the rest without it: --allow-partial",
    )


@contextmanager
def _locked(project: Project, manifests: Manifests) -> Iterator[Session]:
    with project.ledger.lock("apply", manifests.resources) as session:
        if session.recovered_from is not None and project.observer is not None:
            project.observer.notice(
                "The last run crashed while it held the ledger's lock; the lock was recovered."
            )
        yield session


@frozen
class Run:
    """One execution of a plan with open accounts, under the ledger's lock. What was read more than
    `fresh_seconds` ago is read again before it is changed."""

    project: Project
    planned: Planned
    accounts: Mapping[str, Account]
    session: Session
    options: ApplyOptions
    fresh_seconds: float

    def execute(self) -> Applied:
        """Make the changes of the plan and no others; the ledger is true after each outcome. Raises
        LedgerError where the ledger cannot be written, and PartlyApplied where something was
        written at a vendor before that."""
        plan, state = self.planned.plan, self.planned.state
        if state.owned or not plan.idle:
            record_accounts(self.session, state, self.planned.accounts)
        held = self.planned.held
        unsettled = any(intent.address not in held for intent in state.open_intents)
        unsettled = unsettled or bool(self._looked_at(state.unread))
        if plan.idle and not unsettled:
            return Applied(plan, stopped=self.options.stop.is_set())
        self.session.begin(
            planfile.fingerprint(plan), plan.origin["choice"]["revert"], drift=plan.drifted
        )
        completed = {address: done.certain for address, done in self.planned.completed.items()}
        earlier = EarlierWrites(self.session, state.open_intents, completed)
        journal = RunJournal(
            self.project.resource_types,
            self.project.fingerprints,
            self.session,
            objects_seen(self.planned),
            earlier,
        )
        earlier.settle(self.planned.snapshot.listings, plan.changes, held)
        recorded = journal.record_unwritten(plan.changes)
        outcomes: list[Outcome] = []
        try:
            results = self._make_changes(journal, outcomes)
            self.session.end(_counts(outcomes), self._unread(journal.written, results))
        except LedgerError as error:
            if not journal.wrote(outcomes):
                raise
            raise PartlyApplied(
                _unrecorded(outcomes, journal.written), *error.diagnostics
            ) from error
        problems = tuple(result.finding for result in results if result.finding is not None)
        return Applied(plan, tuple(outcomes), recorded, problems, self.options.stop.is_set())

    def _looked_at(self, addresses: Iterable[Address]) -> frozenset[Address]:
        """Those of the addresses whose kinds were read for this plan."""
        listings = self.planned.snapshot.listings
        return frozenset(address for address in addresses if address.scope in listings)

    def _unread(
        self, written: frozenset[Address], results: Iterable[executor.ReadBack]
    ) -> frozenset[Address]:
        """The owned objects of which it is not known how the vendor stored what was written: those
        that this run has `written` and could not read back as they are, and those of earlier runs
        that were not looked at, or that differ in form from what was written."""
        state = self.planned.state
        guessed = {address for address, done in self.planned.completed.items() if done.guessed}
        updated = {c.address for c in self.planned.plan.changes if c.action is Action.UPDATE}
        earlier = {intent.address for intent in state.open_intents if intent.verb == Verb.CREATE}
        unread = (state.unread - self._looked_at(state.unread)) | guessed | (earlier & updated)
        return frozenset(unread | written) - {
            result.outcome.change.address
            for result in results
            if result.finding is None or result.finding.severity is not Severity.ERROR
        }

    def _make_changes(
        self, journal: RunJournal, outcomes: list[Outcome]
    ) -> tuple[executor.ReadBack, ...]:
        """Make the changes, add their outcomes to `outcomes` as they come, and return how they were
        read back."""
        plan = self.planned.plan
        drivers = self._drivers(plan.changes)
        for budget in plan.budget:
            if budget.is_spread:
                self.accounts[budget.provider].spread()
        execute_options = executor.ExecuteOptions(
            seen=journal.seen,
            is_known=known_objects(self.planned, journal.made),
            other_keys=partial(keys_of_others, self.project, plan),
            keys={
                intent.address: intent.idempotency_key
                for intent in self.planned.state.open_intents
                if intent.verb == Verb.CREATE and intent.idempotency_key
            },
            fresh_seconds=self.fresh_seconds,
            pages=pages_of(self.planned),
            template=self.planned.templates.get,
            together=self.session.together,
            flush=self.session.flush,
            parallelism=self.options.parallelism or executor.PARALLELISM,
            stop_on_failure=self.options.stop_on_failure,
            stop=self.options.stop,
        )
        for outcome in executor.execute(
            plan.changes, drivers, journal.begin_write, execute_options
        ):
            outcomes.append(outcome)
            self.options.on_outcome(outcome)
        return () if self.options.stop.is_set() else self._read_back(outcomes, drivers, journal)

    def _read_back(
        self, outcomes: Sequence[Outcome], drivers: Mapping[Scope, Driver], journal: RunJournal
    ) -> tuple[executor.ReadBack, ...]:
        """Read back what was written, and record how the vendors stored it."""
        results = tuple(executor.read_back(outcomes, drivers, journal.known_forms))
        journal.record_read_back(results)
        return results

    def _drivers(self, changes: Sequence[Change]) -> dict[Scope, Driver]:
        scopes = {change.address.scope for change in changes if change.action in WRITES}
        return {
            scope: self.accounts[scope.provider].driver(self.project.resource_types.of(scope))
            for scope in scopes
        }


def _unrecorded(outcomes: Sequence[Outcome], written: frozenset[Address]) -> Diagnostic:
    """The finding for a ledger that could not be written any more in the middle of a run, after
    these outcomes; `written` are the objects that are known to be created or changed."""
    applied = {o.change.address for o in outcomes if o.status is Status.APPLIED} | written
    changes = "1 change was" if len(applied) == 1 else f"{len(applied)} changes were"
    return Diagnostic(
        f"{changes} made at the vendors, and then the ledger could not be written: no other change "
        "was begun",
        "Correct that and apply again: what is missing in the ledger is looked for at the vendors.",
    )


def _counts(outcomes: Sequence[Outcome]) -> dict[str, int]:
    return dict(Counter(outcome.status.value for outcome in outcomes))
