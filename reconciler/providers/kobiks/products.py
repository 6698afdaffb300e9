"""Kobiks products: read as variants, written as unit products, in two different shapes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import quote

from reconciler.kinds import Call, Carries, Kind, Raw, Requests, Verb
from reconciler.model import Fields, Live, Pointer
from reconciler.providers.kobiks.lookups import PAGES
from reconciler.providers.numbers import with_numbers
from reconciler.values.scalars import text_form

FLAGS = ("is_active", "sellable", "stock_enabled", "oversell", "consign")
WORDS = {"true": True, "false": False}
REPLACED = ("categories", "images")
DAY = "%d-%m-%Y"


class Relation(NamedTuple):
    """A list of entries with a name and a value.

    The name is called `member` in manifests, `read` in answers and `written` in bodies; an entry
    that goes is written with `gone`. Where it `counts`, a value of nothing is as good as no entry,
    and `numeric` values are written as numbers.
    """

    member: str
    read: str
    written: str
    gone: Mapping[str, Any]
    counts: bool = True
    numeric: bool = True


# Sections Ürün Listesi (read), Ürün Oluşturma (written) and Ürün Güncelleme (gone).
RELATIONS = {
    "prices": Relation(
        "price_category",
        "price_category_name",
        "price_category_name",
        {"value": "0"},
        numeric=False,
    ),
    "commodities": Relation("name", "name", "name", {"value": 0}),
    "quantities": Relation("location", "store_name", "location_name", {"value": 0}),
    "product_features": Relation(
        "name", "name", "name", {"_destroy": True}, counts=False, numeric=False
    ),
}


def with_sku(raws: Sequence[Raw]) -> Sequence[Raw]:
    """The variants that can be addressed: the sku is all there is to tell them apart."""
    return [raw for raw in raws if raw.get("sku")]


def decode_product(raw: Raw) -> Raw:
    """A variant (section Ürün Listesi) in the manifest's shape.

    What is null is left out, since null cannot be written; a list that is null is empty.
    """
    lists = {*RELATIONS, *REPLACED}
    fields = {n: v for n, v in raw.items() if v is not None or n in lists}
    for name in FLAGS:
        if isinstance(fields.get(name), str):
            fields[name] = WORDS.get(fields[name], fields[name])
    if "tax_rate" in fields:
        fields["tax_rate"] = with_point(fields["tax_rate"])
    if isinstance(fields.get("shelf"), int):
        fields["shelf"] = str(fields["shelf"])
    if "categories" in fields:
        fields["categories"] = [_category(one) for one in fields["categories"] or ()]
    if "images" in fields:
        fields["images"] = [one["uri"] for one in fields["images"] or ()]
    for name, relation in RELATIONS.items():
        if name in fields:
            fields[name] = list(_entries(relation, fields[name] or ()))
    return fields


def encode_product(fields: Raw) -> Raw:
    """The body of sections Ürün Oluşturma and Ürün Güncelleme: names for references, ids for
    categories, days as DD-MM-YYYY, numbers for numbers."""
    body = with_numbers(fields, "tax_rate")
    if "categories" in body:
        body["categories"] = [_id(one) for one in body["categories"]]
    if "images" in body:
        body["images"] = [{"uri": one} for one in body["images"]]
    if "exp_date" in body:
        body["exp_date"] = _day(body["exp_date"])
    for name, relation in RELATIONS.items():
        if name in body:
            body[name] = [_written(relation, one) for one in body[name]]
    return body


def emptied(before: Fields, after: Fields) -> str:
    """Why the vendor would not do it: an empty list changes nothing (section Ürün Güncelleme), and
    for these lists there is no other word."""
    names = [name for name in REPLACED if after.get(name) == [] and before.get(name)]
    return f"the API cannot empty {' and '.join(names)}" if names else ""


def update(requests: Requests, live: Live | None, body: Raw) -> Any:
    """Change a product: what is live and no longer declared is named as gone, since what is left
    out of a list stays (section Ürün Güncelleme)."""
    if live is None:
        raise ValueError("there is nothing to update")
    whole = dict(body)
    for name, relation in RELATIONS.items():
        if name in body:
            whole[name] = [*body[name], *_gone(relation, body[name], live.fields.get(name) or ())]
    path = f"/unit_products/{quote(live.id, safe='')}"
    return requests.write("POST", path, whole, silent=True)


def with_point(value: Any) -> Any:
    """Decimal text with a point: the documentation's samples have a comma."""
    if isinstance(value, str) and "." not in value:
        return value.replace(",", ".")
    return value


def _category(raw: Any) -> Pointer:
    return Pointer(id=str(raw["id"] if isinstance(raw, Mapping) else raw))


def _entries(relation: Relation, raws: Any) -> Iterator[Raw]:
    for raw in raws:
        value = with_point(raw["value"]) if relation.counts else raw["value"]
        if value is None or (relation.counts and _nothing(value)):
            continue
        name = raw[relation.read] if relation.read in raw else raw[relation.written]
        yield {relation.member: Pointer(key=str(name)), "value": value}


def _nothing(value: Any) -> bool:
    try:
        return float(value) == 0
    except ValueError:
        return False


def _written(relation: Relation, entry: Raw) -> Raw:
    value = entry["value"]
    if relation.numeric:
        value = with_numbers(entry, "value")["value"]
    elif not isinstance(value, str):
        value = str(value)
    return {relation.written: entry[relation.member].key, "value": value}


def _gone(relation: Relation, kept: list[Raw], before: Any) -> Iterator[Raw]:
    names = {text_form(one[relation.written]) for one in kept}
    for entry in before:
        name = entry[relation.member].key
        if text_form(name) not in names:
            yield {relation.written: name, "value": entry["value"], **relation.gone}


def _id(pointer: Pointer) -> str:
    if pointer.id is None:
        raise ValueError(f"the reference to {pointer.key} has not been resolved")
    return pointer.id


def _day(day: str) -> str:
    try:
        return datetime.strptime(day, "%Y-%m-%d").strftime(DAY)
    except ValueError:  # it is written as the vendor does
        return day


PRODUCTS = Kind(
    name="products",
    title="product",
    calls={
        Verb.LIST: Call("GET", "/variants", query={"sort": "sku"}),
        Verb.CREATE: Call("POST", "/unit_products", silent=True),
        Verb.UPDATE: Call("POST", "/unit_products/{id}", carries=Carries.CHANGED, silent=True),
    },
    natural_key=("sku",),
    screen="Kobiks → Ürünler, the products",
    paging=PAGES,
    identifier=("sku",),
    collect=with_sku,
    decode=decode_product,
    encode=encode_product,
    update_blocker=emptied,
    delete_hint="or declare it with `is_active: false`, which takes it off sale",
    writers={Verb.UPDATE: update},
    notes=(
        "There is no request to remove one; `is_active: false` takes it off sale.",
        "A write answers `ok`, which is not JSON: it is not read, and the product is looked at "
        "instead. `create_or_update` is never used, since it may find another product of the same "
        "name.",
        "An update leaves alone what it does not name. What is live and not in a declared list is "
        "therefore named: features with `_destroy`, prices, commodities and quantities with 0. An "
        "entry with 0 counts as none.",
        "An empty list changes nothing: the last category and the last image can only be taken "
        "away on screen, and the plan says so.",
        "null is taken for left out, so nothing can be unset with it; a text that is emptied is "
        "assumed to be answered as empty text.",
        "The sku is what a product is addressed by: another one in a manifest is for a person, "
        "although the vendor could change it.",
        "`tax_rate` is written as in the samples; the table calls it `taxRate`. `alert_at` is a "
        "number as in the samples; the table calls it a date.",
        "Amounts are read with a decimal comma or point, prices written as text and the other "
        "amounts as numbers, as in the samples.",
        "Images are assumed to be answered with the address they were given by; where the vendor "
        "answers its own, `$ignore: [images]` leaves them alone.",
        "That variants can be sorted by sku is assumed. One without a sku is left alone.",
        "Suppliers have no list: one that does not exist is refused on apply.",
    ),
)
