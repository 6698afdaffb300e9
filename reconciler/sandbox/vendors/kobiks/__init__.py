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

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

from reconciler.sandbox import tokens
from reconciler.sandbox.crud import encode_list
from reconciler.sandbox.describe import Answer, Call, Kind, Route, Vendor, of
from reconciler.sandbox.query import Order, as_type_of, sort
from reconciler.sandbox.store import Collection, Object
from reconciler.sandbox.vendors.kobiks import kinds, products
from reconciler.sandbox.vendors.kobiks.products import ALIASES, PRODUCTS, RELATED, SUPPLIERS

MEDIA_TYPE = "application/vnd.kobiks-api.v1+json"
EMAIL, PASSWORD = "ops@sandbox.example", "sandbox-kobiks-password"
TOKEN_SECONDS = 2 * 60 * 60
PAGE_SIZE = 25
FILTER = re.compile(r"filters\[(\w+)\]\[(\w+)\]")

KINDS = (*kinds.KINDS, PRODUCTS)


def error_body(message: str) -> Object:
    """An error body."""
    return {"error": message}


def precheck(call: Call) -> None:
    """Refuses a request that does not accept the API's media type."""
    if MEDIA_TYPE not in call.headers.get("accept", ""):
        raise call.refuse(406, f"The Accept header must name {MEDIA_TYPE}.")


def authorize(call: Call, route: Route) -> None:
    """A token from a login of the last two hours, for all but the login itself."""
    if not route.public and not tokens.valid(call):
        raise call.refuse(401, "Invalid or expired token.")


def login(call: Call) -> Answer:
    """A token for two hours, and one to renew it with."""
    user = call.json().get("user")
    if not isinstance(user, dict) or (user.get("email"), user.get("password")) != (EMAIL, PASSWORD):
        raise call.refuse(401, "Invalid email or password.")
    token, refresh = tokens.issue(call, TOKEN_SECONDS, "kobiks token", "kobiks refresh")
    return Answer(200, {"token": token, "refreshToken": refresh})


def listing(call: Call, kind: Kind) -> Answer:
    """The objects of a kind as a bare array: filtered, sorted, paged."""
    ids = _selected(call, kind)
    if kind.name == "categories" and call.query.get("sort_structure") == "tree":
        return _tree(call, ids)
    return Answer(200, encode_list(call.account, kind, _paged(call, ids)))


def _paged(call: Call, ids: list[int]) -> list[int]:
    if "page[size]" not in call.query and "page[number]" not in call.query:
        return call.window(ids, 0, len(ids))[0]
    size = call.count("page[size]", PAGE_SIZE)
    return call.window(ids, (call.count("page[number]", 1) - 1) * size, size)[0]


def _tree(call: Call, ids: list[int]) -> Answer:
    store = call.account.store["categories"]
    children: dict[int | None, list[int]] = {}
    for number in ids:
        children.setdefault(store[number]["parent_id"], []).append(number)

    def branch(number: int) -> Object:
        return store[number] | {"children": [branch(child) for child in children.get(number, ())]}

    return Answer(200, [branch(number) for number in _paged(call, children.get(None, []))])


Filter = tuple[str, str, str]


def _selected(call: Call, kind: Kind) -> list[int]:
    """The ids the filters choose, in the order the query asks for."""
    plain = (field.name for field in kind.fields if field.type not in ("object", "array"))
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
        sort(collection, chosen, orders)
        return chosen

    criteria = (tuple(filters), tuple(relations), orders)
    return call.account.store[kind.name].select(criteria, choose)


def _orders(call: Call, columns: Mapping[str, str]) -> tuple[Order, ...]:
    """The columns to sort by, the first one first, and whether each descends."""
    orders = [order for order in call.query.get("sort", "").strip("'").split(",") if order]
    for order in orders:
        if order.removeprefix("-") not in columns:
            raise call.refuse(400, f"Unknown column {order} in sort.")
    return tuple((columns[order.removeprefix("-")], order.startswith("-")) for order in orders)


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
    value = number if name == "id" else collection[number].get(name)
    if value is None:
        return op == "not_eq"
    if op == "matches":
        return _matches(value, text)
    try:
        return OPERATORS[op](value, as_type_of(value, text, ("true", "1", "t")))
    except ValueError:
        return op == "not_eq"


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
    authorize=authorize,
    error_body=error_body,
    precheck=precheck,
    rate_headers=False,
    content_type="application/json; charset=utf-8",
)
