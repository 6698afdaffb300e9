"""The endpoint a retailer hosts for Kibo's customer care, as PerfectSync describes it.

Assumed, because the documentation does not say:
- Credentials are checked before the headers: 401, then 400 for a header that is missing or
  makes no sense. Any manufacturer, catalog, currency and locale is accepted.
- Errors are `{"message": ...}`; a product that is not there is a 404.
- The search looks for its term in ids, names and part numbers, whatever the case; a term is
  required; the answer is an object with `products` and the page it is.
- `perPage` over 100 counts as 100; pages count from 1.
- `variants` is an array of products in short.
- The address of the schema (`.json`) is not served, and requests are limited to 600 a minute.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping

from reconciler.sandbox import verbs
from reconciler.sandbox.generated import CURRENCIES, pick
from reconciler.sandbox.store import Object
from reconciler.sandbox.vendor import Answer, Call, Field, Kind, Route, Vendor, encode

USERNAME, PASSWORD = "sandbox", "sandbox-oms-password"
PATH = "/api/snap/v1/product"
PER_PAGE, MOST_PER_PAGE = 10, 100

HEADERS: Mapping[str, tuple[re.Pattern[str], str]] = {
    "Kibo-Manufacturer-Id": (re.compile(r"\d+"), "an integer"),
    "Kibo-Catalog-Id": (re.compile(r"\d+"), "an integer"),
    "Kibo-Currency-Code": (re.compile(r"[A-Z]{3}"), "an ISO currency code"),
    "Kibo-Locale": (re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z]{2})?"), "an ISO locale code"),
}

PRODUCTS = Kind(
    "products",
    PATH,
    fields=(
        Field("productID"),
        Field("name"),
        Field("partNumber"),
        Field("imageUrl", default=""),
        Field("availability", default="yes"),
        Field("totalInventoryQuantity", default=0),
        Field("price"),
        Field("currency"),
        Field("additionGroups", default=()),
        Field("variants", default=()),
    ),
    verbs="LG",
    key="productID",
    numbered=False,
)


def problem(message: str) -> Object:
    """An error body."""
    return {"message": message}


def greet(call: Call) -> None:
    """Every request reaches the router."""


def admit(call: Call, route: Route) -> None:
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
    for number in call.account.store["products"].find("productID", call.params["id"]):
        return Answer(200, verbs.item(call, PRODUCTS, number))
    raise call.refuse(404, f"Product {call.params['id']} was not found.")


def search(call: Call) -> Answer:
    """A page of the products a term is found in."""
    term = call.query.get("term", "").casefold()
    if not term:
        raise call.refuse(400, "term is required.")
    size = min(_count(call, "perPage", PER_PAGE), MOST_PER_PAGE)
    page = _count(call, "page", 1)
    ids = call.account.store["products"].select(
        term,
        lambda products: [number for number in products.ids if _found(term, products[number])],
    )
    chosen, total = call.window(ids, (page - 1) * size, size)
    products = verbs.encoded(call.account, PRODUCTS, chosen)
    where = encode({"page": page, "perPage": size, "total": total})
    return Answer(200, b'{"products":' + products + b"," + where[1:])


def _found(term: str, product: Object) -> bool:
    told = (product[name] for name in ("productID", "name", "partNumber"))
    return any(term in each.casefold() for each in told if isinstance(each, str))


def _count(call: Call, name: str, default: int) -> int:
    text = call.query.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text)):
        raise call.refuse(400, f"{name} must be a whole number from 1.")
    return int(text)


def _watch(number: int) -> Object:
    """The n-th product of a generated data set."""
    price = 500.0 + number % 5000
    plan = {"additionID": f"WPP{number % 100:05}", "name": "Protection Plan", "price": price / 10}
    nothing = {"additionID": "000", "name": "None", "price": 0.0}
    group = {"additionGroupID": "tpp5000", "name": "Protection", "additions": [nothing, plan]}
    return {
        "productID": f"VRX{number:06}",
        "name": f"Watch {number:06}",
        "partNumber": f"VRX{number:06}",
        "imageUrl": "",
        "availability": "no" if number % 7 == 0 else "yes",
        "totalInventoryQuantity": 0 if number % 7 == 0 else number % 40 + 1,
        "price": price,
        "currency": pick(CURRENCIES, number),
        "additionGroups": [group],
        "variants": [{"productID": f"VRX{number:06}-S", "name": "Small"}] if number % 3 else [],
    }


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
    greet=greet,
    admit=admit,
    problem=problem,
    generate={"products": _watch},
    rate_headers=False,
)
