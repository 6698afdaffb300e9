"""Execute the changes of a plan, each after the changes that it needs."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from graphlib import TopologicalSorter

from reconciler.errors import Diagnostic, LedgerError
from reconciler.executor.additions import Additions, one_by_one
from reconciler.executor.batch import VERBS, Batch, parent_of
from reconciler.executor.change import SingleChange
from reconciler.executor.detour import Detour
from reconciler.executor.lookup import Lookups
from reconciler.executor.options import ExecuteOptions, Journal
from reconciler.executor.replacement import Replacement
from reconciler.executor.work import Work
from reconciler.model import (
    WRITES,
    Action,
    Address,
    Change,
    Outcome,
    Phase,
    Scope,
    Status,
    Step,
    steps_of,
)
from reconciler.rest.driver import Driver

Ended = tuple[Step, Outcome]


def execute(
    changes: Sequence[Change],
    drivers: Mapping[Scope, Driver],
    journal: Journal,
    options: ExecuteOptions,
) -> Iterator[Outcome]:
    """Make the changes that write to vendors, each after the changes that it needs, and yield each
    outcome when its change ends.

    After a failure the changes that depend on it are skipped (with `stop_on_failure`, all that have
    not started). Where the journal cannot be written, no change is started after that; those that
    are being made end, and then LedgerError is raised with all records that are missing.
    """
    run = _Run(changes, drivers, journal, options)
    sorter = TopologicalSorter(run.steps)
    sorter.prepare()
    with ThreadPoolExecutor(options.parallelism, thread_name_prefix="apply") as pool:
        work: Work[Ended] = Work(pool, options.flush)
        while sorter.is_active():
            run.ready.extend(options.pages.in_order(sorter.get_ready(), run.place_of))
            ended: list[Ended] = []
            while run.ready and work.running < options.parallelism:
                task = run.next()
                if isinstance(task, tuple):
                    ended.append(task)
                else:
                    work.start(task)
            if work.running and not ended:
                ended = work.wait(more=bool(run.ready))
            for step, outcome in ended:
                sorter.done(step)
                if run.record(step, outcome):
                    yield outcome
            if work.unwritten:
                raise LedgerError(*work.unwritten)
        options.flush()


@dataclass(slots=True)
class _Run:
    """The state of a run: which steps have ended, and which are ready to start.

    steps     each step, with the steps before it
    outcomes  how each step ended
    ended     the outcome of each change that has ended, or of which the object exists already
    """

    changes: Sequence[Change]
    drivers: Mapping[Scope, Driver]
    journal: Journal
    options: ExecuteOptions
    steps: dict[Step, tuple[Step, ...]] = field(init=False)
    writes: dict[Address, Change] = field(init=False)
    by_hand: frozenset[Address] = field(init=False)
    outcomes: dict[Step, Outcome] = field(default_factory=dict)
    ended: dict[Address, Outcome] = field(default_factory=dict)
    ready: deque[Step] = field(default_factory=deque)
    halted: bool = False
    additions: Additions = field(default_factory=Additions)
    lookups: Lookups = field(init=False)

    def __post_init__(self) -> None:
        self.lookups = Lookups(self.options.clock)
        self.writes = {c.address: c for c in self.changes if c.action in WRITES}
        self.steps = one_by_one(steps_of(self.changes), self.writes, self.drivers)
        hand = (c.address for c in self.changes if c.action is Action.BY_HAND)
        self.by_hand = frozenset(hand)

    def record(self, step: Step, outcome: Outcome) -> bool:
        """Note how a step ended; returns whether the outcome of its change is known by that."""
        known = self._first_outcome(step)
        self.outcomes[step] = outcome
        if known is not None and known.status is not Status.APPLIED:
            return False  # The other step failed, and its outcome is that of the change.
        ended = outcome.status is not Status.APPLIED or step.phase is Phase.WHOLE or bool(known)
        if ended or step.phase is Phase.CREATE:
            self.ended[step.address] = outcome
        self.halted |= self.options.stop_on_failure and outcome.status is not Status.APPLIED
        return ended

    def place_of(self, step: Step) -> tuple[Scope, str | None]:
        """The kind and the id of the object that a step changes."""
        return step.address.scope, self.writes[step.address].id

    def next(self) -> Ended | Callable[[], list[Ended]]:
        """A function that makes the next step that is ready, with those that the same request can
        make; or the step with its outcome, where it cannot start."""
        step = self.ready.popleft()
        change = self.writes[step.address]
        first = self._first_outcome(step)
        if first is not None and first.status is not Status.APPLIED:
            return step, first
        before = self._outcome_before_start(step, begun=first is not None)
        driver = self.drivers[change.address.scope]
        work = SingleChange(
            change,
            driver,
            self.journal,
            self.options,
            self.ended,
            self.additions,
            self.lookups,
        )
        if step.phase is not Phase.WHOLE:
            part = Detour(work, first) if change.detour else Replacement(work, first)
            if before is not None:
                return step, part.not_finished(before) if first else before
            return lambda: [(step, part.run(step.phase))]
        if before is not None:
            return step, before
        group = self._group(step, driver)
        if len(group) > 1:
            batch = Batch(
                [self.writes[s.address] for s in group],
                driver,
                self.journal,
                self.options,
                self.ended,
            )
            return lambda: [(Step(o.change.address, Phase.WHOLE), o) for o in batch.run()]
        return lambda: [(step, work.run())]

    def _first_outcome(self, step: Step) -> Outcome | None:
        """How the other step of a replacement ended; None where it did not, or there is none."""
        if step.phase is Phase.WHOLE:
            return None
        other = Phase.DELETE if step.phase is Phase.CREATE else Phase.CREATE
        return self.outcomes.get(Step(step.address, other))

    def _group(self, step: Step, driver: Driver) -> list[Step]:
        change = self.writes[step.address]
        bulk, verb = driver.resource_type.kind.bulk, VERBS.get(change.action)
        may_add = driver.resource_type.facts.may_add
        alone = may_add or change.rotation or self.options.template(step.address)
        if bulk is None or verb not in bulk.calls or alone:
            return [step]
        group, rest = [step], deque[Step]()
        for other in self.ready:
            candidate = self.writes[other.address]
            target = (candidate.address.scope, candidate.action)
            fits = target == (change.address.scope, change.action)
            if fits and bulk.apart:
                fits = parent_of(driver, candidate) == parent_of(driver, change)
            fits = fits and candidate.rotation is None
            fits = fits and self.options.template(other.address) is None
            fits = fits and self._outcome_before_start(other) is None
            (group if fits and len(group) < bulk.most else rest).append(other)
        self.ready = rest
        return group

    def _outcome_before_start(self, step: Step, begun: bool = False) -> Outcome | None:
        """The outcome of a step that cannot start; None where it can. A change that has `begun` is
        not kept from ending by a request to stop."""
        change = self.writes[step.address]
        users = () if step.phase is Phase.CREATE else change.users
        needs = () if step.phase is Phase.DELETE else change.needs
        for need in dict.fromkeys((*needs, *users)):
            outcome = self._outcome_of(step, need)
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
        if begun:
            return None
        if self.halted or self.additions.stop(change) or self.options.stop.is_set():
            return Outcome(change, Status.NOT_ATTEMPTED)
        given_up = self.drivers[change.address.scope].given_up
        return Outcome(change, Status.NOT_ATTEMPTED, diagnostic=given_up) if given_up else None

    def _outcome_of(self, step: Step, need: Address) -> Outcome | None:
        """How the step of a needed change ended that comes before this step."""
        before = (other for other in self.steps[step] if other.address == need)
        return next((self.outcomes.get(other) for other in before), self.ended.get(need))


ENDINGS = {
    Status.FAILED: "failed",
    Status.SKIPPED: "was skipped",
    Status.UNKNOWN: "has an unknown outcome",
}
