"""`python -m benchmarks`: measure, print and write `benchmarks/results.md`."""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from urllib.request import Request, urlopen

from benchmarks import data
from benchmarks.measure import PYTHON, RECONCILER, Run, middle, ratio, run, sandbox

RESULTS = Path(__file__).parent / "results.md"
NOTHING = "No changes. Your vendors match the manifests."
PLAN = (*RECONCILER, "plan")


@dataclass(slots=True)
class Case:
    """A command, the folder it runs in, what its output must hold, and how its runs went."""

    name: str
    command: Sequence[str]
    folder: Path
    says: str = ""
    runs: list[Run] = field(default_factory=list)

    def once(self, keep: bool) -> None:
        """Run it; `keep` False warms up."""
        one = run(self.command, self.folder)
        if self.says not in one.output:
            raise SystemExit(f"{self.name} did not say {self.says!r}:\n{one.output}")
        if keep:
            self.runs.append(one)


@contextmanager
def vendor(folder: Path, count: int) -> Iterator[str]:
    """A vendor with `count` suppliers and two workspaces that declare them all: in `recorded` the
    ledger has them, in `adopted` there is no ledger yet."""
    with sandbox(str(count)) as base_url:
        for name in ("recorded", "adopted"):
            data.workspace(folder / name, base_url, count)
        run((*RECONCILER, "apply", "--auto-approve"), folder / "recorded")
        yield base_url


def requests(base_url: str, folder: Path) -> list[str]:
    """The paths of the requests that one plan sends, from the vendor's own journal."""
    journal = base_url.replace("/api/v1", "/_sandbox/journal")
    with urlopen(Request(journal, method="DELETE")):
        pass
    run(PLAN, folder)
    with urlopen(journal) as answer:
        return [f"{entry['method']} {entry['path']}" for entry in json.load(answer)]


def cases(folder: Path, count: int) -> list[Case]:
    """What is measured of `count` suppliers; neighbours are compared, so they run in turn."""
    recorded, dns = folder / "recorded", folder / "dns"
    sync = (PYTHON, "-m", "octodns.cmds.sync", "--config-file", "octodns.yaml")
    return [
        Case("octoDNS", sync, dns, "No changes were planned"),
        Case("nothing to do", PLAN, recorded, NOTHING),
        Case("nothing recorded yet", PLAN, folder / "adopted", NOTHING),
        Case("everything to create", PLAN, folder / "empty", f"Plan: {count} to add"),
        Case("validate", (*RECONCILER, "validate"), recorded, "Success!"),
        Case("--help", (*RECONCILER, "--help"), recorded, "Usage:"),
        Case("python -c pass", (PYTHON, "-c", "pass"), recorded),
    ]


def measure(found: Sequence[Case], rounds: int) -> None:
    """A warm-up and so many rounds, every case once in each."""
    for number in range(rounds + 1):
        for case in found:
            case.once(keep=number > 0)
        print(f"round {number} of {rounds}" if number else "warm", flush=True)


def scaling(folder: Path, count: int, small: Case, rounds: int) -> Case:
    """The plan of ten times as many, in pairs with the small one (whose runs are replaced)."""
    small.runs = []
    with vendor(folder, count * 10):
        large = Case("ten times as many", PLAN, folder / "recorded", NOTHING)
        measure([small, large], rounds)
    return large


def main() -> None:
    """Measure everything."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="1,000 suppliers, 3 rounds")
    parser.add_argument("--rounds", type=int, help="measured rounds after the warm-up")
    options = parser.parse_args()
    count = 1_000 if options.quick else 10_000
    rounds = options.rounds or (3 if options.quick else 7)
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as name:
        folder = Path(name)
        os.environ["BENCHMARK_FOLDER"] = name
        data.zone(folder / "dns", count)
        with vendor(folder, count) as base_url, sandbox("empty") as empty:
            data.workspace(folder / "empty", empty, count)
            found = cases(folder, count)
            measure(found, rounds)
            sent = requests(base_url, folder / "recorded")
            if len(sent) != math.ceil(count / 100) or len(set(sent)) > 1:
                raise SystemExit(f"{len(sent)} requests for {count} suppliers: {set(sent)}")
            text = report(found, rounds, count, len(sent))
            large = scaling(folder / "large", count, found[1], 3)
    text += scaling_line(found[1], large, count)
    print(text)
    if not options.quick:
        RESULTS.write_text(text, "utf-8")


def report(found: Sequence[Case], rounds: int, count: int, sent: int) -> str:
    """The table and how it came about."""
    octodns, plan, *_, helped, python = (case.runs for case in found)
    names = ("PyYAML", "click", "jsonschema-rs", "octodns")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    rows = [_row(_title(case, count), middle(case.runs)) for case in found]
    return "\n".join(
        [
            "# Results",
            "",
            f"{datetime.now(UTC):%Y-%m-%d}, {_machine()}, Python {platform.python_version()}, "
            f"{versions}. Command: `python -m benchmarks`.",
            f"Medians of n={rounds} whole processes after a warm-up; nothing is cached "
            "between runs.",
            "",
            "<!-- benchmarks -->",
            "| | wall | CPU | peak memory |",
            "|---|---:|---:|---:|",
            *rows,
            "<!-- /benchmarks -->",
            "",
            f"- The plan of {count:,} with nothing to do takes {ratio(plan, octodns):.3f} of the "
            f"time that octoDNS takes (median of {rounds} pairs).",
            f"- It sends {sent} requests for {count:,} objects: as many as there are pages.",
            f"- `--help` takes {ratio(helped, python):.1f} times as long as `python -c pass` "
            f"(median of {rounds} pairs).",
            "",
        ]
    )


def scaling_line(small: Case, large: Case, count: int) -> str:
    """How the time grows."""
    most = middle(large.runs)
    return (
        f"- The plan of {count * 10:,} takes {ratio(large.runs, small.runs):.1f} times as long as "
        f"that of {count:,} (median of {len(large.runs)} pairs): {most.wall:.2f} s wall, "
        f"{most.cpu:.2f} s CPU, {most.peak:.0f} MB.\n"
    )


def _title(case: Case, count: int) -> str:
    return {
        "octoDNS": f"octoDNS, {count:,} A records, nothing to do",
        "nothing to do": f"**`plan`, {count:,} suppliers, nothing to do**",
        "nothing recorded yet": f"`plan`, {count:,} suppliers, no ledger yet, all adopted",
        "everything to create": f"`plan`, {count:,} suppliers, all to create",
        "validate": f"`validate`, {count:,} suppliers",
        "--help": "`--help`",
        "python -c pass": "`python -c pass`",
    }[case.name]


def _row(title: str, one: Run) -> str:
    # A process inherits the peak of the one that starts it: less than ours cannot be told.
    floor = getrusage(RUSAGE_SELF).ru_maxrss / 1024
    peak = f"{one.peak:.0f} MB" if one.peak > floor * 1.05 else f"under {floor:.0f} MB"
    return f"| {title} | {one.wall:.2f} s | {one.cpu:.2f} s | {peak} |"


def _machine() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text("utf-8")
        model = next(line.split(": ")[1] for line in text.splitlines() if "model name" in line)
    except (OSError, StopIteration):
        model = platform.machine()
    return f"{os.cpu_count()} cores ({model}), {platform.system()}"


if __name__ == "__main__":
    main()
