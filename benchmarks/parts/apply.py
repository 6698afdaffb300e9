"""Saved plans and small applies beside a plan, and 10,000 creates beside a bare loop of httpx."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from itertools import count as numbers
from pathlib import Path

from benchmarks import data
from benchmarks.cases import APPLY, NOTHING, PLAN, Case, Options, forget, measure, repeated, vendor
from benchmarks.measure import PYTHON, middle, ratio, sandbox
from benchmarks.results import COLUMNS, Part, figures, table

TITLES = {
    "plan": "`plan`, {count:,} suppliers, nothing to do",
    "out": "`plan --out`, nothing to do",
    "again": "`plan`, nothing to do, again",
    "out again": "`plan --out`, nothing to do, again",
    "one": "`apply`, 1 of {count:,} changed",
    "one again": "`apply`, 1 of {count:,} changed since the last run",
    "create": "`apply`, {count:,} suppliers, all to create",
    "bare": "eight threads with one `httpx.Client` that post the same bodies",
}


def measured(options: Options) -> Part:
    """Measure the pairs in turn, then the creates, each pair of which has two new vendors."""
    count, rounds, pairs = options.count, options.times(5), options.times(3)
    with vendor(options.folder, count):
        found = beside_plan(options.folder / "recorded")
        measure(found, rounds)
    create, bare = Case("create", (), options.folder), Case("bare", (), options.folder)
    data.bodies(options.folder / "bodies", count)
    for number in range(1, pairs + 1):
        created(options.folder / f"round-{number}", count, create, bare)
        print(f"pair {number} of {pairs}", flush=True)
    found += [create, bare]
    rows = [(TITLES[c.name].format(count=count), *figures(middle(c.runs))) for c in found]
    return Part(
        f"Medians of n={rounds} whole processes after a warm-up, and of n={pairs} for the creates; "
        "nothing is kept from earlier runs but where it says again.",
        table(COLUMNS, rows),
        list(remarks({case.name: case for case in found})),
    )


def beside_plan(folder: Path) -> list[Case]:
    """What is measured in one workspace, in which all is recorded and nothing is to do; each
    apply finds one supplier with another telephone number than the last."""
    fresh = numbers(1)

    def edited(folder: Path) -> None:
        data.edit(folder, 1, f"+90-555-{next(fresh):04}")

    def edited_and_cold(folder: Path) -> None:
        edited(folder)
        forget(folder)

    out, changed = (*PLAN, "--out", "saved.plan"), "0 added, 1 changed"
    return [
        Case("plan", PLAN, folder, NOTHING, forget),
        Case("out", out, folder, NOTHING, forget),
        Case("again", PLAN, folder, NOTHING, repeated(PLAN)),
        Case("out again", out, folder, NOTHING, repeated(out)),
        Case("one", APPLY, folder, changed, edited_and_cold),
        Case("one again", APPLY, folder, changed, edited),
    ]


def created(folder: Path, count: int, create: Case, bare: Case) -> None:
    """Create so many suppliers at two empty vendors, with the tool and with the bare loop."""
    program, bodies = str(data.PROGRAMS / "bare.py"), str(create.folder / "bodies")
    with ExitStack() as vendors:
        ours, theirs = (vendors.enter_context(sandbox("empty")) for _ in range(2))
        data.workspace(folder, ours, count)
        pair = [
            Case("create", APPLY, folder, f"Resources: {count} added"),
            Case(
                "bare", (PYTHON, program, f"{theirs}/suppliers", bodies), folder, f"{count} creat"
            ),
        ]
        measure(pair, 1, warm=False)
    create.runs += pair[0].runs
    bare.runs += pair[1].runs


def remarks(found: Mapping[str, Case]) -> Iterator[str]:
    """The ratios: medians of the pairs."""
    for name, other, text in (
        ("out", "plan", "`plan --out` beside `plan`"),
        ("out again", "again", "`plan --out` again, beside `plan` again"),
        ("one", "plan", "`apply` of one change beside `plan`"),
        ("one again", "plan", "`apply` of one change since the last run, beside `plan`"),
        ("create", "bare", "All creates beside the bare loop"),
    ):
        ours, theirs = found[name].runs, found[other].runs
        cpu, wall = (f"{ratio(ours, theirs, figure):.2f}" for figure in ("cpu", "wall"))
        yield f"{text}: CPU {cpu}, wall {wall}."
