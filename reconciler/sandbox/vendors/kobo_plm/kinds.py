"""What Kobo PLM holds, as data: kinds with their fields, webhook events, workflow templates."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from reconciler.sandbox.describe import Field, Kind
from reconciler.sandbox.samples import CITIES, CURRENCIES, all_but, constant, in_turn, letters
from reconciler.sandbox.store import Object

KEY = "sandbox-kobo-key"

EVENTS = tuple(
    f"{subject}.{event}"
    for subject, events in {
        "style": "created updated deleted status_changed",
        "component": "created updated deleted",
        "supplier": "created updated deleted",
        "purchase_order": "created updated status_changed confirmed cancelled",
        "inventory": "updated low_stock",
        "customer": "created updated deleted",
        "sales_order": "created updated status_changed",
        "delivery": "created checked_in status_changed",
        "bom": "created updated deleted",
        "task": "created updated completed assigned",
        "project": "created updated status_changed",
        "payment": "created updated",
        "stock_take": "created started completed finalized",
        "workflow": "executed failed",
    }.items()
    for event in events.split()
)

TEMPLATES: tuple[Object, ...] = (
    {
        "id": 1,
        "name": "Notify on low stock",
        "description": "Tell the buying team when inventory falls below its reorder point",
        "trigger_type": "inventory.low_stock",
        "conditions": [],
        "actions": [{"type": "send_notification", "to": "buying"}],
    },
    {
        "id": 2,
        "name": "Task on new style",
        "description": "Open a review task for every new style",
        "trigger_type": "style.created",
        "conditions": [],
        "actions": [{"type": "create_task", "title": "Review the style"}],
    },
)


def secret(seed: object) -> str:
    """A signing secret that follows from its seed, so that runs repeat."""
    return f"whsec_{hashlib.sha256(f'kobo webhook {seed}'.encode()).hexdigest()[:32]}"


SAMPLE_EVENTS = (
    "style.created",
    "style.updated",
    "inventory.updated",
    "supplier.updated",
    "task.created",
)
PEOPLE = ("John Smith", "Ayşe Yılmaz", "Maria Silva", "Priya Patel", "Çağrı Öztürk")
ADDRESS = ("street", "city", "state", "postal_code", "country")
CONTACT = ("name", "email", "phone", "role")


def kobo_kind(
    name: str,
    *fields: Field,
    path: str = "",
    verbs: str = "LGCUPD",
    scope: str = "",
    **facts: Any,
) -> Kind:
    """A kind as most of Kobo's are: all verbs, stamped, a path and a scope of its own name."""
    path = path or f"/{name.replace('_', '-')}"
    return Kind(name, path, fields, verbs, scope=scope or name, stamped=True, **facts)


def address(street: str) -> Field:
    """The address of a company; generated ones are in a street of this name."""

    def make(number: int) -> Object:
        parts = (f"{number} {street}", *CITIES[number % len(CITIES)])
        return dict(zip(ADDRESS, parts, strict=True))

    return Field("address", "object", keys=ADDRESS, make=make)


def _contacts(number: int) -> list[Object]:
    mailbox = f"supplier-{number}@example.com"
    values = (PEOPLE[number % len(PEOPLE)], mailbox, "+1-555-0101", "Sales Manager")
    return [dict(zip(CONTACT, values, strict=True))]


def price(name: str, make: Callable[[int], str]) -> Field:
    """A decimal in a string."""
    return Field(name, "decimal", make=make)


CURRENCY = Field("currency", make=in_turn(*CURRENCIES))
PHONE = Field("phone", make=lambda n: f"+1-555-{n % 10000:04}")
PAYMENT_TERMS = Field("payment_terms", make=lambda n: f"Net {30 * (1 + n % 3)}")

WEBHOOKS = kobo_kind(
    "webhooks",
    Field("name", required=True, make="Webhook {n:06}"),
    Field("url", "url", required=True, make="https://hooks.example.com/kobo/{n}"),
    Field(
        "events",
        "array",
        required=True,
        one_of=EVENTS,
        make=lambda n: [SAMPLE_EVENTS[n % 5], SAMPLE_EVENTS[(n + 1) % 5]],
    ),
    Field("is_active", "boolean", default=True, make=all_but(5)),
    hidden=("secret", "failure_count", "deliveries"),
    revealed=("secret",),
    filters={"is_active": "is_active"},
    server_fields=lambda number: {"secret": secret(number), "failure_count": 0, "deliveries": []},
)

WORKFLOWS = kobo_kind(
    "workflows",
    Field("name", required=True, make="Workflow {n:06}"),
    Field("description", make="Generated workflow {n}"),
    Field("trigger_type", make=in_turn(*SAMPLE_EVENTS)),
    Field(
        "conditions",
        "array",
        default=(),
        make=constant([{"field": "status", "operator": "equals", "value": "active"}]),
    ),
    Field(
        "actions",
        "array",
        default=(),
        make=lambda n: [{"type": "send_notification", "to": f"team-{n % 7}"}],
    ),
    Field("is_active", "boolean", default=True, make=all_but(4)),
    hidden=("executions",),
    filters={"is_active": "is_active", "trigger_type": "trigger_type"},
    server_fields=lambda number: {"executions": []},
)

API_KEYS = kobo_kind(
    "api_keys",
    Field("name", make="Key {n:06}"),
    Field("scopes", "strings", default=(), make=constant(["styles:read", "webhooks:write"])),
    Field("last_used_at"),
    Field("expires_at"),
    # The credential itself, of the key that the sandbox accepts; the others open nothing.
    Field("key", writable=False),
    # What the key was used for before the sandbox began, and how often it met the limit.
    Field("requests", "integer", writable=False, default=0, make=lambda n: 100 * n),
    Field("limited", "integer", writable=False, default=0),
    hidden=("key", "requests", "limited"),
    verbs="LG",
)

SUPPLIERS = kobo_kind(
    "suppliers",
    Field("name", required=True, make="Supplier {n:06} Textiles Ltd"),
    Field("code", required=True, unique=True, make="SUP-{n:06}"),
    Field("type", make=in_turn("manufacturer", "agent", "wholesaler")),
    Field("email", "email", make="supplier-{n}@example.com"),
    PHONE,
    Field("website", make="https://supplier-{n}.example.com"),
    address("Industrial Way"),
    Field("contacts", "array", default=(), keys=CONTACT, make=_contacts),
    PAYMENT_TERMS,
    CURRENCY,
    Field("rating", writable=False, make=lambda n: n % 50 / 10),
    Field("certifications", "strings", default=(), make=constant(["GOTS", "OEKO-TEX"])),
    filters={"country": "address.country", "type": "type"},
)

COMPONENTS = kobo_kind(
    "components",
    Field("code", required=True, unique=True, make="FAB-{n:06}"),
    Field("name", required=True, make="Component {n:06}"),
    Field("type", make=in_turn("fabric", "trim", "packaging", "label")),
    Field("description", make="Generated component {n}"),
    Field("supplier_id", "integer", refers="suppliers"),
    Field("unit", make="meter"),
    price("unit_price", lambda n: f"{1 + n % 90}.{n % 100:02}"),
    CURRENCY,
    Field("minimum_order_quantity", "number", make=lambda n: 10 * (1 + n % 30)),
    Field("lead_time_days", "integer", make=lambda n: 7 + n % 28),
    Field(
        "specifications",
        "object",
        make=lambda n: {"weight": f"{120 + n % 200}gsm", "width": "150cm"},
    ),
    filters={"type": "type", "supplier_id": "supplier_id"},
)


def _lookup(name: str, *fields: Field, numbered: bool = True) -> Kind:
    path = f"/lookups/{name.replace('_', '-')}"
    return Kind(name, path, fields, numbered=numbered)


LOOKUPS = (
    _lookup(
        "size_ranges",
        Field("name", make="Range {n:06}"),
        Field("sizes", "strings", make=constant(["S", "M", "L"])),
    ),
    _lookup(
        "currencies",
        Field("code", make=letters),
        Field("name", make="Currency {n}"),
        Field("symbol", make="¤{n}"),
        numbered=False,
    ),
    _lookup("component_categories", Field("name", make="Category {n:06}")),
    _lookup("units", Field("code", make="u{n}"), Field("name", make="Unit {n}"), numbered=False),
)

KINDS = (WEBHOOKS, WORKFLOWS, API_KEYS, SUPPLIERS, COMPONENTS)
