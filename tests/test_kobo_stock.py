"""Kobo PLM's stock is set where it is declared, and its quotations are managed."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

LEVELS = "kobo-plm/stock_levels"
M = {"sku": "SS24-001-WHT-M", "location_id": 1}
L = {"sku": "SS24-001-WHT-L", "location_id": 1}
BULK = "POST /api/v1/inventory/bulk-update 200"


def stock(sandbox: Any) -> list[int]:
    """The quantities at the vendor."""
    return [level["qty_on_hand"] for level in sandbox.state("kobo-plm")["stock_levels"]]


def test_only_declared_levels_are_set(workspace: Any, sandbox: Any) -> None:
    """One request sets those that differ, and nothing but their quantities."""
    here = workspace()
    here.declare({LEVELS: {"m": {**M, "qty_on_hand": 175}}})
    sandbox.clear_journal()
    here.apply()
    assert here.writes() == [BULK]
    assert stock(sandbox) == [175, 180]
    assert here.settled()
    here.declare({LEVELS: {"m": {**M, "qty_on_hand": 1}, "l": {**L, "qty_on_hand": 2}}})
    sandbox.clear_journal()
    here.apply()
    assert here.writes() == [BULK]
    assert stock(sandbox) == [1, 2]
    assert here.settled()


def test_a_level_set_twice_is_the_same(workspace: Any, sandbox: Any) -> None:
    """Quantities are absolute: sales are drift, and apply sets what is declared."""
    here = workspace()
    here.declare({LEVELS: {"m": {**M, "qty_on_hand": 175}}})
    here.apply()
    levels = sandbox.state("kobo-plm")["stock_levels"]
    sandbox.put_state("kobo-plm", {"stock_levels": [{**levels[0], "qty_on_hand": 3}, levels[1]]})
    here.apply()
    assert stock(sandbox) == [175, 180]


def test_stock_is_opt_in(workspace: Any, sandbox: Any) -> None:
    """No import writes it, an undeclared level is not mentioned, and one that leaves is let go."""
    here = workspace()
    assert "kobo-plm/stock_levels" in here.run("import", "--kind", LEVELS).err
    here.declare({LEVELS: {"m": {**M, "qty_on_hand": 150}}})
    assert "WHT-L" not in here.run("plan").out
    here.apply()
    here.declare({})
    sandbox.clear_journal()
    here.apply()
    assert here.writes() == []
    assert stock(sandbox) == [150, 180]


def test_a_level_that_is_not_there_is_for_a_person(workspace: Any) -> None:
    """No request makes one."""
    here = workspace()
    here.declare({LEVELS: {"m": {**M, "location_id": 2, "qty_on_hand": 1}}})
    (entry,) = here.plan()
    assert (entry["x_action"], "Kobo PLM → Inventory" in entry["x_reason"]) == ("by-hand", True)


def test_a_quotation_comes_changes_and_goes(workspace: Any, sandbox: Any) -> None:
    """Found by its supplier and style, with the price as a number in the body."""
    here = workspace()
    offer = {"supplier": "SUP-001", "style": "SS24-001"}
    here.declare({"kobo-plm/quotations": {"tee": {**offer, "unit_price": "21.00", "moq": 400}}})
    (entry,) = here.plan()
    assert (entry["x_action"], entry["x_id"]) == ("update", "1")
    here.apply()
    (quotation,) = sandbox.state("kobo-plm")["quotations"]
    assert (quotation["unit_price"], quotation["moq"]) == ("21.00", 400)
    assert quotation["notes"] == "Price includes packaging"
    assert here.settled()
    here.declare({})
    here.apply()
    assert sandbox.state("kobo-plm")["quotations"] == []


def test_revisions_are_told_apart_by_their_ids(workspace: Any, sandbox: Any) -> None:
    """Two quotations of a supplier for a style are ambiguous until `$id` says which is meant."""
    with httpx.Client(
        base_url=sandbox.urls["kobo-plm"], headers={"X-API-Key": "sandbox-kobo-key"}
    ) as kobo:
        revised = kobo.post("/quotations/1/revise").json()["data"]
    assert (revised["id"], revised["revision"], revised["unit_price"]) == (2, 2, "22.50")
    here = workspace()
    offer = {"supplier": "SUP-001", "style": "SS24-001", "moq": 1}
    here.declare({"kobo-plm/quotations": {"tee": offer}})
    assert here.run("plan").code == 1
    here.declare({"kobo-plm/quotations": {"tee": {**offer, "$id": 2}}})
    here.apply()
    assert [q["moq"] for q in sandbox.state("kobo-plm")["quotations"]] == [500, 1]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/inventory/1/transfer", {"to_location_id": 2, "quantity": 50}),
        ("/inventory/1/check-in", {"quantity": 50}),
        ("/inventory/1/reserve", {"quantity": 50}),
        ("/inventory/1/unreserve", {"quantity": 50}),
    ],
)
def test_the_sandbox_knows_relative_writes(sandbox: Any, path: str, body: Any) -> None:
    """What moves stock is told from what sets it, so that a test of ours that sends it fails."""
    url = sandbox.urls["kobo-plm"] + path
    headers = {"X-API-Key": "sandbox-kobo-key", "User-Agent": "other/1.0"}
    httpx.post(url, json=body, headers=headers, trust_env=False)
    assert [entry["relative"] for entry in sandbox.relative_writes()] == ["other"]


def test_the_sandbox_sets_all_levels_or_none(sandbox: Any) -> None:
    """A bulk update with an unknown SKU, or a quantity that is no number, changes nothing."""
    headers = {"X-API-Key": "sandbox-kobo-key"}
    with httpx.Client(base_url=sandbox.urls["kobo-plm"], headers=headers) as kobo:
        good = {**M, "qty_on_hand": 9}
        for bad in ({**M, "sku": "?", "qty_on_hand": 1}, {**L, "qty_on_hand": "x"}, 5):
            answer = kobo.post("/inventory/bulk-update", json={"updates": [good, bad]})
            assert answer.status_code == 422
        assert stock(sandbox) == [150, 180]
        assert kobo.get("/inventory?low_stock=true").json()["meta"]["total"] == 0
        assert kobo.put("/inventory/1", json={"qty_on_hand": 2}).status_code == 200
        assert kobo.get("/inventory?low_stock=1").json()["data"][0]["qty_on_hand"] == 2
        assert kobo.get("/inventory?location_id=2").json()["meta"]["total"] == 0
