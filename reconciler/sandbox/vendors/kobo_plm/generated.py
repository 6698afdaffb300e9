"""Kobo PLM's objects by number: the n-th of each kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from reconciler.sandbox.generated import CITIES, CURRENCIES, one, stamps
from reconciler.sandbox.store import Object

SIZES = ["XS", "S", "M", "L", "XL"]
PEOPLE = ("John Smith", "Ayşe Yılmaz", "Maria Silva", "Priya Patel", "Çağrı Öztürk")
SUPPLIER_TYPES = ("manufacturer", "agent", "wholesaler")
COMPONENT_TYPES = ("fabric", "trim", "packaging", "label")
EVENTS = ("style.created", "style.updated", "inventory.updated", "supplier.updated", "task.created")


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


def _style(number: int) -> Object:
    return {
        "style_code": f"ST-{number:06}",
        "name": f"Style {number:06}",
        "description": f"Generated style {number}",
        "status": one(("development", "active"), number),
        "category_id": number,
        "season_id": number,
        "brand_id": number,
        "wholesale_price": f"{20 + number % 80}.00",
        "retail_price": f"{50 + number % 200}.50",
        "cost_price": f"{8 + number % 30}.25",
        "currency": one(CURRENCIES, number),
        "sizes": SIZES,
        "colors": [],
        "images": [],
        "skus": [],
    } | stamps(number)


def _bom_item(number: int) -> Object:
    return {
        "style_id": number,
        "component_id": number,
        "quantity": 1.5,
        "unit": "meter",
        "placement": one(("Body", "Sleeve", "Collar"), number),
        "notes": None,
    } | stamps(number)


def _pom_item(number: int) -> Object:
    return {
        "style_id": number,
        "name": "Chest Width",
        "code": "A",
        "tolerance_plus": 0.5,
        "tolerance_minus": 0.5,
        "measurements": {"S": 48, "M": 51, "L": 54, "XL": 57 + number % 5},
    } | stamps(number)


def _variant(number: int) -> Object:
    references = {"style_id": number, "color_id": number, "size_range_id": number}
    return references | {"is_active": number % 4 != 0} | stamps(number)


def _sku(number: int) -> Object:
    return {
        "style_id": number,
        "sku": f"ST-{number:06}-WHT-S",
        "size": "S",
        "color": "White",
        "barcode": f"{2000000000000 + number}",
    } | stamps(number)


def _customer(number: int) -> Object:
    city, state, postal_code, country = one(CITIES, number)
    return {
        "name": f"Customer {number:06}",
        "code": f"CUS-{number:06}",
        "type": one(("wholesale", "retail"), number),
        "email": f"customer-{number}@example.com",
        "phone": f"+1-555-{number % 10000:04}",
        "address": {
            "street": f"{number} Market St",
            "city": city,
            "state": state,
            "postal_code": postal_code,
            "country": country,
        },
        "currency": one(CURRENCIES, number),
        "payment_terms": f"Net {30 * (1 + number % 3)}",
    } | stamps(number)


def _project(number: int) -> Object:
    return {
        "name": f"Collection {number:06}",
        "description": f"Generated project {number}",
        "start_date": "2024-03-01",
        "end_date": "2024-06-30",
        "status": "active",
    } | stamps(number)


def _range_plan(number: int) -> Object:
    return {
        "name": f"Range {number:06}",
        "season_id": number,
        "category_id": number,
        "target_price": f"{30 + number % 60}.00",
        "target_margin": 40 + number % 30,
        "notes": None,
    } | stamps(number)


def _linesheet(number: int) -> Object:
    return {"name": f"Linesheet {number:06}", "season_id": number, "notes": None} | stamps(number)


def _task(number: int) -> Object:
    return {
        "title": f"Task {number:06}",
        "description": f"Generated task {number}",
        "status": "pending",
        "priority": one(("low", "medium", "high", "urgent"), number),
        "due_date": "2024-01-20",
        "assignee_id": number % 7 + 1,
        "related_type": "style",
        "related_id": number,
    } | stamps(number)


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
    "styles": _style,
    "bom_items": _bom_item,
    "pom_items": _pom_item,
    "variants": _variant,
    "skus": _sku,
    "categories": lambda number: {"name": f"Style category {number:06}"},
    "seasons": lambda number: {"name": f"Season {number:06}"},
    "brands": lambda number: {"name": f"Brand {number:06}"},
    "colors": lambda number: {"name": f"Colour {number:06}", "hex": f"#{number % 0x1000000:06X}"},
    "customers": _customer,
    "projects": _project,
    "range_plans": _range_plan,
    "linesheets": _linesheet,
    "tasks": _task,
}
