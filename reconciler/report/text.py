"""Plans, drift, checks and outcomes as lines of text, in Terraform's language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from reconciler.errors import Severity
from reconciler.model import (
    WRITES,
    Action,
    Applied,
    Budget,
    Change,
    Drift,
    Outcome,
    Plan,
    Scope,
    Status,
    Validation,
)
from reconciler.report.entries import (
    FEW_NAMES,
    MOST_ENTRIES,
    Extent,
    Paint,
    entry_lines,
    names_text,
)
from reconciler.report.last_set import last_set_text
from reconciler.report.rows import counts, entries
from reconciler.values.text import counted, printable

DONE = {
    Action.CREATE: "created",
    Action.UPDATE: "updated",
    Action.REPLACE: "replaced",
    Action.DELETE: "destroyed",
}
NO_CHANGES = "No changes. Your vendors match the manifests."
NOTHING_TO_UNDO = "No changes. Nothing of the run is to be undone at a vendor."
NOTHING_TO_PUT_BACK = "No changes. Your vendors are as they were last applied."
NO_LEDGER = "No ledger yet: neither drift nor what was removed from the manifests can be seen."


def unpainted(text: str, _symbol: str) -> str:
    """No colour."""
    return text


def plan_lines(
    plan: Plan, paint: Paint = unpainted, extent: Extent = Extent.SUMMARY
) -> Iterator[str]:
    """A plan: its entries, what it leaves alone, what it costs, and the summary as last line.

    The first line says so where nothing is known of what was applied before. `paint` colours a text
    by the symbol of its entry. `extent` says whether very many entries are summarized.
    """
    if plan.origin.get("ledger") == "":
        yield NO_LEDGER
        yield ""
    yield from entry_lines(tuple(entries(plan)), paint, extent)
    yield from _footnotes(plan)
    last = summary(plan)
    if last == NO_CHANGES and plan.not_read:
        yield "Kinds in which nothing is declared or owned were not looked at; drift lists them."
    yield last


def summary(plan: Plan) -> str:
    """The last line of a plan, which scripts may look for."""
    count = counts(plan)
    if not count["by_hand"] and not any(_does_something(change) for change in plan.changes):
        if plan.deferred:
            return "No changes in what could be read."
        findings = any(d.severity is Severity.ERROR or d.address for d in plan.diagnostics)
        if findings or plan.refusals:
            return "No changes in what could be planned."
        return _nothing_to_do(plan)
    by_hand = f", {count['by_hand']} by hand" if count["by_hand"] else ""
    return (
        f"Plan: {count['add']} to add, {count['change']} to change, "
        f"{count['destroy']} to destroy{by_hand}."
    )


def _nothing_to_do(plan: Plan) -> str:
    """That nothing is to be done, by what the plan was to reach."""
    choice = plan.origin.get("choice", {})
    if choice.get("revert"):
        return NOTHING_TO_UNDO
    if choice.get("promote"):
        return f"No changes. It is as it is in {printable(str(choice.get('promote_from')), 100)}."
    return NOTHING_TO_PUT_BACK if choice.get("put_back") else NO_CHANGES


def _kinds_not_read(plan: Plan) -> dict[str, list[str]]:
    """The kinds that nobody looked at, by provider."""
    kinds: dict[str, list[str]] = {}
    for scope in plan.not_read:
        kinds.setdefault(printable(scope.provider), []).append(printable(scope.kind))
    return kinds


def _does_something(change: Change) -> bool:
    """Whether it is written, or recorded as it is although it differs (`--refresh-only`)."""
    return change.action in WRITES or (change.action is Action.ADOPT and bool(change.fields))


def drift_lines(
    drift: Drift, paint: Paint = unpainted, extent: Extent = Extent.SUMMARY
) -> Iterator[str]:
    """What differs from what was last applied, what only a person can resolve, what is unmanaged,
    and a last line that says whether there is any drift. `extent` says whether very many entries
    are summarized."""
    changes = drift.plan.changes
    changed = [c for c in changes if c.action in (Action.ADOPT, Action.FORGET)]
    by_hand = [c for c in changes if c.action is Action.BY_HAND]
    remarks = {address: last_set_text(set_) for address, set_ in drift.last_set.items()}
    yield from entry_lines((*changed, *by_hand), paint, extent, remarks)
    for scope, names in drift.undeclared.items():
        yield f"Not declared, though all that may exist is: {_name(scope)}: {names_text(names)}"
    for scope, names in drift.plan.unmanaged.items():
        rest = [name for name in names if name not in drift.undeclared.get(scope, ())]
        if rest:
            most = len(rest) if extent is Extent.FULL else FEW_NAMES
            yield f"Not managed: {_name(scope)}: {names_text(rest, most)}"
    if known := sum(map(len, drift.acknowledged.values())):
        yield f"Not managed, as reconciler.yaml says: {counted(known, 'object')}"
    for provider, kinds in _kinds_not_read(drift.plan).items():
        yield f"Not looked at, because nothing is declared there: {provider}: {', '.join(kinds)}"
    if drift.plan.deferred:
        yield f"Not read: {names_text(tuple(map(str, drift.plan.deferred)))}"
    yield drift_summary(drift)


def drift_summary(drift: Drift) -> str:
    """The last line of a drift report, which scripts may look for."""
    tally = drift.plan.tally()
    changed = tally[Action.ADOPT] + tally[Action.FORGET]
    by_hand = tally[Action.BY_HAND]
    undeclared = sum(map(len, drift.undeclared.values()))
    if changed or by_hand or undeclared:
        also = f", {by_hand} by hand" if by_hand else ""
        also += f", {undeclared} not declared" if undeclared else ""
        return f"Drift: {changed} changed at the vendor since the last apply{also}."
    if not drift.applied:
        return "No drift can be seen: the ledger knows of nothing that was applied."
    if drift.complete:
        return "No drift. Your vendors are as they were last applied."
    return "No drift in what could be read."


def validation_lines(validation: Validation) -> Iterator[str]:
    """That the manifests are valid; nothing where they are not."""
    if validation.valid:
        yield validation_summary(validation)


def validation_summary(validation: Validation) -> str:
    """Whether the manifests are valid, or how many errors they have."""
    if validation.valid and not validation.checked:
        return "Nothing was checked."
    if validation.valid:
        count = validation.resources
        return f"Success! {'1 resource is' if count == 1 else f'{count} resources are'} valid."
    return f"{counted(validation.errors, 'error')} found."


def outcome_lines(outcome: Outcome) -> Iterator[str]:
    """How one change ended, on one line."""
    change = outcome.change
    address = printable(str(change.address), 400)
    if outcome.status is Status.APPLIED:
        # An id that equals the key says nothing new.
        id = outcome.id if outcome.id != change.address.key else ""
        shown_id = f" [id={printable(id)}]" if id else ""
        yield f"{address}: {DONE[change.action]} in {outcome.seconds:.1f} s{shown_id}"
    else:
        half = ", after the old object was destroyed" if outcome.half else ""
        yield f"{address}: {outcome.status}{half}"


def unapplied_lines(outcome: Outcome) -> Iterator[str]:
    """How one change of very many ended; nothing where it was applied, which `applied_lines`
    counts."""
    if outcome.status is not Status.APPLIED:
        yield from outcome_lines(outcome)


def applied_lines(applied: Applied, full: bool = False) -> Iterator[str]:
    """The summary of an apply; more than its last line only where not everything was applied, or
    where there were very many changes, which are counted by kind unless `full`."""
    if applied.outcomes:
        yield ""
    if len(applied.outcomes) > MOST_ENTRIES and not full:
        yield from _counts_by_kind(applied.outcomes)
        yield ""
    if applied.recorded:
        yield f"{counted(applied.recorded, 'object')} recorded in the ledger."
    if not applied.complete:
        yield outcomes_summary(applied)
    yield applied_summary(applied)


def outcomes_summary(applied: Applied) -> str:
    """How many changes of an apply ended in which way."""
    status = applied.tally()
    return (
        f"Outcomes: {status[Status.APPLIED]} applied, {status[Status.FAILED]} failed, "
        f"{status[Status.UNKNOWN]} unknown, {status[Status.SKIPPED]} skipped, "
        f"{status[Status.NOT_ATTEMPTED]} not attempted."
    )


def applied_summary(applied: Applied) -> str:
    """The last line of an apply, which scripts may look for."""
    done = Counter(o.change.action for o in applied.outcomes if o.status is Status.APPLIED)
    added = done[Action.CREATE] + done[Action.REPLACE]
    halves = sum(outcome.half for outcome in applied.outcomes)
    destroyed = done[Action.DELETE] + done[Action.REPLACE] + halves
    result = f"{added} added, {done[Action.UPDATE]} changed, {destroyed} destroyed."
    return f"Apply {'complete!' if applied.complete else 'incomplete.'} Resources: {result}"


def _counts_by_kind(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """How many changes of each kind ended in each way, one kind on a line."""
    ends: dict[Scope, Counter[str]] = {}
    for outcome in outcomes:
        applied = outcome.status is Status.APPLIED
        end = DONE[outcome.change.action] if applied else str(outcome.status)
        ends.setdefault(outcome.change.address.scope, Counter())[end] += 1
    for scope in sorted(ends):
        counted = (f"{count} {end}" for end, count in sorted(ends[scope].items()))
        yield f"{printable(str(scope))}: {', '.join(counted)}"


def _footnotes(plan: Plan) -> Iterator[str]:
    count = counts(plan)
    if count["record"]:
        yield f"{counted(count['record'], 'object')} will be recorded in the ledger by apply."
        yield from _reasons(c for c in plan.changes if c.action is Action.ADOPT and not c.fields)
    if count["forget"]:
        yield f"{counted(count['forget'], 'object')} will be forgotten by the ledger."
        yield from _reasons(c for c in plan.changes if c.action is Action.FORGET)
    if plan.deferred:
        deferred = names_text([str(address) for address in plan.deferred])
        yield f"Deferred, because their vendor could not be read: {deferred}"
    for scope, names in plan.unmanaged.items():
        yield f"Not managed: {_name(scope)}: {names_text(names)}"
    for budget in plan.budget:
        if budget.seconds:
            yield _cost(budget)


def _reasons(changes: Iterable[Change]) -> Iterator[str]:
    """Some addresses of each reason, one on a line, and how many more it has."""
    by_reason: dict[str, list[str]] = {}
    for change in changes:
        by_reason.setdefault(change.reason, []).append(str(change.address))
    for reason, addresses in by_reason.items():
        note = f"  ({printable(reason, 400)})"
        yield from (f"  {printable(address, 400)}{note}" for address in addresses[:FEW_NAMES])
        if len(addresses) > FEW_NAMES:
            yield f"  {len(addresses) - FEW_NAMES} more{note}"


def _cost(budget: Budget) -> str:
    minutes, seconds = divmod(round(budget.seconds), 60)
    least = f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
    return (
        f"{printable(budget.provider)}: {budget.requests} requests at {budget.per_minute} a minute "
        f"take at least {least}."
    )


def _name(scope: Scope) -> str:
    return printable(str(scope), 400)
