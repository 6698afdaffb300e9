"""One command as a process of its own: how long, how much of the processor, how much memory."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from statistics import median

CHECKOUT = Path(__file__).parent.parent
PYTHON = sys.executable
RECONCILER = (PYTHON, "-m", "reconciler")


@dataclass(frozen=True, slots=True)
class Run:
    """Seconds on the clock, seconds of processor time (user and system), peak memory in MB."""

    wall: float
    cpu: float
    peak: float
    output: str = ""


def run(command: Sequence[str], folder: Path, settings: Mapping[str, str] | None = None) -> Run:
    """Run a command in `folder` to its end, which must be a good one; `settings` are more variables
    of its environment. The processor time is that of all processes that it has started and ended.

    What Linux calls the peak of a process is never less than its parent's: this one stays small.
    """
    with open(folder / "output.txt", "w+", encoding="utf-8") as output:
        began = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**environment(), **(settings or {})},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(max(0, output.seek(0, os.SEEK_END) - 2000))
        text = output.read()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed ({process.returncode}):\n{text}")
    return Run(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, text)


def environment() -> dict[str, str]:
    """With compiled modules, as an installed program has them, but none left in the checkout, and
    with a key, without which the tool keeps nothing between runs."""
    mine = {
        "PYTHONPATH": str(CHECKOUT),
        "PYTHONPYCACHEPREFIX": str(Path(os.environ["BENCHMARK_FOLDER"]) / "compiled"),
        "NO_COLOR": "1",
        "RECONCILER_LEDGER_KEY": "the key of the benchmarks",
    }
    unwanted = ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "PYTHONPROFILEIMPORTTIME")
    return {name: v for name, v in os.environ.items() if name not in unwanted} | mine


def middle(runs: Sequence[Run]) -> Run:
    """The median of each figure."""
    return Run(
        median(one.wall for one in runs),
        median(one.cpu for one in runs),
        median(one.peak for one in runs),
    )


def ratio(ours: Sequence[Run], theirs: Sequence[Run], figure: str = "cpu") -> float:
    """The median of our figure (`wall`, `cpu` or `peak`) over theirs, pair by pair: a slow moment
    of the machine hits both."""
    value = attrgetter(figure)
    return float(median(value(a) / value(b) for a, b in zip(ours, theirs, strict=True)))


@contextmanager
def sandbox(data: str, rate: int = 0) -> Iterator[str]:
    """A Kobo PLM on loopback that takes `rate` requests a minute, or any number with 0, in a
    process of its own; gives its base URL."""
    command = (*RECONCILER, "sandbox", "--port", "0", "--rate", str(rate), "--data", data)
    with subprocess.Popen(
        command, env={**environment(), "PYTHONUNBUFFERED": "1"}, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            for line in process.stdout or ():
                if found := re.match(r"kobo-plm\s+(http\S+)", line):
                    yield found[1]
                    return
            raise SystemExit("the sandbox did not start")
        finally:
            process.terminate()
