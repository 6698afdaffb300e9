"""Past runs as bars: what each put back of drift, and how its writes ended."""

from __future__ import annotations

from collections.abc import Sequence

from reconciler.frozen import frozen
from reconciler.ledger import Run
from reconciler.model import Status
from reconciler.report.runs import outcome_counts
from reconciler.values.text import printable

MOST = 40
STEP, WIDTH, HEIGHT = 22, 14, 56
"""Of a bar, in pixels: from one to the next, and its size at the most."""
LONGEST_NAME = 200


@frozen
class PastRun:
    """A run: when it began in UTC, its command, who ran it, how many objects had drifted (None
    where that is not known), and how many writes were applied and were not."""

    at: str
    command: str
    who: str
    drift: int | None
    applied: int
    failed: int


@frozen
class Bar:
    """A bar of a chart, and what it says; `colour` is a class of the page."""

    x: int
    y: float
    height: float
    title: str
    colour: str


@frozen
class Past:
    """The runs, the newest last, with the bars of their drift and of their writes; the largest
    number of each, and the width in pixels."""

    runs: tuple[PastRun, ...]
    drift: tuple[Bar, ...]
    writes: tuple[Bar, ...]
    most_drift: int
    most_writes: int
    width: int


def past_of(runs: Sequence[Run], drift_now: int | None = None) -> Past | None:
    """The newest of the runs that wrote something or met drift; None where there is none.
    `drift_now` is what has drifted since, where that is known: its bar comes last."""
    known = [_run(run) for run in runs]
    shown = tuple(run for run in known if run.applied or run.failed or run.drift is not None)[
        -MOST:
    ]
    if not shown:
        return None
    drifts = [(f"{run.at}: {run.drift} changed at the vendor", run.drift) for run in shown]
    if drift_now is not None:
        drifts.append((f"Now: {drift_now} changed at the vendor", drift_now))
    most_drift = max((number or 0 for _, number in drifts), default=0)
    most_writes = max(run.applied + run.failed for run in shown)
    return Past(
        shown,
        tuple(
            _bar(at, number or 0, most_drift, title, "update")
            for at, (title, number) in enumerate(drifts)
            if number is not None
        ),
        tuple(bar for at, run in enumerate(shown) for bar in _writes(at, run, most_writes)),
        most_drift,
        most_writes,
        len(drifts) * STEP,
    )


def _run(run: Run) -> PastRun:
    counts = outcome_counts(run)
    applied = counts.get(Status.APPLIED.value, 0)
    who = (run.origin.person if run.origin else "") or f"{run.user}@{run.host}"
    return PastRun(
        printable(run.at.partition(".")[0].removesuffix("Z").replace("T", " "), LONGEST_NAME),
        printable(run.command, LONGEST_NAME),
        printable(who, LONGEST_NAME),
        run.drift,
        applied,
        sum(counts.values()) - applied,
    )


def _writes(at: int, run: PastRun, most: int) -> tuple[Bar, ...]:
    """The bar of what was applied, and on it that of what was not."""
    title = f"{run.at}: {run.applied} applied, {run.failed} not"
    applied = _bar(at, run.applied, most, title, "create")
    failed = _bar(at, run.failed, most, title, "delete")
    raised = Bar(failed.x, failed.y - applied.height, failed.height, title, failed.colour)
    return tuple(bar for bar in (applied, raised) if bar.height)


def _bar(at: int, number: int, most: int, title: str, colour: str) -> Bar:
    height = round(max(2.0, HEIGHT * number / most), 1) if number else 0.0
    return Bar(at * STEP, round(HEIGHT - height, 1), height, title, colour)
