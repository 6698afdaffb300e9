"""Kobo PLM's inventory: how much of a SKU lies at a location.

Assumed, because the documentation does not say:
- A level nests its location, which has no API of its own, and is read with its SKU, `qty_on_hand`,
  `qty_reserved` and `reorder_point`; `low_stock` lists those at or below the reorder point.
- PUT and PATCH set the quantity on hand or the reorder point; a bulk update (POST) sets the
  quantities on hand of levels that exist, of all or of none.
- A transfer, a check-in and a reservation move quantities, which must be there.
"""

from __future__ import annotations

from collections.abc import Callable

from reconciler.sandbox import crud
from reconciler.sandbox.describe import Answer, Call, Field, Kind, Route, always, of
from reconciler.sandbox.vendors.kobo_plm.kinds import kobo_kind
from reconciler.sandbox.vendors.kobo_plm.laravel import BOOLEANS, CRUD, data, listing, page_of
from reconciler.sandbox.vendors.kobo_plm.validation import SELECTED, invalid, must_be

LOCATIONS = Kind("locations", "", (Field("name", make="Location {n:06}"),))
LEVELS = kobo_kind(
    "stock_levels",
    Field("sku", writable=False, make="ST-{n:06}-WHT-S"),
    Field("style_id", "integer", writable=False, make=lambda n: n),
    Field("location_id", "integer", writable=False, refers="locations"),
    Field("qty_on_hand", "integer", default=0, make=lambda n: n % 500),
    Field("qty_reserved", "integer", writable=False, default=0),
    Field("reorder_point", "integer", default=10),
    path="/inventory",
    verbs="GUP",
    scope="inventory",
    filters={"style_id": "style_id", "location_id": "location_id"},
)
KINDS = (LEVELS, LOCATIONS)


def levels(call: Call, kind: Kind) -> Answer:
    """A page of the levels, or of those that are low."""
    if BOOLEANS.get(call.query.get("low_stock", "").lower()) is not True:
        return listing(call, kind)
    low = (n for n in call.collection(kind) if n["qty_on_hand"] <= n["reorder_point"])
    return page_of(call, kind, [level["id"] for level in low])


def bulk_update(call: Call) -> Answer:
    """Sets the quantities of levels that are named by SKU and location."""
    updates = call.json().get("updates")
    if not isinstance(updates, list) or not updates:
        raise invalid({"updates": [must_be("updates", "array")]})
    errors: dict[str, list[str]] = {}
    found: dict[int, int] = {}
    for place, update in enumerate(updates):
        entry = update if isinstance(update, dict) else {}
        number = _level(call, entry.get("sku"), entry.get("location_id"))
        quantity = entry.get("qty_on_hand")
        if number is None:
            name = f"updates.{place}.sku"
            errors[name] = [SELECTED.format(label=name)]
        elif not isinstance(quantity, int) or isinstance(quantity, bool):
            name = f"updates.{place}.qty_on_hand"
            errors[name] = [must_be(name, "integer")]
        else:
            found[number] = quantity
    if errors:
        raise invalid(errors)
    for number, quantity in found.items():
        crud.change(call, LEVELS, number, {"qty_on_hand": quantity})
    return data([crud.item(call, LEVELS, number) for number in found])


def _level(call: Call, sku: object, location: object) -> int | None:
    if not isinstance(sku, str) or not isinstance(location, int):
        return None
    stored = call.collection(LEVELS)
    places = (n for n in stored.find("sku", sku) if stored[n]["location_id"] == location)
    return min(places, default=None)


def moving(field: str, sign: int) -> Callable[[Call], Answer]:
    """A handler that moves a quantity by what the body says."""

    def move(call: Call) -> Answer:
        number = crud.id_in_path(call, LEVELS)
        quantity = call.json().get("quantity")
        if not isinstance(quantity, int) or isinstance(quantity, bool) or quantity < 1:
            raise invalid({"quantity": [must_be("quantity", "integer")]})
        after = call.collection(LEVELS)[number][field] + sign * quantity
        if after < 0:
            raise invalid({"quantity": ["There is not so much."]})
        crud.change(call, LEVELS, number, {field: after})
        return data(crud.item(call, LEVELS, number))

    return move


def transfer(call: Call) -> Answer:
    """Moves a quantity from one location to another."""
    number = crud.id_in_path(call, LEVELS)
    level, target = call.collection(LEVELS)[number], call.json().get("to_location_id")
    other = _level(call, level["sku"], target)
    if other is None:
        raise invalid({"to_location_id": [SELECTED.format(label="to location id")]})
    answer = moving("qty_on_hand", -1)(call)
    moved = call.collection(LEVELS)[other]["qty_on_hand"] + call.json()["quantity"]
    crud.change(call, LEVELS, other, {"qty_on_hand": moved})
    return answer


def routes() -> list[Route]:
    """Every method and path of the inventory."""
    right, level = "inventory:write", "/inventory/{id}"
    return [
        Route("GET", "/inventory", of(LEVELS, levels), "inventory:read"),
        Route("POST", "/inventory/bulk-update", bulk_update, right),
        Route("POST", f"{level}/transfer", transfer, right, relative=always),
        Route("POST", f"{level}/check-in", moving("qty_on_hand", 1), right, relative=always),
        Route("POST", f"{level}/reserve", moving("qty_reserved", 1), right, relative=always),
        Route("POST", f"{level}/unreserve", moving("qty_reserved", -1), right, relative=always),
        *CRUD.routes(LEVELS),
    ]
