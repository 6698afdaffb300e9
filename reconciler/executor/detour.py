"""Change an object in two steps, where objects exchange values that the vendor keeps unique."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from reconciler.errors import Diagnostic
from reconciler.executor.change import SingleChange
from reconciler.executor.options import ExecuteOptions, Journal
from reconciler.model import Address, Change, FieldChange, Live, Outcome, Phase, Status
from reconciler.rest.driver import Driver


@dataclass(frozen=True, slots=True)
class Detour:
    """One step of an update through temporary values (`Change.detour`); `first` is how the first
    step ended, once it has."""

    change: Change
    driver: Driver
    journal: Journal
    options: ExecuteOptions
    ended: Mapping[Address, Outcome]
    first: Outcome | None

    def run(self, phase: Phase) -> Outcome:
        """Write the temporary values, or then the final ones. Raises LedgerError where it cannot be
        journalled."""
        if phase is Phase.DELETE:
            return self._write_temporary_values()
        options = replace(self.options, seen=self._seen_between)
        outcome = SingleChange(self.change, self.driver, self.journal, options, self.ended).run()
        if outcome.status is not Status.APPLIED:
            return self.not_finished(outcome)
        seconds = outcome.seconds + (self.first.seconds if self.first else 0)
        return replace(outcome, seconds=seconds)

    def _write_temporary_values(self) -> Outcome:
        before = self.change.before or {}
        fields = tuple(
            FieldChange((name,), before.get(name), value)
            for name, value in self.change.detour.items()
        )
        work = SingleChange(
            replace(self.change, after=self.change.detour, fields=fields, refs=()),
            self.driver,
            self.journal,
            self.options,
            self.ended,
            replaces=replace(self.change, after={**before, **self.change.detour}),
        )
        return replace(work.run(), change=self.change)

    def _seen_between(self, change: Change) -> tuple[Live, float] | None:
        """The live object as the first step left it."""
        seen = self.options.seen(change)
        if seen is None:
            return None
        live, at = seen
        return replace(live, fields={**live.fields, **self.change.detour}), at

    def not_finished(self, outcome: Outcome) -> Outcome:
        """The outcome of an update whose second step was not made, and ended like this."""
        reason = outcome.diagnostic.summary if outcome.diagnostic else "the apply was stopped"
        names = " and ".join(f"{name} {value!r}" for name, value in self.change.detour.items())
        finding = Diagnostic(
            f"it has the temporary {names}, and was not changed further: {reason}",
            "Fix that, then apply again.",
            address=str(self.change.address),
            source=self.change.source,
        )
        return replace(outcome, status=Status.FAILED, diagnostic=finding)
