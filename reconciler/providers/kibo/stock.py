"""Kibo's stock: how much of a product is at a location, set and never adjusted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import count

from reconciler.errors import Diagnostic, Incomplete, NotFound
from reconciler.kinds import Bulk, Call, Job, Raw, Requests, Verb
from reconciler.model import Fields

QUERY = "/commerce/inventory/v5/inventory"
"""A POST that only reads."""
REFRESH = Call("POST", f"{QUERY}/refresh")
PRODUCT = ("upc", "partNumber")
"""What names a product."""
PER_PAGE = 200
MOST = 3_000
"""Items in one refresh: what Kibo recommends; 12,000 is the most it takes."""


def records(requests: Requests, parents: Sequence[str]) -> Iterable[Raw]:
    """The stock of each of these locations, page by page.

    A location that inventory does not know, or no longer (a 404), has none. A record that has both
    a `upc` and a `partNumber` comes once for each way to name it, since a manifest may name it by
    either (guide, How Kibo Organizes Inventory Data: "partNumber or upc"); one that has neither
    cannot be named and is passed over.
    """
    for location in parents:
        for record in _of(requests, location):
            rest = {n: v for n, v in record.items() if n not in PRODUCT}
            for names in _names(record):
                yield {**rest, **names, "locationCode": location}


def _names(record: Raw) -> Iterator[Raw]:
    names = {name: record[name] for name in PRODUCT if record.get(name)}
    if len(names) > 1:
        yield from ({name: value} for name, value in names.items())
    if names:
        yield names


def _of(requests: Requests, location: str) -> Iterator[Raw]:
    seen: set[str] = set()
    for number in count(1):
        try:
            page = _page(requests, location, number)
        except NotFound:
            if number == 1:
                return
            raise
        products = {repr((record.get("upc"), record.get("partNumber"))) for record in page}
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
    if not isinstance(data, list) or not all(isinstance(item, dict) for item in data):
        raise _unreadable(f"the stock at {location} is no list of records")
    return data


def _unreadable(problem: str) -> Incomplete:
    detail = "Nothing is concluded from it. Run it again when nobody edits there."
    return Incomplete(Diagnostic(f"POST {QUERY}: {problem}", detail))


def joined(levels: Sequence[Raw]) -> Raw:
    """One refresh of all the items, which are of one location (API description, RefreshItem)."""
    items = [
        {n: v for n, v in level.items() if n != "locationCode" and v is not None}
        for level in levels
    ]
    return {"locationCode": levels[0]["locationCode"], "items": items}


def without_quantity(live: Fields, declared: Fields) -> str:
    """A refresh sets the quantity, whatever else it sets (contract, section 3)."""
    return "" if "quantity" in declared else "a refresh sets the quantity, which is not declared"


BULK = Bulk({Verb.CREATE: REFRESH, Verb.UPDATE: REFRESH}, MOST, apart=True)
JOB = Job(
    "jobID",
    Call("GET", "/commerce/inventory/v1/queue/{id}"),
    "status",
    # SUCCESS in the API description (JobQueueResponse) and the client package, COMPLETED in the
    # developer guide (Troubleshooting, Issue 1).
    done=frozenset({"SUCCESS", "COMPLETED"}),
    failed=frozenset({"FAILED"}),
)
