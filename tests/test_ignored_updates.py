"""A vendor that takes an update and keeps what it had, or shows the new value later."""

from __future__ import annotations

from typing import Any

import pytest

CASES = {
    "kibo": (
        "provider: kibo\nlocation_types: {{ANKARA: {{name: {}}}}}\n",
        "*/locationtypes/ANKARA",
        {"code": "ANKARA", "name": "a"},
    ),
    "kobo-plm": (
        "provider: kobo-plm\nsuppliers: {{ANKARA: {{name: {}}}}}\n",
        "*/suppliers/*",
        {"data": {"id": 1, "code": "ANKARA", "name": "a"}},
    ),
}


@pytest.mark.parametrize("vendor", CASES)
def test_what_the_vendor_ignored_was_not_changed_there(
    workspace: Any, sandbox: Any, vendor: str
) -> None:
    """The update is reported and stays due, and neither the plan nor the drift report says that
    anybody changed the object at the vendor."""
    manifest, path, answer = CASES[vendor]
    here = workspace(manifest.format("a"))
    here.apply()
    here.write(manifest.format("b"))
    sandbox.faults([{"path": path, "method": "PUT", "fault": {"status": 200, "body": answer}}])
    shown = here.run("apply", "--auto-approve")
    assert shown.code == 4
    assert "the vendor kept other values: name" in shown.err
    (entry,) = here.plan()
    assert entry["x_cause"] == "edit"
    assert here.run("drift").last.startswith("No drift.")
    sandbox.faults()
    here.apply()
    assert here.settled()


def test_what_is_shown_late_is_no_change_at_the_vendor(workspace: Any, sandbox: Any) -> None:
    """Once the value is there, it is recorded, and nothing is written."""
    manifest, path, _ = CASES["kobo-plm"]
    here = workspace(manifest.format("a"))
    here.apply()
    here.write(manifest.format("b"))
    sandbox.faults([{"path": path, "method": "GET", "fault": {"stale": True}}])
    here.run("apply", "--auto-approve")
    sandbox.faults()
    assert here.run("drift").last.startswith("No drift.")
    assert [entry["x_action"] for entry in here.plan()] in ([], ["adopt"])
    here.apply()
    assert here.settled()


def test_a_member_that_is_written_is_recorded(workspace: Any) -> None:
    """One member of an address is set where there was none: it is applied, and stays so."""
    here = workspace("provider: kibo\nlocations: {WH-01: {address: {address2: Gate 7}}}\n")
    here.apply()
    assert here.settled()
    assert here.run("drift").last.startswith("No drift.")
