"""Kibo Commerce, as its client package and its API descriptions have it.

A provider's `base_url` is the address the sandbox prints, which ends in /api: on it are both the
home pod (tokens, tenants, events, reference data) and the tenant's own host. The look-up of a
tenant answers the host and port that was asked as the `domain`, without a scheme, as Kibo does.

Assumed, because the documentation does not say:
- Everything that succeeds is a 200; a DELETE of the platform family has no body.
- A duplicate is ITEM_ALREADY_EXISTS; an object something refers to cannot be deleted (409,
  VALIDATION_CONFLICT); a code that does not exist cannot be referred to (400).
- The tenant header is required after token and tenant look-up, site and catalogs besides for
  catalog and settings: 400 where one is missing, 403 where it names another.
- An update that changes nothing leaves `auditInfo` as it was.
- Unknown fields are dropped. A key in a body must be that in the path. A pageSize over 200 is 200.
- A new location group has a configuration. The usages DS, SP and DL are always there.
- Deleting a price list needs cascadeDeleteEntries=true if it has entries; deleting a currency
  takes its exchange rates along. Rules of the same rank are left alone.
- A subscription is read by the id of either view; endpoints may repeat.
- Inventory errors are the guide's codes in `{error, message, items}`; a taken name is a 409.
- An export's ftpPassword is never shown, and kept by an update that leaves it out; that of a
  fetched file is shown. A refresh leaves alone the items it does not name; jobs take a second.
- PUT of a tag category does not create one. Any `type` of query finds the same records.
"""

from __future__ import annotations

import uuid
from dataclasses import replace

from reconciler.sandbox import tokens
from reconciler.sandbox.describe import Answer, Call, Route, Vendor, of
from reconciler.sandbox.store import Object
from reconciler.sandbox.vendors.kibo import (
    attributes,
    currencies,
    events,
    exports,
    fetch,
    jobs,
    kinds,
    prices,
    safety_stock,
    settings,
    stock,
    tags,
)
from reconciler.sandbox.vendors.kibo.checks import refused
from reconciler.sandbox.vendors.kibo.kinds import (
    CATALOG,
    CATALOGS,
    MASTER_CATALOG,
    REFERENCE,
    SITE,
    TENANT,
    TENANTS,
)
from reconciler.sandbox.vendors.kibo.lists import whole
from reconciler.sandbox.vendors.kibo.platform import CRUD, patch

CLIENT_ID, CLIENT_SECRET = "sandbox.app.1.0.0.Release", "sandbox-kibo-secret"
TOKEN_SECONDS = 3600
TENANT_HEADER = {"x-vol-tenant": TENANT}
HEADERS = {
    "": {},
    TENANTS: TENANT_HEADER,
    CATALOGS: TENANT_HEADER
    | {"x-vol-site": SITE, "x-vol-master-catalog": MASTER_CATALOG, "x-vol-catalog": CATALOG},
}
MODULES = (
    attributes,
    settings,
    safety_stock,
    prices,
    currencies,
    events,
    fetch,
    exports,
    tags,
    stock,
    jobs,
)
"""The modules with kinds and routes of their own."""
KINDS = (*kinds.KINDS, *(kind for module in MODULES for kind in module.KINDS))
INVENTORY = "/api/commerce/inventory/"
CODES = {
    400: "MISSING_OR_INVALID_PARAMETER",
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "ITEM_NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    503: "SYSTEM_MAINTENANCE",
}


def error_body(message: str) -> Object:
    """An error body whose code `finish` finds by its status."""
    return {"applicationName": "Kibo", "errorCode": "", "message": message}


def finish(call: Call, answer: Answer) -> Answer:
    """A correlation id on every answer; an empty body over the limit; errors by family."""
    correlation = uuid.uuid4().hex
    body = answer.body
    if answer.status >= 400 and isinstance(body, dict) and "message" in body:
        code = body.get("errorCode")
        if code == "":
            code = CODES.get(answer.status, "UNEXPECTED_ERROR")
            if call.path.startswith(INVENTORY):
                code = "NOT_FOUND" if answer.status == 404 else code
                body = {"error": code, "message": body["message"]}
            else:
                body = body | {"errorCode": code}
            if answer.status == 429:
                body = None
        if body and "applicationName" in body:
            body = body | {"correlationId": correlation}
    headers = {**answer.headers, "x-vol-correlation": correlation}
    return replace(answer, body=body, headers=headers)


def authorize(call: Call, route: Route) -> None:
    """A token that has not expired, and the headers that say what the request is about."""
    if route.public:
        return
    if not tokens.valid(call):
        raise call.refuse(401, "Invalid or expired access token")
    for name, number in HEADERS[route.scope].items():
        value = call.headers.get(name)
        if not value:
            raise refused(400, CODES[400], f"Missing or invalid parameter: {name}", (name, ""))
        if value != str(number):
            raise call.refuse(403, f"This application has no access to {name} {value}")


def token(call: Call) -> Answer:
    """A token for an hour, whether asked for by the secret or with a refresh token besides."""
    body = call.json()
    if body.get("grant_type") != "client_credentials":
        raise refused(
            400, CODES[400], "Missing or invalid parameter: grant_type", ("grant_type", "")
        )
    if (body.get("client_id"), body.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
        raise call.refuse(401, "Invalid client credentials")
    access, refresh = tokens.issue(call, TOKEN_SECONDS, "kibo access", "kibo refresh")
    answer = {"access_token": access, "token_type": "bearer", "expires_in": TOKEN_SECONDS}
    return Answer(200, answer | {"refresh_token": refresh})


def tenant(call: Call) -> Answer:
    """The one tenant there is, at home on the host that was asked."""
    if call.params["id"] != str(TENANT):
        raise call.refuse(404, f"Tenant {call.params['id']} not found")
    domain = call.headers.get("host", "")
    site: Object = {"id": SITE, "name": "Sandbox", "tenantId": TENANT, "catalogId": CATALOG}
    site |= {"localeCode": "en-US", "countryCode": "US", "currencyCode": "USD", "domain": domain}
    master: Object = {"id": MASTER_CATALOG, "name": "Master", "tenantId": TENANT}
    master |= {"defaultLocaleCode": "en-US", "defaultCurrencyCode": "USD"}
    master |= {"supportedLocaleCodes": ["en-US"]}
    master["catalogs"] = [{"id": CATALOG, "name": "Catalog", "masterCatalogId": MASTER_CATALOG}]
    named: Object = {"id": TENANT, "name": "Sandbox", "isDevTenant": True, "domain": domain}
    return Answer(200, named | {"sites": [site], "masterCatalogs": [master]})


def routes() -> tuple[Route, ...]:
    """Every method and path: fixed words before codes, oddities before a kind's own verbs."""
    return (
        Route("POST", "/platform/applications/authtickets/oauth", token, public=True),
        Route("GET", "/platform/tenants/{id}", tenant),
        *(Route("GET", kind.path, of(kind, whole), TENANTS) for kind in REFERENCE),
        *(route for module in MODULES for route in module.routes()),
        *(route for kind in KINDS for route in CRUD.routes(kind, P=patch)),
    )


VENDOR = Vendor(
    name="kibo",
    prefix="/api",
    credentials={"KIBO_CLIENT_ID": CLIENT_ID, "KIBO_CLIENT_SECRET": CLIENT_SECRET},
    kinds=(*KINDS, *REFERENCE),
    routes=routes(),
    rate=500,
    authorize=authorize,
    error_body=error_body,
    not_found="Item not found: {kind} {key} not found.",
    rate_headers=False,
    retry_after=60,
    finish=finish,
    advance=jobs.advance,
)
