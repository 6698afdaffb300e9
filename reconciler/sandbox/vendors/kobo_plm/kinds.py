"""What Kobo PLM holds, as data: kinds with their fields, webhook events, workflow templates."""

from __future__ import annotations

import hashlib

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


WEBHOOKS = Kind(
    "webhooks",
    "/webhooks",
    fields=(
        Field("name", required=True),
        Field("url", "url", required=True),
        Field("events", "array", required=True, one_of=EVENTS),
        Field("is_active", "boolean", default=True),
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
        Field("name", required=True),
        Field("description"),
        Field("trigger_type"),
        Field("conditions", "array", default=()),
        Field("actions", "array", default=()),
        Field("is_active", "boolean", default=True),
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
        Field("name"),
        Field("scopes", "strings", default=()),
        Field("last_used_at"),
        Field("expires_at"),
    ),
    verbs="LG",
    scope="api_keys",
    stamped=True,
)

SUPPLIERS = Kind(
    "suppliers",
    "/suppliers",
    fields=(
        Field("name", required=True),
        Field("code", required=True, unique=True),
        Field("type"),
        Field("email", "email"),
        Field("phone"),
        Field("website"),
        Field("address", "object", keys=("street", "city", "state", "postal_code", "country")),
        Field("contacts", "array", default=(), keys=("name", "email", "phone", "role")),
        Field("payment_terms"),
        Field("currency"),
        Field("rating", writable=False),
        Field("certifications", "strings", default=()),
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
        Field("code", required=True, unique=True),
        Field("name", required=True),
        Field("type"),
        Field("description"),
        Field("supplier_id", "integer", refers="suppliers"),
        Field("unit"),
        Field("unit_price", "decimal"),
        Field("currency"),
        Field("minimum_order_quantity", "number"),
        Field("lead_time_days", "integer"),
        Field("specifications", "object"),
    ),
    verbs="LGCUD",
    scope="components",
    stamped=True,
    filters={"type": "type", "supplier_id": "supplier_id"},
)

LOOKUPS = (
    Kind("size_ranges", "/lookups/size-ranges", fields=(Field("name"), Field("sizes", "strings"))),
    Kind(
        "currencies",
        "/lookups/currencies",
        fields=(Field("code"), Field("name"), Field("symbol")),
        numbered=False,
    ),
    Kind("component_categories", "/lookups/component-categories", fields=(Field("name"),)),
    Kind("units", "/lookups/units", fields=(Field("code"), Field("name")), numbered=False),
)

KINDS = (WEBHOOKS, WORKFLOWS, API_KEYS, SUPPLIERS, COMPONENTS)
