"""Inventora, as its API documentation describes it; what that leaves open is said in the notes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reconciler.kinds import ApiKey, Call, Carries, Kind, Paging, Provider, Raw, Requests, Verb
from reconciler.model import Fields, Live, Pointer
from reconciler.providers.numbers import with_numbers

PRICES = ("unitPrice", "retailPrice", "wholesalePrice")
PAGES = Paging("offset", "limit", 1000, total=("pagination", "totalCount"), by_offset=True)

ITEMS = {"products": "product", "materials": "material"}
BUNDLES = "bundles"

# The names of a task's references: what manifests write, and what the vendor does.
TASK_FIELDS = {"assignee": "UserId", "items": "Items", "location": "LocationId"}


def encode_item(fields: Raw) -> Raw:
    """Prices are written as numbers (section Update Product, request body)."""
    return with_numbers(fields, *PRICES)


def decode_task(raw: Raw) -> Raw:
    """A task answers `UserId` and, in its items, `ResourceId` (section Get Task)."""
    fields = {name: raw[word] for name, word in TASK_FIELDS.items() if word in raw}
    if fields.get("location") is not None:
        fields["location"] = Pointer(id=str(fields["location"]))
    if isinstance(fields.get("items"), list):
        fields["items"] = [_item(one) for one in fields["items"]]
    return {**{n: v for n, v in raw.items() if n not in TASK_FIELDS.values()}, **fields}


def encode_task(fields: Raw) -> Raw:
    """A task is written with `Items[].ProductId`, `LocationId` and `UserId` (sections Create Task
    and Update Task; `Assignee` is the other name of `UserId`)."""
    body = {TASK_FIELDS.get(name, name): value for name, value in fields.items()}
    if "LocationId" in body:
        body["LocationId"] = _id(body["LocationId"])
    if "Items" in body:
        body["Items"] = [
            {"ProductId": _id(one["product"]), **{n: v for n, v in one.items() if n != "product"}}
            for one in body["Items"]
        ]
    return body


def _item(raw: Mapping[str, Any]) -> Raw:
    product = raw.get("ResourceId", raw.get("ProductId"))
    return {
        "product": None if product is None else Pointer(id=str(product)),
        **{name: raw[name] for name in ("quantity", "unitType") if name in raw},
    }


def _id(pointer: Pointer | None) -> str | None:
    if pointer is not None and pointer.id is None:  # null would unset what the manifest declares
        raise ValueError(f"the reference to {pointer.key} has not been resolved")
    return pointer.id if pointer else None


def refused_unit(before: Fields, after: Fields) -> str:
    """Why the vendor would not change the unit (sections Update Product, Type Definitions)."""
    was, now = before.get("unitType"), after.get("unitType", before.get("unitType"))
    if was == now or BUNDLES not in (was, now):
        return ""
    return f"unitType cannot be changed to or from {BUNDLES}"


def levels(requests: Requests, parents: Sequence[str]) -> Iterator[Raw]:
    """The level of every item at every location: what an answer's `locationStockLevels` does not
    name is a level of 0 (sections Get Products, Get Materials, Get Locations).

    So a level is never made: a declared one that is not here has no such item.
    """
    places = {str(one["name"]): 0 for one in requests.pages(LOCATIONS.calls[Verb.LIST], PAGES)}
    for of in ITEMS:
        for item in requests.pages(Call("GET", f"/{of}", "data"), PAGES):
            if not item.get("sku"):
                continue
            for name, quantity in {**places, **(item.get("locationStockLevels") or {})}.items():
                yield {
                    "of": of,
                    "id": item["id"],
                    "locationName": name,
                    "sku": item["sku"],
                    "quantity": quantity,
                }


def decode_level(raw: Raw) -> Raw:
    """A level names its location as it is written (section Update Product Stock Level)."""
    if "locationName" not in raw:
        return raw
    return {**raw, "location": Pointer(key=raw["locationName"])}


def audit(requests: Requests, live: Live | None, body: Raw) -> Any:
    """Set a level. The three other types of update are relative: nothing here names them."""
    if live is None:
        raise ValueError("there is no level to set")
    of, item, _ = live.id.split("/")
    told = {
        "quantity": body["quantity"],
        "locationName": live.fields["location"].key,
        "updateType": "audit",
    }
    return requests.write("POST", f"/{of}/{item}/stock-level-updates", told)


def _item_kind(name: str, title: str) -> Kind:
    """Products and materials: they are read and changed, never made or removed."""
    one = f"/{name}/{{id}}"
    return Kind(
        name=name,
        title=title,
        calls={
            Verb.LIST: Call("GET", f"/{name}", "data"),
            Verb.GET: Call("GET", one),
            Verb.UPDATE: Call("PATCH", one),
        },
        natural_key=("sku",),
        screen=f"Inventora → {name.capitalize()}",
        paging=PAGES,
        encode=encode_item,
        update_blocker=refused_unit,
        notes=(
            "There is no request to make or to remove one.",
            "`unitPrice` can be changed only while no stock blocks are tied to non-initial logs. "
            "No answer shows whether there are any: the vendor may refuse it, and no plan foresees "
            "that.",
            "`unitType` cannot be changed to or from `bundles`: the plan leaves the whole change "
            "to a person.",
            "The production type and the materials of a product are not declared.",
        ),
    )


LOCATIONS = Kind(
    name="locations",
    title="location",
    calls={Verb.LIST: Call("GET", "/locations", "data")},
    natural_key=("name",),
    screen="Inventora → Settings → Locations",
    paging=PAGES,
)

TASKS = Kind(
    name="tasks",
    title="task",
    calls={
        Verb.LIST: Call("GET", "/tasks", "data"),
        Verb.GET: Call("GET", "/tasks/{id}"),
        Verb.CREATE: Call("POST", "/tasks"),
        Verb.UPDATE: Call("PATCH", "/tasks/{id}"),
        Verb.DELETE: Call("DELETE", "/tasks/{id}"),
    },
    natural_key=("name",),
    screen="Inventora → Tasks",
    paging=PAGES,
    decode=decode_task,
    encode=encode_task,
    notes=(
        "The items of a task are given when it is made: a change there replaces the task.",
        "A task is answered with the id of its user, so `assignee` is that id; an e-mail address, "
        "which the vendor would take too, could not be compared.",
        "An item says its `unitType`; the vendor would take it for `pieces` where it is left out.",
        "What a task is of is a product here: the items of one that is of a material cannot be "
        "declared, and an import leaves them out.",
        "Removing a task is a soft delete: it is assumed to leave the list.",
        "Names are not unique: two tasks of one name are told apart with `$id` only.",
        "Batches are production records and not managed.",
    ),
)

STOCK_LEVELS = Kind(
    name="stock_levels",
    title="stock level",
    calls={
        Verb.LIST: Call("GET", "/products", "data"),
        Verb.UPDATE: Call("POST", "/{of}/{id}/stock-level-updates", carries=Carries.CHANGED),
    },
    natural_key=("sku", "location"),
    screen="Inventora → Products or Materials",
    paging=PAGES,
    identifier=("of", "id", "locationName"),
    decode=decode_level,
    undeletable=True,
    lister=levels,
    writers={Verb.UPDATE: audit},
    notes=(
        "Only levels that a manifest declares are compared and set; an import writes none.",
        "A level is set by an audit, which is absolute. Restocks, losses and custom statuses are "
        "relative and never used.",
        "Every item is taken to have a level at every location, of 0 where the vendor names none: "
        "a level is neither made nor removed, and one that is not found has no such item.",
        "Levels are read from the lists of products and materials. A product and a material of one "
        "sku are told apart with `$id` only.",
        "Notes of an audit cannot be read back, and none are written.",
        "An audit may tie stock blocks to a log, after which `unitPrice` cannot be changed.",
    ),
)

INVENTORA = Provider(
    type="inventora",
    title="Inventora",
    base_url="https://api.inventora.com/api",
    auth=ApiKey("X-Inventora-API-Key"),
    kinds={
        kind.name: kind
        for kind in (
            LOCATIONS,
            *(_item_kind(name, title) for name, title in ITEMS.items()),
            STOCK_LEVELS,
            TASKS,
        )
    },
    rate={"": 60},
    parallelism=4,
    settings=("api_key",),
    notes=(
        "The key goes into a header, never into the address, which would end up in logs.",
        "No rate limit is documented: 60 requests a minute and 4 at once are assumed "
        "(`requests_per_minute`, `parallelism`).",
        "The screens that plans name are assumed.",
    ),
)
