"""Inventora's tasks: what is to be produced, by whom and until when."""

from __future__ import annotations

from typing import Any

from reconciler.sandbox import verbs
from reconciler.sandbox.store import Object
from reconciler.sandbox.vendor import Account, Answer, Call, Field, Kind, Route
from reconciler.sandbox.vendors.inventora.generated import opaque
from reconciler.sandbox.vendors.inventora.rest import UNITS, checked, choice, find, listing, number

STATUSES = ("pending", "in-progress", "done")
RESOURCES = {"products": "product", "materials": "material"}
QUANTITY, UNIT = Field("quantity"), Field("unitType", one_of=UNITS)


def present(account: Account, task: Object) -> Object:
    """A task with what each of its items is of, as it is now."""
    items = [item | {"Product": _resource(account, item["ResourceId"])} for item in task["Items"]]
    return task | {"Items": items}


def _resource(account: Account, key: str) -> Object | None:
    for kind, called in RESOURCES.items():
        for place in account.store[kind].find("id", key):
            thing = account.store[kind][place]
            told = ("id", "name", "sku", "unitType", "stockLevel")
            return {name: thing[name] for name in told} | {"type": called}
    return None


TASKS = Kind(
    "tasks",
    "/tasks",
    fields=(
        Field("id", writable=False),
        Field("name", required=True),
        Field("status", "choice", one_of=STATUSES, default="pending"),
        Field("order", writable=False),
        Field("LocationId", writable=False),
        Field("UserId", writable=False),
        Field("due", "moment"),
        Field("completedAt", writable=False),
        Field("notes"),
        Field("createdAt", writable=False),
        Field("updatedAt", writable=False),
        Field("Items", writable=False, default=()),
    ),
    verbs="LGCUD",
    numbered=False,
    hidden=("deletedAt",),
    born=lambda place: {"id": opaque("task", place), "order": place, "deletedAt": None},
    present=present,
    embeds=tuple(RESOURCES),
)
USERS = Kind(
    "users",
    "",
    fields=(Field("id"), Field("email")),
    verbs="",
    numbered=False,
    born=lambda place: {"id": opaque("user", place)},
)


def tasks(call: Call) -> Answer:
    """A page of the tasks that are not deleted, of one status or user where asked for."""
    wanted: dict[str, object] = {"deletedAt": None}
    if "status" in call.query:
        wanted["status"] = choice(call, TASKS.fields[2], call.query["status"])
    if "UserId" in call.query:
        wanted["UserId"] = _user(call, call.query["UserId"], call.query["UserId"])
    ids = call.account.store["tasks"].select(
        tuple(wanted.items()),
        lambda tasks: [
            place
            for place in tasks.ids
            if all(tasks[place][name] == value for name, value in wanted.items())
        ],
    )
    return listing(call, TASKS, ids)


def task(call: Call) -> Answer:
    """One task."""
    return Answer(200, verbs.item(call, TASKS, _located(call)))


def create(call: Call) -> Answer:
    """A new task; only now may it be given items."""
    body = call.json()
    if "name" not in body:
        raise call.refuse(400, "name is required")
    fields = checked(call, TASKS, body) | _assigned(call, body)
    store, now = call.account.store, call.account.clock.iso()
    place = store["tasks"].next_id
    fields |= {"Items": _items(call, body.get("Items"), place), "createdAt": now, "updatedAt": now}
    fields["completedAt"] = now if fields.get("status") == "done" else None
    verbs.created(call, TASKS, fields)
    return Answer(201, verbs.item(call, TASKS, place))


def update(call: Call) -> Answer:
    """Changes the fields given; items are not among those that can be."""
    place, body = _located(call), call.json()
    before = call.account.store["tasks"][place]
    after = before | checked(call, TASKS, body) | _assigned(call, body)
    if after != before:
        now = call.account.clock.iso()
        finished = before["completedAt"] or now if after["status"] == "done" else None
        after |= {"completedAt": finished, "updatedAt": now}
        call.account.store.write("tasks", place, after)
    return Answer(200, verbs.item(call, TASKS, place))


def delete(call: Call) -> Answer:
    """Marks a task as deleted, after which the API knows nothing of it."""
    place = _located(call)
    gone = call.account.store["tasks"][place] | {"deletedAt": call.account.clock.iso()}
    call.account.store.write("tasks", place, gone)
    return Answer(204)


def _located(call: Call) -> int:
    place = find(call, "tasks", "id", call.params["id"])
    if place is None or call.account.store["tasks"][place]["deletedAt"] is not None:
        raise call.refuse(404, "Task not found")
    return place


def _assigned(call: Call, body: Object) -> Object:
    """The user and location a body names; null takes either away."""
    found: Object = {}
    for name in ("UserId", "Assignee"):
        if name in body:
            found["UserId"] = _user(call, body[name])
    if "LocationId" in body:
        key = body["LocationId"]
        if key is not None and find(call, "locations", "id", key) is None:
            raise call.refuse(404, "Location not found")
        found["LocationId"] = key
    return found


def _user(call: Call, who: object, unknown: str | None = None) -> str | None:
    """The id of a user known by id or email."""
    if who is None:
        return None
    for name in ("id", "email"):
        place = find(call, "users", name, who)
        if place is not None:
            return str(call.account.store["users"][place]["id"])
    if unknown is None:
        raise call.refuse(404, "User not found")
    return unknown


def _items(call: Call, given: Any, place: int) -> list[Object]:
    if not isinstance(given, list) or not given:
        raise call.refuse(400, "Items is required and cannot be empty")
    items = []
    for index, each in enumerate(given):
        if not isinstance(each, dict) or "ProductId" not in each or "quantity" not in each:
            raise call.refuse(400, f"Items[{index}] needs a ProductId and a quantity")
        if all(find(call, kind, "id", each["ProductId"]) is None for kind in RESOURCES):
            raise call.refuse(404, "Resource not found")
        if number(call, QUANTITY, each["quantity"]) <= 0:
            raise call.refuse(400, "quantity must be greater than 0")
        items.append(
            {
                "id": place * 100 + index,
                "ResourceId": each["ProductId"],
                "quantity": each["quantity"],
                "unitType": choice(call, UNIT, each.get("unitType", "pieces")),
                "completed": False,
                "Batches": [],
            }
        )
    return items


ROUTES = (
    Route("GET", "/tasks", tasks),
    Route("POST", "/tasks", create),
    Route("GET", "/tasks/{id}", task),
    Route("PATCH", "/tasks/{id}", update),
    Route("DELETE", "/tasks/{id}", delete),
)
