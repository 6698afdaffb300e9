"""Kibo's event subscriptions: listed by the event service, written by the application."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from reconciler.errors import Diagnostic, NotFound, VendorError
from reconciler.kinds import Raw, Requests
from reconciler.model import Live

OWNED = "/platform/appdev/appsubscriptions"
EVENTS = f"{OWNED}/events"
ID = "applicationSubscriptionId"


def owned(requests: Requests, live: Live | None) -> Raw:
    """A subscription as the application sees it, which has the id that writes want.

    Raises VendorError where the application does not know it, and not NotFound: it is listed, so
    it is not gone.
    """
    path = f"{OWNED}/{quote(live.id if live else '', safe='')}"
    try:
        answer = requests.read(path)
    except NotFound:
        answer = None
    if isinstance(answer, dict) and answer.get(ID) is not None:
        return answer
    raise VendorError(
        Diagnostic(
            f"GET {path} does not answer the subscription that the event service lists",
            "It may be another application's: change it in Kibo's Dev Center, or with the "
            "credentials of that application.",
        )
    )


def update(requests: Requests, live: Live | None, body: Raw) -> Any:
    """A subscription replaced; events that it has already keep what else is known of them."""
    before = owned(requests, live)
    known = {event.get("eventName"): event for event in before.get("events") or ()}
    events = [known.get(event["eventName"], event) for event in body.get("events", ())]
    changed = {**body, "events": events} if "events" in body else body
    return requests.write("PUT", EVENTS, {**before, **changed})


def delete(requests: Requests, live: Live | None, body: Raw) -> Any:
    """A subscription ended, by the application's id."""
    id = quote(str(owned(requests, live)[ID]), safe="")
    return requests.write("DELETE", f"{EVENTS}/{id}")
