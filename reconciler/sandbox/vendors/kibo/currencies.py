"""Kibo's currencies and the exchange rates between them."""

from __future__ import annotations

from reconciler.sandbox import crud
from reconciler.sandbox.crud import id_in_path
from reconciler.sandbox.describe import Answer, Call, Field, Handler, Kind, Route, of
from reconciler.sandbox.samples import constant, letters
from reconciler.sandbox.vendors.kibo.checks import checked, invalid, taken
from reconciler.sandbox.vendors.kibo.kinds import CATALOGS, kibo_kind
from reconciler.sandbox.vendors.kibo.lists import counted, whole
from reconciler.sandbox.vendors.kibo.platform import CRUD, add, put

CURRENCIES = kibo_kind(
    "currencies",
    "/commerce/catalog/admin/currency",
    "currencyCode",
    "GCU",
    Field("currencyCode", required=True, unique=True, make=letters),
    Field("decimalPlaces", "integer", make=constant(2)),
    Field("roundingStrategy", "integer"),
    scope=CATALOGS,
)


def _rate_in_path(call: Call) -> int:
    source, target = call.params["id"], call.params["to"]
    id_in_path(call, CURRENCIES)
    number = _find_rate(call, source, target)
    if number is None:
        raise crud.missing(call, RATES, f"{source} {target}")
    return number


RATES: Kind = kibo_kind(
    "exchange_rates",
    "/commerce/catalog/admin/currency/{id}/exchangerates",
    "",
    "",
    Field("fromCurrencyCode", required=True, make=letters),
    Field("toCurrencyCode", required=True, make=lambda n: letters(n + 1)),
    Field("rate", "number", required=True, make=lambda n: 1 + n % 100 / 100),
    Field("multiplier", "number"),
    Field("referenceData"),
    scope=CATALOGS,
    find=_rate_in_path,
)
KINDS = (CURRENCIES, RATES)


def delete_currency(call: Call, kind: Kind) -> Answer:
    """A currency goes with the rates from it."""
    id_in_path(call, kind)
    crud.delete_where(call, RATES, "fromCurrencyCode", call.params["id"])
    return CRUD.delete(call, kind)


def rates(call: Call) -> Answer:
    """The rates from one currency to all others."""
    id_in_path(call, CURRENCIES)
    numbers = call.collection(RATES).find("fromCurrencyCode", call.params["id"])
    return counted(call, sorted(numbers), RATES)


def _find_rate(call: Call, source: str, target: str) -> int | None:
    stored = call.collection(RATES)
    numbers = stored.find("fromCurrencyCode", source)
    return next((n for n in numbers if stored[n]["toCurrencyCode"] == target), None)


def write_rates(new: bool) -> Handler:
    """Rates from one currency, sent together: all of them new, or all of them there already."""

    def answer(call: Call) -> Answer:
        id_in_path(call, CURRENCIES)
        source, bodies = call.params["id"], call.any_json()
        if not isinstance(bodies, list):
            raise invalid(("exchangeRates", "must be an array"))
        ready = []
        for body in bodies:
            body = {"fromCurrencyCode": source} | body if isinstance(body, dict) else body
            values = checked(call.account, RATES, body)
            if values["fromCurrencyCode"] != source:
                raise invalid(("fromCurrencyCode", f"must be {source}, as in the path"))
            number = _find_rate(call, source, values["toCurrencyCode"])
            if new and number is not None:
                raise taken(RATES, f"{source} {values['toCurrencyCode']}")
            if not new and number is None:
                raise crud.missing(call, RATES, f"{source} {values['toCurrencyCode']}")
            ready.append((number, values))
        for number, values in ready:
            if number is None:
                add(call, RATES, values)
            else:
                put(call, RATES, number, values)
        return Answer(200)

    return answer


def routes() -> list[Route]:
    """What is more than a kind's own verbs."""
    currency, scope, pair = CURRENCIES.path, CATALOGS, f"{RATES.path}/{{to}}"
    return [
        Route("GET", currency, of(CURRENCIES, whole), scope),
        Route("DELETE", f"{currency}/{{id}}", of(CURRENCIES, delete_currency), scope),
        Route("GET", RATES.path, rates, scope),
        Route("POST", RATES.path, write_rates(new=True), scope),
        Route("PUT", RATES.path, write_rates(new=False), scope),
        Route("GET", pair, of(RATES, CRUD.show), scope),
        Route("DELETE", pair, of(RATES, CRUD.delete), scope),
    ]
