"""Kibo's price lists and their entries, currencies and exchange rates."""

from __future__ import annotations

from reconciler.kinds import Bulk, Call, Carries, Identity, Kind, Parent, Raw, Verb
from reconciler.providers.kibo.calls import ITEMS, PAGES, both, named, naming, pointing, timed

LISTS = "/commerce/catalog/admin/pricelists"
ENTRIES = f"{LISTS}/{{priceListCode}}/entries"
ENTRY = f"{ENTRIES}/{{productCode}}/{{currencyCode}}"
START = {"startDate": "{startDate}"}
ENTRY_KEY = ("priceListCode", "productCode", "currencyCode", "startDate")

CURRENCY = "/commerce/catalog/admin/currency"
RATES = f"{CURRENCY}/{{fromCurrencyCode}}/exchangerates"
RATE = f"{RATES}/{{toCurrencyCode}}"
RATE_KEY = ("fromCurrencyCode", "toCurrencyCode")

# How many entries one request may hold (PriceListEntries, bulk operations).
MOST_ENTRIES = 5000


def decode_price_list(raw: Raw) -> Raw:
    """A parent is a price list and has its code for an id; a segment's id is a number."""
    return pointing("mappedCustomerSegments", by_key=True)(pointing("parentPriceListCode")(raw))


def encode_price_list(fields: Raw) -> Raw:
    """Both are written as codes."""
    return naming("mappedCustomerSegments", by_key=True)(naming("parentPriceListCode")(fields))


def in_array(body: Raw) -> list[Raw]:
    """Rates are written as an array, one or many at once (CurrencyExchangeRate)."""
    return [body]


def _bulk(name: str) -> Call:
    # Without it, one entry that is refused takes all others with it.
    return Call("POST", f"{LISTS}/bulk{name}entries", query={"allowPartialSuccess": "true"})


PRICE_LISTS = Kind(
    name="price_lists",
    title="price list",
    calls={
        **named(LISTS, sort="priceListCode"),
        Verb.DELETE: Call("DELETE", f"{LISTS}/{{id}}", query={"cascadeDeleteEntries": "false"}),
    },
    natural_key=("priceListCode",),
    screen="Kibo Admin → Catalog → Price Lists",
    paging=PAGES,
    identifier=("priceListCode",),
    identity=Identity.ENFORCED,
    decode=decode_price_list,
    encode=encode_price_list,
    notes=(
        "Deleting a price list never takes its entries along (`cascadeDeleteEntries=false`): "
        "Kibo is assumed to refuse while it has any.",
        "That lists can be sorted by code is assumed.",
    ),
)

PRICE_LIST_ENTRIES = Kind(
    name="price_list_entries",
    title="price list entry",
    calls={
        Verb.LIST: Call(
            "GET", ENTRIES, ITEMS, {"sortBy": "productCode asc,currencyCode asc,startDate asc"}
        ),
        Verb.GET: Call("GET", ENTRY, query=START),
        Verb.CREATE: Call("POST", ENTRIES),
        Verb.UPDATE: Call("PUT", ENTRY, query=START, carries=Carries.ALL),
        Verb.DELETE: Call("DELETE", ENTRY, query=START),
    },
    natural_key=ENTRY_KEY,
    screen="Kibo Admin → Catalog → Price Lists → the list → Entries",
    paging=PAGES,
    identifier=ENTRY_KEY,
    identity=Identity.ENFORCED,
    decode=both(
        pointing("priceListCode"),
        timed(
            "startDate",
            "endDate",
            "mapStartDate",
            "mapEndDate",
            "discountsRestrictedStartDate",
            "discountsRestrictedEndDate",
        ),
    ),
    encode=naming("priceListCode"),
    parent=Parent("priceListCode", "priceListCode"),
    bulk=Bulk(
        calls={
            Verb.CREATE: _bulk("add"),
            Verb.UPDATE: _bulk("update"),
            Verb.DELETE: _bulk("delete"),
        },
        most=MOST_ENTRIES,
    ),
    notes=(
        "Many entries go out together, up to 5,000 at once; an entry that Kibo refuses does not "
        "keep the others back (`allowPartialSuccess=true`).",
        "An entry without `startDate` is valid from always; two that begin at different times are "
        "two entries.",
        "The quantities from which prices hold (`minQty`) are told apart by that number.",
        "That entries can be sorted by product, currency and start is assumed.",
    ),
)

CURRENCIES = Kind(
    name="currencies",
    title="currency",
    calls=named(CURRENCY, sort=None),
    natural_key=("currencyCode",),
    screen="Kibo Admin → Settings → Currencies",
    identifier=("currencyCode",),
    identity=Identity.ENFORCED,
    notes=(
        "These are the currencies set up for the catalog; `reference_currencies` are all that "
        "Kibo knows.",
        "What the numbers of `roundingStrategy` mean is not documented.",
        "Deleting a currency is assumed to take the rates from it along.",
    ),
)

EXCHANGE_RATES = Kind(
    name="exchange_rates",
    title="exchange rate",
    calls={
        Verb.LIST: Call("GET", RATES, ITEMS),
        Verb.GET: Call("GET", RATE),
        Verb.CREATE: Call("POST", RATES),
        Verb.UPDATE: Call("PUT", RATES, carries=Carries.ALL),
        Verb.DELETE: Call("DELETE", RATE),
    },
    natural_key=RATE_KEY,
    screen="Kibo Admin → Settings → Currencies → the currency → Exchange Rates",
    identifier=RATE_KEY,
    identity=Identity.ENFORCED,
    decode=pointing("fromCurrencyCode"),
    encode=naming("fromCurrencyCode"),
    wrap=in_array,
    parent=Parent("fromCurrencyCode", "fromCurrencyCode"),
    notes=(
        "A create and an update answer nothing.",
        "`PUT` is assumed to leave alone the rates that are not in its array.",
        "The currency that a rate leads to need not be set up here, so it is no reference.",
    ),
)

KINDS = (PRICE_LISTS, PRICE_LIST_ENTRIES, CURRENCIES, EXCHANGE_RATES)
