"""Change an object in two steps, where objects exchange values that the vendor keeps unique."""

from __future__ import annotations

from dataclasses import replace

from reconciler.errors import Diagnostic
from reconciler.executor.change import SingleChange
from reconciler.frozen import frozen
from reconciler.model import Change, FieldChange, Live, Outcome, Phase, Status


@frozen
class Detour:
    """One step of an update through temporary values (`Change.detour`): `work` is the whole update,
    and `first` how the first step ended, once it has."""

    work: SingleChange
    first: Outcome | None

    def run(self, phase: Phase) -> Outcome:
        """Write the temporary values, or then the final ones. Raises LedgerError where it cannot be
        journalled."""
        if phase is Phase.DELETE:
            return self._write_temporary_values()
        options = replace(self.work.options, seen=self._seen_between)
        outcome = replace(self.work, options=options).run()
        if outcome.status is not Status.APPLIED:
            return self.not_finished(outcome)
        seconds = outcome.seconds + (self.first.seconds if self.first else 0)
        return replace(outcome, seconds=seconds)

    def _write_temporary_values(self) -> Outcome:
        change, before = self.work.change, self.work.change.before or {}
        fields = tuple(
            FieldChange((name,), before.get(name), value) for name, value in change.detour.items()
        )
        work = replace(
            self.work,
            change=replace(change, after=change.detour, fields=fields, refs=()),
            replaces=replace(change, after={**before, **change.detour}),
        )
        return replace(work.run(), change=change)

    def _seen_between(self, change: Change) -> tuple[Live, float] | None:
        """The live object as the first step left it."""
        seen = self.work.options.seen(change)
        if seen is None:
            return None
        live, at = seen
        return live.with_fields({**live.fields, **change.detour}), at

    def not_finished(self, outcome: Outcome) -> Outcome:
        """The outcome of an update whose second step was not made, and ended like this."""
        reason = outcome.diagnostic.summary if outcome.diagnostic else "the apply was stopped"
        names = " and ".join(f"{name} {value!r}" for name, value in self.work.change.detour.items())
        finding = Diagnostic(
            f"it has the temporary {names}, and was not changed further: {reason}",
            "Fix that, then apply again.",
            address=str(self.work.change.address),
            source=self.work.change.source,
        )
        return replace(outcome, status=Status.FAILED, diagnostic=finding)
