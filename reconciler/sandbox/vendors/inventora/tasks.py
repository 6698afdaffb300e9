"""Inventora's tasks: what is to be produced, by whom and until when."""

from __future__ import annotations

from typing import Any

from reconciler.sandbox.crud import by_key, find, missing
from reconciler.sandbox.describe import Account, Answer, Call, Field, Kind
from reconciler.sandbox.samples import in_turn, moment, opaque
from reconciler.sandbox.store import Object
from reconciler.sandbox.vendors.inventora.batches import BATCHES, batches_of
from reconciler.sandbox.vendors.inventora.rest import UNITS, cast, listing

STATUS = Field(
    "status",
    "choice",
    one_of=("pending", "in-progress", "done"),
    default="pending",
    make=in_turn("pending", "in-progress"),
)
RESOURCES = {"products": "product", "materials": "material"}
QUANTITY = Field("quantity", "number")
UNIT = Field("unitType", "choice", one_of=UNITS)


def _with_resources(account: Account, task: Object) -> Object:
    """A task with what each of its items is of, as it is now."""
    items = [
        item
        | {
            "Product": _resource(account, item["ResourceId"]),
            "Batches": batches_of(account, item.get("id")),
        }
        for item in task["Items"]
    ]
    return task | {"Items": items}


def _resource(account: Account, key: str) -> Object | None:
    for kind, type in RESOURCES.items():
        for number in account.store[kind].find("id", key):
            resource = account.store[kind][number]
            names = ("id", "name", "sku", "unitType", "stockLevel")
            return {name: resource[name] for name in names} | {"type": type}
    return None


def _item(id: int, resource: str, quantity: object, unit: str) -> Object:
    return {
        "id": id,
        "ResourceId": resource,
        "quantity": quantity,
        "unitType": unit,
        "completed": False,
        "Batches": [],
    }


def _undeleted(call: Call) -> int:
    number = by_key(call, TASKS)
    if call.collection(TASKS)[number]["deletedAt"] is not None:
        raise missing(call, TASKS, call.params["id"])
    return number


def _prepared(call: Call, fields: Object, before: Object | None) -> Object:
    """Whom and where the task is for, its items if it is new, and when it was done."""
    body, now = call.json(), call.account.clock.iso()
    fields |= _assigned(call, body)
    if before is None:
        items = _items(call, body.get("Items"), call.collection(TASKS).next_id)
        fields |= {"Items": items, "createdAt": now, "updatedAt": now}
    elif before | fields == before:
        return fields
    completed = (before or {}).get("completedAt") or now
    status = fields.get("status", (before or {}).get("status"))
    return fields | {"completedAt": completed if status == "done" else None, "updatedAt": now}


TASKS: Kind = Kind(
    "tasks",
    "/tasks",
    (
        Field("id", writable=False),
        Field("name", required=True, make="Task {n:06}"),
        STATUS,
        Field("order", writable=False),
        Field("LocationId", writable=False, make=opaque("loc")),
        Field("UserId", writable=False, make=opaque("user")),
        Field("due", "moment", make=moment),
        Field("completedAt", writable=False),
        Field("notes"),
        Field("createdAt", writable=False, make=moment),
        Field("updatedAt", writable=False, make=moment),
        Field(
            "Items",
            writable=False,
            default=(),
            make=lambda n: [_item(n * 100, opaque("product")(n), 10, "pieces")],
        ),
    ),
    verbs="LGCPD",
    numbered=False,
    hidden=("deletedAt",),
    server_fields=lambda n: {"id": opaque("task")(n), "order": n, "deletedAt": None},
    render=_with_resources,
    embeds=(*RESOURCES, BATCHES.name),
    find=_undeleted,
    not_found="Task not found",
    prepare=_prepared,
)
USERS = Kind(
    "users",
    "",
    (Field("id"), Field("email", make="user-{n}@example.com")),
    verbs="",
    numbered=False,
    server_fields=lambda n: {"id": opaque("user")(n)},
)


def tasks(call: Call, kind: Kind) -> Answer:
    """A page of the tasks that are not deleted, of one status or user where asked for."""
    wanted: dict[str, object] = {"deletedAt": None}
    if "status" in call.query:
        wanted["status"] = cast(call, STATUS, call.query["status"])
    if "UserId" in call.query:
        wanted["UserId"] = _user(call, call.query["UserId"]) or call.query["UserId"]
    ids = call.collection(kind).select(
        tuple(wanted.items()),
        lambda tasks: [n for n in tasks.ids if wanted.items() <= tasks[n].items()],
    )
    return listing(call, kind, ids)


def delete(call: Call, kind: Kind) -> Answer:
    """Marks a task as deleted, after which the API knows nothing of it."""
    number = _undeleted(call)
    deleted = call.collection(kind)[number] | {"deletedAt": call.account.clock.iso()}
    call.write(kind, number, deleted)
    return Answer(204)


def _assigned(call: Call, body: Object) -> Object:
    """The user and location a body names; null takes either away."""
    fields: Object = {}
    for name in ("UserId", "Assignee"):
        if name in body:
            fields["UserId"] = _user(call, body[name])
            if fields["UserId"] is None and body[name] is not None:
                raise call.refuse(404, "User not found")
    if "LocationId" in body:
        key = fields["LocationId"] = body["LocationId"]
        if key is not None and not call.account.store["locations"].find("id", _text(key)):
            raise call.refuse(404, "Location not found")
    return fields


def _text(value: object) -> str:
    """The text that something is looked up by; empty, which nothing has, for other values."""
    return value if isinstance(value, str) else ""


def _user(call: Call, key: object) -> str | None:
    """The id of the user with this id or email, None where there is none."""
    numbers = (find(call, USERS, name, _text(key)) for name in ("id", "email"))
    users = [call.collection(USERS)[number] for number in numbers if number is not None]
    return str(users[0]["id"]) if users else None


def _items(call: Call, bodies: Any, number: int) -> list[Object]:
    if not isinstance(bodies, list) or not bodies:
        raise call.refuse(400, "Items is required and cannot be empty")
    items = []
    for place, body in enumerate(bodies):
        if not isinstance(body, dict) or "ProductId" not in body or "quantity" not in body:
            raise call.refuse(400, f"Items[{place}] needs a ProductId and a quantity")
        key = body["ProductId"]
        if not any(call.account.store[kind].find("id", _text(key)) for kind in RESOURCES):
            raise call.refuse(404, "Resource not found")
        quantity = cast(call, QUANTITY, body["quantity"])
        if quantity <= 0:
            raise call.refuse(400, "quantity must be greater than 0")
        unit = cast(call, UNIT, body.get("unitType", "pieces"))
        items.append(_item(number * 100 + place, key, quantity, unit))
    return items
