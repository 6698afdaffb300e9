"""Inventora, as its documentation describes it.

Assumed, because the documentation does not say:
- A `limit` over 1000 counts as 1000; one that is no number is a 400.
- Unknown and read-only fields of a body are ignored, a task's `Items` in an update among them.
- Neither names nor skus are unique; numbers may be null where the samples show null or nothing.
- Sending `unitPrice` is refused as soon as a stock block is tied, and sending `unitType` for a
  bundle always, even where the value would stay the same.
- Every stock level update ties stock blocks to a log that is not the initial one, but for an
  audit that finds what is there; an item's `stockLevel` is the sum over its locations.
- An audit sets, as the text says, although the sample's answer looks as if it added.
- A custom status adds the quantity, and any whole number is a custom status.
- Users have no API: a task may be assigned to those in the state. An unknown one is a 404.
- A create answers 201, all else 200; a task deleted softly is a 404 and in no list.
- `due` reads back in UTC to the second; `completedAt` is when the status became done.
- The documentation's material lies on a production floor its locations lack: it is added.
- Requests are limited to 60 a minute, over which the answer is a 429 with `Retry-After`.
"""

from __future__ import annotations

import json
from dataclasses import replace

from reconciler.sandbox import verbs
from reconciler.sandbox.store import Object
from reconciler.sandbox.vendor import Account, Answer, Call, Field, Kind, Route, Vendor, of
from reconciler.sandbox.vendors.inventora import tasks
from reconciler.sandbox.vendors.inventora.generated import INVENTORA, opaque
from reconciler.sandbox.vendors.inventora.rest import (
    UNITS,
    checked,
    choice,
    find,
    listing,
    located,
    number,
    problem,
)

KEY = "sandbox-inventora-key"
PRODUCTION = ("infinite", "single", "produced", "supplied", "bundle")
CHANGES = ("audit", "restock", "loss", "custom")
BUNDLE = "bundles"

LOCATIONS = Kind(
    "locations",
    "/locations",
    fields=(
        Field("id", writable=False),
        Field("name"),
        Field("isDefault", default=False),
        Field("hideMaterials", default=False),
        Field("address1"),
        Field("address2"),
        Field("city"),
        Field("state"),
        Field("zip"),
        Field("country"),
    ),
    numbered=False,
    born=lambda place: {"id": opaque("loc", place)},
)


def present(account: Account, item: Object) -> Object:
    """An item with the materials it is made of as they are now."""
    return item | {"materials": [_part(account, part) for part in item["materials"]]}


def _part(account: Account, part: Object) -> Object:
    materials = account.store["materials"]
    for place in materials.find("id", part["id"]):
        told = ("id", "name", "sku", "unitType", "unitPrice", "stockLevel", "minLevel")
        now = {name: materials[place][name] for name in told}
        return now | {"quantityUsed": part["quantityUsed"]}
    return part


PRODUCTS = Kind(
    "products",
    "/products",
    fields=(
        Field("id", writable=False),
        Field("name", required=True),
        Field("sku"),
        Field("stockLevel", writable=False, default=0),
        Field("unitType", "choice", required=True, one_of=UNITS, default="pieces"),
        Field("unitPrice", "number"),
        Field("minLevel", "number"),
        Field("notes"),
        Field("retailPrice", "number"),
        Field("wholesalePrice", "number"),
        Field("ean"),
        Field("minimumQuantity", "number"),
        Field("reorderURLs", "strings", default=()),
        Field("locationStockLevels", writable=False),
        Field("productionType", writable=False, one_of=PRODUCTION, default="produced"),
        Field("materials", writable=False, default=()),
    ),
    verbs="LGU",
    numbered=False,
    hidden=("stockBlocksTied",),
    born=lambda place: {
        "id": opaque("product", place),
        "locationStockLevels": {},
        "stockBlocksTied": False,
    },
    present=present,
    embeds=("materials",),
)
MATERIALS = replace(
    PRODUCTS,
    name="materials",
    path="/materials",
    born=lambda place: PRODUCTS.born(place) | {"id": opaque("material", place)},
)
ITEMS = (PRODUCTS, MATERIALS)


def greet(call: Call) -> None:
    """Every request reaches the router."""


def admit(call: Call, route: Route) -> None:
    """The one API key there is, in the header or in the query."""
    key = call.headers.get("x-inventora-api-key") or call.query.get("x-inventora-api-key")
    if not key:
        raise call.refuse(401, "API key missing")
    if key != KEY:
        raise call.refuse(401, "Invalid API key")


def show(call: Call, kind: Kind) -> Answer:
    """GET of one item."""
    return Answer(200, verbs.item(call, kind, located(call, kind)))


def update(call: Call, kind: Kind) -> Answer:
    """PATCH of one item: the fields to change, within the rules for prices and units."""
    place, body = located(call, kind), call.json()
    before = call.account.store[kind.name][place]
    fields = checked(call, kind, body)
    if "unitPrice" in fields and before["stockBlocksTied"]:
        message = "Cannot update unitPrice when resource has stock blocks tied to non-initial logs"
        raise call.refuse(400, message)
    if "unitType" in fields and BUNDLE in (before["unitType"], fields["unitType"]):
        raise call.refuse(400, "unitType cannot be changed to or from bundle")
    verbs.updated(call, kind, place, fields)
    return Answer(200, verbs.item(call, kind, place))


QUANTITY = Field("quantity", "number")
UPDATE_TYPE = Field("updateType", "choice", one_of=CHANGES)


LEVELS = "stock-level-updates"


def moves(call: Call) -> bool:
    """Whether an update of stock moves a level: only an audit sets it (section Update Stock
    Level), and a body that does not say that it is one is taken for a move."""
    try:
        body = json.loads(call.body)
    except ValueError:
        return True
    return not isinstance(body, dict) or body.get("updateType") != "audit"


def stock(call: Call, kind: Kind) -> Answer:
    """Sets or moves the stock of one item at one location."""
    place, body = located(call, kind), call.json()
    for name in ("quantity", "locationName"):
        if body.get(name) is None:
            raise call.refuse(400, f"{name} is required")
    quantity = number(call, QUANTITY, body["quantity"])
    change = choice(call, UPDATE_TYPE, body.get("updateType"))
    if change == "custom" and not isinstance(body.get("customStatusId"), int):
        raise call.refuse(400, "customStatusId is required when updateType is custom")
    where = body["locationName"]
    if find(call, "locations", "name", where) is None:
        raise call.refuse(404, "Location not found")
    levels = call.account.store[kind.name][place]["locationStockLevels"]
    level = levels.get(where, 0)
    after = {
        "audit": quantity,
        "restock": level + quantity,
        "loss": level - quantity,
        "custom": level + quantity,
    }
    if after[change] == level and change == "audit":
        return Answer(200, verbs.item(call, kind, place))
    levels = levels | {where: after[change]}
    fields = {"locationStockLevels": levels, "stockLevel": sum(levels.values())}
    verbs.updated(call, kind, place, fields | {"stockBlocksTied": True})
    return Answer(200, verbs.item(call, kind, place))


VENDOR = Vendor(
    name="inventora",
    prefix="/api",
    credentials={"INVENTORA_API_KEY": KEY},
    kinds=(LOCATIONS, *ITEMS, tasks.TASKS, tasks.USERS),
    routes=(
        Route("GET", LOCATIONS.path, of(LOCATIONS, listing)),
        *(Route("GET", kind.path, of(kind, listing)) for kind in ITEMS),
        *(Route("GET", f"{kind.path}/{{id}}", of(kind, show)) for kind in ITEMS),
        *(Route("PATCH", f"{kind.path}/{{id}}", of(kind, update)) for kind in ITEMS),
        *(
            Route(
                "POST", f"{kind.path}/{{id}}/stock-level-updates", of(kind, stock), relative=moves
            )
            for kind in ITEMS
        ),
        *tasks.ROUTES,
    ),
    rate=60,
    greet=greet,
    admit=admit,
    problem=problem,
    generate=INVENTORA,
    rate_headers=False,
    content_type="application/json; charset=utf-8",
)
