"""Kibo's price lists and their entries, written one by one or many at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from reconciler.sandbox import crud
from reconciler.sandbox.crud import id_in_path
from reconciler.sandbox.describe import (
    Account,
    Answer,
    Call,
    Field,
    Handler,
    Kind,
    Refused,
    Route,
    fields,
    of,
)
from reconciler.sandbox.samples import all_but
from reconciler.sandbox.store import Collection, Object
from reconciler.sandbox.vendors.kibo.checks import checked, invalid, taken
from reconciler.sandbox.vendors.kibo.kinds import CATALOGS, code, codes_of, kibo_kind, sites
from reconciler.sandbox.vendors.kibo.lists import page_of, selected
from reconciler.sandbox.vendors.kibo.platform import CRUD, add, put

MOST_AT_ONCE = 5000
ENTRY_KEY = ("priceListCode", "productCode", "currencyCode", "startDate")


def _with_parent(account: Account, price_list: Object) -> Object:
    """A price list with the name of its parent, as it is read."""
    lists = account.store["price_lists"]
    for number in lists.find("priceListCode", price_list.get("parentPriceListCode")):
        return price_list | {"parentPriceListName": lists[number]["name"]}
    return price_list


def _checked_list(_: Call, fields: Object, __: Object | None) -> Object:
    """Lengths the documentation gives, and characters that can stand in an address."""
    code = fields["priceListCode"]
    if not (code.isascii() and code.replace("-", "").replace("_", "").isalnum()):
        raise invalid(("priceListCode", "must be safe in an address"))
    for name, most in (("priceListCode", 50), ("name", 100), ("description", 300)):
        if len(fields.get(name, "")) > most:
            raise invalid((name, f"must have at most {most} characters"))
    if fields.get("parentPriceListCode") == code:
        raise invalid(("parentPriceListCode", "must be another price list"))
    return fields


PRICE_LISTS = kibo_kind(
    "price_lists",
    "/commerce/catalog/admin/pricelists",
    "priceListCode",
    "LGCU",
    code("PL", "priceListCode"),
    Field("name", required=True, make="Price list {n:06}"),
    Field("description", make="Generated price list {n}"),
    Field("parentPriceListCode", refers="price_lists", by="priceListCode"),
    Field("parentPriceListName", writable=False),
    Field("enabled", "boolean", default=True, make=all_but(5)),
    Field("filteredInStorefront", "boolean", default=False),
    Field("validForAllSites", "boolean", default=True),
    sites("validSites", generated=False),
    sites("defaultForSites", generated=False),
    codes_of("customer_segments", "mappedCustomerSegments", prefix="S"),
    Field("rank", "integer", make=lambda n: n),
    Field("resolvable", "boolean"),
    scope=CATALOGS,
    owned=lambda number: {"priceListSequence": number, "indexedSites": []},
    render=_with_parent,
    embeds=("price_lists",),
    prepare=_checked_list,
)


def _price(number: int) -> list[Object]:
    modes = {"listPriceMode": "Overridden", "salePriceMode": "UseCatalog"}
    return [{"minQty": 1, "listPrice": 10 + number % 90 + 0.95} | modes]


def _entry_in_path(call: Call) -> int:
    key = _key(call)
    number = _find_entry(call, key)
    if number is None:
        raise crud.missing(call, ENTRIES, " ".join(key.values()))
    return number


ENTRIES: Kind = kibo_kind(
    "price_list_entries",
    "/commerce/catalog/admin/pricelists/{list}/entries",
    "",
    "",
    Field("priceListCode", refers="price_lists", by="priceListCode", make="PL-{n:06}"),
    Field("productCode", required=True, make="SKU-{n:06}"),
    Field("currencyCode", required=True, make="USD"),
    Field("priceListEntryMode", make="Simple"),
    *fields("string", "startDate endDate priceListEntryTypeCode"),
    Field("isVariation", "boolean", default=False),
    *fields("objects", "options extraEntries"),
    Field("priceEntries", "objects", default=(), make=_price),
    *fields("number", "msrp map cost"),
    *fields("string", "msrpMode mapMode costMode mapStartDate mapEndDate"),
    Field("discountsRestricted", "boolean"),
    *fields("string", "discountsRestrictedMode discountsRestrictedStartDate"),
    Field("discountsRestrictedEndDate"),
    scope=CATALOGS,
    owned=lambda number: {"priceListEntrySequence": number},
    find=_entry_in_path,
)
KINDS = (PRICE_LISTS, ENTRIES)


def delete_list(call: Call, kind: Kind) -> Answer:
    """A price list goes if nothing refers to it, or with its entries if that is asked for."""
    id_in_path(call, kind)
    if call.query.get("cascadeDeleteEntries", "").lower() == "true":
        crud.delete_where(call, ENTRIES, "priceListCode", call.params["id"])
    return CRUD.delete(call, kind)


def _list_code(call: Call) -> str:
    crud.by_key(call, PRICE_LISTS, "list")
    return call.params["list"]


def _instant(text: Any) -> Any:
    """A point in time, which ISO 8601 spells in several ways; anything else as it is."""
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return text
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _find_entry(call: Call, key: Object) -> int | None:
    """The entry with this list, product, currency and start."""
    if not all(isinstance(key.get(name, ""), str) for name in ENTRY_KEY):
        return None
    stored = call.collection(ENTRIES)
    products = stored.find("productCode", key.get("productCode"))
    for number in products & stored.find("priceListCode", key.get("priceListCode")):
        entry = stored[number]
        same_start = _instant(entry.get("startDate")) == _instant(key.get("startDate"))
        if same_start and entry.get("currencyCode") == key.get("currencyCode"):
            return number
    return None


def entries(call: Call) -> Answer:
    """A page of the entries of one price list."""
    code = _list_code(call)

    def among(collection: Collection) -> list[int]:
        return sorted(collection.find("priceListCode", code))

    ids = selected(call, ENTRIES, among, code)
    return page_of(call, ENTRIES, ids)


def _key(call: Call) -> Object:
    """What the path says of an entry; without a start date, that which has none is meant."""
    key = {"priceListCode": _list_code(call), "productCode": call.params["product"]}
    key["currencyCode"] = call.params["currency"]
    if start := call.query.get("startDate"):
        key["startDate"] = start
    return key


def add_entry(call: Call) -> Answer:
    """A new entry of one price list."""
    number = _add(call, call.json() | {"priceListCode": _list_code(call)})
    return Answer(200, crud.item(call, ENTRIES, number))


def replace_entry(call: Call, kind: Kind) -> Answer:
    """An entry replaced; what identifies it stays."""
    number = id_in_path(call, kind)
    put(call, kind, number, checked(call.account, kind, call.json() | _key(call)))
    return Answer(200, crud.item(call, kind, number))


def _add(call: Call, body: object) -> int:
    values = checked(call.account, ENTRIES, body)
    if _find_entry(call, values) is not None:
        raise taken(ENTRIES, f"{values['productCode']} {values['currencyCode']}")
    return add(call, ENTRIES, values)


def _existing(call: Call, body: object) -> int:
    number = _find_entry(call, body) if isinstance(body, dict) else None
    if number is None:
        raise crud.missing(call, ENTRIES, body)
    return number


def _update(call: Call, body: object) -> None:
    put(call, ENTRIES, _existing(call, body), checked(call.account, ENTRIES, body))


def _delete(call: Call, body: object) -> None:
    call.write(ENTRIES, _existing(call, body), None)


def bulk(act: Callable[[Call, object], object]) -> Handler:
    """Many entries of any price lists at once: all of them, or as many as can be if allowed."""

    def answer(call: Call) -> Answer:
        bodies = call.any_json()
        if not isinstance(bodies, list) or len(bodies) > MOST_AT_ONCE:
            raise invalid(("priceListEntry", f"must be an array of at most {MOST_AT_ONCE}"))
        partly = call.query.get("allowPartialSuccess", "").lower() == "true"
        before = _snapshot(call, bodies)
        failures = []
        for body in bodies:
            try:
                act(call, body)
            except Refused as refusal:
                failures.append(_failure(body, refusal))
        if failures and not partly:
            _restore(call, *before)
        done = len(bodies) - len(failures) if partly or not failures else 0
        result: Object = {"successCount": done, "failureCount": len(bodies) - done}
        status = 200 if not failures else 206 if done else 409
        return Answer(status, result | {"failureDetails": failures})

    return answer


def _failure(body: Any, refusal: Refused) -> Object:
    named = body if isinstance(body, dict) else {}
    key = {name: named[name] for name in ENTRY_KEY if name in named}
    return key | {"msg": refusal.answer.body["message"]}


def _snapshot(call: Call, bodies: list[Any]) -> tuple[int, dict[int, Object]]:
    """The number the next entry gets, and the entries a bulk operation may change."""
    stored = call.collection(ENTRIES)
    numbers = (_find_entry(call, body) for body in bodies if isinstance(body, dict))
    return stored.next_id, {number: stored[number] for number in numbers if number is not None}


def _restore(call: Call, following: int, before: dict[int, Object]) -> None:
    for number in [number for number in call.collection(ENTRIES).ids if number >= following]:
        call.write(ENTRIES, number, None)
    for number, entry in before.items():
        call.write(ENTRIES, number, entry)


def routes() -> list[Route]:
    """What is more than a kind's own verbs; the fixed words before any code."""
    lists, scope = PRICE_LISTS.path, CATALOGS
    entry = f"{ENTRIES.path}/{{product}}/{{currency}}"
    return [
        Route("POST", f"{lists}/bulkaddentries", bulk(_add), scope),
        Route("POST", f"{lists}/bulkupdateentries", bulk(_update), scope),
        Route("POST", f"{lists}/bulkdeleteentries", bulk(_delete), scope),
        Route("DELETE", f"{lists}/{{id}}", of(PRICE_LISTS, delete_list), scope),
        Route("GET", ENTRIES.path, entries, scope),
        Route("POST", ENTRIES.path, add_entry, scope),
        Route("GET", entry, of(ENTRIES, CRUD.show), scope),
        Route("PUT", entry, of(ENTRIES, replace_entry), scope),
        Route("DELETE", entry, of(ENTRIES, CRUD.delete), scope),
    ]
