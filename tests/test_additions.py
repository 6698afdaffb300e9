"""A vendor that adds a quantity which it should set is found out at the first one."""

from __future__ import annotations

from typing import Any

import pytest

ADDS = [{"path": "*/stock-level-updates", "method": "POST", "fault": {"adds": True}}]
LEVELS = """provider: inventora
stock_levels:
  a: {sku: CANDLE-001, location: Main Warehouse, quantity: 10}
  b: {sku: CANDLE-001, location: Retail Store, quantity: 7}
  c: {sku: WAX-SOY, location: Main Warehouse, quantity: 5}
"""
UNPROVEN = """provider: inventora
stock_levels:
  a: {sku: CANDLE-001, location: Production Floor, quantity: 4}
  b: {sku: CANDLE-001, location: Retail Store, quantity: 0}
  c: {sku: WAX-SOY, location: Main Warehouse, quantity: 5}
  d: {sku: WAX-SOY, location: Production Floor, quantity: 6}
"""


def levels(sandbox: Any) -> dict[str, int]:
    """Every level that the vendor has, by sku and location."""
    state = sandbox.state("inventora")
    items = [*state["products"], *state["materials"]]
    return {
        f"{item['sku']}/{place}": level
        for item in items
        for place, level in item["locationStockLevels"].items()
    }


def audits(here: Any) -> list[str]:
    """The stock level updates that were sent."""
    return [line for line in here.writes() if "stock-level-updates" in line]


@pytest.mark.parametrize("more", [(), ("--on-error", "continue"), ("--parallelism", "20")])
def test_the_first_addition_stops_the_rest(
    workspace: Any, sandbox: Any, more: tuple[str, ...]
) -> None:
    """One level is wrong, and apply says so; no other is sent in that run, and none twice."""
    here = workspace(LEVELS)
    sandbox.faults(ADDS)
    sandbox.clear_journal()
    shown = here.run("apply", "--auto-approve", *more)
    assert shown.code == 4
    assert "the vendor added 10 to 30 instead of setting 10: quantity is 40 now" in shown.err
    assert "No more stock_levels are written in this run." in shown.err
    assert "Apply complete!" not in shown.out
    assert len(audits(here)) == 1
    assert levels(sandbox) == {
        "CANDLE-001/Main Warehouse": 40,
        "CANDLE-001/Retail Store": 15,
        "WAX-SOY/Main Warehouse": 80,
        "WAX-SOY/Production Floor": 20,
    }


def test_what_was_added_is_not_recorded_as_set(workspace: Any, sandbox: Any) -> None:
    """The next plan does not call it a change at the vendor, and other kinds go on."""
    here = workspace(LEVELS + "products: {CANDLE-001: {notes: Rose}}\n")
    sandbox.faults(ADDS)
    shown = here.run("apply", "--auto-approve")
    assert shown.code == 4
    assert sandbox.state("inventora")["products"][0]["notes"] == "Rose"
    assert "inventora/stock_levels" not in here.run("state", "list").out
    assert "changed at the vendor" not in here.run("plan").out


def test_levels_that_show_nothing_prove_nothing(workspace: Any, sandbox: Any) -> None:
    """Setting and adding to nothing are the same, and so are setting to nothing and not at all:
    neither lets two others go at once."""
    here = workspace(UNPROVEN)
    sandbox.faults(ADDS)
    sandbox.clear_journal()
    shown = here.run("apply", "--auto-approve")
    assert shown.code == 4
    assert "the vendor added 5 to 80 instead of setting 5" in shown.err
    assert len(audits(here)) == 3


def test_a_vendor_that_sets_is_read_back_once(workspace: Any, sandbox: Any) -> None:
    """Once a level was seen to be set, the others are written without a look at each."""
    here = workspace(LEVELS)
    sandbox.clear_journal()
    here.apply("--parallelism", "1")
    paths = [entry["method"] + " " + entry["path"] for entry in sandbox.journal("inventora")]
    first, second, third = (n for n, path in enumerate(paths) if path.startswith("POST"))
    assert second - first > 1
    assert third - second == 1
    assert here.settled()


def test_an_addition_behind_a_lost_answer_is_found(workspace: Any, sandbox: Any) -> None:
    """Where the answer is lost, the look for the effect shows the addition: nothing is sent again,
    and no other level either."""
    here = workspace(LEVELS)
    sandbox.faults([{**ADDS[0], "fault": {"adds": "lost"}}])
    sandbox.clear_journal()
    shown = here.run("apply", "--auto-approve", "--on-error", "continue")
    assert shown.code == 4
    assert "the vendor added 10 to 30 instead of setting 10: quantity is 40 now" in shown.err
    assert len(audits(here)) == 1
    assert levels(sandbox)["CANDLE-001/Retail Store"] == 15


def test_an_object_that_cannot_be_read_back_is_unknown(workspace: Any, sandbox: Any) -> None:
    """Without a look at the first level nobody knows what was done: it is not called applied."""
    here = workspace(LEVELS)
    sandbox.faults(
        [
            {
                "path": "*/locations",
                "method": "GET",
                "nth": [3, 4, 5, 6, 7, 8],
                "fault": {"status": 403},
            }
        ]
    )
    shown = here.run("apply", "--auto-approve")
    assert shown.code == 4
    assert "could not be read back" in shown.err
