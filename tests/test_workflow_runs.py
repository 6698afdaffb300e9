"""`drift` and `doctor` say which workflows of the workspace fail."""

from __future__ import annotations

from typing import Any

import pytest

FLOW = "provider: kobo-plm\nworkflows: {low: {name: Low}, other: {name: Other}}\n"
FAILED = "executions: 2 failed since one last ended well, the last time at 2026-11-26T03:00:00Z"


@pytest.fixture
def here(workspace: Any, sandbox: Any) -> Any:
    """A workspace that owns two workflows."""
    sandbox.put_state("kobo-plm", {"webhooks": [], "workflows": []})
    made = workspace(FLOW)
    made.apply()
    return made


def ran(sandbox: Any, *statuses: str) -> None:
    """Let the workflow `Low` have run once an hour, with these ends."""
    runs = [
        {"id": hour, "status": status, "created_at": f"2026-11-26T0{hour}:00:00Z"}
        for hour, status in enumerate(statuses)
    ]
    rows = sandbox.state("kobo-plm")["workflows"]
    rows = [{**row, "executions": runs if row["name"] == "Low" else []} for row in rows]
    sandbox.put_state("kobo-plm", {"workflows": rows})


@pytest.mark.parametrize(
    ("statuses", "told"),
    [
        (("failed", "completed", "failed", "failed"), True),
        (("failed", "failed", "completed"), False),
        (("completed",), False),
        ((), False),
    ],
)
def test_a_workflow_that_fails_is_told(
    here: Any, sandbox: Any, statuses: tuple[str, ...], told: bool
) -> None:
    """With its address, until a run ends well; it is no drift, and stands in every format."""
    ran(sandbox, *statuses)
    shown = here.run("drift", "--detailed-exitcode")
    assert (shown.code, shown.last[:8]) == (0, "No drift")
    assert (FAILED in shown.err) is told
    assert ("kobo-plm/workflows/low" in shown.err) is told
    assert (FAILED in here.run("drift", "--format", "json").out) is told
    markdown = here.run("drift", "--format", "markdown").out
    assert ("2 failed since one last ended well" in markdown) is told
    doctor = here.run("doctor", "kobo-plm")
    assert (FAILED in " ".join(doctor.out.split())) is told
    assert doctor.code == int(told)


def test_what_cannot_be_looked_at_is_said(here: Any, sandbox: Any) -> None:
    """A refusal names the missing right, and an answer of another form is no good news."""
    sandbox.faults([{"path": "*/executions", "fault": {"status": 403}}])
    assert "lack the scope workflows:read" in " ".join(here.run("drift").err.split())
    body = {"data": [{"id": 1, "result": "ok"}]}
    sandbox.faults([{"path": "*/executions", "fault": {"status": 200, "body": body}}])
    assert "does not say how they ended" in here.run("drift").err


def test_a_plan_asks_for_no_runs(here: Any, sandbox: Any) -> None:
    """Plans send no request for it."""
    sandbox.clear_journal()
    here.plan()
    assert not [e for e in sandbox.journal("kobo-plm") if "executions" in e["path"]]
