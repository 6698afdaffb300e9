"""`--profile` says where the time of a command went, and changes nothing else."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from reconciler.timing import Profile, Stage, measure, timed

from .conftest import Result, Run

MANIFEST = "provider: kobo-plm\nsuppliers:\n  S-1: {name: Anadolu}\n  S-2: {name: Ege}\n"
ROW = re.compile(r"(?P<name>[a-z]+) +(?P<wall>\d+) ms +(?P<cpu>\d+) ms *(?P<about>.*)")
STAGES = ["parse", "wait", "decode", "compare", "write", "rest"]


@pytest.fixture
def here(workspace: Callable[..., Any]) -> Any:
    """A workspace that declares two suppliers and owns none."""
    return workspace(MANIFEST)


def table(result: Result) -> dict[str, re.Match[str]]:
    """The rows that end what was printed to stderr, by the stage."""
    lines = result.err.splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("where the time went"))
    rows = [ROW.fullmatch(line) for line in lines[start + 1 :]]
    assert all(rows), lines[start:]
    return {row["name"]: row for row in rows if row}


@pytest.mark.parametrize("words", [["--profile", "plan"], ["plan", "--profile"]])
def test_every_stage_is_named_with_its_counts(here: Any, words: list[str]) -> None:
    """Before the command or behind it; what was parsed, asked and compared is counted."""
    here.apply()
    rows = table(here.run(*words))
    assert list(rows) == [*STAGES, "all"]
    assert rows["parse"]["about"] == "1 file, 2 declared objects"
    assert rows["wait"]["about"].startswith("1 request, ")
    assert re.fullmatch(r"\d+ listed objects", rows["decode"]["about"])
    assert rows["compare"]["about"] == "2 compared objects"
    assert rows["write"]["about"] == "0 ledger records, 0 written files"


def test_the_stages_add_up_to_the_whole(here: Any) -> None:
    """By the clock and by processors; each number is rounded."""
    rows = table(here.run("plan", "--profile"))
    for column in ("wall", "cpu"):
        parts = [int(rows[stage][column]) for stage in STAGES]
        assert abs(sum(parts) - int(rows["all"][column])) <= len(STAGES)


def test_an_apply_counts_what_it_writes(here: Any, tmp_path: Any) -> None:
    """The records of the ledger, and the file of a saved plan."""
    rows = table(here.run("plan", "--profile", "--out", str(tmp_path / "first.plan")))
    assert rows["write"]["about"] == "0 ledger records, 1 written file"
    rows = table(here.run("apply", "--auto-approve", "--profile"))
    records = re.match(r"(\d+) ledger records", rows["write"]["about"])
    assert records
    lines = (here.root / ".reconciler" / "ledger.jsonl").read_text("utf-8").splitlines()
    assert int(records[1]) == len(lines) >= 8
    assert int(rows["wait"]["about"].split()[0]) >= 3


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["plan", "--detailed-exitcode"], 2),
        (["plan", "--format", "json"], 0),
        (["validate"], 0),
        (["state", "list"], 0),
        (["plan", "--target", "kobo-plm/suppliers/S-9"], 1),
        (["plan", "--no-such-option"], 1),
    ],
)
def test_result_and_exit_code_stay_the_same(here: Any, words: list[str], code: int) -> None:
    """Also where the command ends with an error, whose message stands before the table."""
    plain, profiled = here.run(*words), here.run(*words, "--profile")
    assert (plain.code, profiled.code) == (code, code)
    assert profiled.out == plain.out
    assert profiled.err.startswith(plain.err)
    assert list(table(profiled)) == [*STAGES, "all"]


def test_nothing_is_said_when_it_is_not_asked_for(here: Any, run: Run) -> None:
    """Nor where the word stands after `--`, which ends the options."""
    here.run("plan", "--profile")
    assert "where the time went" not in here.run("plan").err
    assert "where the time went" not in run("explain", "--", "--profile").err


def busy(seconds: float) -> None:
    """Use the processor for so long."""
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        pass


@timed(Stage.WAIT)
def wait(barrier: threading.Barrier) -> None:
    """Wait until all threads do."""
    barrier.wait(10)


@timed(Stage.DECODE, lambda count: {"thing": count})
def decode(count: int, barrier: threading.Barrier) -> int:
    """Wait, and then work."""
    wait(barrier)
    busy(0.01)
    return count


def test_threads_share_the_clock_and_waiting_is_added_up() -> None:
    """While four wait at once the clock goes on once; added up they waited longer. What one stage
    does of another counts as that."""
    barrier = threading.Barrier(4)
    with measure() as profile:
        threads = [threading.Thread(target=decode, args=(3, barrier)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert profile.counts == {"thing": 12}
    assert profile.summed[Stage.WAIT] > profile.wall[Stage.WAIT]
    assert profile.cpu[Stage.DECODE] >= 4 * 0.01 > profile.cpu[Stage.WAIT]
    assert profile.wall[Stage.DECODE] > 0


def test_an_error_ends_its_stage() -> None:
    """It is raised as it is, and what follows does not count as the stage."""

    @timed(Stage.PARSE)
    def fail() -> None:
        raise ValueError("wrong")

    with measure() as profile:
        with pytest.raises(ValueError, match="wrong"):
            fail()
        before = profile.wall[Stage.PARSE]
        busy(0.01)
    assert profile.wall[Stage.PARSE] == before
    assert profile.cpu[Stage.REST] >= 0.01


def test_a_marked_function_is_itself_outside_of_a_measurement() -> None:
    """Its name and words stay, and nothing is counted."""
    profile = Profile()
    assert decode(2, threading.Barrier(1)) == 2
    assert (decode.__name__, decode.__doc__) == ("decode", "Wait, and then work.")
    assert not profile.counts
