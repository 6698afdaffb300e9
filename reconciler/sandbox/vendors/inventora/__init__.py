"""Inventora, as its documentation describes it.

Assumed, because the documentation does not say:
- A `limit` over 1000 counts as 1000; one that is no number is a 400.
- Unknown and read-only fields of a body are ignored, a task's `Items` in an update among them.
- Neither names nor skus are unique; numbers may be null where the samples show null or nothing.
- Sending `unitPrice` is refused as soon as a stock block is tied, and sending `unitType` for a
  bundle always, even where the value would stay the same.
- Every stock level update ties stock blocks to a log that is not the initial one, but for an
  audit that changes nothing; an item's `stockLevel` is the sum over its locations.
- An audit sets, as the text says, although the sample's answer looks as if it added: with the
  fault `adds` it does.
- A batch adds to the stock of its item's product where the task is done, and else at the default
  location; materials stay as they are, and taking it back takes the stock back.
- A custom status adds the quantity, and any whole number is a custom status.
- Users have no API: a task may be assigned to those in the state. An unknown one is a 404.
- A create answers 201, all else 200; a task deleted softly is a 404 and in no list.
- `due` reads back in UTC to the second; `completedAt` is when the status became done.
- The documentation's material lies on a production floor its locations lack: it is added.
- Requests are limited to 60 a minute, over which the answer is a 429 with `Retry-After`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

from reconciler.sandbox.crud import change, find, id_in_path, item
from reconciler.sandbox.describe import Account, Answer, Call, Field, Kind, Make, Route, Vendor, of
from reconciler.sandbox.samples import CITIES, in_turn, opaque
from reconciler.sandbox.store import Object
from reconciler.sandbox.vendors.inventora import batches, tasks
from reconciler.sandbox.vendors.inventora.rest import CRUD, UNITS, cast, error_body

KEY = "sandbox-inventora-key"
PRODUCTION = ("infinite", "single", "produced", "supplied", "bundle")
BUNDLE = "bundles"


def _city(part: int) -> Callable[[int], str]:
    return in_turn(*(city[part] for city in CITIES))


LOCATIONS = Kind(
    "locations",
    "/locations",
    (
        Field("id", writable=False),
        Field("name", make="Location {n:06}"),
        Field("isDefault", default=False, make=lambda n: n == 1),
        Field("hideMaterials", default=False, make=lambda n: n % 2 == 0),
        Field("address1", make="{n} Storage St"),
        Field("address2"),
        Field("city", make=_city(0)),
        Field("state", make=_city(1)),
        Field("zip", make=_city(2)),
        Field("country", make=_city(3)),
    ),
    numbered=False,
    server_fields=lambda number: {"id": opaque("loc")(number)},
)


def _with_materials(account: Account, item: Object) -> Object:
    """An item with the materials it is made of as they are now."""
    return item | {"materials": [_part(account, part) for part in item["materials"]]}


def _part(account: Account, part: Object) -> Object:
    materials = account.store["materials"]
    for number in materials.find("id", part["id"]):
        names = ("id", "name", "sku", "unitType", "unitPrice", "stockLevel", "minLevel")
        now = {name: materials[number][name] for name in names}
        return now | {"quantityUsed": part["quantityUsed"]}
    return part


def _level(number: int) -> int:
    return 10 + number % 90


def _is_bundle(number: int) -> bool:
    return number % 10 == 3


def _fields(word: str, unit: Make, production: Make, materials: Make | None) -> tuple[Field, ...]:
    """The fields of a product or a material, whose generated ones differ in these."""
    return (
        Field("id", writable=False),
        Field("name", required=True, make=f"{word} {{n:06}}"),
        Field("sku", make=f"{word.upper()}-{{n:06}}"),
        Field("stockLevel", writable=False, default=0, make=_level),
        Field("unitType", "choice", required=True, one_of=UNITS, default="pieces", make=unit),
        Field("unitPrice", "number", make=lambda n: (100 + n % 900) / 100),
        Field("minLevel", "number", make=lambda n: n % 20),
        Field("notes"),
        Field("retailPrice", "number", make=lambda n: 15 + n % 30),
        Field("wholesalePrice", "number", make=lambda n: 10 + n % 20),
        Field("ean", make=lambda n: f"{4000000000000 + n}"),
        Field("minimumQuantity", "number", make=lambda _: 1),
        Field("reorderURLs", "strings", default=()),
        Field(
            "locationStockLevels",
            writable=False,
            make=lambda n: {f"Location {n:06}": _level(n)},
        ),
        Field(
            "productionType", writable=False, one_of=PRODUCTION, default="produced", make=production
        ),
        Field("materials", writable=False, default=(), make=materials),
        Field("stockBlocksTied", writable=False, default=False, make=lambda n: n % 5 == 0),
    )


def _within_rules(call: Call, fields: Object, before: Object | None) -> Object:
    """The fields to change, within the rules for prices and units."""
    before = before or {}
    if "unitPrice" in fields and before["stockBlocksTied"]:
        message = "Cannot update unitPrice when resource has stock blocks tied to non-initial logs"
        raise call.refuse(400, message)
    if "unitType" in fields and BUNDLE in (before["unitType"], fields["unitType"]):
        raise call.refuse(400, "unitType cannot be changed to or from bundle")
    return fields


PRODUCTS = Kind(
    "products",
    "/products",
    _fields(
        "Candle",
        lambda n: BUNDLE if _is_bundle(n) else "pieces",
        lambda n: "bundle" if _is_bundle(n) else "produced",
        lambda n: [{"id": opaque("material")(n), "quantityUsed": 0.5}],
    ),
    verbs="LGP",
    numbered=False,
    hidden=("stockBlocksTied",),
    server_fields=lambda n: {"id": opaque("product")(n), "locationStockLevels": {}},
    render=_with_materials,
    embeds=("materials",),
    prepare=_within_rules,
)
MATERIALS = replace(
    PRODUCTS,
    name="materials",
    path="/materials",
    fields=_fields("Wax", "weight.lbs", "supplied", None),
    server_fields=lambda n: {"id": opaque("material")(n), "locationStockLevels": {}},
)
ITEMS = (PRODUCTS, MATERIALS)


def authorize(call: Call, route: Route) -> None:
    """The one API key there is, in the header or in the query."""
    key = call.headers.get("x-inventora-api-key") or call.query.get("x-inventora-api-key")
    if not key:
        raise call.refuse(401, "API key missing")
    if key != KEY:
        raise call.refuse(401, "Invalid API key")


QUANTITY = Field("quantity", "number")
UPDATE_TYPE = Field("updateType", "choice", one_of=("audit", "restock", "loss", "custom"))


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
    number, body = id_in_path(call, kind), call.json()
    for name in ("quantity", "locationName"):
        if body.get(name) is None:
            raise call.refuse(400, f"{name} is required")
    quantity = cast(call, QUANTITY, body["quantity"])
    update = cast(call, UPDATE_TYPE, body.get("updateType"))
    if update == "custom" and not isinstance(body.get("customStatusId"), int):
        raise call.refuse(400, "customStatusId is required when updateType is custom")
    where = body["locationName"]
    if not isinstance(where, str) or find(call, LOCATIONS, "name", where) is None:
        raise call.refuse(404, "Location not found")
    levels = call.collection(kind)[number]["locationStockLevels"]
    level = levels.get(where, 0)
    after = level - quantity if update == "loss" else level + quantity
    after = quantity if update == "audit" and not call.adds else after
    if after != level or update != "audit":
        levels = levels | {where: after}
        totals = {"locationStockLevels": levels, "stockLevel": sum(levels.values())}
        change(call, kind, number, totals | {"stockBlocksTied": True})
    return Answer(200, item(call, kind, number))


def _stock_route(kind: Kind) -> Route:
    path = f"{kind.path}/{{id}}/stock-level-updates"
    return Route("POST", path, of(kind, stock), relative=moves)


VENDOR = Vendor(
    name="inventora",
    prefix="/api",
    credentials={"INVENTORA_API_KEY": KEY},
    kinds=(LOCATIONS, *ITEMS, tasks.TASKS, tasks.USERS, batches.BATCHES),
    routes=(
        *(route for kind in (LOCATIONS, *ITEMS) for route in CRUD.routes(kind)),
        *map(_stock_route, ITEMS),
        *batches.ROUTES,
        *CRUD.routes(tasks.TASKS, L=tasks.tasks, D=tasks.delete),
    ),
    rate=60,
    authorize=authorize,
    error_body=error_body,
    not_found="Resource not found",
    rate_headers=False,
    content_type="application/json; charset=utf-8",
)
