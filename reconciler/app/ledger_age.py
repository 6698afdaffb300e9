"""Notice a ledger that lacks rows of objects which were created after its last record."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from reconciler.errors import Diagnostic, Severity
from reconciler.ledger import State
from reconciler.model import Action, Plan, Snapshot

MATCHES = frozenset({Action.ADOPT, Action.UPDATE, Action.REPLACE})
FEW = 3


def missing_rows(plan: Plan, snapshot: Snapshot, state: State) -> Iterator[Diagnostic]:
    """A warning where objects that are declared and not owned are younger than the ledger's last
    record: this workspace may have created them, and the ledger may be an older copy."""
    last = _instant(state.at)
    begun = {intent.address for intent in state.open_intents}
    unowned = {
        (change.address.scope, change.id): change.address
        for change in plan.changes
        if change.action in MATCHES
        and change.address not in state.owned
        and change.address not in begun
        and not change.options.was
    }
    if last is None or not unowned:
        return
    for row in state.owned.values():
        unowned.pop((row.address.scope, row.id), None)
    younger = sorted(
        str(unowned[scope, live.id])
        for scope, listing in snapshot.listings.items()
        for live in listing.objects
        if (scope, live.id) in unowned
        and (created := _instant(live.created)) is not None
        and created > last
    )
    if younger:
        more = f" and {len(younger) - FEW} more" if len(younger) > FEW else ""
        yield Diagnostic(
            f"created after the last record of the ledger ({state.at}) and not in it: "
            f"{', '.join(younger[:FEW])}{more}",
            "If this workspace created them, the ledger is an older copy: restore the newer one "
            "before you apply. If others did, apply takes them over.",
            Severity.WARNING,
        )


def _instant(text: str) -> datetime | None:
    """The point in time that an ISO 8601 text says, in UTC where it has no zone."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
