"""Inventora, as its API documentation describes it; what that leaves open is said in the notes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from reconciler.kinds import (
    ApiKey,
    Call,
    Conventions,
    Paging,
    Provider,
    Raw,
    Requests,
    Verb,
    kinds,
)
from reconciler.model import Fields, Live

PAGES = Paging("offset", "limit", 1000, total=("pagination", "totalCount"), by_offset=True)

ITEMS = ("products", "materials")
BUNDLES = "bundles"


def refused_unit(before: Fields, after: Fields) -> str:
    """Why the vendor would not change the unit (sections Update Product, Type Definitions)."""
    was, now = before.get("unitType"), after.get("unitType", before.get("unitType"))
    if was == now or BUNDLES not in (was, now):
        return ""
    return f"unitType cannot be changed to or from {BUNDLES}"


def levels(requests: Requests, parents: Sequence[str]) -> Iterator[Raw]:
    """The level of every item at every location: what an answer's `locationStockLevels` does not
    name is a level of 0 (sections Get Products, Get Materials, Get Locations).

    So a level is never made: a declared one that is not here has no such item.
    """
    places = {
        str(location["name"]): 0
        for location in requests.pages(Call("GET", "/locations", "data"), PAGES)
    }
    for of in ITEMS:
        for item in requests.pages(Call("GET", f"/{of}", "data"), PAGES):
            if not item.get("sku"):
                continue
            for name, quantity in {**places, **(item.get("locationStockLevels") or {})}.items():
                yield {
                    "of": of,
                    "id": item["id"],
                    "locationName": name,
                    "sku": item["sku"],
                    "quantity": quantity,
                }


def audit(requests: Requests, live: Live | None, body: Raw) -> Any:
    """Set a level. The three other types of update are relative: nothing here names them."""
    if live is None:
        raise ValueError("there is no level to set")
    of, item, _ = live.id.split("/")
    level = {
        "quantity": body["quantity"],
        "locationName": live.fields["location"].key,
        "updateType": "audit",
    }
    return requests.write("POST", f"/{of}/{item}/stock-level-updates", level)


INVENTORA = Provider(
    type="inventora",
    base_url="https://api.inventora.com/api",
    auth=ApiKey("X-Inventora-API-Key"),
    kinds=kinds(
        "inventora",
        Conventions(lists="data", paging=PAGES, update="PATCH"),
        order="locations products materials stock_levels tasks",
        exceptions={
            "products": {"update_blocker": refused_unit},
            "materials": {"update_blocker": refused_unit},
            "stock_levels": {"lister": levels, "writers": {Verb.UPDATE: audit}},
        },
    ),
    rate={"": 60},
    parallelism=4,
    created="createdAt",
    updated="updatedAt",
    notes=(
        "The key goes into a header, never into the address, which would end up in logs.",
        "No rate limit is documented: 60 requests a minute and 4 at once are assumed "
        "(`requests_per_minute`, `parallelism`).",
        "The screens that plans name are assumed.",
    ),
)
