"""Kobiks' objects by number: the n-th of each kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from reconciler.sandbox.generated import pick
from reconciler.sandbox.store import Object

JEWELS = ("Yüzük", "Kolye", "Küpe", "Bileklik", "Şahmeran", "Gümüş Zincir", "İnci", "Çerçeve")
PRICE_TYPES = ("whole_buy", "whole_sell", "retail_sell")
LIRA = {"iso": "TRY", "name": "Türk Lirası"}
DOLLAR = {"iso": "USD", "name": "Amerikan Doları"}
VALUE_TYPES = ("text", "date", "checkbox", "integer")


def _price_category(number: int) -> Object:
    return {
        "currency": DOLLAR if number % 4 == 0 else LIRA,
        "name": f"Perakende Satış Fiyatı {number:06}",
        "price_type": pick(PRICE_TYPES, number),
        "tax_included": number % 2 == 0,
    }


def _category(number: int) -> Object:
    return {"name": f"{pick(JEWELS, number)} {number}", "parent_id": number // 10 or None}


def _feature_type(number: int) -> Object:
    return {
        "name": f"Özellik {number:06}",
        # One that is required would have to be on every product there is.
        "required": False,
        "value_type": pick(VALUE_TYPES, number),
    }


def _commodity(number: int) -> Object:
    return {
        "currency": LIRA,
        "factor": 0.75,
        "iso": f"A{number}",
        "name": f"Altın {number:06}",
        "price": f"{100 + number % 900}.4625",
        "unit_code": "Gr",
        "unit_price": f"{120 + number % 900}.95",
        "market_date": "2024-01-15 00:00:00 UTC",
    }


def _transaction_type(number: int) -> Object:
    return {
        "module": "repair" if number % 2 else "return",
        "name": f"İşlem {number:06}",
        "state_code": "on_sale",
    }


def _variant(number: int) -> Object:
    price = {"price_category_name": _price_category(number)["name"]}
    return {
        "alert_at": number % 10,
        "barcode": f"{8690000000000 + number}",
        "brand": "Demo Marka",
        "categories": [{"id": number}],
        "commodities": [{"name": _commodity(number)["name"], "value": f"{number % 9},020"}],
        "consign": False,
        "desc": "açıklama",
        "exp_date": "22-06-2020",
        "images": [{"uri": f"http://img.example.com/{number}.png"}],
        "is_active": True,
        "name": f"Demo {pick(JEWELS, number)} {number:06}",
        "oversell": True,
        "prices": [price | {"value": f"{1000 + number % 9000}"}],
        "priority": 1,
        "product_features": [{"name": _feature_type(number)["name"], "value": f"{number:06}"}],
        "quantities": [{"id": number, "store_name": f"Mağaza {number:06}", "value": 1.0}],
        "sellable": True,
        "shelf": f"{number % 30}",
        "short_desc": "kısa açıklama",
        "sku": f"{number:08}",
        "stock_enabled": True,
        "supplier": {"name": f"Demo Tedarikçi {number:06}", "code": f"724.T.{number:06}"},
        "tax_rate": 18.0,
    }


KOBIKS: Mapping[str, Callable[[int], Object]] = {
    "price_categories": _price_category,
    "locations": lambda number: {"name": f"Mağaza {number:06}"},
    "brands": lambda number: {"name": f"{pick(JEWELS, number)} Markası {number:06}"},
    "categories": _category,
    "product_feature_types": _feature_type,
    "commodities": _commodity,
    "transaction_types": _transaction_type,
    "products": _variant,
    "suppliers": lambda number: _variant(number)["supplier"],
}
