"""Kibo's catalog administration: price lists, their entries one or many, exchange rates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reconciler.sandbox import verbs
from reconciler.sandbox.store import Collection, Object
from reconciler.sandbox.vendor import Account, Answer, Call, Refused, Route
from reconciler.sandbox.vendors.kibo.checks import checked, guard, invalid, missing, taken
from reconciler.sandbox.vendors.kibo.kinds import CURRENCIES, ENTRIES, PRICE_LISTS, RATES
from reconciler.sandbox.vendors.kibo.lists import counted, page, selected
from reconciler.sandbox.vendors.kibo.platform import add, located, put

MOST_AT_ONCE = 5000


def delete_list(call: Call) -> Answer:
    """A price list goes if nothing refers to it, or with its entries if that is asked for."""
    number = located(call, PRICE_LISTS)
    store = call.account.store
    price_list = store[PRICE_LISTS.name][number]
    if call.query.get("cascadeDeleteEntries", "").lower() == "true":
        for each in list(store[ENTRIES.name].find("priceListCode", call.params["id"])):
            store.write(ENTRIES.name, each, None)
    guard(call, PRICE_LISTS, price_list)
    store.write(PRICE_LISTS.name, number, None)
    return Answer(200)


def _list_code(call: Call) -> str:
    code = call.params["list"]
    if not call.account.store[PRICE_LISTS.name].find("priceListCode", code):
        raise missing(PRICE_LISTS, code)
    return code


def _found(account: Account, key: Object) -> int | None:
    """The entry with this list, product, currency and start."""
    names = ("priceListCode", "productCode", "currencyCode", "startDate")
    if not all(isinstance(key.get(name, ""), str) for name in names):
        return None
    entries = account.store[ENTRIES.name]
    chosen: set[int] = set.intersection(
        *(entries.find(name, key.get(name)) for name in ("productCode", "priceListCode"))
    )
    for number in chosen:
        entry = entries[number]
        if all(entry.get(name) == key.get(name) for name in ("currencyCode", "startDate")):
            return number
    return None


def entries(call: Call) -> Answer:
    """A page of the entries of one price list."""
    code = _list_code(call)

    def among(collection: Collection) -> list[int]:
        return sorted(collection.find("priceListCode", code))

    ids = selected(call, ENTRIES, among, code)
    return page(call, ids, lambda chosen: verbs.encoded(call.account, ENTRIES, chosen))


def _key(call: Call) -> Object:
    key = {"priceListCode": _list_code(call), "productCode": call.params["product"]}
    key["currencyCode"] = call.params["currency"]
    if start := call.query.get("startDate"):
        key["startDate"] = start
    return key


def _entry(call: Call) -> int:
    key = _key(call)
    number = _found(call.account, key)
    if number is None:
        raise missing(ENTRIES, " ".join(key.values()))
    return number


def entry(call: Call) -> Answer:
    """One entry; without a start date, the one that has none."""
    return Answer(200, verbs.item(call, ENTRIES, _entry(call)))


def add_entry(call: Call) -> Answer:
    """A new entry of one price list."""
    body = call.json() | {"priceListCode": _list_code(call)}
    number = _add(call, body)
    return Answer(200, verbs.item(call, ENTRIES, number))


def _add(call: Call, body: object) -> int:
    fields = checked(call.account, ENTRIES, body)
    if _found(call.account, fields) is not None:
        raise taken(ENTRIES, f"{fields['productCode']} {fields['currencyCode']}")
    return add(call, ENTRIES, fields)


def update_entry(call: Call) -> Answer:
    """An entry replaced; what identifies it stays."""
    number = _entry(call)
    put(call, ENTRIES, number, checked(call.account, ENTRIES, call.json() | _key(call)))
    return Answer(200, verbs.item(call, ENTRIES, number))


def delete_entry(call: Call) -> Answer:
    """An entry taken away."""
    call.account.store.write(ENTRIES.name, _entry(call), None)
    return Answer(200)


def _located(call: Call, body: object) -> int:
    number = _found(call.account, body) if isinstance(body, dict) else None
    if number is None:
        raise missing(ENTRIES, body)
    return number


def _update(call: Call, body: object) -> int:
    number = _located(call, body)
    put(call, ENTRIES, number, checked(call.account, ENTRIES, body))
    return number


def _delete(call: Call, body: object) -> int:
    number = _located(call, body)
    call.account.store.write(ENTRIES.name, number, None)
    return number


def bulk(act: Callable[[Call, object], int]) -> Callable[[Call], Answer]:
    """Many entries of any price lists at once: all of them, or as many as can be if allowed."""

    def answer(call: Call) -> Answer:
        given = call.given()
        if not isinstance(given, list) or len(given) > MOST_AT_ONCE:
            raise invalid(("priceListEntry", f"must be an array of at most {MOST_AT_ONCE}"))
        partly = call.query.get("allowPartialSuccess", "").lower() == "true"
        before = _snapshot(call, given)
        failures = []
        for body in given:
            try:
                act(call, body)
            except Refused as refusal:
                failures.append(_failure(body, refusal))
        if failures and not partly:
            _restore(call, *before)
        done = len(given) - len(failures) if partly or not failures else 0
        result: Object = {"successCount": done, "failureCount": len(given) - done}
        status = 200 if not failures else 206 if done else 409
        return Answer(status, result | {"failureDetails": failures})

    return answer


def _failure(body: Any, refusal: Refused) -> Object:
    named = body if isinstance(body, dict) else {}
    names = ("priceListCode", "productCode", "currencyCode", "startDate")
    return {name: named[name] for name in names if name in named} | {
        "msg": refusal.answer.body["message"]
    }


def _snapshot(call: Call, given: list[Any]) -> tuple[int, dict[int, Object]]:
    """The number the next entry gets, and the entries a bulk operation may change."""
    store = call.account.store[ENTRIES.name]
    found = (_found(call.account, body) for body in given if isinstance(body, dict))
    return store.next_id, {number: store[number] for number in found if number is not None}


def _restore(call: Call, following: int, before: dict[int, Object]) -> None:
    store = call.account.store
    for number in [each for each in store[ENTRIES.name].ids if each >= following]:
        store.write(ENTRIES.name, number, None)
    for number, thing in before.items():
        store.write(ENTRIES.name, number, thing)


def delete_currency(call: Call) -> Answer:
    """A currency goes with the rates from it."""
    number = located(call, CURRENCIES)
    store = call.account.store
    for each in list(store[RATES.name].find("fromCurrencyCode", call.params["id"])):
        store.write(RATES.name, each, None)
    store.write(CURRENCIES.name, number, None)
    return Answer(200)


def rates(call: Call) -> Answer:
    """The rates from one currency to all others."""
    located(call, CURRENCIES)
    found = call.account.store[RATES.name].find("fromCurrencyCode", call.params["id"])
    return counted(call, sorted(found), RATES)


def rate(call: Call) -> Answer:
    """The rate from one currency to another."""
    return Answer(200, verbs.item(call, RATES, _rate(call)))


def delete_rate(call: Call) -> Answer:
    """A rate taken away."""
    call.account.store.write(RATES.name, _rate(call), None)
    return Answer(200)


def _rate(call: Call) -> int:
    located(call, CURRENCIES)
    number = _pair(call.account, call.params["id"], call.params["to"])
    if number is None:
        raise missing(RATES, f"{call.params['id']} {call.params['to']}")
    return number


def _pair(account: Account, one: str, other: str) -> int | None:
    stored = account.store[RATES.name]
    for number in stored.find("fromCurrencyCode", one):
        if stored[number]["toCurrencyCode"] == other:
            return number
    return None


def write_rates(new: bool) -> Callable[[Call], Answer]:
    """Rates from one currency, sent together: all of them new, or all of them there already."""

    def answer(call: Call) -> Answer:
        located(call, CURRENCIES)
        one, given = call.params["id"], call.given()
        if not isinstance(given, list):
            raise invalid(("exchangeRates", "must be an array"))
        ready = []
        for each in given:
            source = {"fromCurrencyCode": one}
            body = source | each if isinstance(each, dict) else each
            fields = checked(call.account, RATES, body)
            if fields["fromCurrencyCode"] != one:
                raise invalid(("fromCurrencyCode", f"must be {one}, as in the path"))
            number = _pair(call.account, one, fields["toCurrencyCode"])
            if new and number is not None:
                raise taken(RATES, f"{one} {fields['toCurrencyCode']}")
            if not new and number is None:
                raise missing(RATES, f"{one} {fields['toCurrencyCode']}")
            ready.append((number, fields))
        for number, fields in ready:
            if number is None:
                add(call, RATES, fields)
            else:
                put(call, RATES, number, fields)
        return Answer(200)

    return answer


def routes() -> list[Route]:
    """What is more than a kind's own verbs; the fixed words before any code."""
    lists, scope = PRICE_LISTS.path, PRICE_LISTS.scope
    one = f"{ENTRIES.path}/{{product}}/{{currency}}"
    pair = f"{RATES.path}/{{to}}"
    return [
        Route("POST", f"{lists}/bulkaddentries", bulk(_add), scope),
        Route("POST", f"{lists}/bulkupdateentries", bulk(_update), scope),
        Route("POST", f"{lists}/bulkdeleteentries", bulk(_delete), scope),
        Route("DELETE", f"{lists}/{{id}}", delete_list, scope),
        Route("GET", ENTRIES.path, entries, scope),
        Route("POST", ENTRIES.path, add_entry, scope),
        Route("GET", one, entry, scope),
        Route("PUT", one, update_entry, scope),
        Route("DELETE", one, delete_entry, scope),
        Route("DELETE", f"{CURRENCIES.path}/{{id}}", delete_currency, scope),
        Route("GET", RATES.path, rates, scope),
        Route("POST", RATES.path, write_rates(new=True), scope),
        Route("PUT", RATES.path, write_rates(new=False), scope),
        Route("GET", pair, rate, scope),
        Route("DELETE", pair, delete_rate, scope),
    ]
