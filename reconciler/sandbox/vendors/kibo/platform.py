"""The verbs of Kibo's platform family: create, replace as a whole, patch, delete."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

from reconciler.sandbox import verbs
from reconciler.sandbox.store import Clock, Object
from reconciler.sandbox.vendor import Answer, Call, Kind, Refused, Route, of
from reconciler.sandbox.vendors.kibo.checks import checked, guard, invalid, missing, taken
from reconciler.sandbox.vendors.kibo.kinds import audit
from reconciler.sandbox.vendors.kibo.lists import listing

Refine = Callable[[Call, Object, Object | None], Object]
"""Makes checked fields ready to store; gets the object before, None for a new one."""


def moment(clock: Clock) -> str:
    """The present as the platform family writes it."""
    return f"{clock.now().strftime('%Y-%m-%dT%H:%M:%S.%f')[:-3]}Z"


def located(call: Call, kind: Kind) -> int:
    """The number of the object the path names."""
    try:
        return verbs.located(call, kind)
    except Refused:
        raise missing(kind, call.params["id"]) from None


def show(call: Call, kind: Kind) -> Answer:
    """GET of one object."""
    return Answer(200, verbs.item(call, kind, located(call, kind)))


def add(call: Call, kind: Kind, fields: Object) -> int:
    """Store a new object of checked fields, with who made it."""
    stamped = fields | {"auditInfo": audit(moment(call.account.clock))}
    return verbs.created(call, kind, stamped)


def put(call: Call, kind: Kind, number: int, fields: Object) -> None:
    """Replace all that a client may write; what the server owns stays."""
    before = call.account.store[kind.name][number]
    writable = {each.name for each in kind.fields if each.writable}
    kept = {name: value for name, value in before.items() if name not in writable}
    if kept | fields == before:
        return
    stamp = audit(moment(call.account.clock), before["auditInfo"])
    call.account.store.write(kind.name, number, kept | fields | {"auditInfo": stamp})


def create(call: Call, kind: Kind) -> Answer:
    """POST of a new object, 409 where its code is taken."""
    fields = checked(call.account, kind, call.json())
    fields = REFINE.get(kind.name, _as_it_is)(call, fields, None)
    unique = "code" if kind.key == "id" else kind.key
    if call.account.store[kind.name].find(unique, fields.get(unique)):
        raise taken(kind, fields[unique])
    number = add(call, kind, fields)
    return Answer(200, verbs.item(call, kind, number))


def update(call: Call, kind: Kind) -> Answer:
    """PUT of one object, whole."""
    return replaced(call, kind, located(call, kind), call.json())


def replaced(call: Call, kind: Kind, number: int, body: Object) -> Answer:
    """Put a body in the place of an object; the key may be left out but not changed."""
    before = call.account.store[kind.name][number]
    key = before[kind.key]
    if body.get(kind.key) not in (None, key):
        raise invalid((kind.key, f"must be {key}, as in the path"))
    fields = checked(call.account, kind, body | {kind.key: key})
    put(call, kind, number, REFINE.get(kind.name, _as_it_is)(call, fields, before))
    return Answer(200, verbs.item(call, kind, number))


def delete(call: Call, kind: Kind) -> Answer:
    """DELETE of one object that nothing refers to."""
    number = located(call, kind)
    guard(call, kind, call.account.store[kind.name][number])
    call.account.store.write(kind.name, number, None)
    return Answer(200)


def patch(call: Call, kind: Kind) -> Answer:
    """PATCH of one object with the operations of RFC 6902 that change a value."""
    number = located(call, kind)
    operations = call.given()
    if not isinstance(operations, list):
        raise invalid(("operation", "must be an array of operations"))
    document = copy.deepcopy(verbs.item(call, kind, number))
    for each in operations:
        try:
            _operate(document, each["op"], each["path"], each.get("value"))
        except (KeyError, IndexError, ValueError, TypeError, AttributeError):
            raise invalid(("operation", f"cannot be done: {each}")) from None
    return replaced(call, kind, number, document)


def _operate(document: Object, op: str, path: str, value: Any) -> None:
    steps = [step.replace("~1", "/").replace("~0", "~") for step in path.split("/")]
    if steps[0] or len(steps) < 2 or op not in ("add", "replace", "remove"):
        raise ValueError(op)
    target: Any = document
    for step in steps[1:-1]:
        target = target[int(step) if isinstance(target, list) else step]
    last: Any = steps[-1]
    if isinstance(target, list):
        last = len(target) if last == "-" else int(last)
        if op == "add":
            target.insert(last, value)
            return
    if op == "remove":
        del target[last]
    else:
        target[last] = value


def _as_it_is(_: Call, fields: Object, __: Object | None) -> Object:
    return fields


def _location(_: Call, fields: Object, __: Object | None) -> Object:
    """Types by code only: whatever else was sent of them is known better here."""
    coded = {
        name: [{"code": each["code"]} if "code" in each else each for each in fields[name]]
        for name in ("locationTypes", "fulfillmentTypes")
        if name in fields
    }
    return fields | coded


def _price_list(_: Call, fields: Object, __: Object | None) -> Object:
    """Lengths the documentation gives, and characters that can stand in an address."""
    code = fields["priceListCode"]
    if not (code.isascii() and code.replace("-", "").replace("_", "").isalnum()):
        raise invalid(("priceListCode", "must be safe in an address"))
    for name, most in (("priceListCode", 50), ("name", 100), ("description", 300)):
        if len(fields.get(name, "")) > most:
            raise invalid((name, f"must have at most {most} characters"))
    if fields.get("parentPriceListCode") == code:
        raise invalid(("parentPriceListCode", "must be another price list"))
    return fields


def _safety_stock(call: Call, fields: Object, before: Object | None) -> Object:
    """A code and a rank where none were given, and whether the rule is in force now."""
    if not any(fields.get(name) for name in ("productRules", "locationCodes", "locationGroups")):
        raise invalid(("productRules", "or locations are required"))
    now = moment(call.account.clock)
    start, end = fields.get("startDate", ""), fields.get("endDate", "9999")
    if end < start:
        raise invalid(("endDate", "must not be before startDate"))
    rules = call.account.store["safety_stock_rules"]
    if not fields.get("rank"):
        ranks = (rule.get("rank", 0) for rule in rules)
        fields["rank"] = before["rank"] if before else max(ranks, default=0) + 1
    code = fields.get("code") or f"safety-stock-{rules.next_id}"
    # Written although a client may not send it: `put` keeps what the server owns.
    return fields | {"code": code, "isActive": fields["enabled"] and start <= now <= end}


REFINE: Mapping[str, Refine] = {
    "locations": _location,
    "price_lists": _price_list,
    "safety_stock_rules": _safety_stock,
}

VERBS: Mapping[str, tuple[str, str, Callable[[Call, Kind], Answer]]] = {
    "L": ("GET", "", listing),
    "G": ("GET", "/{id}", show),
    "C": ("POST", "", create),
    "U": ("PUT", "/{id}", update),
    "D": ("DELETE", "/{id}", delete),
    "P": ("PATCH", "/{id}", patch),
}


def routes(kind: Kind) -> list[Route]:
    """A route for each verb of a kind, `P` being PATCH."""
    return [
        Route(method, kind.path + tail, of(kind, handle), kind.scope)
        for method, tail, handle in (VERBS[verb] for verb in kind.verbs)
    ]
