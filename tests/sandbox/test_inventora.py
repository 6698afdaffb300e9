"""Inventora in the sandbox answers as its documentation says."""

from typing import Any

import httpx
import pytest

from reconciler.sandbox.server import Running

from .conftest import Connect, Start

FROZEN = "2026-01-01T00:00:00Z"
ITEMS = [{"ProductId": "asdf123", "quantity": 50, "unitType": "pieces"}]
TASK = {"name": "Produce 50 Candles", "Items": ITEMS}
WAX = {
    "id": "asdf456",
    "name": "Soy Wax",
    "sku": "WAX-SOY",
    "unitType": "weight.lbs",
    "unitPrice": 3.25,
    "stockLevel": 100,
    "minLevel": 20,
    "quantityUsed": 0.5,
}


@pytest.fixture
def inventora(sandbox: Running, connect: Connect) -> httpx.Client:
    """A client of Inventora with the accepted key."""
    return connect(sandbox, "inventora")


def error(answer: httpx.Response, status: int = 400) -> Any:
    """The sentence of an error answer."""
    assert answer.status_code == status, answer.text
    assert set(answer.json()) == {"error"}
    return answer.json()["error"]


def test_the_key_goes_in_the_header_or_the_query(sandbox: Running, inventora: httpx.Client) -> None:
    """Both documented forms are let in, and the journal shows neither key."""
    del inventora.headers["X-Inventora-API-Key"]
    assert error(inventora.get("/locations"), 401) == "API key missing"
    wrong = {"X-Inventora-API-Key": "x"}
    assert error(inventora.get("/locations", headers=wrong), 401) == "Invalid API key"
    answer = inventora.get("/locations?x-inventora-api-key=sandbox-inventora-key")
    assert answer.status_code == 200
    assert "sandbox-inventora-key" not in str(sandbox.journal("inventora"))


def test_lists_are_the_documentations_examples(inventora: httpx.Client) -> None:
    """The docs data set holds the documented product, whole, in the documented envelope."""
    answer = inventora.get("/products").json()
    assert answer["pagination"] == {"totalCount": 1, "offset": 0, "limit": 100}
    assert answer["data"] == [inventora.get("/products/asdf123").json()]
    assert answer["data"][0] == {
        "id": "asdf123",
        "name": "Handmade Candle",
        "sku": "CANDLE-001",
        "stockLevel": 45,
        "unitType": "pieces",
        "unitPrice": 5.5,
        "minLevel": 10,
        "notes": "Vanilla scented",
        "retailPrice": 15.0,
        "wholesalePrice": 10.0,
        "ean": "1234567890123",
        "minimumQuantity": 1,
        "reorderURLs": ["https://example.com/reorder"],
        "locationStockLevels": {"Main Warehouse": 30, "Retail Store": 15},
        "productionType": "produced",
        "materials": [WAX],
    }
    assert inventora.get("/materials/asdf456").json()["materials"] == []
    assert inventora.get("/locations").json()["data"][0]["id"] == "loc_789"
    item = inventora.get("/tasks/task_123").json()["Items"][0]
    assert item["Product"] == {
        "id": "asdf123",
        "name": "Handmade Candle",
        "sku": "CANDLE-001",
        "unitType": "pieces",
        "stockLevel": 45,
        "type": "product",
    }


def test_paging(start: Start, connect: Connect) -> None:
    """`offset` and `limit` cut the list; a limit over 1000 is 1000, nonsense is refused."""
    client = connect(start(data="1200", rate=0), "inventora")
    page = client.get("/materials?limit=5000&offset=300").json()
    assert page["pagination"] == {"totalCount": 1200, "offset": 300, "limit": 1000}
    assert len(page["data"]) == 900
    assert len(client.get("/materials").json()["data"]) == 100
    assert client.get("/materials?offset=1200").json()["data"] == []
    for wrong in ("limit=x", "limit=0", "offset=-1"):
        assert "whole number" in error(client.get(f"/materials?{wrong}"))


@pytest.mark.parametrize("kind", ["products", "materials"])
def test_items_cannot_be_created_or_deleted(inventora: httpx.Client, kind: str) -> None:
    """The API reads and updates items, no more."""
    assert inventora.post(f"/{kind}", json={"name": "x"}).status_code == 405
    assert inventora.delete(f"/{kind}/asdf123").status_code == 405
    assert error(inventora.get(f"/{kind}/nope"), 404) == "Resource not found"
    assert error(inventora.patch(f"/{kind}/nope", json={}), 404) == "Resource not found"


def test_an_update_changes_what_it_names(inventora: httpx.Client) -> None:
    """PATCH leaves alone what was not sent, and ignores what cannot be set."""
    before = inventora.get("/products/asdf123").json()
    change = {"name": "New", "unitPrice": 6.0, "reorderURLs": [], "notes": None}
    answer = inventora.patch("/products/asdf123", json=change | {"stockLevel": 1, "colour": "red"})
    assert answer.json() == before | change
    assert inventora.get("/products/asdf123").json() == before | change


def test_a_product_shows_its_materials_as_they_are(inventora: httpx.Client) -> None:
    """A renamed material shows under its new name in what is made of it."""
    inventora.get("/products")
    inventora.patch("/materials/asdf456", json={"name": "Wax"}).raise_for_status()
    assert inventora.get("/products").json()["data"][0]["materials"] == [WAX | {"name": "Wax"}]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"name": ""}, "name cannot be empty"),
        ({"name": None}, "name must be a string"),
        ({"minLevel": "3"}, "minLevel must be a number"),
        ({"reorderURLs": "x"}, "reorderURLs must be an array of strings"),
        ({"unitType": "bundles"}, "unitType cannot be changed to or from bundle"),
    ],
)
def test_an_update_is_checked(inventora: httpx.Client, change: dict[str, Any], text: str) -> None:
    """What makes no sense is a 400 that says so."""
    assert error(inventora.patch("/products/asdf123", json=change)) == text
    assert "unitType must be one of: pieces" in error(
        inventora.patch("/products/asdf123", json={"unitType": "stones"})
    )


def test_a_price_is_fixed_once_stock_was_logged(inventora: httpx.Client) -> None:
    """A stock update ties stock blocks, and `unitPrice` is refused from then on."""
    assert inventora.patch("/products/asdf123", json={"unitPrice": 6}).status_code == 200
    audit = {"quantity": 31, "locationName": "Main Warehouse", "updateType": "audit"}
    inventora.post("/products/asdf123/stock-level-updates", json=audit).raise_for_status()
    assert error(inventora.patch("/products/asdf123", json={"unitPrice": 7, "name": "x"})) == (
        "Cannot update unitPrice when resource has stock blocks tied to non-initial logs"
    )
    assert inventora.get("/products/asdf123").json()["name"] == "Handmade Candle"
    assert inventora.patch("/products/asdf123", json={"retailPrice": 20}).status_code == 200


def test_an_audit_that_finds_what_is_there_changes_nothing(
    sandbox: Running, inventora: httpx.Client
) -> None:
    """Nothing was moved, so no block is tied, and a level of nothing stays unsaid."""
    before = sandbox.state("inventora")
    for place, level in (("Main Warehouse", 30), ("Production Floor", 0)):
        audit = {"quantity": level, "locationName": place, "updateType": "audit"}
        inventora.post("/products/asdf123/stock-level-updates", json=audit).raise_for_status()
    assert sandbox.state("inventora") == before


def test_a_bundle_stays_a_bundle(sandbox: Running, inventora: httpx.Client) -> None:
    """The unit of a bundle cannot be set, even to what it is."""
    sandbox.put_state("inventora", {"products": [{"id": "b", "name": "B", "unitType": "bundles"}]})
    for unit in ("pieces", "bundles"):
        refused = inventora.patch("/products/b", json={"unitType": unit})
        assert error(refused) == "unitType cannot be changed to or from bundle"


@pytest.mark.parametrize(
    ("change", "level"), [("audit", 10), ("restock", 40), ("loss", 20), ("custom", 40)]
)
def test_stock_level_updates(inventora: httpx.Client, change: str, level: int) -> None:
    """An audit sets a level; the other updates move it."""
    body = {"quantity": 10, "locationName": "Main Warehouse", "updateType": change}
    answer = inventora.post(
        "/products/asdf123/stock-level-updates", json=body | {"customStatusId": 1}
    )
    assert answer.status_code == 200
    assert answer.json()["locationStockLevels"] == {"Main Warehouse": level, "Retail Store": 15}
    assert answer.json()["stockLevel"] == level + 15


def test_an_audit_may_add(sandbox: Running, inventora: httpx.Client) -> None:
    """With the fault `adds`, an audit does what the documentation's sample answer shows."""
    sandbox.faults([{"path": "*/stock-level-updates", "fault": {"adds": True}}])
    audit = {"quantity": 10, "locationName": "Main Warehouse", "updateType": "audit"}
    answer = inventora.post("/products/asdf123/stock-level-updates", json=audit)
    assert answer.json()["locationStockLevels"] == {"Main Warehouse": 40, "Retail Store": 15}


def test_a_batch_produces_and_is_taken_back(inventora: httpx.Client) -> None:
    """It stands in its task and adds to the stock where the task is done; deleted, it is gone from
    both."""
    made = inventora.post("/tasks/task_123/items/1/batches", json={"quantity": 25})
    assert made.status_code == 201
    batch = made.json()
    assert set(batch) == {"id", "TaskResourceId", "UserId", "quantity", "createdAt", "updatedAt"}
    assert (batch["TaskResourceId"], batch["UserId"], batch["quantity"]) == (1, None, 25)
    (item,) = inventora.get("/tasks/task_123").json()["Items"]
    assert [one["quantity"] for one in item["Batches"]] == [25]
    assert set(item["Batches"][0]) == {"id", "UserId", "quantity", "createdAt", "updatedAt"}
    levels = inventora.get("/products/asdf123").json()["locationStockLevels"]
    assert levels["Main Warehouse"] == 55
    assert inventora.delete(f"/task-batches/{batch['id']}").status_code == 204
    assert inventora.get("/tasks/task_123").json()["Items"][0]["Batches"] == []
    levels = inventora.get("/products/asdf123").json()["locationStockLevels"]
    assert levels["Main Warehouse"] == 30
    assert error(inventora.delete(f"/task-batches/{batch['id']}"), 404) == "Batch not found"


@pytest.mark.parametrize(
    ("path", "quantity", "status"),
    [("task_123/items/1", 0, 400), ("task_123/items/9", 1, 404), ("task_9/items/1", 1, 404)],
)
def test_a_batch_needs_an_item_and_a_quantity(
    inventora: httpx.Client, path: str, quantity: int, status: int
) -> None:
    """Nothing is produced where there is no such item, or none of it."""
    answer = inventora.post(f"/tasks/{path}/batches", json={"quantity": quantity})
    assert answer.status_code == status


def test_stock_level_updates_are_checked(inventora: httpx.Client) -> None:
    """Each documented error has its documented text."""

    def refused(status: int = 400, **change: object) -> Any:
        body = {"quantity": 1, "locationName": "Main Warehouse", "updateType": "audit"} | change
        return error(inventora.post("/materials/asdf456/stock-level-updates", json=body), status)

    assert refused(quantity=None) == "quantity is required"
    assert refused(quantity="1") == "quantity must be a number"
    assert refused(locationName=None) == "locationName is required"
    kinds = "updateType must be one of: audit, restock, loss, custom"
    assert refused(updateType="count") == refused(updateType=None) == kinds
    assert refused(404, locationName="Moon") == "Location not found"
    assert refused(updateType="custom").startswith("customStatusId is required")
    assert inventora.get("/materials/asdf456").json()["stockLevel"] == 100


def test_a_task_is_created_updated_and_deleted(sandbox: Running, inventora: httpx.Client) -> None:
    """A task lives through its documented verbs, its id opaque, its delete soft."""
    sandbox.clock(FROZEN)
    body = TASK | {"Assignee": "user@example.com", "LocationId": "loc_789"}
    made = inventora.post("/tasks", json=body | {"due": "2026-03-15T12:00:00+02:00"})
    assert made.status_code == 201
    task = made.json()
    assert (task["UserId"], task["status"], task["order"]) == ("user_456", "pending", 2)
    assert (task["due"], task["createdAt"]) == ("2026-03-15T10:00:00Z", FROZEN)
    assert (task["Items"][0]["ResourceId"], task["Items"][0]["Batches"]) == ("asdf123", [])
    sandbox.clock(advance=60)
    path = f"/tasks/{task['id']}"
    change: dict[str, Any] = {"status": "done", "Assignee": None, "due": None, "Items": []}
    done = inventora.patch(path, json=change).json()
    assert (done["status"], done["UserId"], done["due"]) == ("done", None, None)
    assert done["completedAt"] == done["updatedAt"] == "2026-01-01T00:01:00Z"
    assert done["Items"] == task["Items"]
    assert inventora.patch(path, json={"status": "pending"}).json()["completedAt"] is None
    gone = inventora.delete(path)
    assert (gone.status_code, gone.content) == (204, b"")
    assert error(inventora.get(path), 404) == "Task not found"
    assert error(inventora.delete(path), 404) == "Task not found"
    assert [each["id"] for each in inventora.get("/tasks").json()["data"]] == ["task_123"]
    assert sandbox.state("inventora")["tasks"][1]["deletedAt"] == "2026-01-01T00:01:00Z"


def test_tasks_are_filtered(inventora: httpx.Client) -> None:
    """By status, and by user under either name."""

    def total(query: str) -> Any:
        return inventora.get(f"/tasks?{query}").json()["pagination"]["totalCount"]

    inventora.post("/tasks", json=TASK | {"status": "done", "UserId": "user_789"})
    assert total("status=done") == total("UserId=newuser@example.com") == 1
    assert total("status=pending&UserId=user_789") == total("UserId=nobody") == 0
    assert "status must be one of" in error(inventora.get("/tasks?status=late"))


@pytest.mark.parametrize(
    ("change", "status", "text"),
    [
        ({"name": ""}, 400, "name cannot be empty"),
        ({"Items": []}, 400, "Items is required and cannot be empty"),
        ({"Items": [{"quantity": 1}]}, 400, "Items[0] needs a ProductId and a quantity"),
        ({"Items": [ITEMS[0] | {"quantity": 0}]}, 400, "quantity must be greater than 0"),
        ({"Items": [ITEMS[0] | {"ProductId": "x"}]}, 404, "Resource not found"),
        ({"LocationId": "x"}, 404, "Location not found"),
        ({"Assignee": "x@example.com"}, 404, "User not found"),
        ({"due": "soon"}, 400, "due must be an ISO 8601 date"),
        ({"status": "late"}, 400, "status must be one of: pending, in-progress, done"),
    ],
)
def test_tasks_are_checked(
    inventora: httpx.Client, change: dict[str, Any], status: int, text: str
) -> None:
    """A create that makes no sense creates nothing."""
    assert error(inventora.post("/tasks", json=TASK | change), status) == text
    assert inventora.get("/tasks").json()["pagination"]["totalCount"] == 1


def test_two_thousand_of_each(start: Start, connect: Connect) -> None:
    """A big data set is served to its end, addressed by its opaque ids, and can be updated."""
    client = connect(start(data="2000", rate=0), "inventora")
    for kind in ("locations", "products", "materials", "tasks"):
        pages = [client.get(f"/{kind}?limit=1000&offset={n}").json()["data"] for n in (0, 1000)]
        assert len({thing["id"] for page in pages for thing in page}) == 2000
    last = client.get("/products?offset=1999").json()["data"][0]
    assert last["materials"][0]["name"] == "Wax 002000"
    assert client.get(f"/products/{last['id']}").json() == last
    assert client.patch(f"/products/{last['id']}", json={"notes": "x"}).json()["notes"] == "x"
