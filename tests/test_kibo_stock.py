"""Kibo's stock from manifests to the vendor: set in few requests, waited for, never removed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from reconciler.errors import Rejected
from reconciler.model import Pointer, Write
from reconciler.sandbox.server import Running

REFRESH = "POST /api/commerce/inventory/v5/inventory/refresh 200"
SHOP: dict[str, dict[str, Any]] = {
    "kibo/stock_levels": {
        "a": {"locationCode": "WH-01", "upc": "LANTERN / İ", "quantity": 12},
        "b": {"locationCode": "WH-01", "upc": "TENT", "quantity": 3, "floor": 1},
        "c": {"locationCode": "ALB", "upc": "CampStove_001", "quantity": 900},
    }
}

SLOWLY = pytest.mark.parametrize("sandbox", [{"job_seconds": 1.0}], indirect=True)
FLOOR = {"locationCode": "ALB", "upc": "CampStove_001", "floor": 3}


def stock(sandbox: Running) -> dict[tuple[str, str], dict[str, Any]]:
    """What the vendor has, by location and product."""
    records = sandbox.state("kibo")["stock_levels"]
    return {(each["locationCode"], each["upc"]): each for each in records}


def test_stock_is_set_by_location_and_never_removed(
    workspace: Callable[..., Any], sandbox: Running
) -> None:
    """One refresh makes the new records of a location; what nobody declares stays, also when all
    of it leaves the manifests."""
    before = stock(sandbox)
    here = workspace()
    here.declare(SHOP)
    assert [entry["x_action"] for entry in here.plan()] == ["create", "create", "update"]
    sandbox.clear_journal()
    here.apply()
    assert [write for write in here.writes() if "inventory" in write] == [REFRESH, REFRESH]
    assert here.settled()
    after = stock(sandbox)
    assert after["WH-01", "LANTERN / İ"]["onHand"] == 12
    assert (after["WH-01", "TENT"]["onHand"], after["WH-01", "TENT"]["floor"]) == (3, 1)
    assert after["ALB", "CampStove_001"] == {**before["ALB", "CampStove_001"], "onHand": 900}
    assert after["WH-01", "CampStove_001"] == before["WH-01", "CampStove_001"]

    here.declare({})
    sandbox.clear_journal()
    here.apply()
    assert here.writes() == []
    assert stock(sandbox) == after


@SLOWLY
def test_a_refresh_resets_nothing_that_is_not_declared(
    driver: Callable[..., Any], sandbox: Running
) -> None:
    """The numbers that nobody declares go along as they were read, and what is spoken for stays.
    The update is over when the vendor's job is."""
    sandbox.put_state(
        "kibo",
        {
            "stock_levels": [
                {"locationCode": "ALB", "upc": "A", "onHand": 5, "floor": 2, "ltd": 7},
                {"locationCode": "ALB", "upc": "B", "onHand": 6, "allocated": 2, "safetyStock": 9},
            ]
        },
    )
    before = stock(sandbox)
    waits: list[float] = []
    levels = driver("kibo/stock_levels", writable=True, waits=waits)
    one, other = levels.list(["ALB"]).objects
    assert levels.get(other.id) == other  # nothing is available of it, and it is seen
    levels.update(one, {"quantity": 5, "safetyStock": 4}, ["safetyStock"])
    assert sum(waits) >= 1
    assert stock(sandbox)["ALB", "A"] == {**before["ALB", "A"], "safetyStock": 4}
    assert stock(sandbox)["ALB", "B"] == before["ALB", "B"]


def test_a_quantity_is_never_sent_that_nobody_declares(
    workspace: Callable[..., Any], sandbox: Running
) -> None:
    """It may have moved since it was read: a change of something else asks for it."""
    here = workspace()
    here.declare({"kibo/stock_levels": {"a": {**FLOOR, "quantity": 1000}}})
    assert [entry["x_action"] for entry in here.plan()] == ["update"]
    here.declare({"kibo/stock_levels": {"a": FLOOR}})
    (entry,) = here.plan()
    assert entry["x_action"] == "by-hand"
    assert "the quantity, which is not declared" in entry["x_reason"]
    sandbox.clear_journal()
    here.apply()
    assert here.writes() == []


def test_stock_is_not_imported(workspace: Callable[..., Any], sandbox: Running) -> None:
    """A manifest that says how much there is would claim what nobody meant to own."""
    here = workspace()
    result = here.run("import", "--kind", "kibo/stock_levels")
    assert "Not imported: kibo/stock_levels" in result.out + result.err
    assert not list((here.root / "manifests").glob("*stock*"))


@SLOWLY
def test_a_refresh_that_fails_is_told(driver: Callable[..., Any], sandbox: Running) -> None:
    """A job that ends badly is an error with what the vendor says, and nothing was set."""
    before = stock(sandbox)
    levels = driver("kibo/stock_levels", writable=True)
    place = Pointer("ALB", "ALB")
    works = [
        Write(None, {"locationCode": place, "upc": upc, "quantity": quantity})
        for upc, quantity in (("A", 1), ("B", -1))
    ]
    create = next(iter(levels.resource_type.kind.bulk.calls))
    with pytest.raises(Rejected, match="must not be negative"):
        levels.write_many(create, works)
    assert stock(sandbox) == before
    assert levels.get("ALB/A") is None


def test_the_report_of_a_night_tells_of_jobs_that_failed(
    workspace: Callable[..., Any], sandbox: Running
) -> None:
    """One warning counts them and says which and why; it is no drift and no error, and a queue
    that cannot be read is a warning too."""
    here = workspace("provider: kibo\nlocation_types: {WH: {}}\n")
    here.apply()
    failed = {"type": "REFRESH", "status": "FAILED", "locationCode": "WH-01", "itemCount": 1}
    told = {"messages": ["TENT is\u202e no item"], "finished": "2026-11-21T02:00:00Z"}
    rows = sandbox.state("kibo")["jobs"]
    sandbox.put_state("kibo", {"jobs": [*rows, {"jobID": 4711, **failed, **told}]})
    shown = here.run("drift", "--detailed-exitcode")
    assert shown.code == 0, shown
    assert "inventory jobs failed: job 4711 (REFRESH at WH-01, 2026-11-21" in shown.err
    assert "TENT is\\u202e no item" in shown.err
    assert "jobs failed" not in here.run("plan").err

    queue = {"vendor": "kibo", "path": "*/inventory/v1/queue", "fault": {"status": 403}}
    sandbox.faults([queue])
    shown = here.run("drift", "--detailed-exitcode")
    assert (shown.code, shown.err.count("Warning: ")) == (0, 1), shown
    assert "/commerce/inventory/v1/queue answered 403" in shown.err
