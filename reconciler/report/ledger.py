"""The ledger as text: what is owned, and what past runs did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from reconciler.ledger import Operation, Run, State
from reconciler.model import Owned, Status
from reconciler.report.columns import columns
from reconciler.report.rows import SYMBOLS
from reconciler.report.yaml_text import entries
from reconciler.values.mask import mask_secrets
from reconciler.values.text import printable

LONGEST = 2_000
CUT_OFF = "cut off: it never reached its end"
UNKNOWN = "outcome unknown: the write may have taken effect"


def owned_lines(state: State) -> Iterator[str]:
    """Address, id and origin of every owned object, one object on a line."""
    yield from columns(
        (_safe(str(owned.address)), f"id={_safe(owned.id)}", _safe(owned.origin))
        for owned in state.owned.values()
    )


def owned_object_lines(owned: Owned, unknown: bool) -> Iterator[str]:
    """Everything that the ledger knows of one object; `unknown` says that the outcome of its last
    write is unknown."""
    yield _safe(str(owned.address))
    facts = [
        ("id:", _safe(owned.id)),
        ("origin:", _safe(owned.origin)),
        ("last applied:", _safe(owned.at)),
    ]
    if owned.protect:
        facts.append(("protected:", "yes, it cannot be destroyed or replaced"))
    if owned.on_remove == "keep":
        facts.append(("on removal:", "kept at the vendor"))
    if owned.rotate is not None:
        facts.append(("rotated for:", _safe(owned.rotate)))
    yield from columns(facts, "  ")
    if unknown:
        yield "  The outcome of the last write is unknown; the next apply finds out."
    yield "  fields:" if owned.fields else "  fields: {}"
    yield from entries(shown_fields(owned), "    ")
    if owned.stored:
        yield "  stored by the vendor in another form, which counts as equal while neither changes:"
        yield from entries(dict(owned.stored), "    ")


def run_lines(runs: Sequence[Run], running: str | None, details: bool) -> Iterator[str]:
    """Every run on a line, newest last; with `details` its writes below it. `running` is the id of
    a run that has not ended yet."""
    heads = columns(
        (
            run.at,
            _safe(run.command),
            _safe(f"{run.user}@{run.host}"),
            f"run {run.id}: {_result(run, run.id == running)}",
        )
        for run in runs
    )
    for run, head in zip(runs, heads, strict=True):
        yield head
        if details:
            yield from columns(map(_operation, run.operations), "    ")


def shown_fields(owned: Owned) -> dict[str, Any]:
    """The fields as last applied; of a secret not even the fingerprint."""
    shown: dict[str, Any] = mask_secrets(owned.fields, lambda _: "(sensitive)")
    return shown


def outcome_counts(run: Run) -> dict[str, int]:
    """How many writes of a run ended with each status, including those that it never began."""
    counts = Counter(status_of(operation).value for operation in run.operations)
    for status, number in (run.counts or {}).items():
        counts[status] = max(counts[status], number)
    return {status.value: counts[status.value] for status in Status if counts[status.value]}


def status_of(operation: Operation) -> Status:
    """How a write ended; one whose end was never recorded is unknown."""
    return operation.status or Status.UNKNOWN


def _result(run: Run, running: bool) -> str:
    counts = outcome_counts(run)
    unknown = counts.pop(Status.UNKNOWN.value, 0)
    parts = [f"{number} {status}" for status, number in counts.items()]
    if unknown and not running:
        parts.append(f"{unknown} with unknown outcome")
    text = ", ".join(parts) or "no writes"
    if running:
        return f"{text} so far, under way"
    return f"{text}; {CUT_OFF}" if run.ended is None else text


def _operation(operation: Operation) -> tuple[str, ...]:
    intent, status = operation.intent, status_of(operation)
    ended = UNKNOWN if status is Status.UNKNOWN else status.value
    id = f" [id={_safe(operation.id)}]" if operation.id else ""
    message = f": {_safe(operation.message)}" if operation.message else ""
    symbol = SYMBOLS.get(intent.action, "?")
    return symbol, _safe(str(intent.address)), intent.action.value, f"{ended}{id}{message}"


def _safe(text: str) -> str:
    return printable(text, LONGEST)
