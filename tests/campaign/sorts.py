"""The kinds of the campaign, each as the vendor's documents have it: how an object looks when it is
read past the API, how somebody else changes it, and the values that manifests and people use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

Raw = Mapping[str, Any]
NAMES = ("Kumaş", "İplik", "iplik", "007", "no", "x y", "a/b", "Ö-1")
CODES = ("K-1", "K-2", "k-1", "007", "no", "b.3", "C_4", "D5")
TEXTS = ("Bez", "bez", "Şal ve Ö", "on")
MAILS = ("Ada@X.example", "b@x.example")
PAGES = ("https://x.example/", "https://x.example/a", "https://y.example/b/")
SKU = "CANDLE-00000{}"
PRODUCT = "product_8ef7e3c4befa"
"""The id of the first product of the sandbox's generated data."""


def never(_raw: Raw) -> bool:
    """Whether an object counts as gone though it is there: it never does."""
    return False


def decimal(value: Any) -> Any:
    """A number, however it is written."""
    return None if value is None else Decimal(str(value)).normalize()


def in_order(values: Any) -> Any:
    """A list whose order says nothing."""
    return sorted(values)


def same(value: Any) -> Any:
    """A value that is compared as it is."""
    return value


@dataclass(frozen=True, slots=True, repr=False)
class Sort:
    """One kind of one vendor.

    fields    the values of each field that may be declared; `needed` names those that must be
    forms     how the values of a field are compared, where it is not as they are
    refs      the fields that refer to objects of another kind of the same vendor
    read      where an object has a field, where it is not under its own name
    moves     whether the natural key can be changed
    makes     whether objects can be created, and `deletes` whether they can be deleted
    gone      whether an object that is there counts as deleted
    path      where its objects are changed by somebody else, below the vendor's base URL
    bends     how the vendor may keep fields otherwise than they were written
    meddled   the fields that somebody else changes
    new       what a stranger's new object has beside its natural key; empty where none are made
    observed  the fields that name an object of a kind that is only read
    """

    vendor: str
    kind: str
    key: str
    path: str
    fields: Mapping[str, tuple[Any, ...]]
    needed: tuple[str, ...] = ()
    forms: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    refs: Mapping[str, str] = field(default_factory=dict)
    read: Mapping[str, Callable[[Raw], Any]] = field(default_factory=dict)
    id: str = "id"
    names: tuple[str, ...] = NAMES
    moves: bool = True
    makes: bool = True
    deletes: bool = True
    gone: Callable[[Raw], bool] = never
    bends: Mapping[str, str] = field(default_factory=dict)
    meddled: tuple[str, ...] = ()
    new: Mapping[str, Any] = field(default_factory=dict)
    observed: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        return self.scope

    @property
    def scope(self) -> str:
        """`vendor/kind`: providers have their vendors' names."""
        return f"{self.vendor}/{self.kind}"

    def id_of(self, raw: Raw) -> str:
        """The vendor's id of an object."""
        return str(raw[self.id])

    def value(self, raw: Raw, name: str) -> Any:
        """A field of an object as it is compared."""
        found = self.read[name](raw) if name in self.read else raw.get(name)
        return self.form(name, found)

    def form(self, name: str, value: Any) -> Any:
        """A value of a field as it is compared."""
        return self.forms.get(name, same)(value)


def _items(raws: Any) -> Any:
    return [(one["Product"]["sku"], one["quantity"], one["unitType"]) for one in raws["Items"]]


SUPPLIERS = Sort(
    "kobo-plm",
    "suppliers",
    "code",
    "/suppliers",
    {"name": TEXTS, "email": (None, *MAILS), "website": (None, *PAGES), "type": TEXTS},
    needed=("name",),
    bends={"email": "lower", "website": "slash"},
    meddled=("name", "type"),
    new={"name": "Yabancı"},
)
COMPONENTS = Sort(
    "kobo-plm",
    "components",
    "code",
    "/components",
    {"name": TEXTS, "unit_price": (None, "8.50", 8.5, 9, "0.125"), "unit": TEXTS},
    needed=("name",),
    forms={"unit_price": decimal},
    refs={"supplier": "suppliers"},
    read={"supplier": lambda raw: str(raw["supplier"]["id"]) if raw["supplier"] else None},
    meddled=("name", "unit"),
    new={"name": "Yabancı"},
)
WEBHOOKS = Sort(
    "kobo-plm",
    "webhooks",
    "name",
    "/webhooks",
    {
        "url": PAGES,
        "events": (["style.created"], ["task.created", "style.created"]),
        "is_active": (True, False),
    },
    needed=("url", "events"),
    forms={"events": in_order},
    bends={"url": "slash"},
    meddled=("is_active",),
    new={"url": "https://z.example/", "events": ["task.created"]},
)
LOCATION_TYPES = Sort(
    "kibo",
    "location_types",
    "code",
    "/commerce/admin/locationtypes",
    {"name": TEXTS},
    needed=("name",),
    id="code",
    names=CODES,
    moves=False,
    meddled=("name",),
    new={"name": "Yabancı"},
)
LOCATIONS = Sort(
    "kibo",
    "locations",
    "code",
    "/commerce/admin/locations",
    {"name": TEXTS, "phone": ("", "1", "2"), "note": TEXTS},
    needed=("name",),
    refs={"locationTypes": "location_types"},
    read={"locationTypes": lambda raw: sorted(one["code"] for one in raw.get("locationTypes", ()))},
    id="code",
    names=CODES,
    moves=False,
    gone=lambda raw: bool(raw.get("isDisabled")),
    meddled=("name", "note"),
    new={"name": "Yabancı"},
)
TASKS = Sort(
    "inventora",
    "tasks",
    "name",
    "/tasks",
    {
        "items": tuple(
            [{"product": SKU.format(sku), "quantity": number, "unitType": "pieces"}]
            for sku, number in ((1, 1), (1, 2), (2, 1))
        ),
        "notes": (None, *TEXTS),
        "status": ("pending", "in-progress"),
        "location": ("Location 000001", "Location 000002"),
    },
    needed=("items",),
    forms={
        "items": lambda items: [
            one if isinstance(one, tuple) else (one["product"], one["quantity"], one["unitType"])
            for one in items
        ],
    },
    read={"items": _items, "location": lambda raw: raw["LocationId"]},
    gone=lambda raw: raw["deletedAt"] is not None,
    bends={"notes": "trim"},
    meddled=("notes", "status"),
    new={"Items": [{"ProductId": PRODUCT, "quantity": 1}]},
    observed={"location": "locations"},
)
ITEMS = Sort(
    "inventora",
    "products",
    "sku",
    "/products",
    {"name": TEXTS, "retailPrice": (1, 2.5, "2.50"), "notes": (None, *TEXTS)},
    forms={"retailPrice": decimal},
    names=tuple(SKU.format(number) for number in (1, 2)),
    moves=False,
    makes=False,
    deletes=False,
    meddled=("notes", "name"),
)
PRODUCTS = Sort(
    "kobiks",
    "products",
    "sku",
    "/unit_products",
    {"name": TEXTS, "brand": TEXTS, "desc": TEXTS, "priority": (1, 2)},
    needed=("name",),
    id="sku",
    names=CODES,
    moves=False,
    deletes=False,
    bends={"desc": "trim"},
    meddled=("desc", "priority"),
    new={"name": "Yabancı"},
)
SORTS = {
    sort.scope: sort
    for sort in (
        SUPPLIERS,
        COMPONENTS,
        WEBHOOKS,
        LOCATION_TYPES,
        LOCATIONS,
        TASKS,
        ITEMS,
        PRODUCTS,
    )
}
SHOPS = (("kobo-plm",), ("kibo",), ("inventora",), ("kobo-plm", "kobiks"), ("kibo", "inventora"))
"""The vendors that one sequence uses: few, so that a sequence is quick."""


def at_rest(raw: Raw) -> str:
    """An object to the letter, but with references by id: what they refer to may change."""
    plain = dict(raw)
    if "id" in (plain.get("supplier") or {}):
        plain["supplier"] = plain["supplier"]["id"]
    if "locationTypes" in plain:
        plain["locationTypes"] = [one["code"] for one in plain["locationTypes"]]
    if "Items" in plain:
        plain["Items"] = [{**item, "Product": None} for item in plain["Items"]]
    return repr(sorted(plain.items()))
