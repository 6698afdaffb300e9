"""Objects by number: the n-th object of each kind, the same every time it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from reconciler.sandbox.store import Object

T = TypeVar("T")

START = datetime(2024, 1, 1)

CITIES = (
    ("Los Angeles", "CA", "90001", "US"),
    ("İstanbul", "", "34000", "TR"),
    ("Porto", "", "4000-001", "PT"),
    ("Ahmedabad", "GJ", "380001", "IN"),
)
PEOPLE = ("John Smith", "Ayşe Yılmaz", "Maria Silva", "Priya Patel", "Çağrı Öztürk")
SUPPLIER_TYPES = ("manufacturer", "agent", "wholesaler")
COMPONENT_TYPES = ("fabric", "trim", "packaging", "label")
CURRENCIES = ("USD", "EUR", "GBP", "TRY")
EVENTS = ("style.created", "style.updated", "inventory.updated", "supplier.updated", "task.created")
JEWELS = ("Yüzük", "Kolye", "Küpe", "Bileklik", "Şahmeran", "Gümüş Zincir", "İnci", "Çerçeve")
PRICE_TYPES = ("whole_buy", "whole_sell", "retail_sell")
LIRA = {"iso": "TRY", "name": "Türk Lirası"}
DOLLAR = {"iso": "USD", "name": "Amerikan Doları"}
VALUE_TYPES = ("text", "date", "checkbox", "integer")


def one(choices: Sequence[T], number: int) -> T:
    """One of the choices, each in its turn."""
    return choices[number % len(choices)]


def stamps(number: int) -> Object:
    """When the n-th object was made and last changed."""
    moment = f"{(START + timedelta(minutes=number)).isoformat()}Z"
    return {"created_at": moment, "updated_at": moment}


def _webhook(number: int) -> Object:
    return {
        "name": f"Webhook {number:06}",
        "url": f"https://hooks.example.com/kobo/{number}",
        "events": [one(EVENTS, number), one(EVENTS, number + 1)],
        "is_active": number % 5 != 0,
    } | stamps(number)


def _workflow(number: int) -> Object:
    return {
        "name": f"Workflow {number:06}",
        "description": f"Generated workflow {number}",
        "trigger_type": one(EVENTS, number),
        "conditions": [{"field": "status", "operator": "equals", "value": "active"}],
        "actions": [{"type": "send_notification", "to": f"team-{number % 7}"}],
        "is_active": number % 4 != 0,
    } | stamps(number)


def _api_key(number: int) -> Object:
    return {
        "name": f"Key {number:06}",
        "scopes": ["styles:read", "webhooks:write"],
        "last_used_at": None,
        "expires_at": None,
    } | stamps(number)


def _supplier(number: int) -> Object:
    city, state, postal_code, country = one(CITIES, number)
    person = one(PEOPLE, number)
    mailbox = f"supplier-{number}@example.com"
    return {
        "name": f"Supplier {number:06} Textiles Ltd",
        "code": f"SUP-{number:06}",
        "type": one(SUPPLIER_TYPES, number),
        "email": mailbox,
        "phone": f"+1-555-{number % 10000:04}",
        "website": f"https://supplier-{number}.example.com",
        "address": {
            "street": f"{number} Industrial Way",
            "city": city,
            "state": state,
            "postal_code": postal_code,
            "country": country,
        },
        "contacts": [
            {"name": person, "email": mailbox, "phone": "+1-555-0101", "role": "Sales Manager"}
        ],
        "payment_terms": f"Net {30 * (1 + number % 3)}",
        "currency": one(CURRENCIES, number),
        "rating": number % 50 / 10,
        "certifications": ["GOTS", "OEKO-TEX"],
    } | stamps(number)


def _component(number: int) -> Object:
    return {
        "code": f"FAB-{number:06}",
        "name": f"Component {number:06}",
        "type": one(COMPONENT_TYPES, number),
        "description": f"Generated component {number}",
        "supplier_id": number,
        "unit": "meter",
        "unit_price": f"{1 + number % 90}.{number % 100:02}",
        "currency": one(CURRENCIES, number),
        "minimum_order_quantity": 10 * (1 + number % 30),
        "lead_time_days": 7 + number % 28,
        "specifications": {"weight": f"{120 + number % 200}gsm", "width": "150cm"},
    } | stamps(number)


def _letters(number: int) -> str:
    """The number in letters: three, as ISO 4217 has them, and more only beyond 17,575."""
    digits = ""
    while number or len(digits) < 3:
        number, digit = divmod(number, 26)
        digits = chr(ord("A") + digit) + digits
    return digits


def _currency(number: int) -> Object:
    return {"code": _letters(number), "name": f"Currency {number}", "symbol": f"¤{number}"}


KOBO_PLM: Mapping[str, Callable[[int], Object]] = {
    "webhooks": _webhook,
    "workflows": _workflow,
    "api_keys": _api_key,
    "suppliers": _supplier,
    "components": _component,
    "size_ranges": lambda number: {"name": f"Range {number:06}", "sizes": ["S", "M", "L"]},
    "currencies": _currency,
    "component_categories": lambda number: {"name": f"Category {number:06}"},
    "units": lambda number: {"code": f"u{number}", "name": f"Unit {number}"},
}


def _price_category(number: int) -> Object:
    return {
        "currency": DOLLAR if number % 4 == 0 else LIRA,
        "name": f"Perakende Satış Fiyatı {number:06}",
        "price_type": one(PRICE_TYPES, number),
        "tax_included": number % 2 == 0,
    }


def _category(number: int) -> Object:
    return {"name": f"{one(JEWELS, number)} {number}", "parent_id": number // 10 or None}


def _feature_type(number: int) -> Object:
    return {
        "name": f"Özellik {number:06}",
        # One that is required would have to be on every product there is.
        "required": False,
        "value_type": one(VALUE_TYPES, number),
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
        "name": f"Demo {one(JEWELS, number)} {number:06}",
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
    "brands": lambda number: {"name": f"{one(JEWELS, number)} Markası {number:06}"},
    "categories": _category,
    "product_feature_types": _feature_type,
    "commodities": _commodity,
    "transaction_types": _transaction_type,
    "products": _variant,
    "suppliers": lambda number: _variant(number)["supplier"],
}
