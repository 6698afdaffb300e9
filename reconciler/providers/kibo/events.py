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
