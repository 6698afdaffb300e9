"""Kibo's stock: records of an item at a location, asked for one location or over all."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from reconciler.sandbox.describe import Account, Answer, Call, Field, Route, fields
from reconciler.sandbox.store import Object
from reconciler.sandbox.vendors.kibo.checks import dense, inventory_error, malformed
from reconciler.sandbox.vendors.kibo.kinds import LOCATIONS, TENANT, TENANTS, inventory_kind

PATH = "/commerce/inventory/v5/inventory"
LIMIT = 100
TYPES = ("ALL", "PARTIAL", "ANY", "ALL_STORES")
SORTS = {
    "ON_HAND": "onHand",
    "AVAILABLE": "available",
    "ALLOCATED": "allocated",
    "PART_NUMBER": "partNumber",
    "PRODUCT_ID": "upc",
}
IDENTIFIERS = ("upc", "partNumber", "sku")

STOCK = inventory_kind(
    "stock_levels",
    PATH,
    Field("locationCode", make="L-{n:06}"),
    Field("upc", make="SKU-{n:06}"),
    *fields("string", "partNumber sku"),
    Field("onHand", "integer", default=0, make=lambda n: n % 1000),
    *fields("integer", "allocated pending ltd floor safetyStock", default=0),
    Field("blockAssignment", "boolean", default=False),
)
KINDS = (STOCK,)


def available(stock: Object, *, with_safety_stock: bool = False) -> int:
    """What can be sold: what is there less what is spoken for, and less what must stay."""
    left = stock["onHand"] - stock["allocated"] - stock["pending"]
    return int(left if with_safety_stock else left - stock["safetyStock"])


def location_in_use(account: Account, code: object) -> Object:
    """The location in use of this code."""
    if isinstance(code, str):
        for number in account.store[LOCATIONS.name].find("code", code):
            location = account.store[LOCATIONS.name][number]
            if not location["isDisabled"]:
                return location
    raise inventory_error(404, "LOCATION_NOT_FOUND", f"Location {code} is invalid or not active")


def items_of(body: Object, most: int) -> list[Object]:
    """The items a body names, each by an identifier."""
    items = dense(body.get("items"))
    if not isinstance(items, list) or not items or len(items) > most:
        raise malformed(f"items must be an array of 1 to {most}", "items")
    for place, item in enumerate(items):
        if not isinstance(item, dict) or not any(item.get(name) for name in IDENTIFIERS):
            raise malformed("an item needs a upc, partNumber or sku", f"items[{place}]")
    return items


def records_of(account: Account, item: Object, keep: Callable[[Object], bool]) -> list[int]:
    """The records of an item, known by the first identifier it has."""
    name = next((name for name in IDENTIFIERS if isinstance(item.get(name), str)), None)
    if name is None:
        return []
    records = account.store[STOCK.name]
    return sorted(n for n in records.find(name, item[name]) if keep(records[n]))


def query(call: Call) -> Answer:
    """The stock of items, or of all that a location has: a flat array of records."""
    body = call.json()
    if body.get("type") not in TYPES:
        raise malformed(f"type must be one of {', '.join(TYPES)}", "type")
    place = (body.get("requestLocation") or {}).get("locationCode")
    if place is not None:
        location_in_use(call.account, place)
    items = items_of(body, 12_000) if body.get("items") or place is None else []
    allowed, barred = body.get("locationWhitelist"), body.get("locationBlacklist") or ()

    def keep(stock: Object) -> bool:
        code = stock["locationCode"]
        wanted = place in (None, code) and (not allowed or code in allowed)
        return wanted and code not in barred

    records = call.account.store[STOCK.name]
    numbers: Iterable[int] = [n for item in items for n in records_of(call.account, item, keep)]
    if not items:
        numbers = sorted(n for n in records.find("locationCode", place) if keep(records[n]))
    free = bool(body.get("ignoreSafetyStock"))
    rows = [_row(call.account, records[n], free) for n in dict.fromkeys(numbers)]
    if not body.get("includeNegativeInventory"):
        rows = [row for row in rows if row["available"] >= 0]
    if sort := SORTS.get(str(body.get("sortByEnum"))):
        rows.sort(key=lambda row: row.get(sort, ""), reverse=bool(body.get("sortDescending")))
    return Answer(200, _cut(call, body, rows, max(1, len(items))))


def _cut(call: Call, body: Object, rows: list[Object], items: int) -> list[Object]:
    size = body.get("pageSize") or (body.get("limit") or LIMIT) * items
    page = body.get("pageNum") or 1
    if not all(isinstance(number, int) and number > 0 for number in (size, page)):
        raise malformed("pageSize and pageNum must be whole numbers from 1", "pageSize")
    chosen, _ = call.window(list(range(len(rows))), (page - 1) * size, size)
    return [rows[place] for place in chosen]


def _row(account: Account, stock: Object, free: bool) -> Object:
    """A record as it is read: with its location, and what can be sold of it."""
    locations = account.store[LOCATIONS.name]
    numbers = locations.find("code", stock["locationCode"])
    location = next((locations[number] for number in numbers), {})
    ways = {way.get("code") for way in location.get("fulfillmentTypes", ())}
    return stock | {
        "locationName": location.get("name", ""),
        "tenantID": TENANT,
        "available": available(stock, with_safety_stock=free),
        "distance": 0,
        "directShip": "DS" in ways,
        "transferEnabled": location.get("transferEnabled", False),
        "pickup": "SP" in ways,
        "countryCode": location.get("address", {}).get("countryCode", "US"),
    }


def aggregate(call: Call) -> Answer:
    """The stock of items over all locations."""
    records = call.account.store[STOCK.name]
    rows = []
    for item in items_of(call.json(), 12_000):
        stocks = [records[n] for n in records_of(call.account, item, lambda _: True)]
        sums = {
            "onHand": sum(stock["onHand"] for stock in stocks),
            "available": sum(available(stock) for stock in stocks),
            "floor": sum(stock["floor"] for stock in stocks),
        }
        named = {name: item[name] for name in IDENTIFIERS if name in item}
        rows.append(named | sums | {"tenantID": TENANT})
    return Answer(200, rows)


def routes() -> list[Route]:
    """Every call that asks about stock; older clients ask with a slash at the end."""
    return [
        Route("POST", PATH, query, TENANTS),
        Route("POST", f"{PATH}/", query, TENANTS),
        Route("POST", f"{PATH}/aggregate", aggregate, TENANTS),
    ]
