"""Kobiks, as its API V1 documentation (Turkish) describes it.

Reference data can be read only; products are read as variants and written as unit products.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

from reconciler.kinds import (
    Conventions,
    Login,
    Objection,
    Paging,
    Provider,
    Raw,
    Requests,
    Verb,
    kinds,
)
from reconciler.model import Fields, Live
from reconciler.values.scalars import text_form

FLAGS = ("is_active", "sellable", "stock_enabled", "oversell", "consign")
BOOLEANS = {"true": True, "false": False}
REPLACED = ("categories", "images")
# Section Ürün Özellikleri names the types and not how their values are written.
VALUE_TYPES = {
    "integer": re.compile(r"[+-]?\d+"),
    "date": re.compile(r"\d{1,2}[-./]\d{1,2}[-./]\d{4}|\d{4}-\d{2}-\d{2}"),
    "checkbox": re.compile(r"(?i:true|false|1|0|evet|hayır|on|off)"),
}


class Relation(NamedTuple):
    """A list of entries with a name and a value.

    The name is called `member` in manifests and `written` in bodies; an entry that goes is written
    with `gone`. Where it `counts`, a value of nothing is as good as no entry.
    """

    member: str
    written: str
    gone: Mapping[str, Any]
    counts: bool = True


# Sections Ürün Oluşturma (written) and Ürün Güncelleme (gone).
RELATIONS = {
    "prices": Relation("price_category", "price_category_name", {"value": "0"}),
    "commodities": Relation("name", "name", {"value": 0}),
    "quantities": Relation("location", "location_name", {"value": 0}),
    "product_features": Relation("name", "name", {"_destroy": True}, counts=False),
}


def place_categories(raws: Sequence[Raw]) -> Sequence[Raw]:
    """Give each category its `path` and its `parent`'s (Kategori Listesi gives `parent_id`).

    Names repeat between branches, so a category is found by all the names from its root. One
    whose parent is not in the list stands at the top: a list is all there is to know.
    """
    known = {raw["id"]: raw for raw in raws if raw.get("id") is not None}
    placed = []
    for raw in raws:
        parent = known.get(raw.get("parent_id"))
        above = _path(parent, known) if parent else None
        placed.append({**raw, "path": _path(raw, known), "parent": above})
    return placed


def _path(raw: Raw, known: Mapping[Any, Raw]) -> str:
    names: list[str] = []
    seen: set[Any] = set()  # the vendor's word that there are no rings is not enough to loop on
    node: Raw | None = raw
    while node is not None and node.get("id") not in seen:
        seen.add(node.get("id"))
        names.append(str(node.get("name", "")))
        node = known.get(node.get("parent_id"))
    return "/".join(reversed(names))


def with_sku(raws: Sequence[Raw]) -> Sequence[Raw]:
    """The variants that can be addressed: the sku is all there is to tell them apart."""
    return [raw for raw in raws if raw.get("sku")]


def decode_product(raw: Raw) -> Raw:
    """A variant as section Ürün Listesi shows it, with booleans for words and points for commas.

    What is null is left out, since null cannot be written (section Ürün Güncelleme); a list that is
    null is empty, and an entry with an amount of 0 is none.
    """
    lists = {*RELATIONS, *REPLACED}
    fields = {n: v for n, v in raw.items() if v is not None}
    fields |= {name: raw[name] or [] for name in lists & raw.keys()}
    for name in FLAGS:
        if isinstance(fields.get(name), str):
            fields[name] = BOOLEANS.get(fields[name], fields[name])
    if "tax_rate" in fields:
        fields["tax_rate"] = with_point(fields["tax_rate"])
    if isinstance(fields.get("shelf"), int):
        fields["shelf"] = str(fields["shelf"])
    for name, relation in RELATIONS.items():
        if name in fields:
            fields[name] = list(_entries(relation, fields[name]))
    return fields


def features_asked_for(
    declared: Fields, live: Fields | None, others: Mapping[str, Mapping[str, Fields]]
) -> Iterator[Objection]:
    """What is wrong with the features of a product (section Ürün Özellikleri).

    A product cannot be created without a feature whose `required` is true. `value_type` says what
    is entered on screen; that the API refuses another value is not documented.
    """
    if live is not None and "product_features" not in declared:
        return
    values = {text_form(e["name"]): e["value"] for e in declared.get("product_features") or ()}
    for key, type in others["product_feature_types"].items():
        name, value = type["name"], values.get(text_form(key))
        if value is None:
            if type.get("required") is True:
                yield Objection(
                    f"product_features lacks {name}, without which Kobiks takes no product",
                    f"Add it: {{name: {name}, value: …}}.",
                )
            continue
        form = VALUE_TYPES.get(str(type.get("value_type")))
        if form is not None and not form.fullmatch(str(value)):
            kind = type["value_type"]
            yield Objection(
                f'product_features[{name}] is "{value}", and a value of {name} is entered as '
                f"{kind} on screen",
                "Correct it; the API may take it, but the screen may not show it.",
                refused=False,
            )


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


def _entries(relation: Relation, raws: Any) -> Iterator[Raw]:
    for raw in raws:
        value = with_point(raw["value"]) if relation.counts else raw["value"]
        if value is not None and not (relation.counts and _is_nothing(value)):
            yield {**raw, "value": value}


def _is_nothing(value: Any) -> bool:
    try:
        return float(value) == 0
    except ValueError:
        return False


def _gone(relation: Relation, kept: list[Raw], before: Any) -> Iterator[Raw]:
    names = {text_form(entry[relation.written]) for entry in kept}
    for entry in before:
        name = entry[relation.member].key
        if text_form(name) not in names:
            yield {relation.written: name, "value": entry["value"], **relation.gone}


KOBIKS = Provider(
    type="kobiks",
    base_url="https://kobiks.com/api/v1",
    auth=Login("/login", "user", ("email", "password"), "token", seconds=2 * 60 * 60),
    kinds=kinds(
        "kobiks",
        # A bare array with no total: the list ends with the first page that is not full.
        Conventions(paging=Paging("page[number]", "page[size]", 100)),
        order=(
            "price_categories locations brands categories product_feature_types commodities "
            "transaction_types products"
        ),
        exceptions={
            "categories": {"collect": place_categories},
            "products": {
                "collect": with_sku,
                "decode": decode_product,
                "objections": features_asked_for,
                "update_blocker": emptied,
                "writers": {Verb.UPDATE: update},
            },
        },
    ),
    rate={"": 60},
    parallelism=4,
    headers={
        "Accept": "application/vnd.kobiks-api.v1+json",
        "Content-Type": "application/json",
    },
    notes=(
        "The API is in beta and writes products only: of the other kinds, a plan names what to "
        "change by hand.",
        "The request that renews a token is not documented: we log in again.",
        "No rate limit is documented: 60 requests a minute and 4 at once are assumed "
        "(`requests_per_minute`, `parallelism`).",
        "What an error looks like is not documented: its text is shown as it came.",
        "Pages are assumed to count from 1, and a list to end with the first page that is not "
        "full: a vendor that capped pages below 100 objects would look shorter than it is.",
        "The kinds whose documentation does not mention pages are assumed to come whole.",
        "Names are not documented to be unique. They are Turkish and compared after Unicode NFC, "
        "never in another case.",
        "Where to find a kind on screen is our assumption.",
    ),
)
