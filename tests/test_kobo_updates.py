"""An update of an object at Kobo PLM loses nothing that nobody declared."""

from __future__ import annotations

from typing import Any

import pytest

REPLACED = [{"vendor": "kobo-plm", "method": "PUT", "path": "*", "fault": {"replace": True}}]
TASK = "Review fabric samples"


def task(sandbox: Any) -> dict[str, Any]:
    """The task at the vendor."""
    (found,) = sandbox.state("kobo-plm")["tasks"]
    return dict(found)


def edit(sandbox: Any, kind: str, **fields: Any) -> None:
    """Change the only object of a kind, as somebody else would."""
    (found,) = sandbox.state("kobo-plm")[kind]
    sandbox.put_state("kobo-plm", {kind: [{**found, **fields}]})


@pytest.fixture
def here(workspace: Any, sandbox: Any) -> Any:
    """A workspace that owns a task, at a vendor where a PUT replaces."""
    made = workspace()
    made.declare({"kobo-plm/tasks": {TASK: {"priority": "high"}}})
    made.apply()
    sandbox.faults(REPLACED)
    return made


def test_a_completed_task_stays_completed(here: Any, sandbox: Any) -> None:
    """What is not declared, the status and the description, is as it was after an update."""
    edit(sandbox, "tasks", status="completed")
    before = task(sandbox)
    here.declare({"kobo-plm/tasks": {TASK: {"priority": "urgent"}}})
    here.apply()
    assert task(sandbox) == {
        **before,
        "priority": "urgent",
        "updated_at": task(sandbox)["updated_at"],
    }
    assert here.settled()


def test_an_update_carries_what_is_there_just_before(here: Any, sandbox: Any) -> None:
    """The object is read between the plan and the write, and no older reading is sent back."""
    here.declare({"kobo-plm/tasks": {TASK: {"priority": "urgent"}}})
    assert here.run("plan", "--out", "saved.json").code == 0
    edit(sandbox, "tasks", status="completed", description="by somebody else")
    sandbox.clear_journal()
    assert here.run("apply", "saved.json").code == 0
    assert (task(sandbox)["status"], task(sandbox)["description"]) == (
        "completed",
        "by somebody else",
    )
    sent = [(e["method"], e["path"]) for e in sandbox.journal("kobo-plm")]
    put = sent.index(("PUT", "/api/v1/tasks/1"))
    assert sent[put - 1] == ("GET", "/api/v1/tasks/1")


def test_references_survive_under_the_names_of_bodies(workspace: Any, sandbox: Any) -> None:
    """What is read as an object and written as a number is sent back as a number."""
    here = workspace()
    here.declare({"kobo-plm/styles": {"SS24-001": {"name": "A"}}})
    here.apply()
    sandbox.faults(REPLACED)
    (before,) = sandbox.state("kobo-plm")["styles"]
    here.declare({"kobo-plm/styles": {"SS24-001": {"name": "B"}}})
    here.apply()
    (after,) = sandbox.state("kobo-plm")["styles"]
    assert before["season"]
    assert before["sizes"]
    assert after == {**before, "name": "B", "updated_at": after["updated_at"]}


def test_a_declared_status_is_written(here: Any, sandbox: Any) -> None:
    """A status is compared where it is declared, and only there."""
    here.declare({"kobo-plm/tasks": {TASK: {"status": "completed"}}})
    here.apply()
    assert task(sandbox)["status"] == "completed"
    edit(sandbox, "tasks", status="pending")
    assert not here.settled()
    here.declare({"kobo-plm/tasks": {TASK: {"priority": "high"}}})
    assert [entry["x_action"] for entry in here.plan() if entry["x_fields"]] == []


def test_updates_can_be_sent_as_patch(workspace: Any, sandbox: Any) -> None:
    """With `update_method: PATCH` an update sends only what changed, and reads nothing before."""
    here = workspace()
    document = (here.root / "reconciler.yaml").read_text("utf-8")
    kobo = '"type": "kobo-plm"'
    patched = document.replace(kobo, f'{kobo}, "update_method": "PATCH"')
    (here.root / "reconciler.yaml").write_text(patched, "utf-8")
    here.declare({"kobo-plm/tasks": {TASK: {"priority": "high"}}})
    here.apply()
    here.declare({"kobo-plm/tasks": {TASK: {"priority": "urgent"}}})
    sandbox.clear_journal()
    here.apply()
    assert here.writes() == ["PATCH /api/v1/tasks/1 200"]
    assert task(sandbox)["priority"] == "urgent"
