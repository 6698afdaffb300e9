"""Kobiks' reference data, which API V1 lets us read and not write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reconciler.kinds import Call, Kind, Paging, Raw, Verb
from reconciler.model import Pointer

# A bare array with no total: the list ends with the first page that is not full.
PAGES = Paging("page[number]", "page[size]", 100)


def decode_currency(raw: Raw) -> Raw:
    """`{"iso": "TRY", "name": "Türk Lirası"}` becomes `TRY` (Fiyat Kategorileri, Bileşenler)."""
    currency = raw.get("currency")
    return {**raw, "currency": currency.get("iso")} if isinstance(currency, Mapping) else raw


def place_categories(raws: Sequence[Raw]) -> Sequence[Raw]:
    """Give each category its `path` and its `parent`'s (Kategori Listesi gives `parent_id`).

    Names repeat between branches, so a category is found by all the names from its root. One
    whose parent is not in the list stands at the top: a list is all there is to know.
    """
    known = {raw["id"]: raw for raw in raws if raw.get("id") is not None}
    placed = []
    for raw in raws:
        parent = known.get(raw.get("parent_id"))
        above = Pointer(key=_path(parent, known)) if parent else None
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


def _listed(path: str, **query: str) -> Mapping[Verb, Call]:
    return {Verb.LIST: Call("GET", path, query=query)}


PRICE_CATEGORIES = Kind(
    name="price_categories",
    title="price category",
    calls=_listed("/price_categories"),
    natural_key=("name",),
    screen="Kobiks → Fiyat Kategorileri, the price categories",
    decode=decode_currency,
    notes=("The price types are those of the documentation's examples; there may be others.",),
)

LOCATIONS = Kind(
    name="locations",
    title="location",
    calls=_listed("/stores"),
    natural_key=("name",),
    screen="Kobiks → Lokasyonlar, the locations",
    notes=("The API calls them stores, its pages and products call them locations.",),
)

BRANDS = Kind(
    name="brands",
    title="brand",
    calls=_listed("/brands", sort="name"),
    natural_key=("name",),
    screen="Kobiks → Markalar, the brands",
    paging=PAGES,
    notes=("That brands can be sorted by name is assumed.",),
)

CATEGORIES = Kind(
    name="categories",
    title="category",
    calls=_listed("/categories", sort_structure="list", sort="id"),
    natural_key=("path",),
    screen="Kobiks → Kategoriler, the categories",
    paging=PAGES,
    collect=place_categories,
    notes=(
        "Two categories may share a name in different branches, so a category is found by its "
        "path; a `/` inside a name makes a path ambiguous.",
        "Pages are sorted by id, since names repeat; that this column can be sorted by is assumed.",
        "A category whose parent is not in the list is taken for a root.",
    ),
)

PRODUCT_FEATURE_TYPES = Kind(
    name="product_feature_types",
    title="product feature type",
    calls=_listed("/product_feature_types"),
    natural_key=("name",),
    screen="Kobiks → Ürün Özellikleri, the product features",
    identifier=(),
    notes=("They are answered without ids: one that is renamed on screen is another one here.",),
)

COMMODITIES = Kind(
    name="commodities",
    title="commodity",
    calls=_listed("/commodities"),
    natural_key=("name",),
    screen="Kobiks → Bileşenler, the commodities",
    identifier=(),
    decode=decode_currency,
    notes=(
        "They are answered without ids: one that is renamed on screen is another one here.",
        "`price`, `unit_price` and `market_date` move with the market: they are compared only "
        "where declared.",
        "That `price` is `unit_price` times `factor` is read off the one documented example.",
    ),
)

TRANSACTION_TYPES = Kind(
    name="transaction_types",
    title="transaction type",
    calls=_listed("/transaction_types"),
    natural_key=("module", "name"),
    screen="Kobiks → İşlem Türleri, the transaction types",
    identifier=(),
    notes=(
        "They are answered without ids: one that is renamed on screen is another one here.",
        "One list without the filter `module` is assumed to hold those of both modules.",
    ),
)

LOOKUPS = (
    PRICE_CATEGORIES,
    LOCATIONS,
    BRANDS,
    CATEGORIES,
    PRODUCT_FEATURE_TYPES,
    COMMODITIES,
    TRANSACTION_TYPES,
)
