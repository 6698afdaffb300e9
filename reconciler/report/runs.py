"""What past runs did: as text, and as a document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from reconciler.kinds import Verb
from reconciler.ledger import Operation, Recorded, Run
from reconciler.model import ABSENT, FieldChange, Fields, Status, is_secret
from reconciler.report.columns import columns
from reconciler.report.entries import detail_text
from reconciler.report.rows import SYMBOLS, details
from reconciler.values.mask import redacted
from reconciler.values.text import printable

LONGEST = 2_000
SHORT = 12
CUT_OFF = "cut off: it never reached its end"
UNKNOWN = "outcome unknown: the write may have taken effect"
RECORDED = {"adopt": "~", "rename": "~", "record": "~", "forget": "-"}

Document = dict[str, Any]


def run_lines(runs: Sequence[Run], running: str | None, details: bool) -> Iterator[str]:
    """Every run on a line, newest last; with `details` where it comes from and its writes below it,
    with the fields before and after. `running` is the id of a run that has not ended yet."""
    heads = columns(
        (*_head(run), f"run {run.id}: {_result(run, run.id == running)}") for run in runs
    )
    for run, head in zip(runs, heads, strict=True):
        yield head
        if details:
            yield from (f"    {line}" for line in _origin(run))
            for operation in run.operations:
                yield from _operation(operation)
            yield from columns(map(_recorded, run.recorded), "    ")


def run_document(run: Run, running: bool) -> Document:
    """A run as JSON; no secret is in it, nor the fingerprint of one."""
    origin = run.origin
    return {
        "run": run.id,
        "command": run.command,
        "user": run.user,
        "host": run.host,
        "started": run.at,
        "ended": run.ended,
        "complete": run.ended is not None,
        "running": running,
        "plan": run.plan,
        "reverts": run.reverts or None,
        "environment": origin.environment if origin else None,
        "commit": (origin.commit if origin else "") or None,
        "uncommitted": origin.uncommitted if origin else None,
        "pull_request": (origin.pull_request if origin else "") or None,
        "job": (origin.job if origin else "") or None,
        "person": (origin.person if origin else "") or None,
        "counts": outcome_counts(run),
        "operations": [_operation_document(operation) for operation in run.operations],
        "recorded": [
            {
                "address": str(row.address),
                "action": row.action,
                "id": row.id,
                "was": row.was or None,
            }
            for row in run.recorded
        ],
    }


def outcome_counts(run: Run) -> dict[str, int]:
    """How many writes of a run ended with each status, including those that it never began."""
    counts = Counter(status_of(operation).value for operation in run.operations)
    for status, number in (run.counts or {}).items():
        counts[status] = max(counts[status], number)
    return {status.value: counts[status.value] for status in Status if counts[status.value]}


def status_of(operation: Operation) -> Status:
    """How a write ended; one whose end was never recorded is unknown."""
    return operation.status or Status.UNKNOWN


def _head(run: Run) -> tuple[str, ...]:
    """When, what, who, and the environment, commit and pull request as far as they are known."""
    origin = run.origin
    who = (origin.person if origin else "") or f"{run.user}@{run.host}"
    known = []
    if origin and origin.environment:
        known.append(origin.environment)
    if origin and origin.commit:
        known.append(f"{origin.commit[:SHORT]}{'+' if origin.uncommitted else ''}")
    if origin and origin.pull_request:
        known.append(f"pull request {origin.pull_request}")
    return run.at, _safe(run.command), _safe(who), _safe(", ".join(known))


def _origin(run: Run) -> Iterator[str]:
    """The lines that say where a run comes from, beside those of its head."""
    origin = run.origin
    if run.reverts:
        yield f"undoes run {_safe(run.reverts)}"
    if origin and origin.person:
        yield f"on {_safe(f'{run.user}@{run.host}')}"
    if origin and origin.commit:
        changed = ", with changes that are not committed" if origin.uncommitted else ""
        yield f"commit {_safe(origin.commit)}{changed}"
    if origin and origin.job:
        yield f"job {_safe(origin.job)}"


def _result(run: Run, running: bool) -> str:
    counts = outcome_counts(run)
    unknown = counts.pop(Status.UNKNOWN.value, 0)
    parts = [f"{number} {status}" for status, number in counts.items()]
    if unknown and not running:
        parts.append(f"{unknown} with unknown outcome")
    if run.recorded:
        parts.append(f"{len(run.recorded)} only recorded")
    text = ", ".join(parts) or "no writes"
    if running:
        return f"{text} so far, under way"
    return f"{text}; {CUT_OFF}" if run.ended is None else text


def _operation(operation: Operation) -> Iterator[str]:
    intent, status = operation.intent, status_of(operation)
    ended = UNKNOWN if status is Status.UNKNOWN else status.value
    id = f" [id={_safe(operation.id)}]" if operation.id else ""
    message = f": {_safe(operation.message)}" if operation.message else ""
    symbol = SYMBOLS.get(intent.action, "?")
    yield f"    {symbol}  {_safe(str(intent.address))}  {_action(operation)}  {ended}{id}{message}"
    for change in _changes(operation):
        for detail in details(change):
            first, *more = detail_text(detail).split("\n")
            yield f"        {first}"
            yield from (f"          {line}" for line in more)


def _action(operation: Operation) -> str:
    """What was done, with the step of a replacement."""
    action, verb = operation.intent.action.value, operation.intent.verb
    return action if action == verb else f"{action} ({printable(verb)})"


def _changes(operation: Operation) -> Iterator[FieldChange]:
    """The fields before and after a write, as far as the journal has them."""
    before, after = _before(operation) or {}, _after(operation) or {}
    for name in dict.fromkeys((*before, *after)):
        values = before.get(name, ABSENT), after.get(name, ABSENT)
        yield FieldChange((name,), *values, sensitive=any(map(is_secret, values)))


def _before(operation: Operation) -> Fields | None:
    """The fields that were written or deleted, as they were; None where that is not known."""
    return operation.intent.before


def _after(operation: Operation) -> Fields | None:
    """The fields as they were written; None where that is not known, and where all of it went."""
    return None if operation.intent.verb == Verb.DELETE else operation.intent.fields


def _recorded(row: Recorded) -> tuple[str, ...]:
    text = {
        "adopt": f"adopted [id={_safe(row.id or '')}]",
        "record": "what the ledger has of it changed",
        "rename": f"renamed from {_safe(row.was)}",
        "forget": "let go, and still there" if row.released else "forgotten: it was gone",
    }
    return RECORDED.get(row.action, "?"), _safe(str(row.address)), text[row.action]


def _operation_document(operation: Operation) -> Document:
    intent = operation.intent
    return {
        "address": str(intent.address),
        "action": intent.action.value,
        "verb": intent.verb,
        "natural_key": intent.natural_key,
        "status": status_of(operation).value,
        "id": operation.id,
        "message": operation.message,
        "at": intent.at,
        "before": _masked(_before(operation)),
        "after": _masked(_after(operation)),
    }


def _masked(fields: Fields | None) -> Any:
    return None if fields is None else redacted(fields)


def _safe(text: str) -> str:
    return printable(text, LONGEST)
