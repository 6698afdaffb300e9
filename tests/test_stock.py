"""Stock moves by itself: no command touches a level, a batch or anything relative."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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


def test_no_stock_level_is_ever_written(workspace: Callable[..., Any], sandbox: Running) -> None:
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
    assert here.run("import", "--all").code == 0
    here.declare({kind: objects for kind, objects in SHOP.items() if kind != "inventora/tasks"})
    here.apply("--target", "inventora")
    assert {line.partition("_")[0] for line in here.writes()} == {
        "PATCH /api/products/asdf123 200",
        "PATCH /api/materials/asdf456 200",
        "POST /api/tasks 201",
        "DELETE /api/tasks/task",
    }
    assert stock(sandbox) == levels


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
    assert "items is left out: it refers to an object that no manifest can name" in result.err
    assert here.settled()


def stock(sandbox: Running) -> list[Any]:
    """What lies where, of everything."""
    state = sandbox.state("inventora")
    return [one["locationStockLevels"] for kind in ("products", "materials") for one in state[kind]]
