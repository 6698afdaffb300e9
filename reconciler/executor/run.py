"""Execute the changes of a plan, each after the changes that it needs."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from graphlib import TopologicalSorter

from reconciler.errors import Diagnostic
from reconciler.executor.batch import VERBS, Batch, parent_of
from reconciler.executor.change import SingleChange
from reconciler.executor.options import ExecuteOptions, Journal
from reconciler.model import WRITES, Action, Address, Change, Outcome, Scope, Status
from reconciler.rest.driver import Driver


def execute(
    changes: Sequence[Change],
    drivers: Mapping[Scope, Driver],
    journal: Journal,
    options: ExecuteOptions,
) -> Iterator[Outcome]:
    """Make the changes that write to vendors, each after the changes that it needs, and yield each
    outcome when its change ends.

    After a failure the changes that depend on it are skipped (with `stop_on_failure`, all that have
    not started). Raises LedgerError where the journal cannot be written: no change is started after
    that.
    """
    writes = {change.address: change for change in changes if change.action in WRITES}
    by_hand = frozenset(change.address for change in changes if change.action is Action.BY_HAND)
    run = _Run(drivers, journal, options, by_hand)
    sorter = _sorter(writes)
    running: set[Future[list[Outcome]]] = set()
    with ThreadPoolExecutor(options.parallelism, thread_name_prefix="apply") as pool:
        while sorter.is_active():
            run.ready.extend(writes[address] for address in sorter.get_ready())
            outcomes: list[Outcome] = []
            while run.ready and len(running) < options.parallelism:
                task = run.next()
                if isinstance(task, Outcome):
                    outcomes.append(task)
                else:
                    running.add(pool.submit(task))
            if running and not outcomes:
                finished, running = wait(running, return_when=FIRST_COMPLETED)
                outcomes = [outcome for future in finished for outcome in future.result()]
            for outcome in outcomes:
                run.halted |= options.stop_on_failure and outcome.status is not Status.APPLIED
                run.ended[outcome.change.address] = outcome
                sorter.done(outcome.change.address)
                yield outcome


@dataclass(slots=True)
class _Run:
    """The state of a run: which changes have ended, and which are ready to start."""

    drivers: Mapping[Scope, Driver]
    journal: Journal
    options: ExecuteOptions
    by_hand: frozenset[Address]
    ended: dict[Address, Outcome] = field(default_factory=dict)
    ready: deque[Change] = field(default_factory=deque)
    halted: bool = False

    def next(self) -> Outcome | Callable[[], list[Outcome]]:
        """A function that makes the next change that is ready, with those that the same request can
        make; or the outcome of that change, where it cannot start."""
        change = self.ready.popleft()
        if (outcome := self._outcome_before_start(change)) is not None:
            return outcome
        driver = self.drivers[change.address.scope]
        group = self._group(change, driver)
        if len(group) > 1:
            return Batch(group, driver, self.journal, self.options, self.ended).run
        work = SingleChange(change, driver, self.journal, self.options, self.ended)
        return lambda: [work.run()]

    def _group(self, change: Change, driver: Driver) -> list[Change]:
        bulk, verb = driver.resource_type.kind.bulk, VERBS.get(change.action)
        if bulk is None or verb not in bulk.calls:
            return [change]
        group, rest = [change], deque[Change]()
        for candidate in self.ready:
            target = (candidate.address.scope, candidate.action)
            fits = target == (change.address.scope, change.action)
            if fits and bulk.apart:
                fits = parent_of(driver, candidate) == parent_of(driver, change)
            fits = fits and self._outcome_before_start(candidate) is None
            (group if fits and len(group) < bulk.most else rest).append(candidate)
        self.ready = rest
        return group

    def _outcome_before_start(self, change: Change) -> Outcome | None:
        """The outcome of a change that cannot start; None where it can."""
        for need in change.needs:
            outcome = self.ended.get(need)
            if outcome is not None and outcome.status is Status.NOT_ATTEMPTED:
                return Outcome(change, Status.NOT_ATTEMPTED)
            if outcome is not None and outcome.status is not Status.APPLIED:
                reason = f"skipped: it needs {need}, which {ENDINGS[outcome.status]}"
            elif need in self.by_hand:
                reason = f"skipped: it needs {need}, which must be done by hand"
            else:
                continue
            finding = Diagnostic(
                reason, "Fix that first, then apply again.", address=str(change.address)
            )
            return Outcome(change, Status.SKIPPED, diagnostic=finding)
        stopped = self.halted or self.options.stop.is_set()
        return Outcome(change, Status.NOT_ATTEMPTED) if stopped else None


def _sorter(writes: Mapping[Address, Change]) -> TopologicalSorter[Address]:
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
