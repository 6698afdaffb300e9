"""Check that an object has not changed since the plan was made, and fail its change if it has."""

from __future__ import annotations

from math import inf

from reconciler.errors import Diagnostic
from reconciler.executor.options import ExecuteOptions
from reconciler.kinds.resource_types import ResourceType
from reconciler.model import Change, Live, Status
from reconciler.values.compare import differences
from reconciler.values.fields import Facts
from reconciler.values.ignored import without_ignored
from reconciler.values.normal_form import is_normal_form
from reconciler.values.shape import restrict_to

FRESH_SECONDS_FOR_DELETION = 2.0
DELETED = Diagnostic("stale: it was deleted since the plan was made", "Plan again.")


class ChangeFailed(Exception):
    """A change cannot be made. Carries the status that it ends with and the finding."""

    def __init__(self, status: Status, summary: str, detail: str = "") -> None:
        super().__init__(summary)
        self.status = status
        self.diagnostic = Diagnostic(summary, detail)


def is_fresh(options: ExecuteOptions, at: float, deletes: bool = False) -> bool:
    """Whether an object that was read at the monotonic time `at` need not be read again before it
    is changed, or before it is deleted."""
    longest = min(options.fresh_seconds, FRESH_SECONDS_FOR_DELETION if deletes else inf)
    return options.clock() - at <= longest


def check_unchanged(
    resource_type: ResourceType, change: Change, seen: Live | None, now: Live | None
) -> Live:
    """The object `now`. Raises ChangeFailed where it was deleted, or where a declared field differs
    from the object `seen` for the plan. Of a temporary value it counts what it says: the vendor may
    keep it in a form of its own."""
    if now is None:
        raise ChangeFailed(Status.FAILED, DELETED.summary, DELETED.detail)
    before, facts, ignored = change.before or {}, resource_type.facts, change.options.ignore
    managed = {
        name: restrict_to(facts.fields.get(name), before[name], value)
        for name, value in without_ignored(facts, seen.fields if seen else {}, ignored).items()
        if name in before
    }
    changed = [
        field
        for field in differences(facts, managed, without_ignored(facts, now.fields, ignored))
        if field.path[0] not in change.detour or not is_normal_form(field.after, field.before)
    ]
    if changed:
        names = ", ".join(dict.fromkeys(str(field.path[0]) for field in changed))
        raise ChangeFailed(
            Status.FAILED, f"stale: {names} changed since the plan was made", "Plan again."
        )
    return now


def fields_as_before(facts: Facts, change: Change, live: Live) -> set[str]:
    """The fields that the live object has as they were before they were to be changed."""
    before, after = change.before or {}, change.after or {}
    names = {str(field.path[0]) for field in change.fields if not field.sensitive}
    return {
        name
        for name in names & before.keys() & after.keys()
        if differences(facts, {name: after[name]}, live.fields)
        and not differences(facts, {name: before[name]}, live.fields)
    }
