"""Kibo's queue: jobs that change stock, and take some time of the sandbox's clock to do it."""

from __future__ import annotations

from reconciler.sandbox import crud
from reconciler.sandbox.describe import Account, Answer, Call, Field, Handler, Route, always, fields
from reconciler.sandbox.samples import constant
from reconciler.sandbox.store import Object
from reconciler.sandbox.vendors.kibo.checks import malformed
from reconciler.sandbox.vendors.kibo.kinds import LOCATIONS, TENANT, TENANTS, inventory_kind
from reconciler.sandbox.vendors.kibo.stock import (
    IDENTIFIERS,
    LIMIT,
    PATH,
    STOCK,
    items_of,
    location_in_use,
    records_of,
)

QUEUE = "/commerce/inventory/v1/queue"
ABSOLUTE = {"quantity": "onHand", "safetyStock": "safetyStock", "floor": "floor", "LTD": "ltd"}
CARRIED = ("binID", "inventoryLocatorName", "attributes", "externalID", "retailPrice", "currencyID")

TIME = "2024-01-15T10:30:00Z"
"""When generated jobs were queued and done."""

JOBS = inventory_kind(
    "jobs",
    QUEUE,
    Field("type", default="REFRESH"),
    Field("status", default="SUCCESS"),
    Field("locationCode", make="L-{n:06}"),
    *fields("string", "added started finished", make=TIME),
    Field("itemCount", "integer", default=0, make=constant(1)),
    Field("hasData", "boolean", default=True),
    Field("success", "boolean", default=True),
    Field("messages", "strings", default=()),
    key="jobID",
    not_found="Job {key} not found",
    hidden=("work",),
    server_fields=lambda number: {"jobID": number, "tenantID": TENANT, "work": {}},
)
KINDS = (JOBS,)


def enqueue(type: str, most: int) -> Handler:
    """A job that will change the stock of one location."""

    def answer(call: Call) -> Answer:
        body = call.json()
        code = location_in_use(call.account, body.get("locationCode"))["code"]
        items = items_of(body, most)
        for place, item in enumerate(items):
            quantity = item.get("quantity")
            if not isinstance(quantity, int) or isinstance(quantity, bool):
                raise malformed("quantity must be a whole number", f"items[{place}].quantity")
        now = call.account.clock.now().timestamp()
        number = call.collection(JOBS).next_id
        job = {
            "type": type,
            "status": "PENDING",
            "locationCode": code,
            "added": call.account.clock.iso(),
            "itemCount": len(items),
            "work": {"at": now, "items": items},
        }
        call.write(JOBS, number, crud.complete(call.account.clock, JOBS, number, job))
        return Answer(200, {"jobID": number})

    return answer


def advance(account: Account) -> None:
    """Starts and ends the jobs whose time has come, in the order they came."""
    if JOBS.name not in account.store.touched:
        return
    jobs = account.store[JOBS.name]
    now = account.clock.now().timestamp()
    for number in sorted(jobs.find("status", "PENDING") | jobs.find("status", "WORKING")):
        job = jobs[number]
        age = now - job["work"].get("at", 0)
        if age >= account.job_seconds:
            account.store.write(JOBS.name, number, job | _finished(account, job))
        elif age >= account.job_seconds / 2 and job["status"] == "PENDING":
            started = {"status": "WORKING", "started": account.clock.iso()}
            account.store.write(JOBS.name, number, job | started)


def _finished(account: Account, job: Object) -> Object:
    """Does a job's work, all of it or none, and returns the job as it ended."""
    end = {"started": account.clock.iso()} | job | {"finished": account.clock.iso(), "work": {}}
    code, items = job.get("locationCode"), job["work"].get("items", [])
    locations = account.store[LOCATIONS.name]
    if any(locations[number]["isDisabled"] for number in locations.find("code", code)):
        return end | _failed(f"Location {code} is not active")
    changed: dict[int, Object] = {}
    places: dict[str, int] = {}
    following = account.store[STOCK.name].next_id
    for item in items:
        known = _place(account, code, item, places)
        number = following if known is None else known
        following += known is None
        places[_name(item)] = number
        before = changed.get(number) or account.store[STOCK.name].get(number) or {}
        after = _changed(account, before | {"locationCode": code}, item, job["type"])
        if after["onHand"] < 0:
            return end | _failed(f"quantity of {_name(item)} must not be negative")
        changed[number] = after
    for number, stock in changed.items():
        account.store.write(STOCK.name, number, stock)
    return end | {"status": "SUCCESS"}


def _failed(message: str) -> Object:
    return {"status": "FAILED", "success": False, "messages": [message]}


def _name(item: Object) -> str:
    """What an item is known by: the first identifier it has."""
    return next(f"{name} {item[name]}" for name in IDENTIFIERS if item.get(name))


def _place(account: Account, code: object, item: Object, places: dict[str, int]) -> int | None:
    """The number of an item's record at a location: one of this job's, or one that was there."""
    number = places.get(_name(item))
    if number is None:
        records = records_of(account, item, lambda stock: stock["locationCode"] == code)
        number = next(iter(records), None)
    return number


def _changed(account: Account, before: Object, item: Object, type: str) -> Object:
    """A record after a refresh, which sets, or an adjustment, which adds."""
    values = {name: item[name] for name in (*IDENTIFIERS, *CARRIED) if name in item}
    if type == "REFRESH":
        values |= {stored: item[sent] for sent, stored in ABSOLUTE.items() if sent in item}
    else:
        values["onHand"] = before.get("onHand", 0) + item["quantity"]
    return crud.complete(account.clock, STOCK, 0, before | values)


def jobs(call: Call) -> Answer:
    """The queue, newest first, narrowed by what the query asks for.

    The client package has `limit`, the developer guide (Pagination and Filtering) `pageSize` and
    `startIndex`: both are understood, and the answer is a flat array in either case.
    """
    types = {value for name, value in call.pairs if name == "types"}
    size = _whole(call, "pageSize", _whole(call, "limit", LIMIT))
    start = _whole(call, "startIndex", 0)
    stored = call.collection(JOBS)
    names = ("locationCode", "originalFilename")
    wanted = {name: call.query[name] for name in names if name in call.query}
    ids = [
        number
        for number in sorted(stored.ids, reverse=True)
        if (not types or stored[number]["type"] in types)
        and wanted.items() <= stored[number].items()
    ]
    chosen, _ = call.window(ids, start, size)
    return Answer(200, [crud.as_read(call.account, JOBS, stored[number]) for number in chosen])


def _whole(call: Call, name: str, default: int) -> int:
    """A whole number from the query; a 400 for what is none."""
    text = call.query.get(name, str(default))
    if not (text.isascii() and text.isdigit()):
        raise malformed(f"{name} must be a whole number", name)
    return int(text)


def job(call: Call) -> Answer:
    """One job of the queue."""
    return Answer(200, crud.item(call, JOBS, crud.id_in_path(call, JOBS)))


def unsupported(call: Call) -> Answer:
    """A path that Kibo has and this sandbox does not serve: it is here to be noticed."""
    raise call.refuse(404, f"The route {call.path.strip('/')} could not be found.")


def routes() -> list[Route]:
    """Every call that changes stock, and those about the jobs that do it."""
    return [
        Route("POST", f"{PATH}/refresh", enqueue("REFRESH", 12_000), TENANTS),
        Route("POST", f"{PATH}/adjust", enqueue("ADJUST", 1_000), TENANTS, relative=always),
        Route("POST", f"{PATH}/smart-adjust", unsupported, TENANTS, relative=always),
        Route("GET", QUEUE, jobs, TENANTS),
        Route("GET", f"{QUEUE}/{{id}}", job, TENANTS),
    ]
