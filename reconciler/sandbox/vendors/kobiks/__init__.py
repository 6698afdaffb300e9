"""Kobiks API V1, as its documentation describes it: a login, lists to read, products.

Assumed, because the documentation does not say:
- Without page parameters a list comes whole; `page[number]` alone means pages of 25; every list
  pages, sorts and filters, although the documentation says so of brands and categories only.
- A tree of categories pages over its roots.
- Errors are `{"error": message}`; a column that does not exist is a 400.
- A request that does not accept the API's media type is a 406.
- Over the limit the answer is a 429 with `Retry-After`; there are no other headers about it.
- The renewal of a token has no documented path, so there is none: log in again.
- Features, commodities, transaction types and variants carry no id, as in the samples.
- A filter by price category or location (of variants) means those with a price or quantity there,
  and knows `eq` only; `include` changes nothing, since the sample has the supplier anyway.

What is assumed of products is in `products.py`; suppliers have no list, only the state.
"""

from __future__ import annotations

import hashlib
import operator
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from reconciler.sandbox import verbs
from reconciler.sandbox.generated import in_turn, pick
from reconciler.sandbox.store import Collection, Object
from reconciler.sandbox.vendor import Answer, Call, Field, Kind, Route, Vendor, of
from reconciler.sandbox.vendors.kobiks import products
from reconciler.sandbox.vendors.kobiks.products import (
    ALIASES,
    COMMODITY,
    FEATURE,
    JEWELS,
    PRICE,
    PRODUCTS,
    RELATED,
    STORE,
    SUPPLIERS,
)

MEDIA_TYPE = "application/vnd.kobiks-api.v1+json"
EMAIL, PASSWORD = "ops@sandbox.example", "sandbox-kobiks-password"
TOKEN_SECONDS = 2 * 60 * 60
PAGE_SIZE = 25
FILTER = re.compile(r"filters\[(\w+)\]\[(\w+)\]")

LIRA = {"iso": "TRY", "name": "Türk Lirası"}
DOLLAR = {"iso": "USD", "name": "Amerikan Doları"}
KINDS = (
    Kind(
        "price_categories",
        "/price_categories",
        fields=(
            Field(
                "currency",
                "object",
                keys=("iso", "name"),
                make=lambda n: LIRA if n % 4 else DOLLAR,
            ),
            Field("name", make=PRICE),
            Field("price_type", make=in_turn("whole_buy", "whole_sell", "retail_sell")),
            Field("tax_included", "boolean", make=lambda n: n % 2 == 0),
        ),
    ),
    Kind("locations", "/stores", fields=(Field("name", make=STORE),)),
    Kind(
        "brands",
        "/brands",
        fields=(Field("name", make=lambda n: f"{pick(JEWELS, n)} Markası {n:06}"),),
    ),
    Kind(
        "categories",
        "/categories",
        fields=(
            Field("name", make=lambda n: f"{pick(JEWELS, n)} {n}"),
            Field("parent_id", "integer", make=lambda n: n // 10 or None),
        ),
    ),
    Kind(
        "product_feature_types",
        "/product_feature_types",
        fields=(
            Field("name", make=FEATURE),
            # A required one would have to be on every product there is.
            Field("required", "boolean", make=lambda _: False),
            Field("value_type", make=in_turn("text", "date", "checkbox", "integer")),
        ),
        numbered=False,
    ),
    Kind(
        "commodities",
        "/commodities",
        fields=(
            Field("currency", "object", keys=("iso", "name"), make=lambda _: LIRA),
            Field("factor", "number", make=lambda _: 0.75),
            Field("iso", make="A{n}"),
            Field("name", make=COMMODITY),
            Field("price", make=lambda n: f"{100 + n % 900}.4625"),
            Field("unit_code", make="Gr"),
            Field("unit_price", make=lambda n: f"{120 + n % 900}.95"),
            Field("market_date", make="2024-01-15 00:00:00 UTC"),
        ),
        numbered=False,
    ),
    Kind(
        "transaction_types",
        "/transaction_types",
        fields=(
            Field("module", make=in_turn("return", "repair")),
            Field("name", make="İşlem {n:06}"),
            Field("state_code", make="on_sale"),
        ),
        numbered=False,
    ),
    PRODUCTS,
)


def problem(message: str) -> Object:
    """An error body."""
    return {"error": message}


def greet(call: Call) -> None:
    """Turns away who does not accept the API's media type."""
    if MEDIA_TYPE not in call.headers.get("accept", ""):
        raise call.refuse(406, f"The Accept header must name {MEDIA_TYPE}.")


def admit(call: Call, route: Route) -> None:
    """A token from a login of the last two hours, for all but the login itself."""
    if route.public:
        return
    scheme, _, token = call.headers.get("authorization", "").partition(" ")
    expires = call.account.tokens.get(token) if scheme.lower() == "bearer" else None
    if expires is None or expires <= call.account.clock.now().timestamp():
        raise call.refuse(401, "Invalid or expired token.")


def login(call: Call) -> Answer:
    """A token for two hours, and one to renew it with."""
    user = call.json().get("user")
    if not isinstance(user, dict) or (user.get("email"), user.get("password")) != (EMAIL, PASSWORD):
        raise call.refuse(401, "Invalid email or password.")
    account = call.account
    serial = len(account.tokens) + 1
    token, refresh = (
        hashlib.sha256(f"kobiks {word} {serial}".encode()).hexdigest()
        for word in ("token", "refresh")
    )
    account.tokens[token] = account.clock.now().timestamp() + TOKEN_SECONDS
    return Answer(200, {"token": token, "refreshToken": refresh})


def listing(call: Call, kind: Kind) -> Answer:
    """The objects of a kind as a bare array: filtered, sorted, paged."""
    ids = _selected(call, kind)
    if kind.name == "categories" and call.query.get("sort_structure") == "tree":
        return _tree(call, ids)
    return Answer(200, verbs.encoded(call.account, kind, _paged(call, ids)))


def _paged(call: Call, ids: list[int]) -> list[int]:
    if "page[size]" not in call.query and "page[number]" not in call.query:
        return call.window(ids, 0, len(ids))[0]
    size = _count(call, "page[size]", PAGE_SIZE)
    return call.window(ids, (_count(call, "page[number]", 1) - 1) * size, size)[0]


def _count(call: Call, name: str, default: int) -> int:
    text = call.query.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text)):
        raise call.refuse(400, f"{name} must be a whole number from 1.")
    return int(text)


def _tree(call: Call, ids: list[int]) -> Answer:
    store = call.account.store["categories"]
    children: dict[int | None, list[int]] = {}
    for number in ids:
        children.setdefault(store[number]["parent_id"], []).append(number)

    def branch(number: int) -> Object:
        return store[number] | {"children": [branch(each) for each in children.get(number, ())]}

    return Answer(200, [branch(number) for number in _paged(call, children.get(None, []))])


Filter = tuple[str, str, str]


def _selected(call: Call, kind: Kind) -> list[int]:
    """The ids the filters choose, in the order the query asks for."""
    plain = (each.name for each in kind.fields if each.type not in ("object", "array"))
    columns = {"id": "id", **{name: name for name in plain}}
    columns |= ALIASES if kind is PRODUCTS else {}
    filters: list[Filter] = []
    relations: list[tuple[str, str, object]] = []
    for name, text in call.query.items():
        if name.startswith("filters["):
            parts = FILTER.fullmatch(name)
            if parts and kind is PRODUCTS and parts[1] in RELATED and parts[2] == "eq":
                relations.append(products.related(call, parts[1], text.strip("'")))
            elif parts and parts[1] in columns and parts[2] in OPERATORS:
                filters.append((columns[parts[1]], parts[2], text.strip("'")))
            else:
                raise call.refuse(400, f"Unknown filter {name}.")
    orders = _orders(call, columns)

    def choose(collection: Collection) -> list[int]:
        chosen = [n for n in collection.ids if all(_passes(collection, n, f) for f in filters)]
        for relation, key, wanted in relations:
            chosen = [n for n in chosen if any(e[key] == wanted for e in collection[n][relation])]
        # Python's sort is stable: the last criterion goes first.
        for name, descending in reversed(orders):
            chosen.sort(key=partial(_rank, collection, name), reverse=descending)
        return chosen

    criteria = (tuple(filters), tuple(relations), orders)
    return call.account.store[kind.name].select(criteria, choose)


def _orders(call: Call, columns: Mapping[str, str]) -> tuple[tuple[str, bool], ...]:
    """The columns to sort by, the first one first, and whether each descends."""
    orders = [order for order in call.query.get("sort", "").strip("'").split(",") if order]
    for order in orders:
        if order.removeprefix("-") not in columns:
            raise call.refuse(400, f"Unknown column {order} in sort.")
    return tuple((columns[order.removeprefix("-")], order.startswith("-")) for order in orders)


def _value(collection: Collection, number: int, name: str) -> Any:
    return number if name == "id" else collection[number].get(name)


def _rank(collection: Collection, name: str, number: int) -> tuple[bool, Any]:
    value = _value(collection, number, name)
    return (value is not None, value if value is not None else 0)


def _matches(value: Any, text: str) -> bool:
    return text.strip("%").casefold() in str(value).casefold()


OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "not_eq": operator.ne,
    "lt": operator.lt,
    "gt": operator.gt,
    "lteq": operator.le,
    "gteq": operator.ge,
    "matches": _matches,
}


def _passes(collection: Collection, number: int, wanted: Filter) -> bool:
    name, op, text = wanted
    value = _value(collection, number, name)
    if value is None:
        return op == "not_eq"
    if op == "matches":
        return _matches(value, text)
    try:
        return OPERATORS[op](value, _like(value, text))
    except ValueError:
        return op == "not_eq"


def _like(value: Any, text: str) -> Any:
    """The text of a filter as the type of the column it is compared with."""
    if isinstance(value, bool):
        return text.lower() in ("true", "1", "t")
    return type(value)(text)


VENDOR = Vendor(
    name="kobiks",
    prefix="/api/v1",
    credentials={"KOBIKS_EMAIL": EMAIL, "KOBIKS_PASSWORD": PASSWORD},
    kinds=(*KINDS, SUPPLIERS),
    routes=(
        Route("POST", "/login", login, public=True),
        *(Route("GET", kind.path, of(kind, listing)) for kind in KINDS),
        *products.ROUTES,
    ),
    rate=60,
    greet=greet,
    admit=admit,
    problem=problem,
    rate_headers=False,
    content_type="application/json; charset=utf-8",
)
