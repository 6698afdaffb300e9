"""Plan + drivers → outcomes: the only writer. It does what the plan says and decides nothing."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from graphlib import TopologicalSorter

from reconciler.errors import Diagnostic
from reconciler.executor.batch import VERBS, Batch, parent_of
from reconciler.executor.change import ExecuteOptions, Journal, Settle, Work
from reconciler.executor.verify import read_back
from reconciler.model import WRITES, Action, Address, Change, Outcome, Scope, Status
from reconciler.rest.driver import Driver

__all__ = ["ExecuteOptions", "Journal", "Settle", "execute", "read_back"]


def execute(
    changes: Sequence[Change],
    drivers: Mapping[Scope, Driver],
    journal: Journal,
    terms: ExecuteOptions,
) -> Iterator[Outcome]:
    """Make the changes that write, each after all that it needs; yields outcomes as they come.

    A failure skips only what depends on it (everything not yet begun, with `stop_on_failure`).
    Raises LedgerError where the journal can no longer be written: nothing is begun after that.
    """
    writes = {change.address: change for change in changes if change.action in WRITES}
    by_hand = frozenset(change.address for change in changes if change.action is Action.BY_HAND)
    run = _Run(drivers, journal, terms, by_hand)
    sorter = _prepared(writes)
    flight: set[Future[list[Outcome]]] = set()
    with ThreadPoolExecutor(terms.parallelism, thread_name_prefix="apply") as pool:
        while sorter.is_active():
            run.ready.extend(writes[address] for address in sorter.get_ready())
            outcomes: list[Outcome] = []
            while run.ready and len(flight) < terms.parallelism:
                begun = run.next()
                if isinstance(begun, Outcome):
                    outcomes.append(begun)
                else:
                    flight.add(pool.submit(begun))
            if flight and not outcomes:
                done, flight = wait(flight, return_when=FIRST_COMPLETED)
                outcomes = [outcome for future in done for outcome in future.result()]
            for outcome in outcomes:
                run.halted |= terms.stop_on_failure and outcome.status is not Status.APPLIED
                run.ended[outcome.change.address] = outcome
                sorter.done(outcome.change.address)
                yield outcome


@dataclass(slots=True)
class _Run:
    """What has ended, and what is ready to be begun."""

    drivers: Mapping[Scope, Driver]
    journal: Journal
    terms: ExecuteOptions
    by_hand: frozenset[Address]
    ended: dict[Address, Outcome] = field(default_factory=dict)
    ready: deque[Change] = field(default_factory=deque)
    halted: bool = False

    def next(self) -> Outcome | Callable[[], list[Outcome]]:
        """The work of the first change that is ready, with those that the same request makes; or
        its outcome, where it cannot be begun."""
        change = self.ready.popleft()
        if (outcome := self._unbegun(change)) is not None:
            return outcome
        driver = self.drivers[change.address.scope]
        company = self._company(change, driver)
        if len(company) > 1:
            return Batch(company, driver, self.journal, self.terms, self.ended).run
        work = Work(change, driver, self.journal, self.terms, self.ended)
        return lambda: [work.run()]

    def _company(self, change: Change, driver: Driver) -> list[Change]:
        bulk, verb = driver.resource_type.kind.bulk, VERBS.get(change.action)
        if bulk is None or verb not in bulk.calls:
            return [change]
        company, others = [change], deque[Change]()
        for other in self.ready:
            fits = (other.address.scope, other.action) == (change.address.scope, change.action)
            if fits and bulk.apart:
                fits = parent_of(driver, other) == parent_of(driver, change)
            fits = fits and self._unbegun(other) is None
            (company if fits and len(company) < bulk.most else others).append(other)
        self.ready = others
        return company

    def _unbegun(self, change: Change) -> Outcome | None:
        """The outcome of a change that cannot be begun; None where it can."""
        for need in change.needs:
            outcome = self.ended.get(need)
            if outcome is not None and outcome.status is Status.NOT_ATTEMPTED:
                return Outcome(change, Status.NOT_ATTEMPTED)
            if outcome is not None and outcome.status is not Status.APPLIED:
                why = f"skipped: it needs {need}, which {ENDINGS[outcome.status]}"
            elif need in self.by_hand:
                why = f"skipped: it needs {need}, which only a person can make"
            else:
                continue
            finding = Diagnostic(
                why, "Mend that first, then run it again.", address=str(change.address)
            )
            return Outcome(change, Status.SKIPPED, diagnostic=finding)
        stopped = self.halted or self.terms.stop.is_set()
        return Outcome(change, Status.NOT_ATTEMPTED) if stopped else None


def _prepared(writes: Mapping[Address, Change]) -> TopologicalSorter[Address]:
    sorter = TopologicalSorter(
        {a: [need for need in change.needs if need in writes] for a, change in writes.items()}
    )
    sorter.prepare()
    return sorter


ENDINGS = {
    Status.FAILED: "failed",
    Status.SKIPPED: "was skipped",
    Status.UNKNOWN: "has an unknown outcome",
}
