"""What the runs that are killed have to bring about: a shop at five vendors, in versions that have
objects to create, change, rename, replace and delete."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .sorts import SKU, never
from .sorts import SORTS as CORE

Kinds = dict[str, dict[str, dict[str, Any]]]


def shop(version: int) -> Kinds:
    """`{provider/kind: {key: fields}}` of a version."""
    numbers = range(version, version + 3)
    price = [{"minQty": 1, "listPriceMode": "Overridden", "listPrice": version}]
    return {
        "kobo-plm/suppliers": {
            f"s{n}": {"code": f"S-{n}", "name": f"Şirket {n}/{version}"} for n in numbers
        },
        "kobo-plm/components": {
            f"c{n}": {"code": f"C-{n}", "name": "Bez", "supplier": f"s{n}", "unit_price": version}
            for n in numbers
        },
        "kobo-plm/webhooks": {
            **{f"h{n}": hook(f"Çağrı {n}", version) for n in numbers[:2]},
            "renamed": hook(f"Çağrı v{version}", 0),
        },
        "kibo/location_types": {"T": {"code": f"T-{version}", "name": "Tip"}},
        "kibo/locations": {
            # Not the first: it is disabled later, and what a disabled location refers to stays.
            f"D{n}": {"name": f"Depo {n}/{version}", "locationTypes": ["T"] if n > 1 else []}
            for n in numbers
        },
        "kibo/price_lists": {f"l{n}": {"priceListCode": f"L{n}", "name": "Liste"} for n in numbers},
        "kibo/price_list_entries": {
            f"l{n}-{p}": {
                "priceListCode": f"l{n}",
                "productCode": f"P{p}",
                "currencyCode": "TRY",
                "priceEntries": price,
            }
            for n in numbers
            for p in (1, 2)
        },
        "kobiks/products": {f"U-{n}": {"name": f"Ürün {n}", "priority": n} for n in range(version)},
        "kibo-oms/products": {"VRX000001": {"name": "Watch 000001"}},
        "inventora/products": {SKU.format(1): {"notes": f"Not {version}"}},
        "inventora/tasks": {
            "replaced": task("Mum yap", version),
            "renamed": task(f"Görev v{version}", 1),
            **{f"t{n}": task(f"Görev {n}", n) for n in numbers[:2]},
        },
    }


def hook(name: str, version: int) -> dict[str, Any]:
    """A webhook, whose name Kobo PLM does not keep unique."""
    return {"name": name, "url": f"https://x.example/{version}", "events": ["style.created"]}


def task(name: str, quantity: int) -> dict[str, Any]:
    """A task, whose name Inventora does not keep unique and whose items cannot be changed."""
    item = {"product": SKU.format(1), "quantity": quantity, "unitType": "pieces"}
    return {"name": name, "items": [item]}


IDS = {
    "kibo/price_lists": ("priceListCode",),
    "kibo/price_list_entries": ("priceListCode", "productCode"),
    "kibo-oms/products": ("productID",),
}
KINDS = (*CORE, *IDS)


def ident(kind: str, raw: Mapping[str, Any]) -> tuple[str, ...]:
    """By what an object is told from all others of its kind, at its vendor."""
    return (CORE[kind].id_of(raw),) if kind in CORE else tuple(str(raw[name]) for name in IDS[kind])


def gone(kind: str, raw: Mapping[str, Any]) -> bool:
    """Whether an object that is there counts as deleted."""
    return CORE[kind].gone(raw) if kind in CORE else never(raw)
