"""Runs that are stopped or killed: nothing is lost, nothing is there twice, nothing stays locked.

Each run is another process; it stands still where a fault delays an answer, and the sandbox's
journal tells when it got there.
"""

from __future__ import annotations

import signal
import subprocess
from threading import Event
from typing import Any

import pytest

from reconciler.ledger import open_ledger
from reconciler.model import Action

NAMES = [f"S-{number:02}" for number in range(1, 9)]
HELD = 30.0
"""Seconds for which an answer is withheld: until the run is killed."""


def manifest() -> str:
    """Eight suppliers and a webhook, whose name the vendor does not keep unique."""
    suppliers = ", ".join(f"{name}: {{name: Şirket {name}}}" for name in NAMES)
    return (
        f"provider: kobo-plm\nsuppliers: {{{suppliers}}}\nwebhooks:\n"
        "  h: {name: Çağrı, url: 'https://x.example/h', events: [style.created]}\n"
    )


def reached(sandbox: Any, run: subprocess.Popen[str], method: str, path: str, nth: int) -> None:
    """Wait until the n-th such request has reached the vendor."""
    pause = Event()
    while run.poll() is None:
        found = [
            entry
            for entry in sandbox.journal("kobo-plm")
            if entry["method"] == method and entry["path"].removeprefix("/api/v1").startswith(path)
        ]
        if len(found) >= nth:
            return
        pause.wait(0.01)
    raise AssertionError(run.communicate())


def once_each(sandbox: Any) -> None:
    """Everything declared is there, and nothing twice."""
    state = sandbox.state("kobo-plm")
    ours = [one["code"] for one in state["suppliers"] if one["code"] in NAMES]
    assert sorted(ours) == NAMES
    assert [one["name"] for one in state["webhooks"]].count("Çağrı") == 1


def true_ledger(here: Any, sandbox: Any) -> None:
    """Everything the ledger says is ours is there under that id."""
    ids = {
        (kind, str(one["id"]))
        for kind, objects in sandbox.state("kobo-plm").items()
        for one in objects
        if "id" in one
    }
    owned = open_ledger(".reconciler/ledger.jsonl", here.root, "acme").read().owned
    assert {(row.address.kind, row.id) for row in owned.values()} <= ids


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_stop_it_ends_what_it_began(
    workspace: Any, sandbox: Any, number: signal.Signals
) -> None:
    """SIGTERM or Ctrl-C in the middle: what is in flight ends and is noted, nothing more begins,
    the exit code is 4, and the next apply does the rest."""
    here = workspace(manifest())
    path = "*/suppliers"
    sandbox.faults([{"method": "POST", "path": path, "nth": 3, "fault": {"delay": 1.0}}])
    run = here.start("apply", "--auto-approve", "--parallelism", "1")
    reached(sandbox, run, "POST", "/suppliers", 3)
    run.send_signal(number)
    out, err = run.communicate()
    assert run.returncode == 4, (out, err)
    assert "Outcomes: 3 applied, 0 failed, 0 unknown, 0 skipped, 6 not attempted." in out
    assert "Stopping: changes that were begun are finished, no other change is begun." in err
    state = open_ledger(".reconciler/ledger.jsonl", here.root, "acme").read()
    assert sorted(address.key for address in state.owned) == NAMES[:3]
    assert state.open_intents == ()
    true_ledger(here, sandbox)
    assert here.apply().last == "Apply complete! Resources: 6 added, 0 changed, 0 destroyed."
    once_each(sandbox)
    assert here.settled()


@pytest.mark.parametrize(
    ("method", "path", "nth"),
    [
        ("GET", "/suppliers", 1),
        ("POST", "/suppliers", 1),
        ("POST", "/suppliers", 5),
        ("POST", "/suppliers", 8),
        ("POST", "/webhooks", 1),
        ("GET", "/suppliers/2", 1),
    ],
    ids=["reading", "first", "middle", "last", "no-unique-name", "reading-back"],
)
def test_killed_anywhere_the_next_run_completes(
    workspace: Any, sandbox: Any, method: str, path: str, nth: int
) -> None:
    """Killed while an answer is under way, the run left a true ledger and no lock: the next one
    makes no object twice, loses none and knows what it made."""
    here = workspace(manifest())
    rule = {"method": method, "path": f"*{path}", "nth": nth, "fault": {"delay": HELD}}
    sandbox.faults([rule])
    run = here.start("apply", "--auto-approve", "--parallelism", "1")
    reached(sandbox, run, method, path, nth)
    run.kill()
    run.communicate()
    assert run.returncode == -signal.SIGKILL
    true_ledger(here, sandbox)
    sandbox.faults()
    here.apply()
    once_each(sandbox)
    true_ledger(here, sandbox)
    state = open_ledger(".reconciler/ledger.jsonl", here.root, "acme").read()
    assert len(state.owned) == len(NAMES) + 1
    assert {row.origin for row in state.owned.values()} == {"created"}
    assert state.open_intents == ()
    assert here.settled()


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_killed_in_a_write_it_is_seen_what_came_of_it(
    workspace: Any, sandbox: Any, method: str
) -> None:
    """Killed while an update or a delete was answered, the next run finds it done."""
    here = workspace(manifest())
    here.apply()
    text = manifest().replace("Şirket S-04", "Başka") if method == "PUT" else "provider: kobo-plm\n"
    here.write(text)
    rule = {"method": method, "path": "*/suppliers/*", "nth": 1, "fault": {"delay": HELD}}
    sandbox.faults([rule])
    sandbox.clear_journal()
    run = here.start("apply", "--auto-approve", "--parallelism", "1")
    reached(sandbox, run, method, "/suppliers/", 1)
    run.kill()
    run.communicate()
    state = open_ledger(".reconciler/ledger.jsonl", here.root, "acme").read()
    assert [intent.action for intent in state.open_intents] == [
        Action.UPDATE if method == "PUT" else Action.DELETE
    ]
    sandbox.faults()
    here.apply()
    assert here.settled()
    state = open_ledger(".reconciler/ledger.jsonl", here.root, "acme").read()
    assert len(state.owned) == (9 if method == "PUT" else 0)
    assert state.open_intents == ()


def test_two_runs_do_not_write_at_once(workspace: Any, sandbox: Any) -> None:
    """While one run applies, another one is refused with exit code 3 and told who holds it."""
    here = workspace(manifest())
    sandbox.faults([{"method": "POST", "path": "*", "nth": 1, "fault": {"delay": HELD}}])
    run = here.start("apply", "--auto-approve", "--parallelism", "1")
    reached(sandbox, run, "POST", "/suppliers", 1)
    refused = here.run("apply", "--auto-approve")
    assert refused.code == 3
    assert str(run.pid) in refused.err
    run.kill()
    run.communicate()
