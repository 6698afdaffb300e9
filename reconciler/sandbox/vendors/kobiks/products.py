"""Kobiks products: read as variants, written as unit products, in two different shapes.

Assumed, because the documentation does not say:
- A refused write is a 422, a sku that is not there a 404; nothing is written then.
- A product without a sku gets one; a sku is unique, and a plain create refuses one that is taken.
- A supplier must match by name and code; brands are text; a commodity must exist, as features,
  price categories, locations and categories must. Of categories of one name the first is meant.
- null is as good as left out; `tax_rate` is taken, and `taxRate` as the table has it.
- Numbers may come as numbers or text, with a point or a comma. Prices read back as text without
  trailing zeros, commodities as text with a comma and three places.
- `_destroy` works on features; one that is required cannot be taken away.
- A quantity's `id` is that of its location; a location not mentioned keeps its quantity.
- The documentation's product is served with names its other lists know.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from reconciler.sandbox import verbs
from reconciler.sandbox.generated import pick
from reconciler.sandbox.store import Object
from reconciler.sandbox.vendor import Account, Answer, Call, Field, Kind, Route
from reconciler.sandbox.vendors.kobiks.checks import CASTS, decimal, flag, fraction, text

PRICE, STORE = "Perakende Satış Fiyatı {n:06}", "Mağaza {n:06}"
FEATURE, COMMODITY = "Özellik {n:06}", "Altın {n:06}"
SUPPLIER, SUPPLIER_CODE = "Demo Tedarikçi {n:06}", "724.T.{n:06}"
"""The names of generated objects that generated products refer to."""
JEWELS = ("Yüzük", "Kolye", "Küpe", "Bileklik", "Şahmeran", "Gümüş Zincir", "İnci", "Çerçeve")

DONE = b'{\n  "ok"\n}'


def present(account: Account, product: Object) -> Object:
    """A product with its categories as they are now."""
    categories = account.store["categories"]
    told = [categories.get(each["id"]) or each for each in product["categories"]]
    return product | {"categories": told}


PRODUCTS = Kind(
    "products",
    "/variants",
    fields=(
        Field("alert_at", "integer", make=lambda n: n % 10),
        Field("barcode", make=lambda n: f"{8690000000000 + n}"),
        Field("brand", make="Demo Marka"),
        Field("categories", "array", default=(), make=lambda n: [{"id": n}]),
        Field(
            "commodities",
            "array",
            default=(),
            make=lambda n: [{"name": COMMODITY.format(n=n), "value": f"{n % 9},020"}],
        ),
        Field("consign", "boolean", default=False, make=lambda _: False),
        Field("desc", make="açıklama"),
        Field("exp_date", make="22-06-2020"),
        Field(
            "images",
            "array",
            default=(),
            make=lambda n: [{"uri": f"http://img.example.com/{n}.png"}],
        ),
        Field("is_active", "boolean", default=True, make=lambda _: True),
        Field("name", make=lambda n: f"Demo {pick(JEWELS, n)} {n:06}"),
        Field("oversell", "boolean", default=False, make=lambda _: True),
        Field(
            "prices",
            "array",
            default=(),
            make=lambda n: [
                {"price_category_name": PRICE.format(n=n), "value": f"{1000 + n % 9000}"}
            ],
        ),
        Field("priority", "integer", make=lambda _: 1),
        Field(
            "product_features",
            "array",
            default=(),
            make=lambda n: [{"name": FEATURE.format(n=n), "value": f"{n:06}"}],
        ),
        Field(
            "quantities",
            "array",
            default=(),
            make=lambda n: [{"id": n, "store_name": STORE.format(n=n), "value": 1.0}],
        ),
        Field("sellable", "boolean", default=True, make=lambda _: True),
        Field("shelf", make=lambda n: f"{n % 30}"),
        Field("short_desc", make="kısa açıklama"),
        Field("sku", make="{n:08}"),
        Field("stock_enabled", "boolean", default=True, make=lambda _: True),
        Field(
            "supplier",
            "object",
            make=lambda n: {"name": SUPPLIER.format(n=n), "code": SUPPLIER_CODE.format(n=n)},
        ),
        Field("tax_rate", "number", make=lambda _: 18.0),
    ),
    key="sku",
    numbered=False,
    present=present,
    embeds=("categories",),
)
SUPPLIERS = Kind(
    "suppliers",
    "",
    fields=(Field("name", make=SUPPLIER), Field("code", make=SUPPLIER_CODE)),
    verbs="",
)

ALIASES: Mapping[str, str] = {"cached_name": "name", "variant.cachedName": "name"}
"""Columns of a variant that are called otherwise in filters and sorting."""
RELATED: Mapping[str, tuple[str, str, str]] = {
    "price_category_id": ("price_categories", "prices", "price_category_name"),
    "store_id": ("locations", "quantities", "store_name"),
}
"""Filters by what a variant has a relation to: the kind, the relation, its name in there."""


def related(call: Call, column: str, key: str) -> tuple[str, str, object]:
    """The relation, its key and the name an entry must have to be the one of this id."""
    kind, relation, name = RELATED[column]
    thing = call.account.store[kind].get(int(key)) if key.isdecimal() else None
    return relation, name, thing["name"] if thing else None


def create(call: Call) -> Answer:
    """A new product; with `create_or_update`, a change of the one of its name or else its sku."""
    body = call.json()
    if call.query.get("create_or_update") == "true":
        found = _named(call, body)
        if found is not None:
            return _change(call, found, body)
    if not body.get("name"):
        raise call.refuse(422, "name is required.")
    variants = call.account.store["products"]
    blank = verbs.completed(call.account.clock, PRODUCTS, variants.next_id, {})
    fields = _applied(call, blank, body, None)
    fields["sku"] = fields["sku"] or f"{variants.next_id:08}"
    verbs.created(call, PRODUCTS, fields)
    return Answer(200, DONE)


def update(call: Call) -> Answer:
    """A change of the product of the sku in the path."""
    return _change(call, verbs.located(call, PRODUCTS), call.json())


def _named(call: Call, body: Mapping[str, Any]) -> int | None:
    for name in ("name", "sku"):
        if isinstance(body.get(name), str):
            for number in sorted(call.account.store["products"].find(name, body[name])):
                return number
    return None


def _change(call: Call, number: int, body: Object) -> Answer:
    before = call.account.store["products"][number]
    verbs.updated(call, PRODUCTS, number, _applied(call, before, body, number))
    return Answer(200, DONE)


def _applied(call: Call, before: Object, body: Object, number: int | None) -> Object:
    """The product as the body makes it: what is not given, and empty arrays, change nothing."""
    given = {name: value for name, value in body.items() if value is not None and value != []}
    given.setdefault("tax_rate", given.get("taxRate", before["tax_rate"]))
    after = dict(before)
    for name, cast in CASTS.items():
        if given.get(name) is not None:
            after[name] = cast(call, name, given[name])
    if not after["name"]:
        raise call.refuse(422, "name is required.")
    taken = call.account.store["products"].find("sku", after["sku"]) - {number}
    if after["sku"] and taken:
        raise call.refuse(422, f"The sku {after['sku']} is taken.")
    if "supplier" in given:
        after["supplier"] = _supplier(call, given["supplier"])
    for name, apply in RELATIONS.items():
        if name in given:
            if not isinstance(given[name], list):
                raise call.refuse(422, f"{name} must be an array.")
            after[name] = apply(call, before[name], given[name])
    _require_features(call, after)
    return after


def _require_features(call: Call, product: Object) -> None:
    has = {each["name"] for each in product["product_features"]}
    types = call.account.store["product_feature_types"]
    needed = [types[number]["name"] for number in sorted(types.find("required", True))]
    if missing := [name for name in needed if name not in has]:
        raise call.refuse(422, f"product_features: {', '.join(missing)} required.")


def _supplier(call: Call, given: Any) -> Object:
    wanted = {name: given.get(name) for name in ("name", "code")} if isinstance(given, dict) else {}
    for supplier in call.account.store["suppliers"]:
        if {name: supplier[name] for name in ("name", "code")} == wanted:
            return wanted
    raise call.refuse(422, "The supplier was not found.")


def _known(call: Call, kind: str, name: Any) -> int:
    """The id of the thing of this name, which must exist."""
    found = call.account.store[kind].find("name", name) if isinstance(name, str) else set()
    if not found:
        raise call.refuse(422, f"{name} was not found among the {kind}.")
    return min(found)


Entry = tuple[str, Object | None]


def _merged(
    make: Callable[[Call, Object], Entry], key: str
) -> Callable[[Call, list[Object], list[Any]], list[Object]]:
    """Puts each entry given in the place of the one of its name; None takes that away."""

    def apply(call: Call, before: list[Object], given: list[Any]) -> list[Object]:
        after = {each[key]: each for each in before}
        for each in given:
            if not isinstance(each, dict):
                raise call.refuse(422, "Entries must be objects.")
            name, entry = make(call, each)
            if entry is None:
                after.pop(name, None)
            else:
                after[name] = entry
        return list(after.values())

    return apply


def _price(call: Call, given: Object) -> Entry:
    name = given.get("price_category_name")
    _known(call, "price_categories", name)
    value = decimal(call, "prices: value", given.get("value"))
    entry = {"price_category_name": name, "value": f"{value.normalize():f}"}
    return str(name), entry if value else None


def _commodity(call: Call, given: Object) -> Entry:
    name = given.get("name")
    _known(call, "commodities", name)
    value = decimal(call, "commodities: value", given.get("value")).normalize()
    exponent = value.as_tuple().exponent
    told = f"{value:f}" if isinstance(exponent, int) and exponent < -3 else f"{value:.3f}"
    return str(name), {"name": name, "value": told.replace(".", ",")} if value else None


def _feature(call: Call, given: Object) -> Entry:
    name = given.get("name")
    _known(call, "product_feature_types", name)
    if flag(call, "_destroy", given.get("_destroy", False)):
        return str(name), None
    value = text(call, "product_features: value", given.get("value"))
    return str(name), {"name": name, "value": value}


def _quantity(call: Call, given: Object) -> Entry:
    name = given.get("location_name")
    number = _known(call, "locations", name)
    value = fraction(call, "quantities: value", given.get("value"))
    return str(name), {"id": number, "store_name": name, "value": value}


def _categories(call: Call, before: list[Object], given: list[Any]) -> list[Object]:
    """The categories of these names or ids, instead of those before."""
    store, ids = call.account.store["categories"], []
    for each in given:
        name = text(call, "categories", each)
        by_id = int(name) if name.isdecimal() and int(name) in store else None
        ids.append(_known(call, "categories", name) if by_id is None else by_id)
    return [store[number] for number in dict.fromkeys(ids)]


def _images(call: Call, before: list[Object], given: list[Any]) -> list[Object]:
    """The images given, instead of those before."""
    if not all(isinstance(each, dict) and isinstance(each.get("uri"), str) for each in given):
        raise call.refuse(422, "images: uri is required.")
    return [{"uri": each["uri"]} for each in given]


RELATIONS: Mapping[str, Callable[[Call, list[Object], list[Any]], list[Object]]] = {
    "categories": _categories,
    "commodities": _merged(_commodity, "name"),
    "images": _images,
    "prices": _merged(_price, "price_category_name"),
    "product_features": _merged(_feature, "name"),
    "quantities": _merged(_quantity, "store_name"),
}

ROUTES = (
    Route("POST", "/unit_products", create),
    Route("POST", "/unit_products/{id}", update),
)
