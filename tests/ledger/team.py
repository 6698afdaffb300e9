"""Two clones and a scheduled job with one shared ledger: what each does is held against what must
be true."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from subprocess import Popen
from typing import Any

from reconciler.sandbox import Options

from ..vendors import running
from .gate import LONGEST, Gate, gate
from .races import setting
from .stores import STORES
from .world import World, plain, url

VENDOR = "kobo-plm"
# The parts of a history that are different each time.
RUN = re.compile(r"\S+Z +apply +\S.* run (\w{12}): ")
LAST = re.compile(
    r"(      last \w+) \S+Z( by run )(\w{12}) \(apply, \S+\)(; the vendor says it changed \S+Z)?"
)
# How far the fields of a write are indented, which tests of the history look at.
FIELDS = " " * 8
CRASHED = "The last run crashed while it held the ledger's lock; the lock was recovered."
SAVED = "Saved the plan in {0}. To apply exactly this plan: reconciler apply {0}"
LOCKED = re.compile(r"Error: the ledger is locked by \S+ \(pid (\d+), `apply`\) since \S+Z")


@dataclass
class Team:
    """Two clones and a scheduled job, the vendor, and what must be true of all of them. Where the
    ledger is a file they are three terminals in one folder."""

    clones: Sequence[Any]
    night: Any
    gate: Gate
    ends_with_process: bool
    can_be_broken: bool
    dice: Random
    world: World = field(default_factory=World)
    named: int = 0

    def ids(self) -> dict[str, int]:
        """The id of each webhook at the vendor, by its key; one that is there twice fails."""
        rows = self.night.sandbox.state(VENDOR)["webhooks"]
        keys = [row["name"].lower() for row in rows]
        assert len(keys) == len(set(keys)), rows
        return {key: row["id"] for key, row in zip(keys, rows, strict=True)}

    def merge(self, add: int = 1, change: int = 0, destroy: int = 0) -> list[str]:
        """Merge a change of so many webhooks, which all clones pull; returns the new keys."""
        world = self.world
        # What was changed by hand is not deleted: that is a conflict, and another story.
        old = [key for key in world.merged if world.live.get(key) == world.applied.get(key)]
        chosen = self.dice.sample(old, min(change + destroy, max(len(old) - 1, 0)))
        for key in chosen[:change]:
            world.merged[key] += 1
        for key in chosen[change:]:
            del world.merged[key]
        new = [f"h{self.named + number:03}" for number in range(add)]
        self.named += add
        world.merged |= dict.fromkeys(new, 1)
        for clone in (*self.clones, self.night):
            clone.write(world.manifest())
        return new

    def plan(self, clone: Any, *arguments: str) -> None:
        """Plan, and find each line true."""
        result = clone.run("plan", *arguments)
        assert (result.code, plain(result.out)) == (0, self.world.plan())
        saved = [SAVED.format(arguments[-1])] if arguments else []
        assert plain(result.err) == saved

    def apply(self, clone: Any, *arguments: str, crashed: bool = False) -> None:
        """Apply, and find each line true: a saved plan is not shown again."""
        saved = any(one.endswith(".plan") for one in arguments)
        shown, changes = [] if saved else self.world.plan(), self.world.changes()
        before = self.ids()
        result = clone.run("apply", *([] if saved else ["--auto-approve"]), *arguments)
        after = self.ids()
        expected = sorted(shown + self.world.outcome(after, before))
        assert (result.code, plain(result.out)) == (0, expected), result
        assert plain(result.err) == sorted([CRASHED] * crashed + self.world.warnings(changes))
        self.world.apply(after, before)

    def start(self, clone: Any, reaches_vendor: bool = True) -> Popen[str]:
        """Start an apply whose first create is withheld at the gate, or its answer."""
        self.gate.close(reaches_vendor)
        child: Popen[str] = clone.start("apply", "--auto-approve", "--parallelism", "1")
        self.gate.wait(child)
        return child

    def refused(self, clone: Any, child: Popen[str]) -> str:
        """An apply that is refused, and told by whom; returns the id of the lock."""
        result = clone.run("apply", "--auto-approve")
        first, *_ = result.err.splitlines()
        assert (result.code, result.out) == (3, "\n" if result.out else "")
        found = LOCKED.fullmatch(first)
        assert found, result.err
        assert int(found[1]) == child.pid
        lock = re.search(r"state unlock (\w+)", result.err)
        return lock[1] if lock else ""

    def unlock(self, clone: Any, child: Popen[str], lock: str) -> None:
        """Break the lock of that process by its id, which is told whose it was."""
        result = clone.run("state", "unlock", lock)
        whose = rf"Broke the lock of \S+ \(pid {child.pid}, `apply`\) since \S+Z\.\n"
        assert result.code == 0, result
        assert re.fullmatch(whose, result.out)

    def ended(self, child: Popen[str], then: World) -> None:
        """That process has applied what was to be done when the world was like `then`."""
        out, err = child.communicate(timeout=LONGEST)
        ids = self.ids()
        assert (child.returncode, plain(out)) == (0, sorted(then.plan() + then.outcome(ids, {})))
        assert plain(err) == then.warnings(then.changes())
        then.apply(ids, {})
        # What was merged meanwhile stays to be done.
        self.world = replace(then, merged=self.world.merged)

    def report(self) -> None:
        """The scheduled job looks for drift, and each line of its report is true."""
        result = self.night.run("drift", "--detailed-exitcode")
        lines = [line for line in plain(result.out) if not line.startswith("Not looked at")]
        runs = RUN.findall(self.night.run("history").out)
        lines = [LAST.sub(lambda by: f"{by[1]}{by[2]}{runs.index(by[3])}", one) for one in lines]
        assert sorted(lines) == self.world.drift()
        assert (result.code, result.err) == (0 if "No drift" in result.out else 2, "")

    def agree(self, *looking: Any) -> None:
        """The vendor has what was merged, once. Who is `looking` finds nothing to do, owns that,
        and tells a history in which each write is there once."""
        world, ids = self.world, self.ids()
        rows = self.night.sandbox.state(VENDOR)["webhooks"]
        fields = {row["name"].lower(): (row["url"], row["events"]) for row in rows}
        assert fields == {k: (url(k, v), ["style.created"]) for k, v in world.merged.items()}
        answers = [(one["method"], one["status"]) for one in self.night.sandbox.journal(VENDOR)]
        assert answers.count(("POST", 201)) == world.creates
        owned = sorted([f"{VENDOR}/webhooks/{key}", f"id={ids[key]}", "created"] for key in ids)
        for clone in looking:
            self.plan(clone)
            assert [row.split() for row in plain(clone.run("state", "list").out)] == owned
            told = [
                (line, sorted(each.strip() for each in writes))
                for line, *writes in self._history(clone.run("history", "--details").out)
            ]
            assert told == world.runs
        self.report()

    def _history(self, out: str) -> Iterator[list[str]]:
        """The runs of a history, each with its writes."""
        runs: list[list[str]] = []
        for line in out.splitlines():
            if RUN.match(line):
                runs.append([RUN.sub("", line)])
            elif not line.startswith(FIELDS):
                runs[-1].append(line)
        yield from runs


@contextmanager
def gather(store: str, folder: Path, make: Callable[..., Any], seed: int) -> Iterator[Team]:
    """The team and its ledger in a store; `make` makes a workspace of a folder, a sandbox and
    settings."""
    place = STORES[store](folder)
    text, _ = setting(place)
    options = Options(port=0, rate=0, job_seconds=0, vendors=(VENDOR,))
    with running(options) as sandbox, gate(sandbox.urls[VENDOR]) as one:
        provider = {"type": VENDOR, "base_url": one.url, "requests_per_minute": 0}
        provider["api_key"] = "${env.KOBO_API_KEY}"
        names = ("one", "two", "night") if store != "file" else ("one",)
        if store == "git":
            shutil.copytree(folder / "one", folder / "night")
        settings = {"ledger": text, "providers": {VENDOR: provider}}
        rooms = [make(folder / name, sandbox, settings) for name in names]
        sandbox.put_state(VENDOR, {"webhooks": []})
        sandbox.clear_journal()
        yield Team(
            clones=(rooms[0], rooms[min(1, len(rooms) - 1)]),
            night=rooms[-1],
            gate=one,
            ends_with_process=store in ("file", "postgres"),
            can_be_broken=store != "file",
            dice=Random(seed),
        )
