"""What happens by itself, and who may ask: webhooks, workflows and API keys."""

from __future__ import annotations

from reconciler.kinds import Call, Kind, Verb
from reconciler.providers.kobo_plm.declaring import PAGES, managed

WEBHOOKS = managed(
    "webhooks",
    "webhook",
    "name",
    "Settings → Webhooks",
    "The signing secret is assumed to be answered once, when a webhook is created or its secret "
    "rotated; it goes where the user says and is neither compared nor kept here.",
    "The events are those that the documentation lists (section Available Events) and whatever "
    "`GET /webhooks/events` names, which `validate --online` asks. The form of its answer is "
    "assumed: a list of names, or of objects with an `event`, `code`, `value` or `name`.",
    "Nothing documents that names are unique: two webhooks of one name cannot be told apart.",
)

WORKFLOWS = managed(
    "workflows",
    "workflow",
    "name",
    "Settings → Workflows",
    "The documentation shows no workflow: only `trigger_type` and `is_active` are named there "
    "(as filters), the other fields are assumed.",
    "`validate --online` compares `trigger_type` with the templates (`GET /workflows/templates`, "
    "whose form is assumed). They need not name every trigger: what none has is a warning.",
    "What conditions and actions look like is not documented, so they are passed as they are.",
)

API_KEYS = Kind(
    name="api_keys",
    title="API key",
    calls={
        Verb.LIST: Call("GET", "/api-keys", "data"),
        Verb.GET: Call("GET", "/api-keys/{id}", "data"),
        Verb.DELETE: Call("POST", "/api-keys/{id}/revoke"),
    },
    natural_key=("name",),
    screen="Kobo PLM → Account Settings → API Keys",
    paging=PAGES,
    right="api_keys",
    notes=(
        "No request to create a key is documented: a key is made on screen, where it is shown "
        "once; a manifest says which keys may exist.",
        "Deleting revokes the key (`POST /api-keys/{id}/revoke`, the verb is assumed), and a "
        "revoked key is assumed to leave the list.",
        "That a key has a `name` is assumed: the documentation shows no key.",
    ),
)

KINDS = (WEBHOOKS, WORKFLOWS, API_KEYS)
