"""What undoing a run cannot do is said as an error, and never that nothing was to be undone."""

from __future__ import annotations

from threading import Event
from typing import Any

import pytest

from .conftest import MakeWorkspace, Workspace
from .test_interrupted_writes import HELD
from .test_revert import HOOK, hooks, last_run, live, undo


@pytest.fixture
def here(workspace: MakeWorkspace, sandbox: Any) -> Workspace:
    """A workspace that owns a webhook."""
    sandbox.put_state("kobo-plm", {"webhooks": []})
    made = workspace(hooks(a="1"))
    made.apply()
    return made


def kept(url: str) -> str:
    """A manifest with a second webhook that is to be kept."""
    kept = f"{{name: B, {HOOK}, $on_remove: keep}}"
    return hooks(a=url)[:-2] + f", b: {kept}}}\n"


def test_what_was_created_to_be_kept_is_an_error(here: Workspace) -> None:
    """It stays at the vendor and in the ledger, and the rest is undone with consent; once it is not
    to be kept any more, the same run can be undone."""
    here.write(kept("2"))
    here.apply()
    run = last_run(here)
    planned = undo(here, run, "--allow-partial", code=1)
    assert "it stays at the vendor, because it was applied with $on_remove: keep" in planned.err
    assert "Nothing of the run" not in planned.out
    assert live(here) == {"A": "1", "B": "1"}
    assert "kobo-plm/webhooks/b" in here.run("state", "list").out
    here.write(hooks(a="1", b="1"))
    here.apply()
    undo(here, run)
    assert live(here) == {"A": "1"}


def test_what_can_never_be_deleted_is_an_error(workspace: MakeWorkspace) -> None:
    """In a kind of which nothing is ever deleted, the plan does not say that nothing is to be
    undone."""
    here = workspace()
    here.declare(
        {"kibo/stock_levels": {"a": {"locationCode": "WH-01", "upc": "NEW", "quantity": 12}}}
    )
    here.apply()
    planned = here.run("revert", "last")
    assert planned.code == 1
    assert "objects of this kind are never deleted" in planned.err
    assert "Nothing of the run" not in planned.out


def test_a_run_that_has_not_ended_cannot_be_undone_yet(here: Workspace, sandbox: Any) -> None:
    """Not while another process makes it; one that was killed can be."""
    here.write(hooks(a="2"))
    held = {"path": "*/webhooks/*", "method": "PUT", "fault": {"delay": HELD}}
    sandbox.faults([held])
    process, pause = here.start("apply", "--auto-approve"), Event()
    while not any("PUT" in write for write in here.writes()):
        assert process.poll() is None, process.communicate()
        pause.wait(0.01)
    told = here.run("revert", "last")
    process.kill()
    process.communicate()
    sandbox.faults([])
    assert (told.code, told.out) == (3, "")
    assert "is still under way" in told.err
    undo(here)
    assert live(here) == {"A": "1"}


def test_what_others_changed_and_an_apply_recorded_is_not_destroyed(
    here: Workspace, sandbox: Any
) -> None:
    """Also where no later run of ours has written to the object that the run created."""
    run = last_run(here)
    (row,) = sandbox.state("kobo-plm")["webhooks"]
    sandbox.put_state("kobo-plm", {"webhooks": [row | {"url": "https://x.example/theirs"}]})
    assert here.run("apply", "--refresh-only", "--auto-approve").code == 0
    planned = here.run("revert", run)
    assert planned.code == 1
    assert "not undone: its url has changed again since, when what is live was" in planned.err
    assert planned.out.splitlines()[-1] == "No changes in what could be planned."


USED = """provider: kobo-plm
suppliers:
  A: {name: A}
  B: {name: B}
"""
USER = USED + "components:\n  C: {name: Cotton, supplier: A}\n"


def test_what_others_refer_to_is_not_destroyed(workspace: MakeWorkspace, sandbox: Any) -> None:
    """What a later run made refers to an object of the run: it is left, also by a vendor that
    would delete it; and is destroyed once the reference is gone."""
    kinds = ("suppliers", "components", "bom_items")
    sandbox.put_state("kobo-plm", {kind: [] for kind in kinds})
    here = workspace(USED)
    here.apply()
    first = last_run(here)
    here.write(USER)
    here.apply()
    second = last_run(here)
    planned = undo(here, first, "--allow-partial", code=1)
    assert "not undone: kobo-plm/components/C refers to it, and stays" in planned.err
    assert planned.out.splitlines()[-1] == "Plan: 0 to add, 0 to change, 1 to destroy."
    assert [row["code"] for row in sandbox.state("kobo-plm")["suppliers"]] == ["A"]
    undo(here, second)
    undo(here, first)
    assert sandbox.state("kobo-plm")["suppliers"] == []


def test_a_reference_that_is_undone_too_is_in_nobodys_way(
    workspace: MakeWorkspace, sandbox: Any
) -> None:
    """The run made an object and had another one refer to it, and something that refers to that."""
    kinds = ("suppliers", "components", "bom_items")
    sandbox.put_state("kobo-plm", {kind: [] for kind in kinds})
    here = workspace(USER.replace("  B: {name: B}\n", ""))
    here.apply()
    here.write(USER.replace("supplier: A", "supplier: B") + "  D: {name: Denim, supplier: B}\n")
    here.apply()
    undo(here)
    assert [row["code"] for row in sandbox.state("kobo-plm")["suppliers"]] == ["A"]
    (component,) = sandbox.state("kobo-plm")["components"]
    assert component["supplier"]["name"] == "A"
