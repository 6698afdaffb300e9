"""Two clones and a scheduled job that share one ledger, through the command line."""

from __future__ import annotations

import re
import signal
from pathlib import Path
from typing import Any

import pytest

from reconciler import Workspace

from .races import setting
from .stores import STORES, GitPlace, Place

SHARED = [name for name in STORES if name not in ("file", "memory")]
HOOK = "url: 'https://x.example/1', events: [style.created]"


def hooks(*names: str) -> str:
    """A manifest with webhooks of these names."""
    rows = ", ".join(f"{name.lower()}: {{name: {name}, {HOOK}}}" for name in names)
    return f"provider: kobo-plm\nwebhooks: {{{rows}}}\n"


@pytest.fixture(params=SHARED)
def clones(request: pytest.FixtureRequest, tmp_path: Path, workspace: Any) -> tuple[Any, Any]:
    """Two checkouts of the same workspace, whose ledger is shared."""
    place: Place = STORES[request.param](tmp_path)
    text, _ = setting(place)
    names = ("one", "two") if isinstance(place, GitPlace) else ("a", "b")
    one, two = (workspace(hooks("A", "B"), name, ledger=text) for name in names)
    one.sandbox.put_state("kobo-plm", {"webhooks": []})
    return one, two


def live(clone: Any) -> list[str]:
    """The names of the webhooks at the vendor."""
    return sorted(each["name"] for each in clone.sandbox.state("kobo-plm")["webhooks"])


def test_what_one_applies_the_other_knows(clones: tuple[Any, Any]) -> None:
    """Merge after merge, applied from here or there: nothing is doubled or lost, the next plan
    and the drift report of the other clone are empty, and both show the same history."""
    one, two = clones
    one.apply()
    assert live(one) == ["A", "B"]
    assert two.settled()
    merged = ["A"]
    for number in range(4):
        merged.append(f"M{number}")
        for clone in clones:
            clone.write(hooks(*merged))
        clones[number % 2].apply()
        assert live(one) == sorted(merged)
        other = clones[(number + 1) % 2]
        assert other.settled()
        assert other.run("drift", "--detailed-exitcode").code == 0
    assert one.run("history").out == two.run("history").out
    assert one.run("state", "list").out == two.run("state", "list").out
    assert one.run("doctor").code == two.run("doctor").code


def test_a_runner_that_is_killed_leaves_its_work_to_the_next(clones: tuple[Any, Any]) -> None:
    """While one applies the other is refused and told by whom; when it is killed in mid-apply, its
    lock is broken by its id, and the next apply finds out what was done: nothing is there twice."""
    one, two = clones
    slow = {"path": "*/webhooks", "method": "POST", "fault": {"delay": 30}, "nth": 1}
    one.sandbox.faults([slow])
    child = one.start("apply", "--auto-approve", "--parallelism", "1")
    while not live(one) and child.poll() is None:
        pass  # the vendor has made the first one, and withholds its answer
    refused = two.run("apply", "--auto-approve")
    assert refused.code == 3, refused
    assert f"pid {child.pid}, `apply`" in refused.err
    lock = re.search(r"state unlock (\w+)", refused.err)
    assert lock is not None
    child.send_signal(signal.SIGKILL)
    child.communicate()
    assert two.run("state", "unlock", lock[1]).code == 0
    two.apply()
    assert live(two) == ["A", "B"]
    assert one.settled()
    assert two.settled()


def test_a_run_whose_lock_is_broken_stops(clones: tuple[Any, Any]) -> None:
    """Where two applies work at once because somebody broke the lock of a living run, that run
    stops when it notices, says so, and the vendor has everything once."""
    one, two = clones
    slow = {"path": "*/webhooks", "method": "POST", "fault": {"delay": 6}, "nth": 1}
    one.sandbox.faults([slow])
    child = one.start("apply", "--auto-approve", "--parallelism", "1")
    while not live(one) and child.poll() is None:
        pass
    lock = re.search(r"state unlock (\w+)", two.run("apply", "--auto-approve").err)
    assert lock is not None
    assert two.run("state", "unlock", lock[1]).code == 0
    two.apply()
    out, err = child.communicate(timeout=60)
    assert child.returncode in (1, 4), (out, err)
    assert "cannot be" in err
    assert live(one) == ["A", "B"]
    assert one.settled()


def test_readers_take_no_lock(clones: tuple[Any, Any]) -> None:
    """While a run holds the lock, everything that only reads works as ever."""
    one, two = clones
    one.apply()
    with Workspace.open(one.root).project.ledger.lock("apply"):
        for command in ("validate", "plan", "drift", "history", "state list", "doctor"):
            assert two.run(*command.split()).code == 0, command
        assert two.run("apply", "--auto-approve").code == 3
