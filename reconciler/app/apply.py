"""A plan carried out: the ledger, the executor and the look afterwards."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from reconciler import executor, planfile
from reconciler.app.plan import Planned
from reconciler.app.project import Account, Project, sealer
from reconciler.errors import Diagnostic, Refused
from reconciler.executor import Driver
from reconciler.executor.journal import RunJournal
from reconciler.ledger import Session
from reconciler.model import Action, Change, Live, Outcome, Scope


@dataclass(slots=True)
class Applying:
    """An apply under way. Iterate `outcomes()`; `recorded` and `unstuck` are known afterwards."""

    project: Project
    planned: Planned
    accounts: Mapping[str, Account]
    session: Session
    parallelism: int = 10
    stop_on_failure: bool = False
    stop: threading.Event = field(default_factory=threading.Event)
    recorded: int = 0
    unstuck: list[Diagnostic] = field(default_factory=list)

    def outcomes(self) -> Iterator[Outcome]:
        """Execute the plan and nothing else; the ledger is true after each outcome.

        Raises Refused before anything is done where the plan holds refusals.
        """
        plan = self.planned.plan
        if plan.refusals:
            raise Refused(*plan.refusals)
        if all(change.action in (Action.NO_OP, Action.BY_HAND) for change in plan.changes):
            return
        self.session.begin(planfile.document(plan)["x_reconciler"]["fingerprint"])
        journal = RunJournal(self.project.resource_types, sealer(self.project), self.session)
        journal.settle_earlier_writes(self.planned.snapshot.listings)
        self.recorded = journal.record_unwritten(plan.changes)
        drivers = self._drivers(plan.changes)
        terms = executor.ExecuteOptions(
            seen=self._seen(),
            together=self.session.together,
            parallelism=self.parallelism,
            stop_on_failure=self.stop_on_failure,
            stop=self.stop,
        )
        done: list[Outcome] = []
        for outcome in executor.execute(plan.changes, drivers, journal.begin_write, terms):
            done.append(outcome)
            yield outcome
        if not self.stop.is_set():
            self.unstuck += [finding for _, finding in executor.read_back(done, drivers)]
        self.session.end(_counts(done))

    def _drivers(self, changes: Sequence[Change]) -> dict[Scope, Driver]:
        scopes = {change.address.scope for change in changes if change.action is not Action.NO_OP}
        return {
            scope: self.accounts[scope.provider].driver(self.project.resource_types.of(scope))
            for scope in scopes
        }

    def _seen(self) -> Callable[[Change], tuple[Live, float] | None]:
        listings = self.planned.snapshot.listings
        wanted = {
            (change.address.scope, change.id)
            for change in self.planned.plan.changes
            if change.id is not None and change.action is not Action.NO_OP
        }
        found: dict[tuple[Scope, str | None], tuple[Live, float]] = {
            (scope, live.id): (live, listing.at)
            for scope, listing in listings.items()
            for live in listing.objects
            if (scope, live.id) in wanted
        }
        return lambda change: found.get((change.address.scope, change.id))


def _counts(outcomes: Sequence[Outcome]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for outcome in outcomes:
        counts[outcome.status.value] = counts.get(outcome.status.value, 0) + 1
    return counts
