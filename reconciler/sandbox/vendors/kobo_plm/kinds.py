"""What Kobo PLM holds, as data: kinds with their fields, webhook events, workflow templates."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from reconciler.sandbox.generated import CITIES, CURRENCIES, in_turn, itself
from reconciler.sandbox.store import Object
from reconciler.sandbox.vendor import Field, Kind

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


SIZES = ("XS", "S", "M", "L", "XL")
PEOPLE = ("John Smith", "Ayşe Yılmaz", "Maria Silva", "Priya Patel", "Çağrı Öztürk")
SAMPLES = (
    "style.created",
    "style.updated",
    "inventory.updated",
    "supplier.updated",
    "task.created",
)
ADDRESS = ("street", "city", "state", "postal_code", "country")
CONTACT = ("name", "email", "phone", "role")


def address(street: str) -> Callable[[int], Object]:
    """A generated address in a street of this name."""
    return lambda number: dict(
        zip(ADDRESS, (f"{number} {street}", *CITIES[number % len(CITIES)]), strict=True)
    )


def contacts(number: int) -> list[Object]:
    """The one contact of a generated supplier."""
    mailbox = f"supplier-{number}@example.com"
    values = (PEOPLE[number % len(PEOPLE)], mailbox, "+1-555-0101", "Sales Manager")
    return [dict(zip(CONTACT, values, strict=True))]


def phone(number: int) -> str:
    """A generated telephone number."""
    return f"+1-555-{number % 10000:04}"


def terms(number: int) -> str:
    """Generated payment terms."""
    return f"Net {30 * (1 + number % 3)}"


def letters(number: int) -> str:
    """The number in letters: three, as ISO 4217 has them, and more only beyond 17,575."""
    digits = ""
    while number or len(digits) < 3:
        number, digit = divmod(number, 26)
        digits = chr(ord("A") + digit) + digits
    return digits


WEBHOOKS = Kind(
    "webhooks",
    "/webhooks",
    fields=(
        Field("name", required=True, make="Webhook {n:06}"),
        Field("url", "url", required=True, make="https://hooks.example.com/kobo/{n}"),
        Field(
            "events",
            "array",
            required=True,
            one_of=EVENTS,
            make=lambda n: [SAMPLES[n % 5], SAMPLES[(n + 1) % 5]],
        ),
        Field("is_active", "boolean", default=True, make=lambda n: n % 5 != 0),
    ),
    verbs="LGCUD",
    scope="webhooks",
    stamped=True,
    hidden=("secret", "failure_count", "deliveries"),
    filters={"is_active": "is_active"},
    born=lambda number: {"secret": secret(number), "failure_count": 0, "deliveries": []},
)

WORKFLOWS = Kind(
    "workflows",
    "/workflows",
    fields=(
        Field("name", required=True, make="Workflow {n:06}"),
        Field("description", make="Generated workflow {n}"),
        Field("trigger_type", make=in_turn(*SAMPLES)),
        Field(
            "conditions",
            "array",
            default=(),
            make=lambda _: [{"field": "status", "operator": "equals", "value": "active"}],
        ),
        Field(
            "actions",
            "array",
            default=(),
            make=lambda n: [{"type": "send_notification", "to": f"team-{n % 7}"}],
        ),
        Field("is_active", "boolean", default=True, make=lambda n: n % 4 != 0),
    ),
    verbs="LGCUD",
    scope="workflows",
    stamped=True,
    hidden=("executions",),
    filters={"is_active": "is_active", "trigger_type": "trigger_type"},
    born=lambda number: {"executions": []},
)

API_KEYS = Kind(
    "api_keys",
    "/api-keys",
    fields=(
        Field("name", make="Key {n:06}"),
        Field("scopes", "strings", default=(), make=lambda _: ["styles:read", "webhooks:write"]),
        Field("last_used_at", make=lambda _: None),
        Field("expires_at", make=lambda _: None),
    ),
    verbs="LG",
    scope="api_keys",
    stamped=True,
)

SUPPLIERS = Kind(
    "suppliers",
    "/suppliers",
    fields=(
        Field("name", required=True, make="Supplier {n:06} Textiles Ltd"),
        Field("code", required=True, unique=True, make="SUP-{n:06}"),
        Field("type", make=in_turn("manufacturer", "agent", "wholesaler")),
        Field("email", "email", make="supplier-{n}@example.com"),
        Field("phone", make=phone),
        Field("website", make="https://supplier-{n}.example.com"),
        Field("address", "object", keys=ADDRESS, make=address("Industrial Way")),
        Field("contacts", "array", default=(), keys=CONTACT, make=contacts),
        Field("payment_terms", make=terms),
        Field("currency", make=in_turn(*CURRENCIES)),
        Field("rating", writable=False, make=lambda n: n % 50 / 10),
        Field("certifications", "strings", default=(), make=lambda _: ["GOTS", "OEKO-TEX"]),
    ),
    verbs="LGCUD",
    scope="suppliers",
    stamped=True,
    filters={"country": "address.country", "type": "type"},
)

COMPONENTS = Kind(
    "components",
    "/components",
    fields=(
        Field("code", required=True, unique=True, make="FAB-{n:06}"),
        Field("name", required=True, make="Component {n:06}"),
        Field("type", make=in_turn("fabric", "trim", "packaging", "label")),
        Field("description", make="Generated component {n}"),
        Field("supplier_id", "integer", refers="suppliers", make=itself),
        Field("unit", make="meter"),
        Field("unit_price", "decimal", make=lambda n: f"{1 + n % 90}.{n % 100:02}"),
        Field("currency", make=in_turn(*CURRENCIES)),
        Field("minimum_order_quantity", "number", make=lambda n: 10 * (1 + n % 30)),
        Field("lead_time_days", "integer", make=lambda n: 7 + n % 28),
        Field(
            "specifications",
            "object",
            make=lambda n: {"weight": f"{120 + n % 200}gsm", "width": "150cm"},
        ),
    ),
    verbs="LGCUD",
    scope="components",
    stamped=True,
    filters={"type": "type", "supplier_id": "supplier_id"},
)

LOOKUPS = (
    Kind(
        "size_ranges",
        "/lookups/size-ranges",
        fields=(
            Field("name", make="Range {n:06}"),
            Field("sizes", "strings", make=lambda _: ["S", "M", "L"]),
        ),
    ),
    Kind(
        "currencies",
        "/lookups/currencies",
        fields=(
            Field("code", make=letters),
            Field("name", make="Currency {n}"),
            Field("symbol", make="¤{n}"),
        ),
        numbered=False,
    ),
    Kind(
        "component_categories",
        "/lookups/component-categories",
        fields=(Field("name", make="Category {n:06}"),),
    ),
    Kind(
        "units",
        "/lookups/units",
        fields=(Field("code", make="u{n}"), Field("name", make="Unit {n}")),
        numbered=False,
    ),
)

KINDS = (WEBHOOKS, WORKFLOWS, API_KEYS, SUPPLIERS, COMPONENTS)
