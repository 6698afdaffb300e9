"""The ledger for people and for programs: what is owned, and what past runs did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from reconciler.ledger import Holder, Operation, Run, State
from reconciler.model import Owned, Status
from reconciler.report.columns import columns
from reconciler.report.rows import SYMBOLS
from reconciler.report.yaml_text import entries
from reconciler.values.mask import mask_secrets
from reconciler.values.text import printable

LONGEST = 2_000
CUT_OFF = "cut off: it never reached its end"
UNKNOWN = "outcome unknown: the write may have taken effect"


def owned_lines(rows: Sequence[Owned]) -> Iterator[str]:
    """Addresses, ids and where the objects came from, one to a line."""
    yield from columns(
        (_safe(str(one.address)), f"id={_safe(one.id)}", _safe(one.origin)) for one in rows
    )


def owned_block(owned: Owned, state: State) -> Iterator[str]:
    """All that the ledger knows of one address."""
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
    yield from columns(facts, "  ")
    if any(intent.address == owned.address for intent in state.open_intents):
        yield "  The last write has no known outcome: the next apply looks for what came of it."
    yield "  fields:" if owned.fields else "  fields: {}"
    yield from entries(_shown(owned), "    ")


def owned_document(owned: Owned, fields: bool = False) -> dict[str, Any]:
    """The same for a program; with the fields where they are asked for."""
    return {
        "address": str(owned.address),
        "id": owned.id,
        "origin": owned.origin,
        "at": owned.at,
        "protect": owned.protect,
        "on_remove": owned.on_remove,
        **({"fields": _shown(owned)} if fields else {}),
    }


def run_lines(runs: Sequence[Run], holder: Holder | None, details: bool) -> Iterator[str]:
    """Every run on a line, newest last; with `details` its writes below it.

    `holder` is who holds the ledger now: then the last run may still be under way.
    """
    heads = columns(
        (run.at, _safe(run.command), _safe(f"{run.user}@{run.host}"), f"run {run.id}: {said}")
        for run, said in ((run, _said(run, _running(run, runs, holder))) for run in runs)
    )
    for run, head in zip(runs, heads, strict=True):
        yield head
        if details:
            yield from columns(map(_operation, run.operations), "    ")


def run_document(run: Run, runs: Sequence[Run], holder: Holder | None) -> dict[str, Any]:
    """A run for a program; `status` of a write that nobody knows the outcome of is `unknown`."""
    return {
        "run": run.id,
        "command": run.command,
        "user": run.user,
        "host": run.host,
        "started": run.at,
        "ended": run.ended,
        "complete": run.ended is not None,
        "running": _running(run, runs, holder),
        "plan": run.plan,
        "counts": _counts(run),
        "operations": [
            {
                "address": str(one.intent.address),
                "action": one.intent.action.value,
                "verb": one.intent.verb,
                "natural_key": one.intent.natural_key,
                "status": _status(one).value,
                "id": one.id,
                "message": one.message,
                "at": one.intent.at,
            }
            for one in run.operations
        ],
    }


def _shown(owned: Owned) -> dict[str, Any]:
    """The fields as last applied; the fingerprint of a secret is nobody's business."""
    shown: dict[str, Any] = mask_secrets(owned.fields, lambda _: "(sensitive)")
    return shown


def _running(run: Run, runs: Sequence[Run], holder: Holder | None) -> bool:
    return holder is not None and run.ended is None and run is runs[-1]


def _said(run: Run, running: bool) -> str:
    counts = _counts(run)
    lost = counts.pop(Status.UNKNOWN.value, 0)
    said = [f"{number} {word}" for word, number in counts.items()]
    if lost and not running:
        said.append(f"{lost} with unknown outcome")
    text = ", ".join(said) or "no writes"
    if running:
        return f"{text} so far, under way"
    return f"{text}; {CUT_OFF}" if run.ended is None else text


def _counts(run: Run) -> dict[str, int]:
    """How its writes ended, and what it never came to."""
    counts = Counter(_status(one).value for one in run.operations)
    for word, number in (run.counts or {}).items():
        counts[word] = max(counts[word], number)
    return {status.value: counts[status.value] for status in Status if counts[status.value]}


def _status(one: Operation) -> Status:
    return one.status or Status.UNKNOWN


def _operation(one: Operation) -> tuple[str, ...]:
    intent, status = one.intent, _status(one)
    said = UNKNOWN if status is Status.UNKNOWN else status.value
    id = f" [id={_safe(one.id)}]" if one.id else ""
    why = f": {_safe(one.message)}" if one.message else ""
    symbol = SYMBOLS.get(intent.action, "?")
    return symbol, _safe(str(intent.address)), intent.action.value, f"{said}{id}{why}"


def _safe(text: str) -> str:
    return printable(text, LONGEST)
