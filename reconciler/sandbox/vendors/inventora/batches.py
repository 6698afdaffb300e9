"""Inventora's batches: what was produced for an item of a task."""

from __future__ import annotations

from reconciler.sandbox.describe import Account, Answer, Call, Field, Kind, Route, always
from reconciler.sandbox.samples import moment
from reconciler.sandbox.store import Object
from reconciler.sandbox.vendors.inventora.rest import cast

QUANTITY = Field("quantity", "number")
BATCHES = Kind(
    "batches",
    "/task-batches",
    (
        Field("TaskResourceId", "integer", make=lambda n: n * 100),
        Field("UserId"),
        Field("quantity", "number", make=lambda n: 1 + n % 9),
        Field("createdAt", make=moment),
        Field("updatedAt", make=moment),
    ),
    verbs="",
)
ITEM = "TaskResourceId"


def batches_of(account: Account, item: int) -> list[Object]:
    """The batches of an item, as a task shows them."""
    stored = account.store[BATCHES.name]
    batches = (stored[number] for number in sorted(stored.find(ITEM, item)))
    return [{name: v for name, v in batch.items() if name != ITEM} for batch in batches]


def create(call: Call) -> Answer:
    """A batch of an item: what it produces is added to the stock of the item's product."""
    task, item = _item(call, call.params["id"], call.params["item"])
    quantity = cast(call, QUANTITY, call.json().get("quantity"))
    if quantity <= 0:
        raise call.refuse(400, "quantity must be greater than 0")
    now, number = call.account.clock.iso(), call.collection(BATCHES).next_id
    batch = {"id": number, ITEM: item["id"], "UserId": None, "quantity": quantity}
    batch |= {"createdAt": now, "updatedAt": now}
    call.write(BATCHES, number, batch)
    _produce(call.account, task, item, quantity)
    return Answer(201, batch)


def delete(call: Call) -> Answer:
    """A batch taken back, and what it produced with it."""
    key = call.params["id"]
    stored = call.collection(BATCHES)
    number = int(key) if key.isdecimal() else 0
    if number not in stored:
        raise call.refuse(404, "Batch not found")
    batch = stored[number]
    for task in call.account.store["tasks"]:
        for item in task["Items"]:
            if item["id"] == batch[ITEM]:
                _produce(call.account, task, item, -batch["quantity"])
    call.write(BATCHES, number, None)
    return Answer(204)


def _item(call: Call, key: str, item_key: str) -> tuple[Object, Object]:
    """A task that is not deleted, and its item of this id."""
    tasks = call.account.store["tasks"]
    found = [tasks[number] for number in tasks.find("id", key)]
    if not found or found[0]["deletedAt"] is not None:
        raise call.refuse(404, "Task not found")
    items = [item for item in found[0]["Items"] if str(item["id"]) == item_key]
    if not items:
        raise call.refuse(404, "Item not found")
    return found[0], items[0]


def _produce(account: Account, task: Object, item: Object, quantity: float) -> None:
    """Move the stock of what the item is of, where the task is done or else at the default
    location."""
    places = account.store["locations"]
    named = [places[n]["name"] for n in places.find("id", task["LocationId"] or "")]
    default = [place["name"] for place in places if place["isDefault"]]
    for kind in ("products", "materials"):
        stored = account.store[kind]
        for number in stored.find("id", item["ResourceId"]):
            levels = dict(stored[number]["locationStockLevels"])
            for place in (named or default)[:1]:
                levels[place] = levels.get(place, 0) + quantity
            totals = {"locationStockLevels": levels, "stockLevel": sum(levels.values())}
            account.store.write(kind, number, stored[number] | totals | {"stockBlocksTied": True})


ROUTES = (
    Route("POST", "/tasks/{id}/items/{item}/batches", create, relative=always),
    Route("DELETE", "/task-batches/{id}", delete),
)
