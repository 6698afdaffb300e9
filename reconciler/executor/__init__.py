"""Plan + drivers → outcomes: the only writer. It does what the plan says and decides nothing."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from graphlib import TopologicalSorter

from reconciler.errors import Diagnostic
from reconciler.executor.batch import VERBS, Batch, parent_of
from reconciler.executor.read_back import read_back
from reconciler.executor.work import Driver, Ended, Journal, Terms, Work
from reconciler.model import WRITES, Action, Address, Change, Outcome, Scope, Status

__all__ = ["Driver", "Ended", "Journal", "Terms", "execute", "read_back"]


def execute(
    changes: Sequence[Change], drivers: Mapping[Scope, Driver], journal: Journal, terms: Terms
) -> Iterator[Outcome]:
    """Make the changes that write, each after all that it needs; yields outcomes as they come.

    A failure skips only what depends on it (everything not yet begun, with `stop_on_failure`).
    Raises LedgerError where the journal can no longer be written: nothing is begun after that.
    """
    writes = {change.address: change for change in changes if change.action in WRITES}
    by_hand = {change.address for change in changes if change.action is Action.BY_HAND}
    sorter = _prepared(writes)
    ended: dict[Address, Outcome] = {}
    ready: deque[Address] = deque()
    flight: dict[Future[list[Outcome]], list[Address]] = {}
    halted = False
    with ThreadPoolExecutor(terms.parallelism, thread_name_prefix="apply") as pool:
        while sorter.is_active():
            ready.extend(sorter.get_ready())
            while ready and len(flight) < terms.parallelism:
                change = writes[ready.popleft()]
                outcome = _unbegun(change, ended, by_hand)
                if outcome is None and (halted or terms.stop.is_set()):
                    outcome = Outcome(change, Status.NOT_ATTEMPTED)
                if outcome is None:
                    driver = drivers[change.address.scope]
                    others = (writes[one] for one in ready)
                    fit = (one for one in others if _unbegun(one, ended, by_hand) is None)
                    company = _company(change, driver, fit)
                    if len(company) > 1:
                        taken = {one.address for one in company}
                        ready = deque(one for one in ready if one not in taken)
                    work = _work(company, driver, journal, terms, ended)
                    flight[pool.submit(work)] = [one.address for one in company]
                else:
                    ended[change.address] = outcome
                    sorter.done(change.address)
                    yield outcome
            done = wait(flight, return_when=FIRST_COMPLETED).done if flight else ()
            for future in done:
                del flight[future]
                for outcome in future.result():
                    address = outcome.change.address
                    ended[address] = outcome
                    halted |= terms.stop_on_failure and outcome.status is not Status.APPLIED
                    sorter.done(address)
                    yield outcome


def _company(change: Change, driver: Driver, ready: Iterable[Change]) -> list[Change]:
    """The change with those of the others that can be made by the same request."""
    bulk, verb = driver.shape.kind.bulk, VERBS.get(change.action)
    if bulk is None or verb not in bulk.calls:
        return [change]
    found = [change]
    for other in ready:
        alike = (other.address.scope, other.action) == (change.address.scope, change.action)
        if alike and (not bulk.apart or parent_of(driver, other) == parent_of(driver, change)):
            found.append(other)
    return found[: bulk.most]


def _work(
    company: Sequence[Change],
    driver: Driver,
    journal: Journal,
    terms: Terms,
    ended: Mapping[Address, Outcome],
) -> Callable[[], list[Outcome]]:
    if len(company) > 1:
        return Batch(company, driver, journal, terms, ended).run
    work = Work(company[0], driver, journal, terms, ended)
    return lambda: [work.run()]


def _prepared(writes: Mapping[Address, Change]) -> TopologicalSorter[Address]:
    sorter = TopologicalSorter(
        {a: [need for need in change.needs if need in writes] for a, change in writes.items()}
    )
    sorter.prepare()
    return sorter


def _unbegun(
    change: Change, ended: Mapping[Address, Outcome], by_hand: set[Address]
) -> Outcome | None:
    """The outcome of a change that cannot be begun because of another one; None where it can."""
    for need in change.needs:
        outcome = ended.get(need)
        if outcome is not None and outcome.status is Status.NOT_ATTEMPTED:
            return Outcome(change, Status.NOT_ATTEMPTED)
        if outcome is not None and outcome.status is not Status.APPLIED:
            why = f"skipped: it needs {need}, which {ENDINGS[outcome.status]}"
        elif need in by_hand:
            why = f"skipped: it needs {need}, which only a person can make"
        else:
            continue
        finding = Diagnostic(
            why, "Mend that first, then run it again.", address=str(change.address)
        )
        return Outcome(change, Status.SKIPPED, diagnostic=finding)
    return None


ENDINGS = {
    Status.FAILED: "failed",
    Status.SKIPPED: "was skipped",
    Status.UNKNOWN: "has an unknown outcome",
}
