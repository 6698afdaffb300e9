"""What a plan or an apply costs: requests at each provider, beside the provider's limit."""

from __future__ import annotations

from collections import Counter

from reconciler.frozen import frozen
from reconciler.model import Applied, Plan
from reconciler.values.text import printable

LONGEST_NAME = 200
BAR = 120
"""The pixels of one minute."""


@frozen
class Requests:
    """The requests at a provider: those that a plan needs, those that an apply has sent (None
    before that), the most in a minute (0: no limit), and the shortest time in seconds that this
    limit allows."""

    provider: str
    needed: int
    sent: int | None
    per_minute: int
    seconds: float

    @property
    def minutes(self) -> float:
        """The share of what the limit allows in one minute."""
        count = self.needed if self.sent is None else self.sent
        return count / self.per_minute if self.per_minute else 0.0

    @property
    def fill(self) -> int:
        """The length of its bar in pixels."""
        return min(BAR, max(4, round(BAR * self.minutes)))

    @property
    def time(self) -> str:
        """The shortest time, in words."""
        if not self.per_minute:
            return "no limit"
        seconds = round(self.seconds)
        minutes, rest = divmod(seconds, 60)
        hours, minutes = divmod(minutes, 60)
        if hours:
            return f"{hours} h {minutes} min"
        if minutes:
            return f"{minutes} min {rest} s"
        return f"{rest} s" if seconds else "no waiting"


def needed(plan: Plan) -> tuple[Requests, ...]:
    """What each provider is asked for by a plan, the longest first."""
    found = [
        Requests(
            printable(budget.provider, LONGEST_NAME),
            budget.requests,
            None,
            budget.per_minute,
            budget.seconds,
        )
        for budget in plan.budget
    ]
    return tuple(sorted(found, key=lambda cost: (-cost.seconds, -cost.minutes, cost.provider)))


def sent(applied: Applied) -> tuple[Requests, ...]:
    """What each provider was asked for by an apply, beside what its plan needed."""
    counts: Counter[str] = Counter()
    for outcome in applied.outcomes:
        counts[printable(outcome.change.address.provider, LONGEST_NAME)] += outcome.requests
    known = needed(applied.plan)
    return tuple(
        Requests(cost.provider, cost.needed, counts[cost.provider], cost.per_minute, cost.seconds)
        for cost in known
    )
