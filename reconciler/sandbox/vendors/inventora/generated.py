"""Inventora's objects by number, and the ids they go by."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping

from reconciler.sandbox.generated import CITIES, pick, stamps
from reconciler.sandbox.store import Object


def opaque(word: str, number: int) -> str:
    """An id that is text and tells nothing, for the vendors whose ids are."""
    return f"{word}_{hashlib.sha256(f'{word} {number}'.encode()).hexdigest()[:12]}"


def _location(number: int) -> Object:
    city, state, zip_code, country = pick(CITIES, number)
    return {
        "id": opaque("loc", number),
        "name": f"Location {number:06}",
        "isDefault": number == 1,
        "hideMaterials": number % 2 == 0,
        "address1": f"{number} Storage St",
        "address2": None,
        "city": city,
        "state": state,
        "zip": zip_code,
        "country": country,
    }


def _item(number: int, word: str, name: str, unit: str) -> Object:
    return {
        "id": opaque(word, number),
        "name": f"{name} {number:06}",
        "sku": f"{name.upper()}-{number:06}",
        "stockLevel": 10 + number % 90,
        "unitType": unit,
        "unitPrice": (100 + number % 900) / 100,
        "minLevel": number % 20,
        "notes": None,
        "retailPrice": 15 + number % 30,
        "wholesalePrice": 10 + number % 20,
        "ean": f"{4000000000000 + number}",
        "minimumQuantity": 1,
        "reorderURLs": [],
        "locationStockLevels": {f"Location {number:06}": 10 + number % 90},
        "productionType": "supplied",
        "materials": [],
        "stockBlocksTied": number % 5 == 0,
    }


def _product(number: int) -> Object:
    parts = [{"id": opaque("material", number), "quantityUsed": 0.5}]
    bundle = number % 10 == 3
    made = {"productionType": "bundle" if bundle else "produced", "materials": parts}
    return _item(number, "product", "Candle", "bundles" if bundle else "pieces") | made


def _task(number: int) -> Object:
    moment = stamps(number)["created_at"]
    thing = {"ResourceId": opaque("product", number), "quantity": 10, "unitType": "pieces"}
    return {
        "id": opaque("task", number),
        "name": f"Task {number:06}",
        "status": pick(("pending", "in-progress"), number),
        "order": number,
        "LocationId": opaque("loc", number),
        "UserId": opaque("user", number),
        "due": moment,
        "completedAt": None,
        "notes": None,
        "createdAt": moment,
        "updatedAt": moment,
        "Items": [{"id": number * 100, **thing, "completed": False, "Batches": []}],
        "deletedAt": None,
    }


INVENTORA: Mapping[str, Callable[[int], Object]] = {
    "locations": _location,
    "products": _product,
    "materials": lambda number: _item(number, "material", "Wax", "weight.lbs"),
    "tasks": _task,
    "users": lambda number: {"id": opaque("user", number), "email": f"user-{number}@example.com"},
}
