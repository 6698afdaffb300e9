"""Answers as Inventora does: pages by offset, checks of a body, errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconciler.sandbox.casts import JSON, Wrong
from reconciler.sandbox.crud import Crud, encode_list
from reconciler.sandbox.describe import Answer, Call, Field, Kind, Refused, encode
from reconciler.sandbox.store import Object

LIMIT, MOST = 100, 1000

UNITS = (
    "pieces",
    "bundles",
    "cases",
    *(
        f"{measure}.{unit}"
        for measure, units in {
            "weight": "lbs oz kg grams mg ct gr",
            "length": "ft yd in m cm mm",
            "area": "sqft sqin sqm sqcm",
            "volume": "oz pt qt ga ml liters bdft cuin cuft cuyd cm3 m3 tsp tbsp cup",
            "time": "seconds minutes hours days",
        }.items()
        for unit in units.split()
    ),
)


def error_body(message: str) -> Object:
    """An error body."""
    return {"error": message}


def listing(call: Call, kind: Kind, ids: list[int] | None = None) -> Answer:
    """A page of a kind, of these ids where not of all."""
    limit = min(call.count("limit", LIMIT, stop=""), MOST)
    offset = call.count("offset", 0, 0, stop="")
    every = call.collection(kind).ids if ids is None else ids
    chosen, total = call.window(every, offset, limit)
    where = {"pagination": {"totalCount": total, "offset": offset, "limit": limit}}
    data = encode_list(call.account, kind, chosen)
    return Answer(200, b'{"data":' + data + b"," + encode(where)[1:])


MUST_BE: Mapping[str, str] = {
    "string": "a string",
    "number": "a number",
    "strings": "an array of strings",
    "moment": "an ISO 8601 date",
}


def cast(call: Call, field: Field, value: Any) -> Any:
    """A value of the field's type; 400 for what is none."""
    try:
        result = JSON[field.type](field, value)
    except Wrong:
        choices = f"one of: {', '.join(field.one_of)}"
        words = MUST_BE.get(field.type, choices)
        raise call.refuse(400, f"{field.name} must be {words}") from None
    if field.required and value == "":
        raise call.refuse(400, f"{field.name} cannot be empty")
    return result


def checked(call: Call, kind: Kind, body: Mapping[str, Any]) -> Object:
    """The fields of a body a client may set, each of its type; what is unknown is ignored."""
    return {
        field.name: field.initial()
        if body[field.name] is None and not field.required
        else cast(call, field, body[field.name])
        for field in kind.fields
        if field.writable and field.name in body
    }


def check(call: Call, kind: Kind, number: int | None) -> Object:
    """The fields that the request's body sets, made ready to store."""
    body = call.json()
    for field in kind.fields if number is None else ():
        if field.required and field.name not in body:
            raise call.refuse(400, f"{field.name} is required")
    before = None if number is None else call.collection(kind)[number]
    fields = checked(call, kind, body)
    return kind.prepare(call, fields, before) if kind.prepare else fields


def in_use(call: Call, kind: Kind, number: int, user: str) -> Refused:
    """Inventora deletes what others refer to: tasks are the only kind that can be deleted."""
    return call.refuse(409, f"Used by {user}")


CRUD = Crud(listing, check, in_use)
