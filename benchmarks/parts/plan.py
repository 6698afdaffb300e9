"""Plans of 10,000 suppliers, beside octoDNS and beside the least program that does the job."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path

from benchmarks import data
from benchmarks.cases import (
    ALL_PAGES,
    NOTHING,
    PLAN,
    Case,
    Options,
    forget,
    measure,
    repeated,
    sent,
    uncached,
    vendor,
)
from benchmarks.measure import PYTHON, RECONCILER, middle, ratio, sandbox
from benchmarks.results import COLUMNS, Part, figures, table

TITLES = {
    "octoDNS": "octoDNS, {count:,} A records, nothing to do",
    "cold": "**`plan`, {count:,} suppliers, nothing to do**",
    "first": "`plan`, the first that keeps what the next can use",
    "changes": "`plan`, the second, with what the vendor says changed",
    "again": "`plan`, again, nothing has changed",
    "all pages": "`plan --full`, again, nothing has changed",
    "least": "the least program, nothing kept",
    "least again": "the least program, again, with digests",
    "adopted": "`plan`, {count:,} suppliers, no ledger yet, all adopted",
    "empty": "`plan`, {count:,} suppliers, all to create",
    "validate": "`validate`, {count:,} suppliers",
}


def measured(options: Options) -> Part:
    """Measure all of them in turn."""
    count, rounds, folder = options.count, options.times(7), options.folder
    data.zone(folder / "dns", count)
    with vendor(folder, count, adopted=True) as base_url, sandbox("empty") as empty:
        data.workspace(folder / "empty", empty, count)
        found = {case.name: case for case in cases(folder, base_url, count)}
        measure(list(found.values()), rounds)
        requests = {
            name: sent(base_url, found[name]) for name in ("cold", "first", "all pages", "again")
        }
    cold = requests["cold"]
    if len(cold) != math.ceil(count / 100) or len(set(cold)) > 1:
        raise SystemExit(f"{len(cold)} requests for {count} suppliers: {set(cold)}")
    counts = {name: str(len(paths)) for name, paths in requests.items()}
    rows = [
        (TITLES[name].format(count=count), *figures(middle(case.runs)), counts.get(name, ""))
        for name, case in found.items()
    ]
    return Part(
        f"Medians of n={rounds} whole processes after a warm-up, each once in every round.",
        table((*COLUMNS, "requests"), rows),
        list(remarks(found)),
    )


def cases(folder: Path, base_url: str, count: int) -> list[Case]:
    """What is measured of `count` suppliers: neighbours are compared, so they run in turn. What a
    plan keeps is used by the next ones in the same folder."""
    recorded, program = folder / "recorded", str(data.PROGRAMS / "least.py")
    sync = (PYTHON, "-m", "octodns.cmds.sync", "--config-file", "octodns.yaml")
    least = (PYTHON, program, base_url, "manifests")
    full = (*PLAN, *ALL_PAGES)
    adopted = f"{count} objects will be recorded"
    return [
        Case("octoDNS", sync, folder / "dns", "No changes were planned"),
        Case("cold", PLAN, uncached(recorded), NOTHING),
        Case("first", PLAN, recorded, NOTHING, forget),
        Case("changes", PLAN, recorded, NOTHING),
        Case("again", PLAN, recorded, NOTHING, repeated(PLAN)),
        Case("all pages", full, recorded, NOTHING, repeated(full)),
        Case("least", (*least, "-"), recorded, "0 differ"),
        Case("least again", (*least, str(folder / "digests.json")), recorded, "0 differ"),
        Case("adopted", PLAN, folder / "adopted", adopted, forget),
        Case("empty", PLAN, folder / "empty", f"Plan: {count} to add", forget),
        Case("validate", (*RECONCILER, "validate"), recorded, "Success!", forget),
    ]


def remarks(found: Mapping[str, Case]) -> Iterator[str]:
    """The ratios: medians of the pairs."""
    pairs = (
        ("cold", "octoDNS", "nothing kept, beside octoDNS"),
        ("first", "octoDNS", "the first that keeps something, beside octoDNS"),
        ("all pages", "octoDNS", "again with all pages read, beside octoDNS"),
        ("again", "octoDNS", "again, beside octoDNS"),
        ("cold", "least", "nothing kept, beside the least program"),
        ("all pages", "least again", "again with all pages read, beside the least program again"),
    )
    for ours, theirs, text in pairs:
        runs = found[ours].runs, found[theirs].runs
        cpu, wall = (f"{ratio(*runs, figure):.3f}" for figure in ("cpu", "wall"))
        yield f"The plan, {text}: CPU {cpu}, wall {wall}."
