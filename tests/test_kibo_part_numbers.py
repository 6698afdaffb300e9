"""Kibo's stock by part number, which the guide names beside the upc."""

from __future__ import annotations

from typing import Any

import pytest

HEAD = "provider: kibo\nstock_levels:\n"
BOTH = {"locationCode": "ALB", "upc": "U-1", "partNumber": "P-1", "onHand": 5}
RECORDS = [BOTH, {"locationCode": "ALB", "partNumber": "P-2", "onHand": 6}]


def stock(sandbox: Any) -> list[tuple[str | None, str | None, int]]:
    """What the vendor has, by both names."""
    records = sandbox.state("kibo")["stock_levels"]
    return sorted(
        ((r.get("upc"), r.get("partNumber"), r["onHand"]) for r in records), key=lambda r: str(r)
    )


@pytest.fixture
def here(workspace: Any, sandbox: Any) -> Any:
    """A workspace; the vendor has a record with both names, and one with a part number only."""
    sandbox.put_state("kibo", {"stock_levels": RECORDS})
    return workspace()


@pytest.mark.parametrize("name", ["upc: U-1", "partNumber: P-1", "upc: U-1, partNumber: P-1"])
def test_a_record_is_found_by_either_name(here: Any, sandbox: Any, name: str) -> None:
    """The record that is there is changed, and none is made beside it."""
    here.write(f"{HEAD}  a: {{locationCode: ALB, {name}, quantity: 9}}\n")
    (entry,) = here.plan()
    assert entry["x_action"] == "update"
    here.apply()
    assert here.settled()
    assert stock(sandbox) == [("U-1", "P-1", 9), (None, "P-2", 6)]


def test_a_record_without_a_upc_is_managed(here: Any, sandbox: Any) -> None:
    """What the vendor knows by its part number alone is changed, and a new one is made."""
    here.write(
        f"{HEAD}  a: {{locationCode: ALB, partNumber: P-2, quantity: 7}}\n"
        "  b: {locationCode: ALB, partNumber: P-3, quantity: 8}\n"
    )
    assert {e["x_action"] for e in here.plan()} == {"update", "create"}
    here.apply()
    assert here.settled()
    assert stock(sandbox) == [("U-1", "P-1", 5), (None, "P-2", 7), (None, "P-3", 8)]


@pytest.mark.parametrize("name", ["", "upc: null, "])
def test_one_of_the_names_is_needed(here: Any, name: str) -> None:
    """A level that names no product is refused, and told what it needs."""
    here.write(f"{HEAD}  a: {{locationCode: ALB, {name}quantity: 9}}\n")
    shown = here.run("validate")
    assert shown.code == 1
    assert "needs upc or partNumber" in shown.err + shown.out


def test_undeclared_records_are_left_alone(here: Any) -> None:
    """Nobody is told of them twice: stock that no manifest declares is not reported at all."""
    here.write(f"{HEAD}  a: {{locationCode: ALB, partNumber: P-2, quantity: 6}}\n")
    here.apply()
    shown = here.run("plan")
    assert shown.last == "No changes. Your vendors match the manifests."
    assert "U-1" not in shown.out
