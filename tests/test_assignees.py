"""Inventora's tasks name their user by id or e-mail address, and answers have the id."""

from __future__ import annotations

from typing import Any

import pytest

ITEMS = "items: [{product: CANDLE-001, quantity: 50, unitType: pieces}]"


def task(assignee: str, name: str = "Produce 50 Candles") -> str:
    """A manifest with one task."""
    return f"provider: inventora\ntasks: {{t: {{name: {name}, {ITEMS}, assignee: {assignee}}}}}\n"


def users(sandbox: Any) -> list[str]:
    """The user of each task at the vendor."""
    return [each["UserId"] for each in sandbox.state("inventora")["tasks"]]


def test_an_address_equals_the_id_that_it_stands_for(workspace: Any, sandbox: Any) -> None:
    """Nothing differs, nothing is written, and what is recorded stays equal."""
    here = workspace(task("user@example.com"))
    assert here.run("plan").last == "No changes. Your vendors match the manifests."
    sandbox.clear_journal()
    here.apply()
    assert here.writes() == []
    assert here.settled()
    assert here.run("drift", "--detailed-exitcode").code == 0


def test_another_address_is_a_change(workspace: Any, sandbox: Any) -> None:
    """A user who had no task gets one; read back by its id, it is the one that was declared."""
    here = workspace(task("user@example.com"))
    here.apply()
    here.write(task("newuser@example.com"))
    (entry,) = here.plan()
    assert (entry["x_action"], entry["x_cause"]) == ("update", "edit")
    assert [part["path"] for part in entry["x_fields"]] == [["assignee"]]
    here.apply()
    assert users(sandbox) == ["user_789"]
    assert here.settled()


def test_a_new_task_for_a_user_without_any(workspace: Any, sandbox: Any) -> None:
    """The address is sent as it is, and the vendor's answer is understood."""
    here = workspace(task("newuser@example.com", "Produce 10"))
    here.apply()
    assert users(sandbox) == ["user_456", "user_789"]
    assert here.settled()


def test_a_change_at_the_vendor_is_seen(workspace: Any, sandbox: Any) -> None:
    """Given to somebody else on screen, the task differs from its address."""
    here = workspace(task("user@example.com"))
    here.apply()
    tasks = [{**each, "UserId": "user_789"} for each in sandbox.state("inventora")["tasks"]]
    sandbox.put_state("inventora", {"tasks": tasks})
    drift = here.run("drift", "--detailed-exitcode")
    assert drift.code == 2
    assert "user@example.com" in drift.out
    here.apply()
    assert users(sandbox) == ["user_456"]


@pytest.mark.parametrize(
    ("before", "after"), [("user@example.com", "user_456"), ("user_456", "user@example.com")]
)
def test_the_way_to_name_a_user_may_change(
    workspace: Any, sandbox: Any, before: str, after: str
) -> None:
    """The same user by the other name is no change at the vendor."""
    here = workspace(task(before))
    here.apply()
    here.write(task(after))
    sandbox.clear_journal()
    shown = here.run("plan")
    assert shown.last == "No changes. Your vendors match the manifests."
    here.apply()
    assert here.writes() == []
    assert here.settled()


def test_one_user_has_one_name(workspace: Any) -> None:
    """An id and the address of the same user cannot both be compared, and the error says so."""
    more = f"  u: {{name: Other, {ITEMS}, assignee: user@example.com}}\n"
    head = f"provider: inventora\ntasks:\n  t: {{name: Produce 50 Candles, {ITEMS}, "
    here = workspace(f"{head}assignee: user_456}}\n{more}")
    shown = here.run("plan")
    assert shown.code == 1
    assert "assignee user_456 and assignee user@example.com are the same" in shown.err


def test_ids_cost_no_request(workspace: Any, sandbox: Any) -> None:
    """Only an address has to be looked up."""
    here = workspace(task("user_456"))
    sandbox.clear_journal()
    here.run("plan")
    asked = [e for e in sandbox.journal("inventora") if "UserId" in e["query"]]
    assert asked == []
