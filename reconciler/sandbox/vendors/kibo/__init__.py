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
- An export's ftpPassword is never told, and kept by an update that leaves it out; that of a
  fetched file is told. A refresh leaves alone the items it does not name; jobs take a second.
- PUT of a tag category does not create one. Any `type` of query finds the same records.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import replace

from reconciler.sandbox.store import Object
from reconciler.sandbox.vendor import Answer, Call, Field, Kind, Route, Vendor, of
from reconciler.sandbox.vendors.kibo import (
    catalog,
    events,
    exports,
    inventory,
    jobs,
    kinds,
    platform,
    settings,
    stock,
    tags,
)
from reconciler.sandbox.vendors.kibo.checks import refused
from reconciler.sandbox.vendors.kibo.generated import KIBO
from reconciler.sandbox.vendors.kibo.kinds import (
    CATALOG,
    CATALOGS,
    MASTER_CATALOG,
    SITE,
    TENANT,
    TENANTS,
)
from reconciler.sandbox.vendors.kibo.lists import listing, whole

CLIENT_ID, CLIENT_SECRET = "sandbox.app.1.0.0.Release", "sandbox-kibo-secret"
TOKEN_SECONDS = 3600
TENANT_HEADER = {"x-vol-tenant": TENANT}
HEADERS = {
    "": {},
    TENANTS: TENANT_HEADER,
    CATALOGS: TENANT_HEADER
    | {"x-vol-site": SITE, "x-vol-master-catalog": MASTER_CATALOG, "x-vol-catalog": CATALOG},
}
REFERENCE = tuple(
    Kind(
        name,
        f"/platform/reference/{path}",
        fields=tuple(Field(field) for field in fields.split()),
        scope=TENANTS,
        numbered=False,
        sparse=True,
    )
    for name, path, fields in (
        ("countries", "countries", "code name"),
        ("reference_currencies", "currencies", "code name"),
        ("time_zones", "timezones", "id offset isDaylightSavingsTime"),
        ("units_of_measure", "unitsofmeasure", "symbol name pluralName unitOfMeasureType"),
    )
)
"""Lists of what there is, for everybody to read."""
OWN = (
    settings,
    catalog,
    events,
    inventory,
    exports,
    tags,
    stock,
    jobs,
)
"""The modules with routes of their own."""
INVENTORY = "/api/commerce/inventory/"
CODES = {
    400: "MISSING_OR_INVALID_PARAMETER",
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "ITEM_NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    503: "SYSTEM_MAINTENANCE",
}


def problem(message: str) -> Object:
    """An error body whose code `dress` finds by its status."""
    return {"applicationName": "Kibo", "errorCode": "", "message": message}


def dress(call: Call, answer: Answer) -> Answer:
    """A correlation id on every answer; an empty body over the limit; errors by family."""
    correlation = uuid.uuid4().hex
    body = answer.body
    if answer.status >= 400 and isinstance(body, dict) and "message" in body:
        code = body.get("errorCode")
        if code == "":
            code = CODES.get(answer.status, "UNEXPECTED_ERROR")
            if call.path.startswith(INVENTORY):
                body = {"error": code, "message": body["message"]}
            else:
                body = body | {"errorCode": code}
            if answer.status == 429:
                body = None
        if body and "applicationName" in body:
            body = body | {"correlationId": correlation}
    headers = {**answer.headers, "x-vol-correlation": correlation}
    return replace(answer, body=body, headers=headers)


def greet(_: Call) -> None:
    """Every request reaches the router."""


def admit(call: Call, route: Route) -> None:
    """A token that has not expired, and the headers that say what the request is about."""
    if route.public:
        return
    scheme, _, token = call.headers.get("authorization", "").partition(" ")
    expires = call.account.tokens.get(token) if scheme.lower() == "bearer" else None
    if expires is None or expires <= call.account.clock.now().timestamp():
        raise call.refuse(401, "Invalid or expired access token")
    for name, number in HEADERS[route.scope].items():
        given = call.headers.get(name)
        if not given:
            raise refused(400, CODES[400], f"Missing or invalid parameter: {name}", (name, ""))
        if given != str(number):
            raise call.refuse(403, f"This application has no access to {name} {given}")


def token(call: Call) -> Answer:
    """A token for an hour, whether asked for by the secret or with a refresh token besides."""
    body = call.json()
    if body.get("grant_type") != "client_credentials":
        raise refused(
            400, CODES[400], "Missing or invalid parameter: grant_type", ("grant_type", "")
        )
    if (body.get("client_id"), body.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
        raise call.refuse(401, "Invalid client credentials")
    account = call.account
    serial = len(account.tokens) + 1
    access, refresh = (
        hashlib.sha256(f"kibo {word} {serial}".encode()).hexdigest()
        for word in ("access", "refresh")
    )
    account.tokens[access] = account.clock.now().timestamp() + TOKEN_SECONDS
    return Answer(
        200,
        {
            "access_token": access,
            "token_type": "bearer",
            "expires_in": TOKEN_SECONDS,
            "refresh_token": refresh,
        },
    )


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
    types = kinds.LOCATION_TYPES
    own = [
        Route("POST", "/platform/applications/authtickets/oauth", token, public=True),
        Route("GET", "/platform/tenants/{id}", tenant),
        Route("GET", f"{types.path}/withpagination", of(types, listing), types.scope),
        Route("GET", kinds.CURRENCIES.path, of(kinds.CURRENCIES, whole), CATALOGS),
    ]
    own += [Route("GET", kind.path, of(kind, whole), TENANTS) for kind in REFERENCE]
    for module in OWN:
        own += module.routes()
    return (*own, *(route for kind in kinds.KINDS for route in platform.routes(kind)))


VENDOR = Vendor(
    name="kibo",
    prefix="/api",
    credentials={"KIBO_CLIENT_ID": CLIENT_ID, "KIBO_CLIENT_SECRET": CLIENT_SECRET},
    kinds=(
        *kinds.KINDS,
        *REFERENCE,
        events.SUBSCRIPTIONS,
        exports.EXPORTS,
        inventory.FETCHES,
        tags.CATEGORIES,
        stock.STOCK,
        jobs.JOBS,
    ),
    routes=routes(),
    rate=500,
    greet=greet,
    admit=admit,
    problem=problem,
    generate=KIBO,
    rate_headers=False,
    retry_after=60,
    dress=dress,
    settle=jobs.settle,
)
