"""The endpoint a retailer hosts for Kibo's customer care, as PerfectSync describes it.

Assumed, because the documentation does not say:
- Credentials are checked before the headers: 401, then 400 for a header that is missing or
  makes no sense. Any manufacturer, catalog, currency and locale is accepted.
- Errors are `{"message": ...}`; a product that is not there is a 404.
- The search looks for its term in ids, names and part numbers, whatever the case; a term is
  required; the answer is an object with `products` and the page it is.
- `perPage` over 100 counts as 100; pages count from 1.
- `sku`, `upc` and `inStockDate` are called so; `variants` is an array of products in short.
- The address of the schema (`.json`) is not served, and requests are limited to 600 a minute.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping

from reconciler.sandbox.crud import encode_list, id_in_path, item
from reconciler.sandbox.describe import Answer, Call, Field, Kind, Route, Vendor, encode
from reconciler.sandbox.samples import CURRENCIES, in_turn
from reconciler.sandbox.store import Object

USERNAME, PASSWORD = "sandbox", "sandbox-oms-password"
PATH = "/api/snap/v1/product"
PER_PAGE, MOST_PER_PAGE = 10, 100

HEADERS: Mapping[str, tuple[re.Pattern[str], str]] = {
    "Kibo-Manufacturer-Id": (re.compile(r"\d+"), "an integer"),
    "Kibo-Catalog-Id": (re.compile(r"\d+"), "an integer"),
    "Kibo-Currency-Code": (re.compile(r"[A-Z]{3}"), "an ISO currency code"),
    "Kibo-Locale": (re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z]{2})?"), "an ISO locale code"),
}


def _price(number: int) -> float:
    return 500.0 + number % 5000


def _additions(number: int) -> list[Object]:
    nothing: Object = {"additionID": "000", "name": "None", "price": 0.0}
    plan = {"name": "Protection Plan", "price": _price(number) / 10}
    plan = {"additionID": f"WPP{number % 100:05}"} | plan
    group = {"additionGroupID": "tpp5000", "name": "Protection", "additions": [nothing, plan]}
    return [group]


def _variants(number: int) -> list[Object]:
    if not number % 3:
        return []
    small: Object = {"productID": f"VRX{number:06}-S", "name": "Small", "sku": f"W-{number:06}-S"}
    return [small | {"price": _price(number)}]


PRODUCTS = Kind(
    "products",
    PATH,
    (
        Field("productID", make="VRX{n:06}"),
        Field("name", make="Watch {n:06}"),
        Field("partNumber", make="VRX{n:06}"),
        Field("sku", make="W-{n:06}"),
        Field("upc", make=lambda n: f"{10**11 + n}"),
        Field("imageUrl", default=""),
        Field("availability", default="yes", make=lambda n: "yes" if n % 7 else "no"),
        Field("totalInventoryQuantity", default=0, make=lambda n: n % 40 + 1 if n % 7 else 0),
        Field("inStockDate", make=lambda n: None if n % 7 else "2024-02-01"),
        Field("price", make=_price),
        Field("currency", make=in_turn(*CURRENCIES)),
        Field("additionGroups", default=(), make=_additions),
        Field("variants", default=(), make=_variants),
    ),
    verbs="LG",
    key="productID",
    numbered=False,
    not_found="Product {key} was not found.",
)


def error_body(message: str) -> Object:
    """An error body."""
    return {"message": message}


def authorize(call: Call, route: Route) -> None:
    """The one user there is, and the four headers that say whose catalog is meant."""
    if _user(call.headers.get("authorization", "")) != f"{USERNAME}:{PASSWORD}":
        challenge = {"WWW-Authenticate": 'Basic realm="PerfectSync"'}
        refused = call.refuse(401, "Authentication is required.")
        refused.answer = Answer(401, refused.answer.body, challenge)
        raise refused
    for name, (pattern, wanted) in HEADERS.items():
        if not pattern.fullmatch(call.headers.get(name, "")):
            raise call.refuse(400, f"The header {name} must be {wanted}.")


def _user(authorization: str) -> str:
    scheme, _, encoded = authorization.partition(" ")
    try:
        return base64.b64decode(encoded, validate=True).decode() if scheme == "Basic" else ""
    except (binascii.Error, UnicodeDecodeError):
        return ""


def show(call: Call) -> Answer:
    """One product."""
    return Answer(200, item(call, PRODUCTS, id_in_path(call, PRODUCTS)))


def search(call: Call) -> Answer:
    """A page of the products a term is found in."""
    term = call.query.get("term", "").casefold()
    if not term:
        raise call.refuse(400, "term is required.")
    size = min(call.count("perPage", PER_PAGE), MOST_PER_PAGE)
    page = call.count("page", 1)
    ids = call.collection(PRODUCTS).select(
        term,
        lambda products: [number for number in products.ids if _matches(term, products[number])],
    )
    chosen, total = call.window(ids, (page - 1) * size, size)
    products = encode_list(call.account, PRODUCTS, chosen)
    where = encode({"page": page, "perPage": size, "total": total})
    return Answer(200, b'{"products":' + products + b"," + where[1:])


def _matches(term: str, product: Object) -> bool:
    texts = (product[name] for name in ("productID", "name", "partNumber"))
    return any(term in text.casefold() for text in texts if isinstance(text, str))


VENDOR = Vendor(
    name="kibo-oms",
    prefix="",
    credentials={"KIBO_OMS_USERNAME": USERNAME, "KIBO_OMS_PASSWORD": PASSWORD},
    kinds=(PRODUCTS,),
    routes=(
        Route("GET", PATH, search),
        Route("GET", f"{PATH}/", search),
        Route("GET", f"{PATH}/{{id}}", show),
    ),
    rate=600,
    authorize=authorize,
    error_body=error_body,
    rate_headers=False,
)
