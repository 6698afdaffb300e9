"""Puts what was measured into `results.md`, and its tables where the README quotes them."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from resource import RUSAGE_SELF, getrusage

from benchmarks.measure import CHECKOUT, Run

RESULTS = Path(__file__).parent / "results.md"
README = CHECKOUT / "README.md"
COLUMNS = ("wall", "CPU", "peak memory")
PACKAGES = ("PyYAML", "click", "httpx", "jsonschema-rs", "octodns")


@dataclass(frozen=True, slots=True)
class Part:
    """What one part has measured: a sentence that says how, the table, and remarks below it."""

    how: str
    table: Sequence[str]
    remarks: Sequence[str] = ()
    versions: Sequence[str] = ()


class Skipped(Exception):
    """A part cannot be measured on this machine; the text says why."""


def table(columns: Iterable[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a table in Markdown; the first column has no name."""
    names = list(columns)
    head = [f"| | {' | '.join(names)} |", "|---|" + "---:|" * len(names)]
    return head + [f"| {' | '.join(row)} |" for row in rows]


def figures(result: Run) -> tuple[str, str, str]:
    """What stands in COLUMNS for a run."""
    # A process inherits the peak of the one that starts it: less than ours cannot be told.
    floor = getrusage(RUSAGE_SELF).ru_maxrss / 1024
    peak = f"{result.peak:.0f} MB" if result.peak > floor * 1.05 else f"under {floor:.0f} MB"
    return _seconds(result.wall), _seconds(result.cpu), peak


def _seconds(value: float) -> str:
    return f"{value:.2f} s" if value >= 0.1 else f"{value:.3f} s"


def section(name: str, part: Part) -> str:
    """The section of `results.md` for a part."""
    made = ", ".join(
        [
            f"{datetime.now(UTC):%Y-%m-%d}",
            _machine(),
            f"load {os.getloadavg()[2]:.1f}",
            f"Python {platform.python_version()}",
            *_versions(),
            *part.versions,
        ]
    )
    lines = [
        f"## {name}",
        "",
        f"{made}. Command: `python -m benchmarks {name}`.",
        part.how,
        "",
        f"<!-- benchmarks {name} -->",
        *part.table,
        f"<!-- /benchmarks {name} -->",
        "",
        *(f"- {remark}" for remark in part.remarks),
    ]
    return "\n".join(lines).rstrip("\n") + "\n"


def replaced(text: str, name: str, new: str, order: Sequence[str]) -> str:
    """The text of `results.md` with a new section for a part; the others stay as they are, and all
    stand in this order."""
    head, *sections = re.split(r"^(?=## )", text, flags=re.M)
    found = {part.split(maxsplit=2)[1]: part.rstrip("\n") + "\n" for part in sections}
    found[name] = new
    kept = [found[part] for part in order if part in found]
    return "\n".join([head.rstrip("\n") + "\n", *kept])


def tables(text: str) -> dict[str, str]:
    """The tables of `results.md` or of the README, by the name of their part."""
    pattern = r"<!-- benchmarks (\w+) -->\n(.*?)<!-- /benchmarks \1 -->"
    return {match[1]: match[2] for match in re.finditer(pattern, text, re.S)}


def quoted(text: str, measured: str) -> str:
    """The text of the README with each table that it quotes as it was measured."""
    new = tables(measured)
    for name, old in tables(text).items():
        text = text.replace(f"<!-- benchmarks {name} -->\n{old}", _opened(name, new.get(name, old)))
    return text


def write(name: str, part: Part, order: Sequence[str]) -> None:
    """Put the results of a part into both files."""
    text = replaced(RESULTS.read_text("utf-8"), name, section(name, part), order)
    RESULTS.write_text(text, "utf-8")
    README.write_text(quoted(README.read_text("utf-8"), text), "utf-8")


def _opened(name: str, table: str) -> str:
    return f"<!-- benchmarks {name} -->\n{table}"


def _versions() -> Iterator[str]:
    for package in PACKAGES:
        with suppress(PackageNotFoundError):
            yield f"{package} {version(package)}"


def _machine() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text("utf-8")
        model = next(line.split(": ")[1] for line in text.splitlines() if "model name" in line)
    except (OSError, StopIteration):
        model = platform.machine()
    return f"{os.cpu_count()} cores ({model}), {platform.system()}"
