"""Kobo PLM, as its API documentation describes it; what that leaves open is said in the notes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from reconciler.kinds import ApiKey, Call, Kind, Paging, Provider, Raw, Verb, as_it_is, one_by_one
from reconciler.model import Pointer
from reconciler.providers.numbers import with_numbers

# The documentation lost its HTTP verbs. This is the one place where an update becomes a PATCH.
UPDATE_METHOD = "PUT"

PAGES = Paging("page", "per_page", 100, total=("meta", "total"))


def name_units(raws: Sequence[Raw]) -> Sequence[Raw]:
    """A unit without a code is known by its name (section Lookups shows no unit).

    Done for the list and not in decoding, since the code is also the only id a unit has.
    """
    return [
        raw if raw.get("code") or "name" not in raw else {**raw, "code": raw["name"]}
        for raw in raws
    ]


def decode_component(raw: Raw) -> Raw:
    """A component's supplier is read as `{id, name}` (section Components, example response)."""
    fields = {name: value for name, value in raw.items() if name != "supplier_id"}
    if "supplier" in raw or "supplier_id" in raw:
        nested = raw.get("supplier")
        number = nested.get("id") if isinstance(nested, Mapping) else raw.get("supplier_id")
        fields["supplier"] = None if number is None else Pointer(id=str(number))
    return fields


def encode_component(fields: Raw) -> Raw:
    """A component's supplier is written as `supplier_id` and prices as JSON numbers.

    Section Components lists the filter `supplier_id`; sections Styles and Quotations show
    bodies with `supplier_id` and with prices as numbers, though answers give them as text.
    """
    body = dict(fields)
    if "supplier" in body:
        body["supplier_id"] = _id(body.pop("supplier"))
    return with_numbers(body, "unit_price")


def encode_range_plan(fields: Raw) -> Raw:
    """The target price is written as a number (section Range Plans, example of a create)."""
    return with_numbers(fields, "target_price")


def _id(pointer: Pointer | None) -> int | str | None:
    if pointer is None:
        return None
    if pointer.id is None:  # null would unset what the manifest declares
        raise ValueError(f"the reference to {pointer.key} has not been resolved")
    return int(pointer.id) if pointer.id.isdecimal() else pointer.id


def _managed(
    name: str,
    title: str,
    key: str,
    screen: str,
    *notes: str,
    decode: Callable[[Raw], Raw] = as_it_is,
    encode: Callable[[Raw], Raw] = as_it_is,
) -> Kind:
    """A kind with all five verbs; each names its path and its scopes by its own name."""
    path = f"/{name.replace('_', '-')}"
    one = f"{path}/{{id}}"
    return Kind(
        name=name,
        title=title,
        calls={
            Verb.LIST: Call("GET", path, "data"),
            Verb.GET: Call("GET", one, "data"),
            Verb.CREATE: Call("POST", path, "data"),
            Verb.UPDATE: Call(UPDATE_METHOD, one, "data"),
            Verb.DELETE: Call("DELETE", one),
        },
        natural_key=(key,),
        screen=f"Kobo PLM → {screen}",
        paging=PAGES,
        idempotent=True,
        right=name,
        decode=decode,
        encode=encode,
        notes=notes,
    )


def _lookup(
    name: str,
    title: str,
    key: str,
    *notes: str,
    collect: Callable[[Sequence[Raw]], Sequence[Raw]] = one_by_one,
) -> Kind:
    """Reference data: one list, not paged, in `{"success": true, "data": [...]}` (Lookups)."""
    return Kind(
        name=name,
        title=title,
        calls={Verb.LIST: Call("GET", f"/lookups/{name.replace('_', '-')}", "data")},
        natural_key=(key,),
        screen=f"Kobo PLM → Settings → {title[0].upper()}{title[1:]} list",
        identifier=(),
        collect=collect,
        notes=notes,
    )


WEBHOOKS = _managed(
    "webhooks",
    "webhook",
    "name",
    "Settings → Webhooks",
    "The signing secret is assumed to be answered once, when a webhook is created or its secret "
    "rotated; it goes where the user says and is neither compared nor kept here.",
    "The events are those that the documentation lists (section Available Events); "
    "`GET /webhooks/events` may name more.",
    "Nothing documents that names are unique: two webhooks of one name cannot be told apart.",
)

WORKFLOWS = _managed(
    "workflows",
    "workflow",
    "name",
    "Settings → Workflows",
    "The documentation shows no workflow: only `trigger_type` and `is_active` are named there "
    "(as filters), the other fields are assumed.",
    "What conditions and actions look like is not documented, so they are passed as they are.",
)

API_KEYS = Kind(
    name="api_keys",
    title="API key",
    calls={
        Verb.LIST: Call("GET", "/api-keys", "data"),
        Verb.GET: Call("GET", "/api-keys/{id}", "data"),
        Verb.DELETE: Call("POST", "/api-keys/{id}/revoke"),
    },
    natural_key=("name",),
    screen="Kobo PLM → Account Settings → API Keys",
    paging=PAGES,
    right="api_keys",
    notes=(
        "No request to create a key is documented: a key is made on screen, where it is shown "
        "once; a manifest says which keys may exist.",
        "Deleting revokes the key (`POST /api-keys/{id}/revoke`, the verb is assumed), and a "
        "revoked key is assumed to leave the list.",
        "That a key has a `name` is assumed: the documentation shows no key.",
    ),
)

SUPPLIERS = _managed(
    "suppliers",
    "supplier",
    "code",
    "Suppliers",
    "`rating` is assumed to be computed by Kobo PLM and is never written.",
    "The documentation shows no body for a write: it is assumed to have the fields of the answer.",
)

COMPONENTS = _managed(
    "components",
    "component",
    "code",
    "Components",
    "The supplier is read as `supplier: {id, name}` and assumed to be written as `supplier_id`.",
    "The price is read as text and assumed to be written as a number, as styles are.",
    decode=decode_component,
    encode=encode_component,
)

CUSTOMERS = _managed(
    "customers",
    "customer",
    "code",
    "Customers",
    "The documentation shows no customer: only `type` is named there (as a filter, with its two "
    "values), the other fields are assumed to be those of a supplier.",
)

PROJECTS = _managed(
    "projects",
    "project",
    "name",
    "Projects",
    "The documentation shows a project only as it is written: it is assumed to be read alike.",
    "Names are not documented to be unique: two projects of one name cannot be told apart.",
)

RANGE_PLANS = _managed(
    "range_plans",
    "range plan",
    "name",
    "Range Plans",
    "The documentation shows a range plan only as it is written: the season and the category are "
    "assumed to be read as `season_id` and `category_id` too, and the target margin as a number.",
    "The target price is assumed to be read as text, as those of styles are.",
    encode=encode_range_plan,
)

LINESHEETS = _managed(
    "linesheets",
    "linesheet",
    "name",
    "Linesheets",
    "The documentation shows no linesheet: only `season_id` is named there (as a filter), the "
    "other fields are assumed.",
    "A linesheet is deleted (`DELETE /linesheets/{id}`) and never archived here.",
    "One that was archived on screen is assumed to leave the list, though it keeps answering under "
    "its id: as long as it is declared, a plan creates it anew.",
)

TASKS = _managed(
    "tasks",
    "task",
    "title",
    "Tasks",
    "The documentation shows a task only as it is written: it is assumed to be read alike.",
    "How far a task is (`status`) moves with the work and is no field here.",
    "Titles are not documented to be unique: two tasks of one title cannot be told apart.",
)

LOOKUPS = (
    _lookup(
        "size_ranges",
        "size range",
        "name",
        "That a size range has a `name` is assumed (none shown).",
    ),
    _lookup("currencies", "currency", "code"),
    _lookup(
        "component_categories",
        "component category",
        "name",
        "That a component category has a `name` is assumed (none shown).",
    ),
    _lookup(
        "units",
        "unit",
        "code",
        "That a unit has a `code` is assumed (none shown): one without is known by its name.",
        collect=name_units,
    ),
)

KOBO_PLM = Provider(
    type="kobo-plm",
    title="Kobo PLM",
    base_url="https://api.kobolabs.io/api/v1",
    auth=ApiKey("X-API-Key"),
    kinds={
        kind.name: kind
        for kind in (
            WEBHOOKS,
            WORKFLOWS,
            API_KEYS,
            *LOOKUPS,
            SUPPLIERS,
            COMPONENTS,
            CUSTOMERS,
            PROJECTS,
            RANGE_PLANS,
            LINESHEETS,
            TASKS,
        )
    },
    rate={"basic": 100, "professional": 500, "enterprise": 2000, "": 500},
    # Laravel answers a refused write with a redirect unless JSON is asked for.
    headers={"Accept": "application/json", "Content-Type": "application/json"},
    settings=("api_key", "tier"),
    notes=(
        "The documentation lost its HTTP verbs: GET, POST, PUT and DELETE are assumed. "
        f"Updates are sent as {UPDATE_METHOD}.",
        'One object is assumed to be answered as `{"data": {...}}`, as it is where the '
        "documentation shows one.",
        "Names and codes are not documented to be unique; only `style_code` is.",
        "Creates carry an `Idempotency-Key`, which the documentation shows for purchase orders "
        "and recommends for all creates.",
        "Without a `tier`, 500 requests a minute are assumed (Professional).",
        "The back end is assumed to be Laravel, from the shape of its errors and pages.",
        "Where to find a kind on screen is our assumption, except for API keys.",
    ),
)
