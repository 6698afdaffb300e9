"""Kibo's stock: records of an item at a location, asked for one location or over all."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from reconciler.sandbox.store import Object
from reconciler.sandbox.vendor import Account, Answer, Call, Field, Kind, Route
from reconciler.sandbox.vendors.kibo.checks import dense
from reconciler.sandbox.vendors.kibo.inventory import malformed, problem
from reconciler.sandbox.vendors.kibo.kinds import LOCATIONS, TENANT, TENANTS

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

STOCK = Kind(
    "stock_levels",
    PATH,
    fields=(
        Field("locationCode"),
        *(Field(name) for name in IDENTIFIERS),
        *(
            Field(name, "integer", default=0)
            for name in ("onHand", "allocated", "pending", "ltd", "floor", "safetyStock")
        ),
        Field("blockAssignment", "boolean", default=False),
    ),
    numbered=False,
    sparse=True,
)


def available(stock: Object, *, all_of_it: bool = False) -> int:
    """What can be sold: what is there less what is spoken for, and less what must stay."""
    left = stock["onHand"] - stock["allocated"] - stock["pending"]
    return int(left if all_of_it else left - stock["safetyStock"])


def location_in_use(account: Account, code: object) -> Object:
    """The location in use of this code."""
    if isinstance(code, str):
        for number in account.store[LOCATIONS.name].find("code", code):
            location = account.store[LOCATIONS.name][number]
            if not location["isDisabled"]:
                return location
    raise problem(404, "LOCATION_NOT_FOUND", f"Location {code} is invalid or not active")


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
    if not all(isinstance(each, int) and each > 0 for each in (size, page)):
        raise malformed("pageSize and pageNum must be whole numbers from 1", "pageSize")
    chosen, _ = call.window(list(range(len(rows))), (page - 1) * size, size)
    return [rows[each] for each in chosen]


def _row(account: Account, stock: Object, free: bool) -> Object:
    """A record as it is read: with its location, and what can be sold of it."""
    locations = account.store[LOCATIONS.name]
    numbers = locations.find("code", stock["locationCode"])
    location = next((locations[number] for number in numbers), {})
    ways = {each.get("code") for each in location.get("fulfillmentTypes", ())}
    return stock | {
        "locationName": location.get("name", ""),
        "tenantID": TENANT,
        "available": available(stock, all_of_it=free),
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
        found = [records[n] for n in records_of(call.account, item, lambda _: True)]
        sums = {
            "onHand": sum(stock["onHand"] for stock in found),
            "available": sum(available(stock) for stock in found),
            "floor": sum(stock["floor"] for stock in found),
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
