"""Kobiks products: read as variants, written as unit products, in two different shapes.

Assumed, because the documentation does not say:
- A refused write is a 422, a sku that is not there a 404; nothing is written then.
- A product without a sku gets one; a sku is unique, and a plain create refuses one that is taken.
- A supplier is found by its name, whatever its code, as in the sample; brands are text.
- Bodies may be written as in the samples: commas after the last entry, names in single quotes,
  decimal commas outside quotes.
- A commodity must exist, as features, price categories, locations and categories must. Of
  categories of one name the first is meant.
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

from reconciler.sandbox import casts, crud
from reconciler.sandbox.describe import Account, Answer, Call, Field, Kind, Route
from reconciler.sandbox.samples import constant
from reconciler.sandbox.store import Object
from reconciler.sandbox.vendors.kobiks import loose_json
from reconciler.sandbox.vendors.kobiks.kinds import JEWELS, PRICE_CATEGORY

DONE = b'{\n  "ok"\n}'
ANY = Field("any")
MUST_BE: Mapping[str, str] = {
    "string": "text",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "date": "a date such as 22-06-2020",
}


def _with_categories(account: Account, product: Object) -> Object:
    """A product with its categories as they are now."""
    stored = account.store["categories"]
    categories = [stored.get(category["id"]) or category for category in product["categories"]]
    return product | {"categories": categories}


def _generated(field: str, make: Callable[[int], Object]) -> Field:
    """An array of objects, of which generated products have one."""
    return Field(field, "array", default=(), make=lambda number: [make(number)])


PRODUCTS = Kind(
    "products",
    "/variants",
    (
        Field("alert_at", "integer", make=lambda n: n % 10),
        Field("barcode", make=lambda n: f"{8690000000000 + n}"),
        Field("brand", make="Demo Marka"),
        _generated("categories", lambda n: {"id": n}),
        _generated("commodities", lambda n: {"name": f"Altın {n:06}", "value": f"{n % 9},020"}),
        Field("consign", "boolean", default=False),
        Field("desc", make="açıklama"),
        Field("exp_date", "date", make="22-06-2020"),
        _generated("images", lambda n: {"uri": f"http://img.example.com/{n}.png"}),
        Field("is_active", "boolean", default=True),
        Field("name", make=lambda n: f"Demo {JEWELS[n % len(JEWELS)]} {n:06}"),
        Field("oversell", "boolean", default=False, make=constant(True)),
        _generated(
            "prices",
            lambda n: {
                "price_category_name": PRICE_CATEGORY.format(n=n),
                "value": f"{1000 + n % 9000}",
            },
        ),
        Field("priority", "integer", make=constant(1)),
        _generated("product_features", lambda n: {"name": f"Özellik {n:06}", "value": f"{n:06}"}),
        _generated("quantities", lambda n: {"id": n, "store_name": f"Mağaza {n:06}", "value": 1.0}),
        Field("sellable", "boolean", default=True),
        Field("shelf", make=lambda n: f"{n % 30}"),
        Field("short_desc", make="kısa açıklama"),
        Field("sku", make="{n:08}"),
        Field("stock_enabled", "boolean", default=True),
        Field(
            "supplier",
            "object",
            make=lambda n: {"name": f"Demo Tedarikçi {n:06}", "code": f"724.T.{n:06}"},
        ),
        Field("tax_rate", "number", make=constant(18.0)),
    ),
    key="sku",
    numbered=False,
    render=_with_categories,
    embeds=("categories",),
)
SUPPLIERS = Kind(
    "suppliers",
    "",
    (Field("name", make="Demo Tedarikçi {n:06}"), Field("code", make="724.T.{n:06}")),
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
    body = loose_json.body_of(call)
    if call.query.get("create_or_update") == "true":
        number = _named(call, body)
        if number is not None:
            return _change(call, number, body)
    if not body.get("name"):
        raise call.refuse(422, "name is required.")
    following = call.collection(PRODUCTS).next_id
    blank = crud.complete(call.account.clock, PRODUCTS, following, {})
    fields = _applied(call, blank, body, None)
    fields["sku"] = fields["sku"] or f"{following:08}"
    crud.insert(call, PRODUCTS, fields)
    return Answer(200, DONE)


def update(call: Call) -> Answer:
    """A change of the product of the sku in the path."""
    return _change(call, crud.id_in_path(call, PRODUCTS), loose_json.body_of(call))


def _named(call: Call, body: Mapping[str, Any]) -> int | None:
    numbers = (crud.find(call, PRODUCTS, name, _text(body, name)) for name in ("name", "sku"))
    return next((number for number in numbers if number is not None), None)


def _text(body: Mapping[str, Any], name: str) -> str | None:
    value = body.get(name)
    return value if isinstance(value, str) else None


def _change(call: Call, number: int, body: Object) -> Answer:
    before = call.collection(PRODUCTS)[number]
    crud.change(call, PRODUCTS, number, _applied(call, before, body, number))
    return Answer(200, DONE)


def _applied(call: Call, before: Object, body: Object, number: int | None) -> Object:
    """The product as the body makes it: what is not given, and empty arrays, change nothing."""
    given = {name: value for name, value in body.items() if value is not None and value != []}
    given.setdefault("tax_rate", given.get("taxRate", before["tax_rate"]))
    after = dict(before)
    for field in PRODUCTS.fields:
        if field.type in casts.COMMA and given.get(field.name) is not None:
            after[field.name] = cast(call, field.type, field.name, given[field.name])
    if not after["name"]:
        raise call.refuse(422, "name is required.")
    taken = call.collection(PRODUCTS).find("sku", after["sku"]) - {number}
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
    has = {feature["name"] for feature in product["product_features"]}
    types = call.account.store["product_feature_types"]
    needed = [types[number]["name"] for number in sorted(types.find("required", True))]
    if missing := [name for name in needed if name not in has]:
        raise call.refuse(422, f"product_features: {', '.join(missing)} required.")


def _supplier(call: Call, given: Any) -> Object:
    wanted = given.get("name") if isinstance(given, dict) else None
    for supplier in call.account.store["suppliers"]:
        if supplier["name"] == wanted:
            return {name: supplier[name] for name in ("name", "code")}
    raise call.refuse(422, "The supplier was not found.")


def _known(call: Call, kind: str, name: Any) -> int:
    """The id of the thing of this name, which must exist."""
    ids = call.account.store[kind].find("name", name) if isinstance(name, str) else set()
    if not ids:
        raise call.refuse(422, f"{name} was not found among the {kind}.")
    return min(ids)


def cast(call: Call, type: str, name: str, value: Any) -> Any:
    """A value of this type, with decimal commas and words for booleans; 422 for what is none."""
    try:
        return casts.COMMA[type](ANY, value)
    except casts.Wrong as wrong:
        raise call.refuse(422, f"{name} must be {MUST_BE[wrong.expected]}.") from None


Entry = tuple[str, Object | None]


def _merged(
    make: Callable[[Call, Object], Entry], key: str
) -> Callable[[Call, list[Object], list[Any]], list[Object]]:
    """Puts each entry given in the place of the one of its name; None takes that away."""

    def apply(call: Call, before: list[Object], given: list[Any]) -> list[Object]:
        after = {entry[key]: entry for entry in before}
        for body in given:
            if not isinstance(body, dict):
                raise call.refuse(422, "Entries must be objects.")
            name, entry = make(call, body)
            if entry is None:
                after.pop(name, None)
            else:
                after[name] = entry
        return list(after.values())

    return apply


def _price(call: Call, given: Object) -> Entry:
    name = given.get("price_category_name")
    _known(call, "price_categories", name)
    value = cast(call, "decimal", "prices: value", given.get("value"))
    entry = {"price_category_name": name, "value": f"{value.normalize():f}"}
    return str(name), entry if value else None


def _commodity(call: Call, given: Object) -> Entry:
    name = given.get("name")
    _known(call, "commodities", name)
    value = cast(call, "decimal", "commodities: value", given.get("value")).normalize()
    exponent = value.as_tuple().exponent
    shown = f"{value:f}" if isinstance(exponent, int) and exponent < -3 else f"{value:.3f}"
    return str(name), {"name": name, "value": shown.replace(".", ",")} if value else None


def _feature(call: Call, given: Object) -> Entry:
    name = given.get("name")
    _known(call, "product_feature_types", name)
    if cast(call, "boolean", "_destroy", given.get("_destroy", False)):
        return str(name), None
    value = cast(call, "string", "product_features: value", given.get("value"))
    return str(name), {"name": name, "value": value}


def _quantity(call: Call, given: Object) -> Entry:
    name = given.get("location_name")
    number = _known(call, "locations", name)
    value = cast(call, "number", "quantities: value", given.get("value"))
    return str(name), {"id": number, "store_name": name, "value": value}


def _categories(call: Call, before: list[Object], given: list[Any]) -> list[Object]:
    """The categories of these names or ids, instead of those before."""
    store, ids = call.account.store["categories"], []
    for category in given:
        name = cast(call, "string", "categories", category)
        by_id = int(name) if name.isdecimal() and int(name) in store else None
        ids.append(_known(call, "categories", name) if by_id is None else by_id)
    return [store[number] for number in dict.fromkeys(ids)]


def _images(call: Call, before: list[Object], given: list[Any]) -> list[Object]:
    """The images given, instead of those before."""
    if not all(isinstance(image, dict) and isinstance(image.get("uri"), str) for image in given):
        raise call.refuse(422, "images: uri is required.")
    return [{"uri": image["uri"]} for image in given]


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
