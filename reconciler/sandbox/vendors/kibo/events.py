"""Kibo's event subscriptions, seen two ways: by the application, and by the event service."""

from __future__ import annotations

import hashlib

from reconciler.sandbox import crud
from reconciler.sandbox.describe import Answer, Call, Field, Kind, Route, encode
from reconciler.sandbox.samples import constant
from reconciler.sandbox.store import Object
from reconciler.sandbox.vendors.kibo.checks import checked
from reconciler.sandbox.vendors.kibo.kinds import ACTOR, SITE, TENANT, TENANTS, kibo_kind
from reconciler.sandbox.vendors.kibo.lists import page
from reconciler.sandbox.vendors.kibo.platform import add, put

PATH = "/platform/appdev/appsubscriptions"
EVENT = {
    "eventId": 1,
    "eventName": "pricelist.updated",
    "eventCategory": "pricelist",
    "apiVersionNumber": "1",
}


def _by_either_id(call: Call) -> int:
    """The subscription of the id in the path, as the application or the event service sees it."""
    wanted = call.params["id"]
    for number in call.collection(SUBSCRIPTIONS).ids:
        if wanted == _public(number):
            return number
    return crud.by_key(call, SUBSCRIPTIONS)


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
)
KINDS = (SUBSCRIPTIONS,)


def subscribe(call: Call) -> Answer:
    """A new subscription of the application; its endpoint need not be a new one."""
    values = checked(call.account, SUBSCRIPTIONS, call.json())
    return _subscription(call, add(call, SUBSCRIPTIONS, values))


def resubscribe(call: Call) -> Answer:
    """A subscription replaced, named by the id in the body."""
    body = call.json()
    number = crud.with_key(call, SUBSCRIPTIONS, body.get(SUBSCRIPTIONS.key))
    put(call, SUBSCRIPTIONS, number, checked(call.account, SUBSCRIPTIONS, body))
    return _subscription(call, number)


def subscription(call: Call) -> Answer:
    """One subscription as the application sees it, by either of its two ids."""
    return _subscription(call, _by_either_id(call))


def unsubscribe(call: Call) -> Answer:
    """Ends a subscription."""
    call.write(SUBSCRIPTIONS, crud.id_in_path(call, SUBSCRIPTIONS), None)
    return Answer(200)


def _subscription(call: Call, number: int) -> Answer:
    read = crud.item(call, SUBSCRIPTIONS, number)
    del read["auditInfo"]
    return Answer(200, read)


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
    return [
        Route("GET", "/event/push/subscriptions", subscriptions, TENANTS),
        Route("POST", SUBSCRIPTIONS.path, subscribe, TENANTS),
        Route("PUT", SUBSCRIPTIONS.path, resubscribe, TENANTS),
        Route("DELETE", f"{SUBSCRIPTIONS.path}/{{id}}", unsubscribe, TENANTS),
        Route("GET", f"{PATH}/{{id}}", subscription, TENANTS),
    ]
