"""What a report says beside the changes: what is left alone, and what it takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reconciler.model import Action, Drift, Plan, Scope
from reconciler.report.text import NO_LEDGER

Note = tuple[str, tuple[str, ...]]
"""Words of ours, and names of others."""


def plan_notes(plan: Plan) -> Iterator[Note]:
    """What a plan leaves to the ledger, and what it does not look at or manage."""
    tally = plan.tally()
    if plan.origin.get("ledger") == "":
        yield NO_LEDGER, ()
    recorded = sum(c.action is Action.ADOPT and not c.fields for c in plan.changes)
    yield from objects("will be recorded in the ledger by apply", recorded)
    yield from objects("will be forgotten by the ledger", tally[Action.FORGET])
    yield from unread_notes(plan)


def costs(plan: Plan) -> Iterator[Note]:
    """How long a plan takes at the least, for each provider whose limit is felt."""
    for budget in plan.budget:
        if budget.seconds:
            words = f"At least {round(budget.seconds):,} s for {budget.requests:,} requests at"
            yield words, (budget.provider,)


def unread_notes(plan: Plan) -> Iterator[Note]:
    """What could not be read, and what is not managed."""
    if plan.deferred:
        yield (
            f"Not read, because their vendor could not be ({len(plan.deferred):,})",
            tuple(map(str, plan.deferred)),
        )
    for scope, names in plan.unmanaged.items():
        yield f"Not managed ({len(names):,})", all_of(scope, names)


def all_of(scope: Scope, names: Sequence[str]) -> tuple[str, ...]:
    """The names of live objects of a kind, as they are named to import or to acknowledge them."""
    return tuple(f"{scope}/{name}" for name in names)


def acknowledged(drift: Drift) -> tuple[Note, ...]:
    """How many unmanaged objects reconciler.yaml acknowledges."""
    known = sum(map(len, drift.acknowledged.values()))
    return objects("not managed, as reconciler.yaml says", known)


def objects(words: str, number: int) -> tuple[Note, ...]:
    """How many objects something happens to; nothing for none."""
    if not number:
        return ()
    return ((f"{number:,} object{'' if number == 1 else 's'} {words}", ()),)
