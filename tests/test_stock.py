"""Stock moves by itself: no command touches a batch, anything relative, or a level that nobody
declares."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from reconciler.sandbox.server import Running

SHOP: dict[str, dict[str, Any]] = {
    "inventora/locations": {"Main Warehouse": {"isDefault": True}},
    "inventora/products": {"CANDLE-001": {"unitPrice": "6.25", "minLevel": 15}},
    "inventora/materials": {"WAX-SOY": {"unitType": "weight.kg", "retailPrice": 4}},
    "inventora/tasks": {
        "restock": {
            "name": "Mum üretimi",
            "items": [{"product": "CANDLE-001", "quantity": 20, "unitType": "pieces"}],
            "location": "Main Warehouse",
        }
    },
}


def test_no_level_is_written_that_nobody_declares(
    workspace: Callable[..., Any], sandbox: Running
) -> None:
    """Products, materials and tasks are changed, replaced, removed and imported with just these
    requests, and every level stays what it was."""
    levels = stock(sandbox)
    here = workspace()
    here.declare(SHOP)
    here.apply()
    assert here.settled()
    task = SHOP["inventora/tasks"]["restock"]
    more = {**task, "items": [{**task["items"][0], "quantity": 30}]}
    here.declare({**SHOP, "inventora/tasks": {"restock": more}})
    assert [entry["x_action"] for entry in here.plan()] == ["replace"]
    here.apply()
    assert here.settled()
    result = here.run("import", "--all")
    assert result.code == 0
    assert "inventora/stock_levels. They change by themselves" in result.err
    here.declare({kind: objects for kind, objects in SHOP.items() if kind != "inventora/tasks"})
    here.apply("--target", "inventora")
    assert {line.partition("_")[0] for line in here.writes()} == {
        "PATCH /api/products/asdf123 200",
        "PATCH /api/materials/asdf456 200",
        "POST /api/tasks 201",
        "DELETE /api/tasks/task",
    }
    assert stock(sandbox) == levels


LEVELS = "inventora/stock_levels"


def test_a_declared_level_is_set(workspace: Callable[..., Any], sandbox: Running) -> None:
    """Of a product or a material, also where the vendor has none yet, by one audit each; the
    levels beside it stay."""
    here = workspace()
    here.declare(
        {
            LEVELS: {
                "mum": {"sku": "CANDLE-001", "location": "Main Warehouse", "quantity": 12.5},
                "mum-yeni": {"sku": "CANDLE-001", "location": "Production Floor", "quantity": 3},
                "balmumu": {"sku": "WAX-SOY", "location": "Main Warehouse", "quantity": 0},
                "aynen": {"sku": "WAX-SOY", "location": "Production Floor", "quantity": 20},
                "yok": {"sku": "WAX-SOY", "location": "Retail Store", "quantity": 0},
            }
        }
    )
    assert {e["address"].rpartition("/")[2]: e["x_action"] for e in here.plan()} == {
        "mum": "update",
        "mum-yeni": "update",
        "balmumu": "update",
        "aynen": "adopt",
        "yok": "adopt",
    }
    here.apply()
    assert here.settled()
    assert sorted(here.writes()) == [
        "POST /api/materials/asdf456/stock-level-updates 200",
        "POST /api/products/asdf123/stock-level-updates 200",
        "POST /api/products/asdf123/stock-level-updates 200",
    ]
    assert stock(sandbox) == [
        {"Main Warehouse": 12.5, "Retail Store": 15, "Production Floor": 3},
        {"Main Warehouse": 0, "Production Floor": 20},
    ]
    here.declare({})
    here.apply()
    assert here.settled()
    assert stock(sandbox)[1] == {"Main Warehouse": 0, "Production Floor": 20}


@pytest.mark.parametrize(
    ("level", "said"),
    [
        ({"sku": "CANDLE-002", "location": "Main Warehouse"}, "it does not exist"),
        ({"sku": "CANDLE-001", "location": "Ay"}, 'location names "Ay"'),
    ],
)
def test_a_level_of_nothing_is_found_when_planning(
    level: dict[str, str], said: str, workspace: Callable[..., Any]
) -> None:
    """An item or a location that there is not: nothing is sent."""
    here = workspace()
    here.declare({LEVELS: {"one": {**level, "quantity": 1}}})
    result = here.run("plan")
    assert said in result.out + result.err
    assert " to change" not in result.out.replace("0 to change", "")
    assert "Not managed: inventora/stock_levels" not in result.out
    here.run("apply", "--auto-approve")
    assert here.writes() == []


@pytest.mark.parametrize(
    ("was", "becomes", "action"),
    [
        ("bundles", "pieces", "by-hand"),
        ("pieces", "bundles", "by-hand"),
        ("pieces", "cases", "update"),
        ("bundles", "bundles", "update"),
    ],
)
def test_a_bundle_stays_one_and_nothing_else_becomes_one(
    was: str, becomes: str, action: str, workspace: Callable[..., Any], sandbox: Running
) -> None:
    """The vendor would refuse it, so the plan leaves the whole change to a person and says why."""
    (product,) = sandbox.state("inventora")["products"]
    sandbox.put_state("inventora", {"products": [{**product, "unitType": was}]})
    here = workspace()
    here.declare({"inventora/products": {"CANDLE-001": {"unitType": becomes, "minLevel": 77}}})
    (entry,) = here.plan()
    assert entry["x_action"] == action
    refused = "unitType cannot be changed to or from bundles; change it in Inventora → Products"
    assert entry["x_reason"].startswith(refused) == (action == "by-hand")
    assert here.run("plan", "--detailed-exitcode").code == (2 if action == "update" else 0)
    here.apply()
    (after,) = sandbox.state("inventora")["products"]
    assert after["minLevel"] == (77 if action == "update" else product["minLevel"])


def test_a_task_of_no_product_is_imported_without_its_items(
    workspace: Callable[..., Any], sandbox: Running
) -> None:
    """What it is of cannot be named in a manifest: a warning says so, and a plan finds nothing."""
    (task,) = sandbox.state("inventora")["tasks"]
    (item,) = task["Items"]
    of_wax = {**task, "Items": [{**item, "ResourceId": "asdf456"}]}
    sandbox.put_state("inventora", {"tasks": [of_wax]})
    here = workspace()
    result = here.run("import", "--kind", "inventora/tasks")
    assert result.code == 0
    assert "items is left out: it refers to an object that a manifest cannot name" in result.err
    assert here.settled()


def stock(sandbox: Running) -> list[Any]:
    """What lies where, of everything."""
    state = sandbox.state("inventora")
    return [one["locationStockLevels"] for kind in ("products", "materials") for one in state[kind]]
