"""Kobo PLM, as its API documentation describes it; what that leaves open is said in the notes."""

from __future__ import annotations

from reconciler.kinds import ApiKey, Call, Provider
from reconciler.providers.kobo_plm import automation, planning, sourcing, styles
from reconciler.providers.kobo_plm.declaring import UPDATE_METHOD
from reconciler.providers.kobo_plm.lookups import LOOKUPS

KOBO_PLM = Provider(
    type="kobo-plm",
    title="Kobo PLM",
    base_url="https://api.kobolabs.io/api/v1",
    auth=ApiKey("X-API-Key"),
    kinds={
        kind.name: kind
        for kind in (
            *automation.KINDS,
            *LOOKUPS,
            *sourcing.KINDS,
            *styles.KINDS,
            *planning.KINDS,
        )
    },
    rate={"basic": 100, "professional": 500, "enterprise": 2000, "": 500},
    # Laravel answers a refused write with a redirect unless JSON is asked for.
    headers={"Accept": "application/json", "Content-Type": "application/json"},
    settings=("api_key", "tier"),
    enumerations={
        "webhook_events": Call("GET", "/webhooks/events", "data"),
        "workflow_templates": Call("GET", "/workflows/templates", "data"),
    },
    notes=(
        "The documentation lost its HTTP verbs: GET, POST, PUT and DELETE are assumed. "
        f"Updates are sent as {UPDATE_METHOD}; no setting changes that, but one line does, "
        "`UPDATE_METHOD` in `reconciler/providers/kobo_plm/declaring.py`.",
        'One object is assumed to be answered as `{"data": {...}}`, as it is where the '
        "documentation shows one.",
        "Names and codes are not documented to be unique; only `style_code` is.",
        "Creates carry an `Idempotency-Key`, which the documentation shows for purchase orders "
        "and recommends for all creates.",
        "Without a `tier`, 500 requests a minute are assumed (Professional).",
        "The back end is assumed to be Laravel, from the shape of its errors and pages.",
        "Where to find a kind on screen is our assumption, except for API keys.",
    ),
)
