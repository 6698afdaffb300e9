"""Kibo's event subscriptions, seen two ways: by the application, and by the event service."""

from __future__ import annotations

import hashlib

from reconciler.sandbox import crud
from reconciler.sandbox.describe import Answer, Call, Field, Kind, Route, encode, of
from reconciler.sandbox.samples import constant
from reconciler.sandbox.store import Object
from reconciler.sandbox.vendors.kibo.kinds import ACTOR, SITE, TENANT, TENANTS, kibo_kind
from reconciler.sandbox.vendors.kibo.lists import page
from reconciler.sandbox.vendors.kibo.platform import CRUD

PATH = "/platform/appdev/appsubscriptions"
EVENT = {
    "eventId": 1,
    "eventName": "pricelist.updated",
    "eventCategory": "pricelist",
    "apiVersionNumber": "1",
}


def _find(call: Call) -> int:
    """The subscription of the id in the body, or in the path: as the application or the event
    service sees it."""
    if "id" not in call.params:
        return crud.with_key(call, SUBSCRIPTIONS, call.json().get(SUBSCRIPTIONS.key))
    public = (n for n in call.collection(SUBSCRIPTIONS).ids if _public(n) == call.params["id"])
    number = next(public, None) if call.method == "GET" else None
    return crud.by_key(call, SUBSCRIPTIONS) if number is None else number


SUBSCRIPTIONS: Kind = kibo_kind(
    "event_subscriptions",
    f"{PATH}/events",
    "applicationSubscriptionId",
    "",
    Field("applicationEndPoint", required=True, make="https://hooks.example.com/kibo/{n}"),
    Field("events", "objects", required=True, make=constant([EVENT])),
    Field("packageId", "integer", make=constant(1)),
    Field("noCallback", "boolean", default=False),
    owned=lambda number: {"applicationSubscriptionId": number},
    hidden=("auditInfo",),
    find=_find,
)
KINDS = (SUBSCRIPTIONS,)


def subscriptions(call: Call) -> Answer:
    """The subscriptions as the event service sees them, under ids of its own."""
    sites = call.query.get("responseGroups", "").casefold() == "subscribingsites"
    stored = call.collection(SUBSCRIPTIONS)
    return page(
        call,
        stored.ids,
        lambda chosen: encode([_pushed(number, stored[number], sites) for number in chosen]),
    )


def _public(number: int) -> str:
    return hashlib.md5(f"kibo subscription {number}".encode(), usedforsecurity=False).hexdigest()


def _pushed(number: int, subscription: Object, sites: bool) -> Object:
    tenant: Object = {"tenantId": TENANT, "isActive": True, "subscribingContextLevelType": "Tenant"}
    if sites:
        tenant["subscribingSites"] = [{"siteId": SITE, "isActive": True}]
    events = subscription["events"]
    read: Object = {
        "id": _public(number),
        "appId": ACTOR,
        "apiVersion": "1",
        "topics": [event["eventName"] for event in events if "eventName" in event],
        "subscribingTenants": [tenant],
        "notificationDeliveryType": "Http",
        "contentType": "application/json",
        "endpoint": subscription["applicationEndPoint"],
        "confirmed": True,
        "isActive": True,
        "noCallback": subscription["noCallback"],
    }
    return {**read, **subscription["auditInfo"]}


def routes() -> list[Route]:
    """Every call about subscriptions."""
    kind, path = SUBSCRIPTIONS, SUBSCRIPTIONS.path
    return [
        Route("GET", "/event/push/subscriptions", subscriptions, TENANTS),
        Route("POST", path, of(kind, CRUD.create), TENANTS),
        Route("PUT", path, of(kind, CRUD.update), TENANTS),
        Route("DELETE", f"{path}/{{id}}", of(kind, CRUD.delete), TENANTS),
        Route("GET", f"{PATH}/{{id}}", of(kind, CRUD.show), TENANTS),
    ]
