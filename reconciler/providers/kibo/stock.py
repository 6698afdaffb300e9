"""Kibo's stock: how much of a product is at a location, set and never adjusted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import count

from reconciler.errors import Diagnostic, Incomplete, NotFound
from reconciler.kinds import Bulk, Call, Identity, Job, Kind, Parent, Raw, Requests, Verb
from reconciler.model import Fields
from reconciler.providers.kibo.calls import naming, pointing

QUERY = "/commerce/inventory/v5/inventory"
"""A POST that only reads."""
REFRESH = Call("POST", f"{QUERY}/refresh")
PER_PAGE = 200
MOST = 3_000
"""Items in one refresh: what Kibo recommends; 12,000 is the most it takes."""

READ = {"onHand": "quantity", "LTD": "ltd"}
WRITTEN = {"ltd": "LTD"}

_point, _name = pointing("locationCode"), naming("locationCode")


def records(requests: Requests, parents: Sequence[str]) -> Iterable[Raw]:
    """The stock of each of these locations, page by page.

    A location that inventory does not know, or no longer (a 404), has none. Records without a
    `upc` cannot be named in a refresh by one and are passed over.
    """
    for location in parents:
        for record in _of(requests, location):
            if record.get("upc"):
                yield {**record, "locationCode": location}


def _of(requests: Requests, location: str) -> Iterator[Raw]:
    seen: set[str] = set()
    for number in count(1):
        try:
            page = _page(requests, location, number)
        except NotFound:
            if number == 1:
                return
            raise
        products = {repr((each.get("upc"), each.get("partNumber"))) for each in page}
        if products & seen:
            raise _unreadable(f"page {number} of the stock at {location} repeats an earlier one")
        seen |= products
        yield from page
        if len(page) < PER_PAGE:
            return


def _page(requests: Requests, location: str, number: int) -> list[Raw]:
    """One page of a location's stock.

    `ANY` without items is how Kibo's own export tool lists a whole location; the flags keep what
    is sold out or below zero in the list, and no filter is set.
    """
    body = {
        "type": "ANY",
        "requestLocation": {"locationCode": location},
        "ignoreSafetyStock": True,
        "includeNegativeInventory": True,
        "sortByEnum": "PRODUCT_ID",
        "pageSize": PER_PAGE,
        "pageNum": number,
    }
    data = requests.query(QUERY, body)
    if not isinstance(data, list) or not all(isinstance(one, dict) for one in data):
        raise _unreadable(f"the stock at {location} is no list of records")
    return data


def _unreadable(problem: str) -> Incomplete:
    detail = "Nothing is concluded from it. Run it again when nobody edits there."
    return Incomplete(Diagnostic(f"POST {QUERY}: {problem}", detail))


def decode_level(raw: Raw) -> Raw:
    """What there is (`onHand`) is what a refresh calls `quantity` (client package, Inventory)."""
    return _point({READ.get(name, name): value for name, value in raw.items()})


def encode_level(fields: Raw) -> Raw:
    """One item of a refresh; `ltd` is written as `LTD` (API description, RefreshItem)."""
    return {WRITTEN.get(name, name): value for name, value in _name(fields).items()}


def joined(levels: Sequence[Raw]) -> Raw:
    """One refresh of all the items, which are of one location."""
    items = [{n: v for n, v in level.items() if n != "locationCode"} for level in levels]
    return {"locationCode": levels[0]["locationCode"], "items": items}


def refresh(level: Raw) -> Raw:
    """A refresh of one item."""
    return joined([level])


def without_quantity(live: Fields, declared: Fields) -> str:
    """A refresh sets the quantity, whatever else it sets (contract, section 3)."""
    return "" if "quantity" in declared else "a refresh sets the quantity, which is not declared"


STOCK_LEVELS = Kind(
    name="stock_levels",
    title="stock level",
    calls={Verb.LIST: Call("POST", QUERY), Verb.CREATE: REFRESH, Verb.UPDATE: REFRESH},
    natural_key=("locationCode", "upc"),
    identifier=("locationCode", "upc"),
    identity=Identity.ENFORCED,
    screen="Kibo Admin → Fulfillment → Inventory",
    parent=Parent("locationCode", "locationCode"),
    lister=records,
    decode=decode_level,
    encode=encode_level,
    wrap=refresh,
    bulk=Bulk({Verb.CREATE: REFRESH, Verb.UPDATE: REFRESH}, MOST, joined, apart=True),
    job=Job(
        "jobID",
        Call("GET", "/commerce/inventory/v1/queue/{id}"),
        "status",
        done=frozenset({"SUCCESS"}),
        failed=frozenset({"FAILED"}),
    ),
    undeletable=True,
    update_blocker=without_quantity,
    notes=(
        "Declare stock only where manifests are what counts: sales and deliveries move it, a plan "
        "shows that as drift, and apply sets it back. It is never imported.",
        "Stock is only ever set (`refresh`) and never adjusted. A refresh sets the quantity, which "
        "is therefore never sent but as it is declared; `safetyStock`, `floor` and `ltd` go along "
        "as they were read, unless they are declared, so that a refresh resets none.",
        "What a refresh would make of a quantity below zero is not documented: none is sent.",
        "A refresh is a job that runs later: apply waits for its end. `allocated` and `pending` "
        "stay as they are.",
        "Items that a refresh does not name are assumed to stay. An unofficial guide says that "
        "they are set to zero; Kibo's own import tool splits a location over several refreshes, "
        "which would then destroy what it wrote. Try it on a sandbox tenant first.",
        "Records are never removed: what leaves the manifests is let go.",
        "A location is listed with type `ANY` and no items, as Kibo's own export tool does, with "
        "safety stock ignored and negative inventory included; that this shows every record, also "
        "of what is sold out, is assumed, and so is the order by product code.",
        "Reading stock takes one request for each 200 records of each location.",
        "A record without a `upc` (only a part number or an sku) is not seen.",
    ),
)

KINDS: tuple[Kind, ...] = (STOCK_LEVELS,)
