"""A plan carried out: the ledger, the executor and the look afterwards."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from reconciler import executor, planfile
from reconciler.app.planning import Planned
from reconciler.app.project import Account, Project, sealer
from reconciler.errors import Diagnostic, Refused
from reconciler.executor import Driver
from reconciler.ledger import Session
from reconciler.model import (
    Action,
    Change,
    Live,
    Outcome,
    Owned,
    Scope,
    Status,
)
from reconciler.planner.decide import recorded


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
        self._settle_leftovers()
        self._record(plan.changes)
        drivers = self._drivers(plan.changes)
        terms = executor.Terms(
            seen=self._seen(),
            own=self._owned,
            parallelism=self.parallelism,
            stop_on_failure=self.stop_on_failure,
            stop=self.stop,
        )
        done: list[Outcome] = []
        for outcome in executor.execute(plan.changes, drivers, self.session, terms):
            done.append(outcome)
            yield outcome
        if not self.stop.is_set():
            self.unstuck += [finding for _, finding in executor.read_back(done, drivers)]
        self.session.end(_counts(done))

    def _drivers(self, changes: Sequence[Change]) -> dict[Scope, Driver]:
        scopes = {change.address.scope for change in changes if change.action is not Action.NO_OP}
        return {
            scope: self.accounts[scope.provider].driver(self.project.catalogue.shape(scope))
            for scope in scopes
        }

    def _record(self, changes: Sequence[Change]) -> None:
        """What only the ledger has to learn: adoptions, renames, objects that are gone."""
        adopted = [c for c in changes if c.action is Action.ADOPT]
        owned = self.session.state.owned
        moved = {
            old: change
            for change in changes
            if change.options.was
            and change.address not in owned
            and (old := change.address.scope.address(change.options.was)) in owned
        }
        # At once, so that a write that fails does not lose what is known of the object.
        self.session.own(
            *(replace(owned[old], address=change.address) for old, change in moved.items())
        )
        gone = [c.address for c in changes if c.action is Action.FORGET]
        self.session.own(*(self._owned(change, change.id or "") for change in adopted))
        for address in (*moved, *gone):
            if address in owned:
                self.session.forget(address, reason="renamed" if address in moved else "gone")
        self.recorded = len(adopted) + len(gone)

    def _settle_leftovers(self) -> None:
        """Writes of an earlier run with no known outcome: where this plan looked at what is live,
        it covers whatever came of them."""
        listings = self.planned.snapshot.listings
        for intent in self.session.state.open_intents:
            listing = listings.get(intent.address.scope)
            if listing is not None and listing.complete:
                self.session.settle(intent.op, Status.FAILED, message="looked for by a later run")

    def _owned(self, change: Change, id: str) -> Owned:
        owned, was = self.session.state.owned, change.options.was
        known = owned.get(change.address)
        if known is None and was:
            known = owned.get(change.address.scope.address(was))
        created = change.action in (Action.CREATE, Action.REPLACE) or any(
            intent.address == change.address and intent.action is Action.CREATE
            for intent in self.session.state.open_intents
        )
        origin = "created" if created else known.origin if known else "adopted"
        fields = {
            name: value
            for name, value in (change.after or {}).items()
            if name not in change.options.ignore
        }
        return Owned(
            change.address,
            id,
            recorded(fields, sealer(self.project)),
            origin,
            datetime.now(UTC).isoformat(timespec="seconds"),
            change.options.protect,
            change.options.on_remove,
        )

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
