"""Kobo PLM, as its API documentation describes it; what that leaves open is said in the notes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import Any

from reconciler.errors import NotFound
from reconciler.kinds import (
    ApiKey,
    Bulk,
    Call,
    Carries,
    Conventions,
    Paging,
    Provider,
    Raw,
    Requests,
    SignedEvents,
    Verb,
    Watch,
    kinds,
)
from reconciler.values.text import printable

FEW = 10
"""So many styles are asked for their SKUs one by one."""

PAGES = Paging("page", "per_page", 100, total=("meta", "total"), whole=True)
CONVENTIONS = Conventions(
    lists="data",
    objects="data",
    paging=PAGES,
    # The documentation lost its HTTP verbs. A PUT may replace the object, and then what it leaves
    # out is lost: the status of a task, which no example of a body has.
    update="PUT",
    carries=Carries.ALL,
    idempotent=True,
    vendor_set=frozenset(("id", "created_at", "updated_at")),
)


def name_units(raws: Sequence[Raw]) -> Sequence[Raw]:
    """A unit without a code is known by its name (section Lookups shows no unit).

    Done for the list and not in decoding, since the code is also the only id a unit has.
    """
    return [
        raw if raw.get("code") or "name" not in raw else {**raw, "code": raw["name"]}
        for raw in raws
    ]


def list_skus(requests: Requests, styles: Sequence[str]) -> Iterator[Raw]:
    """The SKUs of these styles: of a few, each list of its own; of many, those that the list of
    styles shows (section List Styles, example response), and a style that shows none is asked."""
    if len(styles) <= FEW:
        for id in styles:
            yield from _skus_of(requests, id)
        return
    wanted = set(styles)
    for style in requests.pages(Call("GET", "/styles", "data"), PAGES):
        if (id := str(style["id"])) not in wanted:
            continue
        shown = style.get("skus")
        skus = shown if isinstance(shown, list) else _skus_of(requests, id)
        yield from ({**sku, "style_id": style["id"]} for sku in skus)


def _skus_of(requests: Requests, style: str) -> Iterator[Raw]:
    call = Call("GET", f"/styles/{style}/skus", "data")
    try:
        skus = requests.pages(call, PAGES)
    except NotFound:  # the style is gone, and they with it
        return
    yield from ({**sku, "style_id": style} for sku in skus)


def keys_in_use(requests: Requests, ids: Sequence[str]) -> dict[str, str]:
    """Which of these API keys must not be revoked: the one that this run uses.

    No request says which key it was sent with. But the usage of a key counts its requests (section
    API Keys, `total_requests`): between two looks at the usage of all keys, that of ours grows by
    at least as many requests as there are keys. Where no key's does, none may be revoked.
    """
    keys = [str(key["id"]) for key in requests.pages(Call("GET", "/api-keys", "data"), PAGES)]
    before, after = ({id: _requests_of(requests, id) for id in keys} for _ in range(2))
    grown = {
        id: last - first
        for id in keys
        if (first := before[id]) is not None and (last := after[id]) is not None
    }
    used = {id for id, growth in grown.items() if growth >= len(keys)}
    if not used:
        return dict.fromkeys(ids, "the usage of the keys does not show which one this run uses")
    reasons = {id: "it is in use, probably by this very run" for id in ids if id in used}
    return reasons | {id: "its usage is not known" for id in ids if id not in grown}


def _requests_of(requests: Requests, key: str) -> int | None:
    usage = requests.read(f"/api-keys/{key}/usage")
    total = (usage.get("data") or {}).get("total_requests") if isinstance(usage, dict) else None
    return total if isinstance(total, int) else None


def joined_levels(levels: Sequence[Raw]) -> Raw:
    """One bulk update of all these levels (section Inventory, Bulk Update Example)."""
    return {"updates": list(levels)}


LEVELS = Bulk({Verb.UPDATE: Call("POST", "/inventory/bulk-update")}, most=100)


def failed_deliveries(stats: Raw) -> str:
    """What is wrong with a webhook by its statistics; "" for nothing (section Managing Webhooks,
    which names a failure count that can be reset, but shows no answer)."""
    count = stats.get("failure_count", stats.get("failed_deliveries"))
    if not isinstance(count, int):
        return "its statistics do not say how many deliveries failed"
    return f"{count} failed since the count was last reset" if count > 0 else ""


DELIVERIES = Watch(
    "deliveries",
    Call("GET", "/webhooks/{id}/stats", "data"),
    failed_deliveries,
    "Look at its deliveries in Kobo PLM → Settings → Webhooks, mend the receiver, and reset the "
    "failure count there.",
    kind="webhooks",
)

EVENTS = SignedEvents(
    # Sections Webhook Headers, Signature Verification and Available Events. How old an event may be
    # is not said; an attempt that is made again is assumed to be signed anew, with its own time.
    signature="x-webhook-signature",
    time="x-webhook-timestamp",
    id="x-webhook-event-id",
    prefix="sha256=",
    kinds={
        "style": "styles",
        "component": "components",
        "supplier": "suppliers",
        "inventory": "stock_levels",
        "customer": "customers",
        "bom": "bom_items",
        "task": "tasks",
        "project": "projects",
        "workflow": "workflows",
    },
)


def failed_executions(answer: Raw) -> str:
    """How often a workflow failed since it last ran well; "" for never (section Workflows has
    `/workflows/{id}/executions`, and shows no answer: `status` and `created_at` are assumed, and
    that `failed` is the word of the event `workflow.failed`)."""
    runs = answer.get("data")
    if not isinstance(runs, list) or not all(_ended(run) for run in runs):
        return "its answer does not say how they ended"
    if all(isinstance(run.get("created_at"), str) for run in runs):
        runs = sorted(runs, key=lambda run: run["created_at"], reverse=True)
        runs = [*takewhile(lambda run: run["status"] == "failed", runs)]
    failed = [run for run in runs if run["status"] == "failed"]
    if not failed:
        return ""
    last = failed[0].get("created_at")
    when = f", the last time at {printable(last, 40)}" if isinstance(last, str) else ""
    return f"{len(failed)} failed since one last ended well{when}"


def _ended(run: Any) -> bool:
    """Whether an entry of a history says how it ended."""
    return isinstance(run, dict) and isinstance(run.get("status"), str)


EXECUTIONS = Watch(
    "executions",
    Call("GET", "/workflows/{id}/executions"),
    failed_executions,
    "Look at its runs in Kobo PLM → Settings → Workflows.",
    kind="workflows",
)

KOBO_PLM = Provider(
    type="kobo-plm",
    alias="kobo",
    base_url="https://api.kobolabs.io/api/v1",
    auth=ApiKey("X-API-Key"),
    kinds=kinds(
        "kobo-plm",
        CONVENTIONS,
        order=(
            "webhooks workflows api_keys size_ranges currencies component_categories units "
            "suppliers components customers styles colors bom_items pom_items variants skus "
            "projects range_plans linesheets tasks quotations stock_levels"
        ),
        exceptions={
            "api_keys": {"delete_blocker": keys_in_use},
            "stock_levels": {"join": joined_levels, "bulk": LEVELS},
            "units": {"collect": name_units},
            "skus": {"lister": list_skus},
        },
    ),
    rate={"basic": 100, "professional": 500, "enterprise": 2000, "": 500},
    # Laravel answers a refused write with a redirect unless JSON is asked for.
    created="created_at",
    updated="updated_at",
    headers={"Accept": "application/json", "Content-Type": "application/json"},
    enumerations={
        "webhook_events": Call("GET", "/webhooks/events", "data"),
        "workflow_templates": Call("GET", "/workflows/templates", "data"),
    },
    watches=(DELIVERIES, EXECUTIONS),
    events=EVENTS,
    notes=(
        "The documentation lost its HTTP verbs: GET, POST, PUT and DELETE are assumed. Whether a "
        "PUT replaces the whole object is not said either, so an object is read anew just before "
        "it is updated, and sent back with the changes: what nobody declares, and what no schema "
        "knows, survives. With `update_method: PATCH` only what changed is sent.",
        "Where ten or more objects on one page of a list are updated, that page is read anew "
        "instead of each object, and what it shows is sent back for at most 30 seconds. That a "
        "list shows the whole of each object is assumed: the documentation shows objects in lists "
        "only. The longest of each page is asked for by its id too; where that answer has more, "
        "or other values, the objects of the page are read one by one.",
        'One object is assumed to be answered as `{"data": {...}}`, as it is where the '
        "documentation shows one.",
        "`drift` and `doctor` tell which webhooks of the workspace have failed deliveries "
        "(`GET /webhooks/{id}/stats`, whose `failure_count` is assumed), and which of its "
        "workflows failed since they last ended well (`GET /workflows/{id}/executions`, whose "
        "`status` and `created_at` are assumed).",
        "Names and codes are not documented to be unique; only `style_code` is.",
        "Creates carry an `Idempotency-Key`, which the documentation shows for purchase orders "
        "and recommends for all creates.",
        "Without a `tier`, 500 requests a minute are assumed (Professional).",
        "The back end is assumed to be Laravel, from the shape of its errors and pages.",
        "Where to find a kind on screen is our assumption, except for API keys.",
    ),
)
