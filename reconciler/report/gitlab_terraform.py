"""The counts of a plan for the Terraform widget of GitLab's merge requests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reconciler.errors import Diagnostic
from reconciler.model import Action, Drift, Plan
from reconciler.report.rows import counts
from reconciler.values.text import json_text

MOST_COUNTED = 999_999
"""GitLab's parser takes at most six digits."""


def plan(plan: Plan, _paint: object) -> Iterator[str]:
    """The counts of a plan; a replacement is created and deleted."""
    count = counts(plan)
    yield _counts(create=count["add"], update=count["change"], delete=count["destroy"])


def drift(drift: Drift, _paint: object) -> Iterator[str]:
    """What changed at the vendors as updates, and what is gone there as deletions."""
    tally = drift.plan.tally()
    changed = tally[Action.ADOPT] + tally[Action.BY_HAND]
    yield _counts(create=0, update=changed, delete=tally[Action.FORGET])


def errors(_findings: Sequence[Diagnostic]) -> Iterator[str]:
    """No counts: GitLab shows that the report is not there, and not that nothing changes."""
    yield json_text({"error": "no plan could be made"})


def _counts(**numbers: int) -> str:
    return json_text({name: min(number, MOST_COUNTED) for name, number in numbers.items()})
