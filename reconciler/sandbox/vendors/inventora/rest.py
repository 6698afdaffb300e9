"""How Inventora serves a resource: pages by offset, ids that are text, checks of a body."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from reconciler.sandbox import verbs
from reconciler.sandbox.store import Object
from reconciler.sandbox.vendor import Answer, Call, Field, Kind, encode

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


def problem(message: str) -> Object:
    """An error body."""
    return {"error": message}


def listing(call: Call, kind: Kind, ids: list[int] | None = None) -> Answer:
    """A page of a kind, of these ids where not of all."""
    limit = min(_count(call, "limit", LIMIT, 1), MOST)
    offset = _count(call, "offset", 0, 0)
    every = call.account.store[kind.name].ids if ids is None else ids
    chosen, total = call.window(every, offset, limit)
    where = {"pagination": {"totalCount": total, "offset": offset, "limit": limit}}
    data = verbs.encoded(call.account, kind, chosen)
    return Answer(200, b'{"data":' + data + b"," + encode(where)[1:])


def _count(call: Call, name: str, default: int, least: int) -> int:
    text = call.query.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) >= least):
        raise call.refuse(400, f"{name} must be a whole number from {least}")
    return int(text)


def find(call: Call, kind: str, name: str, value: object) -> int | None:
    """The number of an object one of whose fields has this text."""
    if not isinstance(value, str):
        return None
    return min(call.account.store[kind].find(name, value), default=None)


def located(call: Call, kind: Kind) -> int:
    """The number of the object the path names."""
    number = find(call, kind.name, "id", call.params["id"])
    if number is None:
        raise call.refuse(404, "Resource not found")
    return number


def checked(call: Call, kind: Kind, body: Mapping[str, Any]) -> Object:
    """The fields of a body a client may set, each of its type; what is unknown is ignored."""
    found: Object = {}
    for field in kind.fields:
        if field.writable and field.name in body:
            value = body[field.name]
            if value is None and not field.required:
                found[field.name] = field.initial()
            else:
                found[field.name] = CHECKS[field.type](call, field, value)
    return found


def text(call: Call, field: Field, value: Any) -> str:
    """A string, which must say something where the field is required."""
    if not isinstance(value, str):
        raise call.refuse(400, f"{field.name} must be a string")
    if field.required and not value:
        raise call.refuse(400, f"{field.name} cannot be empty")
    return value


def number(call: Call, field: Field, value: Any) -> int | float:
    """A JSON number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise call.refuse(400, f"{field.name} must be a number")
    return value


def texts(call: Call, field: Field, value: Any) -> list[str]:
    """An array of strings."""
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise call.refuse(400, f"{field.name} must be an array of strings")
    return value


def choice(call: Call, field: Field, value: Any) -> str:
    """One of the values the field may have."""
    if value not in field.one_of:
        raise call.refuse(400, f"{field.name} must be one of: {', '.join(field.one_of)}")
    return str(value)


def moment(call: Call, field: Field, value: Any) -> str:
    """A moment, told in UTC to the second."""
    try:
        when = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise call.refuse(400, f"{field.name} must be an ISO 8601 date") from None
    when = when.replace(tzinfo=when.tzinfo or UTC).astimezone(UTC)
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


CHECKS: Mapping[str, Callable[[Call, Field, Any], Any]] = {
    "string": text,
    "number": number,
    "strings": texts,
    "choice": choice,
    "moment": moment,
}
