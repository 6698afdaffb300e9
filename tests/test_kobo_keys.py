"""The API key that a run uses is never revoked; any other may be."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

EXCLUSIVE = ["kobo-plm/api_keys"]
OURS = "kobo-plm/api_keys/Reconciler"


def names(sandbox: Any) -> list[str]:
    """The API keys at the vendor."""
    return [key["name"] for key in sandbox.state("kobo-plm")["api_keys"]]


def test_an_exclusive_kind_spares_the_key_in_use(workspace: Any, sandbox: Any) -> None:
    """Undeclared keys are revoked, but the one that this run uses is work by hand; the next plan
    can still be made."""
    here = workspace(exclusive=EXCLUSIVE)
    shown = here.run("plan")
    assert shown.last == "Plan: 0 to add, 0 to change, 1 to destroy, 1 by hand."
    assert f"! {OURS}" in shown.out
    assert "it is in use" in shown.out
    here.apply()
    assert names(sandbox) == ["Reconciler"]
    again = here.run("apply", "--auto-approve")
    assert again.code == 0, again.err
    assert names(sandbox) == ["Reconciler"]


@pytest.mark.parametrize("removed", ["undeclared", "absent"])
def test_an_owned_key_in_use_stays(workspace: Any, sandbox: Any, removed: str) -> None:
    """Neither `$absent` nor leaving the manifests revokes the key in use."""
    here = workspace()
    here.declare({EXCLUSIVE[0]: {"Reconciler": {}, "ERP": {}}})
    here.apply()
    kept = {"Reconciler": {"$absent": True}} if removed == "absent" else {}
    here.declare({EXCLUSIVE[0]: {**kept, "ERP": {}}})
    (entry,) = here.plan()
    assert (entry["address"], entry["x_action"]) == (OURS, "by-hand")
    here.apply()
    assert names(sandbox) == ["Reconciler", "ERP"]
    assert "Reconciler" in here.run("state", "list").out


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 200, "body": {"data": {"total_requests": 7}}},
        {"status": 200, "body": {"data": {}}},
        {"status": 403},
    ],
)
def test_a_usage_that_shows_nothing_spares_all_keys(
    workspace: Any, sandbox: Any, fault: dict[str, Any]
) -> None:
    """Where the usage is not counted, is not there or may not be read, no key is revoked."""
    here = workspace(exclusive=EXCLUSIVE)
    sandbox.faults([{"path": "*/usage", "method": "GET", "fault": fault}])
    entries = here.plan()
    assert {entry["x_action"] for entry in entries} == {"by-hand"}
    here.apply()
    assert names(sandbox) == ["Reconciler", "ERP"]


def test_a_saved_plan_does_not_revoke_the_key_of_the_apply(workspace: Any, sandbox: Any) -> None:
    """A key that came into use after the plan was saved makes the plan stale."""
    here = workspace(exclusive=EXCLUSIVE)
    keys = sandbox.state("kobo-plm")["api_keys"]
    swapped = [keys[0] | {"key": None}, keys[1] | {"key": keys[0]["key"]}]
    assert here.run("plan", "--out", "saved.json").code == 0
    sandbox.put_state("kobo-plm", {"api_keys": swapped})
    shown = here.run("apply", "saved.json")
    assert shown.code == 3, shown
    assert names(sandbox) == ["Reconciler", "ERP"]


def test_a_plan_that_revokes_nothing_does_not_ask(workspace: Any, sandbox: Any) -> None:
    """The usage of keys is read only where one would be revoked."""
    here = workspace(exclusive=EXCLUSIVE)
    here.declare({EXCLUSIVE[0]: {"Reconciler": {}, "ERP": {}}})
    here.apply()
    sandbox.clear_journal()
    assert here.settled()
    assert [entry["path"] for entry in sandbox.journal("kobo-plm")] == ["/api/v1/api-keys"]


def test_a_revoked_key_opens_nothing(sandbox: Any) -> None:
    """The sandbox refuses a key that was revoked, until the state has it again."""
    keys = sandbox.state("kobo-plm")["api_keys"]
    headers = {"X-API-Key": "sandbox-kobo-key"}
    with httpx.Client(base_url=sandbox.urls["kobo-plm"], headers=headers) as kobo:
        assert kobo.post("/api-keys/1/revoke").status_code == 200
        assert kobo.get("/suppliers").status_code == 401
        sandbox.put_state("kobo-plm", {"api_keys": keys})
        assert kobo.get("/suppliers").status_code == 200
