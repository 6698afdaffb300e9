"""Commands that are measured in turn, and the vendors and workspaces that they need."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import Request, urlopen

from benchmarks import data
from benchmarks.measure import RECONCILER, Run, run, sandbox

NOTHING = "No changes. Your vendors match the manifests."
PLAN = (*RECONCILER, "plan")
APPLY = (*RECONCILER, "apply", "--auto-approve")
ALL_PAGES = ("--full",)
"""With these a plan reads all pages, also where it could ask for what changed."""
FEW, MANY = 1_000, 10_000
NOTHING_KEPT = "cache: {max_age_hours: 0}\n"
"""A setting of reconciler.yaml."""


@dataclass(frozen=True, slots=True)
class Options:
    """Where to work, and how much: `quick` measures little, and `rounds` is what was asked for."""

    folder: Path
    quick: bool = False
    rounds: int | None = None

    @property
    def count(self) -> int:
        """How many objects."""
        return FEW if self.quick else MANY

    def times(self, usual: int) -> int:
        """How many rounds, where `usual` are enough."""
        return self.rounds or (min(usual, 3) if self.quick else usual)


@dataclass(slots=True)
class Case:
    """A command, the folder it runs in, what its output must hold, and how its runs went.

    `before` gets the folder ready for each run, and `settings` are more variables of the
    environment.
    """

    name: str
    command: Sequence[str]
    folder: Path
    says: str = ""
    before: Callable[[Path], None] | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)

    def prepare(self) -> None:
        """Get the folder ready."""
        if self.before is not None:
            self.before(self.folder)

    def once(self, keep: bool = True) -> None:
        """Get ready and run; `keep` False warms up."""
        self.prepare()
        self.run(keep)

    def run(self, keep: bool = True) -> None:
        """Run it."""
        result = run(self.command, self.folder, self.settings)
        if self.says not in result.output:
            raise SystemExit(f"{self.name} did not say {self.says!r}:\n{result.output}")
        if keep:
            self.runs.append(result)


def uncached(workspace: Path) -> Path:
    """A copy of a workspace in which nothing is kept between runs."""
    copy = workspace.with_name(f"{workspace.name}-uncached")
    shutil.copytree(workspace, copy)
    with open(copy / "reconciler.yaml", "a", encoding="utf-8") as file:
        file.write(NOTHING_KEPT)
    return copy


def forget(folder: Path) -> None:
    """Delete what earlier runs have kept of the manifests and of the vendor's answers."""
    shutil.rmtree(folder / ".reconciler" / "cache", ignore_errors=True)


def repeated(command: Sequence[str]) -> Callable[[Path], None]:
    """Run a command once more before it is measured: what it keeps is there then."""

    def once(folder: Path) -> None:
        run(command, folder)

    return once


def measure(found: Sequence[Case], rounds: int, warm: bool = True) -> None:
    """A warm-up and so many rounds, every case once in each."""
    for number in range(0 if warm else 1, rounds + 1):
        for case in found:
            case.once(keep=number > 0)
        print(f"round {number} of {rounds}" if number else "warm", flush=True)


@contextmanager
def vendor(folder: Path, count: int, adopted: bool = False) -> Iterator[str]:
    """A vendor with `count` suppliers and a workspace `recorded` that declares them all, and whose
    ledger has them; with `adopted` also one of this name that has no ledger yet. Gives the base
    URL."""
    with sandbox(str(count)) as base_url:
        data.workspace(folder / "recorded", base_url, count)
        if adopted:
            data.workspace(folder / "adopted", base_url, count)
        run(APPLY, folder / "recorded")
        yield base_url


Entry = Mapping[str, str | int]


def journal(base_url: str) -> list[Entry]:
    """The requests that the vendor of this base URL got, from its own journal: each has its
    `method`, `path`, `query`, `status`, and `time` as ISO 8601."""
    with urlopen(_journal(base_url)) as answer:
        entries: list[Entry] = json.load(answer)
        return entries


def clear_journal(base_url: str) -> None:
    """Let the vendor forget which requests it got."""
    with urlopen(Request(_journal(base_url), method="DELETE")):
        pass


def _journal(base_url: str) -> str:
    return base_url.replace("/api/v1", "/_sandbox/journal")


def sent(base_url: str, case: Case) -> list[str]:
    """The methods and paths of the requests that one more run of a case sends."""
    case.prepare()
    clear_journal(base_url)
    case.run(keep=False)
    return [f"{entry['method']} {entry['path']}" for entry in journal(base_url)]
