"""Plans, drift and outcomes as lines of text, in Terraform's language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from reconciler.errors import Severity
from reconciler.model import WRITES, Action, Budget, Change, Outcome, Plan, Scope, Status
from reconciler.report.rows import Detail, Row, counts, row, rows
from reconciler.values.text import printable

Paint = Callable[[str, str], str]

DONE = {
    Action.CREATE: "created",
    Action.UPDATE: "updated",
    Action.REPLACE: "replaced",
    Action.DELETE: "destroyed",
}
FEW_NAMES = 5
NONE: Mapping[Scope, Sequence[str]] = MappingProxyType({})


def unpainted(text: str, _symbol: str) -> str:
    """No colour."""
    return text


def plan_lines(plan: Plan, paint: Paint = unpainted) -> Iterator[str]:
    """A plan: its entries, what it leaves alone, what it costs, and the summary as last line.

    `paint` colours a text by the symbol of its entry.
    """
    for one in rows(plan):
        yield from _entry(one, paint)
    yield from _footnotes(plan)
    yield summary(plan)


def summary(plan: Plan) -> str:
    """The one line that scripts look for."""
    count = counts(plan)
    if not count["by_hand"] and not any(_does_something(change) for change in plan.changes):
        if plan.deferred:
            return "No changes in what could be read."
        if any(one.severity is Severity.ERROR or one.address for one in plan.diagnostics):
            return "No changes in what could be planned."
        return "No changes. Your vendors match the manifests."
    by_hand = f", {count['by_hand']} by hand" if count["by_hand"] else ""
    return (
        f"Plan: {count['add']} to add, {count['change']} to change, "
        f"{count['destroy']} to destroy{by_hand}."
    )


def _does_something(change: Change) -> bool:
    """Whether it is written, or recorded as it is although it differs (`--refresh-only`)."""
    return change.action in WRITES or (change.action is Action.ADOPT and bool(change.fields))


def drift_lines(
    plan: Plan,
    paint: Paint = unpainted,
    strangers: Mapping[Scope, Sequence[str]] = NONE,
    applied: bool = True,
) -> Iterator[str]:
    """What differs from what was last applied, what only a person can mend, what is unmanaged.

    `strangers` are those of the unmanaged that count as drift; `applied` says whether the ledger
    holds anything to compare with.
    """
    drifted = [c for c in plan.changes if c.action in (Action.ADOPT, Action.FORGET)]
    for change in (*drifted, *(c for c in plan.changes if c.action is Action.BY_HAND)):
        yield from _entry(row(change), paint)
    yield from _unmanaged(plan, strangers)
    if plan.deferred:
        yield f"Not read: {_names(tuple(map(str, plan.deferred)))}"
    by_hand = len([c for c in plan.changes if c.action is Action.BY_HAND])
    undeclared = sum(map(len, strangers.values()))
    if drifted or by_hand or undeclared:
        also = f", {by_hand} by hand" if by_hand else ""
        also += f", {undeclared} not declared" if undeclared else ""
        yield f"Drift: {len(drifted)} changed at the vendor since the last apply{also}."
    elif applied:
        yield "No drift. Your vendors are as they were last applied."
    else:
        yield "No drift. Nothing has been applied yet that could have changed."


def outcome_line(outcome: Outcome) -> str:
    """How one change ended."""
    change = outcome.change
    address = printable(str(change.address), 400)
    if outcome.status is Status.APPLIED:
        # Where the vendor knows the object by the name it has here, its id says nothing new.
        told = outcome.id if outcome.id != change.address.key else ""
        id = f" [id={printable(told)}]" if told else ""
        return f"{address}: {DONE[change.action]} in {outcome.seconds:.1f} s{id}"
    return f"{address}: {outcome.status}"


def applied_lines(outcomes: Sequence[Outcome], recorded: int) -> Iterator[str]:
    """The summary of an apply; more than its last line only where not all went well."""
    status = Counter(outcome.status for outcome in outcomes)
    done = Counter(o.change.action for o in outcomes if o.status is Status.APPLIED)
    added = done[Action.CREATE] + done[Action.REPLACE]
    destroyed = done[Action.DELETE] + done[Action.REPLACE]
    if recorded:
        yield f"{_count(recorded, 'object')} recorded in the ledger."
    result = f"{added} added, {done[Action.UPDATE]} changed, {destroyed} destroyed."
    if len(outcomes) == status[Status.APPLIED]:
        yield f"Apply complete! Resources: {result}"
        return
    yield (
        f"Outcomes: {status[Status.APPLIED]} applied, {status[Status.FAILED]} failed, "
        f"{status[Status.UNKNOWN]} unknown, {status[Status.SKIPPED]} skipped, "
        f"{status[Status.NOT_ATTEMPTED]} not attempted."
    )
    yield f"Apply incomplete. Resources: {result}"


def _entry(one: Row, paint: Paint) -> Iterator[str]:
    notes = f"  ({'; '.join(one.notes)})" if one.notes else ""
    source = f"  {one.source}" if one.source else ""
    yield f"  {paint(f'{one.symbol} {one.address}', one.symbol)}{notes}{source}"
    for detail in one.details:
        first, *more = _detail(detail).split("\n")
        yield f"      {paint(first, detail.symbol)}"
        yield from (f"        {paint(line, detail.symbol)}" for line in more)
    yield ""


def _detail(one: Detail) -> str:
    note = f"  # {one.note}" if one.note else ""
    if one.symbol == "~" and one.before and one.after:
        value = f"{one.before} -> {one.after}"
    elif one.symbol == "~":
        value = f"+ {one.after}" if one.after else f"- {one.before}"
    else:
        value = one.after or one.before
    return f"{one.symbol} {one.path}: {value}{note}"


def _footnotes(plan: Plan) -> Iterator[str]:
    count = counts(plan)
    if count["record"]:
        yield f"{_count(count['record'], 'object')} will be recorded in the ledger by apply."
    if count["forget"]:
        yield f"{_count(count['forget'], 'object')} will be forgotten by the ledger."
    if plan.deferred:
        yield f"Deferred, because their vendor could not be read: {_names(_texts(plan.deferred))}"
    yield from _unmanaged(plan)
    for budget in plan.budget:
        if budget.seconds:
            yield _cost(budget)


def _unmanaged(plan: Plan, strangers: Mapping[Scope, Sequence[str]] = NONE) -> Iterator[str]:
    for scope, names in plan.unmanaged.items():
        word = "Not declared, though all that may exist is" if scope in strangers else "Not managed"
        yield f"{word}: {scope}: {_names(names)}"


def _cost(budget: Budget) -> str:
    minutes, seconds = divmod(round(budget.seconds), 60)
    least = f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
    return (
        f"{printable(budget.provider)}: {budget.requests} requests at {budget.per_minute} a minute "
        f"take at least {least}."
    )


def _names(names: Sequence[str]) -> str:
    few = ", ".join(printable(name) for name in names[:FEW_NAMES])
    more = len(names) - FEW_NAMES
    return f"{few} and {more} more" if more > 0 else few


def _texts(values: Iterable[object]) -> tuple[str, ...]:
    return tuple(map(str, values))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
