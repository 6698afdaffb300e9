"""The operations of Kibo's platform family: create, replace as a whole, patch, delete."""

from __future__ import annotations

import copy
from typing import Any

from reconciler.sandbox import crud
from reconciler.sandbox.crud import Crud, id_in_path, item
from reconciler.sandbox.describe import Answer, Call, Kind
from reconciler.sandbox.store import Object
from reconciler.sandbox.vendors.kibo.checks import checked, in_use, invalid, taken
from reconciler.sandbox.vendors.kibo.kinds import audit, moment
from reconciler.sandbox.vendors.kibo.lists import listing


def add(call: Call, kind: Kind, fields: Object) -> int:
    """Store a new object of checked fields, with who created it."""
    return crud.insert(call, kind, fields | {"auditInfo": audit(moment(call.account.clock))})


def put(call: Call, kind: Kind, number: int, fields: Object) -> None:
    """Replace all that a client may write; what the server owns stays."""
    before = call.collection(kind)[number]
    writable = {field.name for field in kind.fields if field.writable}
    kept = {name: value for name, value in before.items() if name not in writable}
    if kept | fields == before:
        return
    stamp = audit(moment(call.account.clock), before["auditInfo"])
    call.write(kind, number, kept | fields | {"auditInfo": stamp})


def check(call: Call, kind: Kind, number: int | None) -> Object:
    """The fields of the request's body, which is a whole object."""
    return _check(call, kind, number, call.json())


def _check(call: Call, kind: Kind, number: int | None, body: Object) -> Object:
    """The key may be left out of an update but not changed, and is not taken for a create."""
    before = None if number is None else call.collection(kind)[number]
    if before is not None and kind.key:
        key = before[kind.key]
        if body.get(kind.key) not in (None, key):
            raise invalid((kind.key, f"must be {key}, as in the path"))
        body = body | {kind.key: key}
    fields = checked(call.account, kind, body)
    fields = kind.prepare(call, fields, before) if kind.prepare else fields
    for field in kind.fields if before is None else ():
        if field.unique and call.collection(kind).find(field.name, fields[field.name]):
            raise taken(kind, fields[field.name])
    return fields


def replaced(call: Call, kind: Kind, number: int, body: Object) -> Answer:
    """Put a body in the place of an object."""
    put(call, kind, number, _check(call, kind, number, body))
    return Answer(200, item(call, kind, number))


def patch(call: Call, kind: Kind) -> Answer:
    """PATCH of one object with the operations of RFC 6902 that change a value."""
    number = id_in_path(call, kind)
    operations = call.any_json()
    if not isinstance(operations, list):
        raise invalid(("operation", "must be an array of operations"))
    document = copy.deepcopy(item(call, kind, number))
    for operation in operations:
        try:
            _operate(document, operation["op"], operation["path"], operation.get("value"))
        except (KeyError, IndexError, ValueError, TypeError, AttributeError):
            raise invalid(("operation", f"cannot be done: {operation}")) from None
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


CRUD = Crud(listing, check, in_use, insert=add, change=put, created=200, deleted=200)
