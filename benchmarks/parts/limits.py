"""Applies under a vendor's rate limit: how much of it is used, and when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from benchmarks import data
from benchmarks.cases import APPLY, Entry, Options, clear_journal, journal
from benchmarks.measure import run, sandbox
from benchmarks.results import Part, table

TIERS = {100: "basic", 500: "professional", 2000: "enterprise"}
"""Requests a minute of each tier of the vendor."""
SHARE = 80
"""How many percent of the limit the tool uses; the rest is for other programs."""
TOO_MANY = 429
COLUMNS = (
    "requests",
    "refused",
    "time",
    "first minute, of the share",
    "most in 10 s, of the share",
)


@dataclass(frozen=True, slots=True)
class Limited:
    """How an apply of `count` changes went: its requests, how many of them the vendor refused, its
    seconds, and the most requests in any 60 s from its first and in any 10 s."""

    name: str
    rate: int
    count: int
    requests: int
    refused: int
    seconds: float
    minute: int
    most: int

    def row(self) -> Sequence[str]:
        """Its row of the table."""
        share = self.rate * SHARE // 100
        return (
            f"{self.count:,} {self.name}, {self.rate:,} a minute",
            f"{self.requests:,}",
            str(self.refused),
            f"{self.seconds:.0f} s",
            f"{self.minute:,} of {share:,}: {100 * self.minute / share:.0f} %",
            f"{self.most:,} of {share:,}: {100 * self.most / share:.0f} %",
        )


def measured(options: Options) -> Part:
    """Run all of them at the same time, each with a vendor of its own: they wait most of it."""
    rates = [100] if options.quick else list(TIERS)
    rate, changes = (100, 40) if options.quick else (500, 800)
    with ThreadPoolExecutor() as pool:
        creates = [pool.submit(created, options.folder / f"create-{n}", n) for n in rates]
        update = pool.submit(updated, options.folder / "update", rate, changes)
        found = [future.result() for future in (*creates, update)]
    return Part(
        "One run of each, all at the same time, each at a vendor of its own, from the vendor's "
        f"journal. The tool uses {SHARE} % of a limit, the share.",
        table(COLUMNS, (limited.row() for limited in found)),
    )


def created(folder: Path, rate: int) -> Limited:
    """Create as many suppliers as the vendor takes requests in a minute."""
    with sandbox("empty", rate) as base_url:
        data.workspace(folder, base_url, rate, f"tier: {TIERS[rate]}")
        return _applied(folder, base_url, "creates", rate, rate)


def updated(folder: Path, rate: int, count: int) -> Limited:
    """Update that many suppliers, all of which are recorded."""
    with sandbox(str(count), rate) as base_url:
        data.workspace(folder, base_url, count, f"tier: {TIERS[rate]}")
        run(APPLY, folder)
        data.edit(folder, count, "+90-555-0100")
        return _applied(folder, base_url, "updates", rate, count)


def _applied(folder: Path, base_url: str, name: str, rate: int, count: int) -> Limited:
    clear_journal(base_url)
    result = run((*APPLY, "--allow-updates", str(count)), folder)
    entries = journal(base_url)
    done = Counter(entry["status"] for entry in entries if entry["method"] != "GET")
    if sum(done[status] for status in (200, 201)) != count:
        raise SystemExit(f"{done} for {count} {name}:\n{result.output}")
    at = sorted(map(moment, entries))
    refused = sum(entry["status"] == TOO_MANY for entry in entries)
    minute = sum(second < at[0] + 60 for second in at)
    return Limited(name, rate, count, len(at), refused, result.wall, minute, most_in(at, 10))


def moment(entry: Entry) -> float:
    """When a request came, in Unix seconds."""
    return datetime.fromisoformat(str(entry["time"])).timestamp()


def most_in(at: Sequence[float], seconds: float) -> int:
    """The most of these moments, which are in order, that are in any window of so many seconds."""
    most, first = 0, 0
    for last, second in enumerate(at):
        while second - at[first] >= seconds:
            first += 1
        most = max(most, last - first + 1)
    return most
