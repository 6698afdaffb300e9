"""Replace an object in two steps, between which the objects that refer to it are changed."""

from __future__ import annotations

from dataclasses import replace

from reconciler.errors import Diagnostic
from reconciler.executor.change import SingleChange
from reconciler.frozen import frozen
from reconciler.model import Action, Outcome, Phase, Status


@frozen
class Replacement:
    """One step of a replacement: `work` is the whole of it, and `first` how the other step ended,
    if it is done."""

    work: SingleChange
    first: Outcome | None

    def run(self, phase: Phase) -> Outcome:
        """Make the step. The outcome of the second step is that of the whole change. Raises
        LedgerError where it cannot be journalled."""
        whole = self.work.change
        action = Action.CREATE if phase is Phase.CREATE else Action.DELETE
        work = replace(self.work, change=replace(whole, action=action), replaces=whole)
        outcome = replace(work.run(), change=whole)
        if self.first is None:
            return outcome
        if outcome.status is not Status.APPLIED:
            return self.not_finished(outcome)
        created = outcome if phase is Phase.CREATE else self.first
        return replace(
            outcome,
            id=created.id,
            diagnostic=created.diagnostic,
            seconds=outcome.seconds + self.first.seconds,
            requests=outcome.requests + self.first.requests,
            secrets=created.secrets,
        )

    def not_finished(self, outcome: Outcome) -> Outcome:
        """The outcome of a replacement whose second step was not made, and ended like this."""
        change = self.work.change
        if not change.create_first:
            return replace(outcome, half=True)
        created = self.first.id if self.first else None
        reason = outcome.diagnostic.summary if outcome.diagnostic else "the apply was stopped"
        finding = Diagnostic(
            f"the new object was created (id {created}), and the old one (id {change.id}) was "
            f"not deleted: {reason}",
            "Fix that, then apply again: the old object is still owned, and is deleted then.",
            address=str(change.address),
            source=change.source,
        )
        secrets = self.first.secrets if self.first else {}
        return replace(
            outcome, status=Status.FAILED, id=created, diagnostic=finding, secrets=secrets
        )
