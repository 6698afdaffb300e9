"""Peak memory of plans and of an apply that adopts, and how cost grows with the objects."""

from __future__ import annotations

from benchmarks import data
from benchmarks.cases import (
    APPLY,
    NOTHING,
    PLAN,
    Case,
    Options,
    forget,
    measure,
    repeated,
    uncached,
    vendor,
)
from benchmarks.measure import middle, ratio, sandbox
from benchmarks.results import COLUMNS, Part, figures, table

TIMES = 10


def measured(options: Options) -> Part:
    """Measure both plans in pairs; the workspace of the large one is recorded by the apply that is
    measured."""
    count, rounds = options.count, options.times(3)
    large, many = options.folder / "large", options.count * TIMES
    with vendor(options.folder / "small", count), sandbox(str(many)) as base_url:
        data.workspace(large, base_url, many)
        adopt = Case("adopt", APPLY, large, f"{many} objects recorded")
        adopt.once()
        found = [
            Case("small", PLAN, uncached(options.folder / "small" / "recorded"), NOTHING),
            Case("large", PLAN, uncached(large), NOTHING),
            Case("first", PLAN, large, NOTHING, forget),
            Case("changes", PLAN, large, NOTHING),
            Case("again", PLAN, large, NOTHING, repeated(PLAN)),
        ]
        measure(found, rounds)
    small, big, first, changes, again = found
    titles = (
        (f"`plan`, {count:,} suppliers, nothing to do", small),
        (f"`plan`, {many:,} suppliers, nothing to do", big),
        (f"`plan`, {many:,} suppliers, the first that keeps what the next can use", first),
        (f"`plan`, {many:,} suppliers, the second, with what changed", changes),
        (f"`plan`, {many:,} suppliers, again, nothing has changed", again),
        (f"`apply` that adopts {many:,} suppliers", adopt),
    )
    growth = {figure: ratio(big.runs, small.runs, figure) for figure in ("cpu", "wall")}
    return Part(
        f"Medians of n={rounds} whole processes after a warm-up, and n=1 for the apply; nothing is "
        "kept between runs but where it says so.",
        table(COLUMNS, ((title, *figures(middle(case.runs))) for title, case in titles)),
        [
            f"{TIMES} times as many suppliers: CPU {growth['cpu']:.1f} times, wall "
            f"{growth['wall']:.1f} times."
        ],
    )
