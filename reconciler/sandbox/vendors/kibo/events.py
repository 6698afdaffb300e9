"""Kibo's event subscriptions, seen two ways: by the application, and by the event service."""

from __future__ import annotations

import hashlib
from typing import Any

from reconciler.sandbox import verbs
from reconciler.sandbox.store import Object
from reconciler.sandbox.vendor import Answer, Call, Field, Kind, Route, encode
from reconciler.sandbox.vendors.kibo.checks import checked, missing
from reconciler.sandbox.vendors.kibo.kinds import ACTOR, AUDIT, SITE, TENANT, TENANTS
from reconciler.sandbox.vendors.kibo.lists import page
from reconciler.sandbox.vendors.kibo.platform import add, put

PATH = "/platform/appdev/appsubscriptions"

SUBSCRIPTIONS = Kind(
    "event_subscriptions",
    f"{PATH}/events",
    fields=(
        Field("applicationEndPoint", required=True),
        Field("events", "objects", required=True),
        Field("packageId", "integer"),
        Field("noCallback", "boolean", default=False),
    ),
    key="applicationSubscriptionId",
    numbered=False,
    sparse=True,
    born=lambda number: {"applicationSubscriptionId": number, "auditInfo": AUDIT},
)


def subscribe(call: Call) -> Answer:
    """A new subscription of the application; its endpoint need not be a new one."""
    fields = checked(call.account, SUBSCRIPTIONS, call.json())
    return _subscription(call, add(call, SUBSCRIPTIONS, fields))


def resubscribe(call: Call) -> Answer:
    """A subscription replaced, named by the id in the body."""
    body = call.json()
    number = _number(call, body.get(SUBSCRIPTIONS.key))
    put(call, SUBSCRIPTIONS, number, checked(call.account, SUBSCRIPTIONS, body))
    return _subscription(call, number)


def subscription(call: Call) -> Answer:
    """One subscription as the application sees it, by either of its two ids."""
    wanted = call.params["id"]
    store = call.account.store[SUBSCRIPTIONS.name]
    for number in store.ids:
        if wanted in (_public(number), str(store[number][SUBSCRIPTIONS.key])):
            return _subscription(call, number)
    raise missing(SUBSCRIPTIONS, wanted)


def unsubscribe(call: Call) -> Answer:
    """Ends a subscription."""
    text = call.params["id"]
    number = _number(call, int(text) if text.isascii() and text.isdigit() else text)
    call.account.store.write(SUBSCRIPTIONS.name, number, None)
    return Answer(200)


def _number(call: Call, key: Any) -> int:
    if isinstance(key, int | str):
        for number in call.account.store[SUBSCRIPTIONS.name].find(SUBSCRIPTIONS.key, key):
            return number
    raise missing(SUBSCRIPTIONS, key)


def _subscription(call: Call, number: int) -> Answer:
    read = verbs.item(call, SUBSCRIPTIONS, number)
    del read["auditInfo"]
    return Answer(200, read)


def subscriptions(call: Call) -> Answer:
    """The subscriptions as the event service sees them, under ids of its own."""
    sites = call.query.get("responseGroups", "").casefold() == "subscribingsites"
    store = call.account.store[SUBSCRIPTIONS.name]
    return page(
        call,
        store.ids,
        lambda chosen: encode([_pushed(number, store[number], sites) for number in chosen]),
    )


def _public(number: int) -> str:
    return hashlib.md5(f"kibo subscription {number}".encode(), usedforsecurity=False).hexdigest()


def _pushed(number: int, thing: Object, sites: bool) -> Object:
    tenant: Object = {"tenantId": TENANT, "isActive": True, "subscribingContextLevelType": "Tenant"}
    if sites:
        tenant["subscribingSites"] = [{"siteId": SITE, "isActive": True}]
    read: Object = {
        "id": _public(number),
        "appId": ACTOR,
        "apiVersion": "1",
        "topics": [each["eventName"] for each in thing["events"] if "eventName" in each],
        "subscribingTenants": [tenant],
        "notificationDeliveryType": "Http",
        "contentType": "application/json",
        "endpoint": thing["applicationEndPoint"],
        "confirmed": True,
        "isActive": True,
        "noCallback": thing["noCallback"],
    }
    return {**read, **thing["auditInfo"]}


def routes() -> list[Route]:
    """Every call about subscriptions."""
    return [
        Route("GET", "/event/push/subscriptions", subscriptions, TENANTS),
        Route("POST", SUBSCRIPTIONS.path, subscribe, TENANTS),
        Route("PUT", SUBSCRIPTIONS.path, resubscribe, TENANTS),
        Route("DELETE", f"{SUBSCRIPTIONS.path}/{{id}}", unsubscribe, TENANTS),
        Route("GET", f"{PATH}/{{id}}", subscription, TENANTS),
    ]
