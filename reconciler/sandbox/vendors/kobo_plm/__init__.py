"""Kobo PLM, as its documentation describes it and as Laravel would answer where it is silent.

Assumed, because the documentation does not say:
- PUT and PATCH both update, and leave alone what was not sent; nested objects are replaced whole.
- Names of webhooks and workflows are not unique; codes of suppliers and components are.
- Required are the name, a webhook's url and events, a supplier's and a component's code.
- A supplier that a component refers to cannot be deleted (422).
- A supplier's `rating` is read-only and null until the state is set.
- The signing secret is shown by create and rotate-secret, never by list or get.
- A revoked API key is gone from the list and from GET, and answers 401 from then on. The
  credential that the sandbox accepts is that of the key whose `key` it is in the state, or else of
  the newest one.
- A key's usage counts every request that is let in, the one that asks included.
- GET /webhooks/events answers plain strings; execute succeeds at once and does nothing; the shapes
  of stats, deliveries, executions and templates are ours.
- Lists are in ascending order of id; links carry `page` only, as in the documentation.
- Decimals keep at least two places, and more where more were sent.
- An update that changes nothing leaves `updated_at` where it was.

What is assumed of styles is in `styles.py`, of plans in `planning.py`,
of stock in `inventory.py`, of webhooks in
`webhooks.py`, of what is left in `more.py`.
"""

from __future__ import annotations

from reconciler.sandbox import crud
from reconciler.sandbox.describe import Answer, Call, Kind, KindHandler, Route, Vendor, of
from reconciler.sandbox.store import Object
from reconciler.sandbox.vendors.kobo_plm import (
    inventory,
    laravel,
    more,
    planning,
    styles,
    webhooks,
)
from reconciler.sandbox.vendors.kobo_plm.kinds import (
    API_KEYS,
    EVENTS,
    KEY,
    KINDS,
    LOOKUPS,
    TEMPLATES,
    WEBHOOKS,
    WORKFLOWS,
)


def authorize(call: Call, route: Route) -> None:
    """The one API key there is, unless it was revoked, with the scope the route asks for."""
    account, key = call.account, call.headers.get("x-api-key", "")
    scopes = account.scopes.get(key)
    if scopes is None or key in account.revoked:
        raise call.refuse(401, "Unauthenticated.")
    account.uses[key] += 1
    account.last_uses[key] = account.clock.iso()
    if route.scope and route.scope not in scopes and "*" not in scopes:
        raise call.refuse(403, f"This API key lacks the scope {route.scope}.")


def _located(call: Call, kind: Kind) -> tuple[int, Object]:
    number = crud.id_in_path(call, kind)
    return number, call.collection(kind)[number]


def _credential(call: Call, number: int) -> str:
    """What the API key of that number opens the vendor with; empty where that is nothing."""
    keys = call.collection(API_KEYS)
    return KEY if number in (keys.find("key", KEY) or keys.ids[-1:]) else ""


def usage(call: Call) -> Answer:
    """What an API key has been used for, up to this very request."""
    number, key = _located(call, API_KEYS)
    account, held = call.account, _credential(call, number)
    used = account.uses[held]
    return laravel.data(
        {
            "api_key_id": number,
            "total_requests": key["requests"] + used,
            "requests_today": used,
            "requests_this_month": used,
            "last_used_at": account.last_uses.get(held, key["last_used_at"]),
            "rate_limit_hits": key["limited"],
        }
    )


def revoke(call: Call) -> Answer:
    """Takes an API key out of service, and so out of the list."""
    number = crud.id_in_path(call, API_KEYS)
    call.account.revoked[_credential(call, number)] = API_KEYS.name
    revoked = crud.item(call, API_KEYS, number) | {"revoked_at": call.account.clock.iso()}
    call.write(API_KEYS, number, None)
    return laravel.data(revoked)


def execute(call: Call) -> Answer:
    """Runs a workflow by hand, which completes at once and does nothing."""
    context = call.json().get("context", {})
    answer = _logged(call, WORKFLOWS, "executions", {"status": "completed", "context": context})
    number, workflow = _located(call, WORKFLOWS)
    webhooks.tell(call, WORKFLOWS, number, "workflow.executed", workflow)
    return answer


def _logged(call: Call, kind: Kind, log: str, entry: Object) -> Answer:
    number, before = _located(call, kind)
    numbered = {"id": len(before[log]) + 1} | entry | {"created_at": call.account.clock.iso()}
    call.write(kind, number, before | {log: [*before[log], numbered]})
    return laravel.data(numbered)


def history(log: str) -> KindHandler:
    """A page of what happened to one object."""
    return lambda call, kind: laravel.entries(call, _located(call, kind)[1][log])


def routes() -> tuple[Route, ...]:
    """Every method and path of the kinds, their oddities first."""
    hook, flow, key = (f"{kind.path}/{{id}}" for kind in (WEBHOOKS, WORKFLOWS, API_KEYS))
    executions = history("executions")
    return (
        *more.routes(),
        Route("GET", "/webhooks/events", lambda _: laravel.data(EVENTS), "webhooks:read"),
        Route("POST", f"{hook}/rotate-secret", webhooks.rotate, "webhooks:write"),
        Route("POST", f"{hook}/test", webhooks.test, "webhooks:write"),
        Route("POST", f"{hook}/reset", webhooks.reset, "webhooks:write"),
        Route("GET", f"{hook}/stats", webhooks.stats, "webhooks:read"),
        Route("GET", f"{hook}/deliveries", webhooks.deliveries, "webhooks:read"),
        Route("POST", f"{hook}/deliveries/{{delivery}}/retry", webhooks.retry, "webhooks:write"),
        Route("GET", "/workflows/templates", lambda _: laravel.data(TEMPLATES), "workflows:read"),
        Route("POST", f"{flow}/execute", execute, "workflows:write"),
        Route("GET", f"{flow}/executions", of(WORKFLOWS, executions), "workflows:read"),
        Route("GET", f"{key}/usage", usage, "api_keys:read"),
        Route("POST", f"{key}/revoke", revoke, "api_keys:write"),
        *(Route("GET", kind.path, of(kind, laravel.lookup)) for kind in LOOKUPS),
        *(route for kind in KINDS for route in laravel.CRUD.routes(kind)),
        *styles.routes(),
        *planning.routes(),
        *inventory.routes(),
    )


VENDOR = Vendor(
    name="kobo-plm",
    prefix="/api/v1",
    credentials={"KOBO_API_KEY": KEY},
    kinds=(*KINDS, *LOOKUPS, *styles.KINDS, *planning.KINDS, *inventory.KINDS),
    routes=routes(),
    rate=500,
    authorize=authorize,
    error_body=laravel.error_body,
    not_found="No query results for model [{kind}] {key}",
    scopes={KEY: ("*",)},
    wrote=webhooks.wrote,
    advance=webhooks.advance,
    resume=webhooks.resume,
)
