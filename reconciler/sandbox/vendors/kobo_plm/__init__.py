"""Kobo PLM, as its documentation describes it and as Laravel would answer where it is silent.

Assumed, because the documentation does not say:
- PUT and PATCH both update, and leave alone what was not sent; nested objects are replaced whole.
- Names of webhooks and workflows are not unique; codes of suppliers and components are.
- Required are the name, a webhook's url and events, a supplier's and a component's code.
- A supplier that a component refers to cannot be deleted (422).
- A supplier's `rating` is read-only and null until somebody else sets it.
- The signing secret is told by create and rotate-secret, never by list or get.
- A revoked API key is gone from the list and from GET.
- GET /webhooks/events answers plain strings; test, retry and execute succeed at once and send
  nothing; the shapes of stats, deliveries, executions and templates are ours.
- Lists are in ascending order of id; links carry `page` only, as in the documentation.
- Decimals keep at least two places, and more where more were sent.
- An update that changes nothing leaves `updated_at` where it was.

What is assumed of styles is in `styles.py`, of plans in `planning.py`.
"""

from __future__ import annotations

from reconciler.sandbox import verbs
from reconciler.sandbox.store import Object
from reconciler.sandbox.vendor import Answer, Call, Handler, Kind, Route, Vendor, of
from reconciler.sandbox.vendors.kobo_plm import laravel, planning, styles
from reconciler.sandbox.vendors.kobo_plm.kinds import (
    API_KEYS,
    EVENTS,
    KINDS,
    LOOKUPS,
    TEMPLATES,
    WEBHOOKS,
    WORKFLOWS,
    secret,
)

KEY = "sandbox-kobo-key"


def greet(call: Call) -> None:
    """Every request reaches the router."""


def admit(call: Call, route: Route) -> None:
    """The one API key there is, with the scope the route asks for."""
    key = call.headers.get("x-api-key", "")
    scopes = call.account.scopes.get(key)
    if scopes is None:
        raise call.refuse(401, "Unauthenticated.")
    if route.scope and route.scope not in scopes and "*" not in scopes:
        raise call.refuse(403, f"This API key lacks the scope {route.scope}.")


def events(call: Call) -> Answer:
    """The events a webhook may ask for."""
    return laravel.data(EVENTS)


def templates(call: Call) -> Answer:
    """Workflows to start from."""
    return laravel.data(TEMPLATES)


def usage(call: Call) -> Answer:
    """What an API key has been used for: the documentation's example, for any key."""
    number = verbs.located(call, API_KEYS)
    key = call.account.store["api_keys"][number]
    counts = {"total_requests": 15420, "requests_today": 342, "requests_this_month": 8750}
    last = {"last_used_at": key.get("last_used_at"), "rate_limit_hits": 3}
    return laravel.data({"api_key_id": number} | counts | last)


def revoke(call: Call) -> Answer:
    """Takes an API key out of service, and so out of the list."""
    number = verbs.located(call, API_KEYS)
    gone = verbs.item(call, API_KEYS, number) | {"revoked_at": call.account.clock.iso()}
    verbs.deleted(call, API_KEYS, number)
    return laravel.data(gone)


def rotate(call: Call) -> Answer:
    """A new signing secret, which follows from the one before."""
    number = verbs.located(call, WEBHOOKS)
    before = call.account.store["webhooks"][number]["secret"]
    verbs.updated(call, WEBHOOKS, number, {"secret": secret(before)})
    return laravel.data(verbs.item(call, WEBHOOKS, number, tell=("secret",)))


def reset(call: Call) -> Answer:
    """Forgets a webhook's failures."""
    number = verbs.located(call, WEBHOOKS)
    verbs.updated(call, WEBHOOKS, number, {"failure_count": 0})
    return laravel.data(verbs.item(call, WEBHOOKS, number))


def test(call: Call) -> Answer:
    """A test event, delivered at once as far as the delivery history knows."""
    return _logged(call, WEBHOOKS, "deliveries", {"event": "webhook.test"} | _delivered(1))


def retry(call: Call) -> Answer:
    """Delivers one entry of a webhook's history again."""
    number = verbs.located(call, WEBHOOKS)
    history = call.account.store["webhooks"][number]["deliveries"]
    for entry in history:
        if str(entry["id"]) == call.params["delivery"]:
            again = entry | _delivered(entry.get("attempt", 1) + 1)
            after = [again if each is entry else each for each in history]
            verbs.updated(call, WEBHOOKS, number, {"deliveries": after})
            return laravel.data(again)
    raise call.refuse(404, f"No query results for model [deliveries] {call.params['delivery']}")


def _delivered(attempt: int) -> Object:
    return {"status": "delivered", "response_status": 200, "attempt": attempt}


def stats(call: Call) -> Answer:
    """How a webhook's deliveries went."""
    number = verbs.located(call, WEBHOOKS)
    webhook = call.account.store["webhooks"][number]
    history = webhook["deliveries"]
    delivered = sum(entry.get("status") == "delivered" for entry in history)
    return laravel.data(
        {
            "webhook_id": number,
            "total_deliveries": len(history),
            "successful_deliveries": delivered,
            "failed_deliveries": len(history) - delivered,
            "failure_count": webhook["failure_count"],
            "last_delivery_at": history[-1].get("created_at") if history else None,
        }
    )


def execute(call: Call) -> Answer:
    """Runs a workflow by hand, which completes at once and does nothing."""
    context = call.json().get("context", {})
    entry = {"status": "completed", "context": context}
    return _logged(call, WORKFLOWS, "executions", entry)


def _logged(call: Call, kind: Kind, log: str, entry: Object) -> Answer:
    number = verbs.located(call, kind)
    before = call.account.store[kind.name][number]
    numbered = {"id": len(before[log]) + 1} | entry | {"created_at": call.account.clock.iso()}
    call.account.store.write(kind.name, number, before | {log: [*before[log], numbered]})
    return laravel.data(numbered)


def history(kind: Kind, log: str) -> Handler:
    """A page of what happened to one object."""

    def answer(call: Call) -> Answer:
        entries = call.account.store[kind.name][verbs.located(call, kind)][log]
        return laravel.things(call, entries)

    return answer


def routes() -> tuple[Route, ...]:
    """Every method and path of the kinds, their oddities first."""
    own = [
        Route("GET", "/webhooks/events", events, "webhooks:read"),
        Route("POST", "/webhooks/{id}/rotate-secret", rotate, "webhooks:write"),
        Route("POST", "/webhooks/{id}/test", test, "webhooks:write"),
        Route("POST", "/webhooks/{id}/reset", reset, "webhooks:write"),
        Route("GET", "/webhooks/{id}/stats", stats, "webhooks:read"),
        Route("GET", "/webhooks/{id}/deliveries", history(WEBHOOKS, "deliveries"), "webhooks:read"),
        Route("POST", "/webhooks/{id}/deliveries/{delivery}/retry", retry, "webhooks:write"),
        Route("GET", "/workflows/templates", templates, "workflows:read"),
        Route("POST", "/workflows/{id}/execute", execute, "workflows:write"),
        Route(
            "GET", "/workflows/{id}/executions", history(WORKFLOWS, "executions"), "workflows:read"
        ),
        Route("GET", "/api-keys/{id}/usage", usage, "api_keys:read"),
        Route("POST", "/api-keys/{id}/revoke", revoke, "api_keys:write"),
    ]
    own += [Route("GET", kind.path, of(kind, laravel.lookup)) for kind in LOOKUPS]
    own += [route for kind in KINDS for route in laravel.routes(kind)]
    return (*own, *styles.routes(), *planning.routes())


VENDOR = Vendor(
    name="kobo-plm",
    prefix="/api/v1",
    credentials={"KOBO_API_KEY": KEY},
    kinds=(*KINDS, *LOOKUPS, *styles.KINDS, *planning.KINDS),
    routes=routes(),
    rate=500,
    greet=greet,
    admit=admit,
    problem=laravel.problem,
    scopes={KEY: ("*",)},
)
