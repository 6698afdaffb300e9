"""Kibo's event subscriptions: listed by the event service, written by the application."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from reconciler.errors import Diagnostic, NotFound, VendorError
from reconciler.kinds import Call, Kind, Raw, Requests, Verb
from reconciler.model import Live
from reconciler.providers.kibo.calls import ITEMS, PAGES

PUSHED = "/event/push/subscriptions"
OWNED = "/platform/appdev/appsubscriptions"
EVENTS = f"{OWNED}/events"
ID = "applicationSubscriptionId"


def decode_subscription(raw: Raw) -> Raw:
    """A subscription in the words of the event service, also where the application answers it."""
    fields = dict(raw)
    if "applicationEndPoint" in fields:
        fields["endpoint"] = fields.pop("applicationEndPoint")
    if "events" in fields:
        fields["topics"] = [each["eventName"] for each in fields.pop("events") or ()]
    return fields


def encode_subscription(fields: Raw) -> Raw:
    """The event service says `endpoint` and `topics`, the application `applicationEndPoint` and
    `events` (API description, EventSubscription and ApplicationSubscription)."""
    body = dict(fields)
    if "endpoint" in body:
        body["applicationEndPoint"] = body.pop("endpoint")
    if "topics" in body:
        body["events"] = [{"eventName": topic} for topic in body.pop("topics") or ()]
    return body


def owned(requests: Requests, live: Live | None) -> Raw:
    """A subscription as the application sees it, which has the id that writes want.

    Raises VendorError where the application does not know it, and not NotFound: it is listed, so
    it is not gone.
    """
    path = f"{OWNED}/{quote(live.id if live else '', safe='')}"
    try:
        found = requests.read(path)
    except NotFound:
        found = None
    if isinstance(found, dict) and found.get(ID) is not None:
        return found
    raise VendorError(
        Diagnostic(
            f"GET {path} does not answer the subscription that the event service lists",
            "It may be another application's: change it in Kibo's Dev Center, or with the "
            "credentials of that application.",
        )
    )


def update(requests: Requests, live: Live | None, body: Raw) -> Any:
    """A subscription replaced; events that it has already keep what else is known of them."""
    there = owned(requests, live)
    known = {each.get("eventName"): each for each in there.get("events") or ()}
    events = [known.get(each["eventName"], each) for each in body.get("events", ())]
    changed = {**body, "events": events} if "events" in body else body
    return requests.write("PUT", EVENTS, {**there, **changed})


def delete(requests: Requests, live: Live | None, body: Raw) -> Any:
    """A subscription ended, by the application's id."""
    id = quote(str(owned(requests, live)[ID]), safe="")
    return requests.write("DELETE", f"{EVENTS}/{id}")


EVENT_SUBSCRIPTIONS = Kind(
    name="event_subscriptions",
    title="event subscription",
    calls={
        Verb.LIST: Call("GET", PUSHED, ITEMS, {"responseGroups": "SubscribingSites"}),
        Verb.CREATE: Call("POST", EVENTS),
        Verb.UPDATE: Call("PUT", EVENTS),
        Verb.DELETE: Call("DELETE", f"{EVENTS}/{{id}}"),
    },
    natural_key=("endpoint",),
    screen="Kibo Dev Center → Develop → Applications → Events",
    paging=PAGES,
    decode=decode_subscription,
    encode=encode_subscription,
    writers={Verb.UPDATE: update, Verb.DELETE: delete},
    notes=(
        "Nothing documents that endpoints are unique: two subscriptions of one endpoint cannot be "
        "told apart.",
        "The event service lists subscriptions under ids of its own, the application writes them "
        "under others. `GET /platform/appdev/appsubscriptions/{id}`, which only the API "
        "description has, is assumed to take either.",
        "The package of a subscription (`packageId`) is not in the list and no field here: an "
        "update leaves it as it is, and one that is made here has the application's default.",
        "A subscription that is made or changed is assumed to be listed at once, with the topics "
        "that were written.",
        "Topics are free text: Kibo publishes 120 of them, and adds more.",
        "The client package sends these requests to the home pod and not to the tenant.",
    ),
)

KINDS: tuple[Kind, ...] = (EVENT_SUBSCRIPTIONS,)
