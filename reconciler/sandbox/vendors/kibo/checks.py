"""Checks the body of a write as Kibo does, with the errors of its two families of APIs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reconciler.sandbox.casts import JSON, Wrong
from reconciler.sandbox.describe import Account, Answer, Call, Field, Kind, Refused
from reconciler.sandbox.store import Object

INVALID, CONFLICT = "MISSING_OR_INVALID_PARAMETER", "ITEM_ALREADY_EXISTS"
MUST_BE: Mapping[str, str] = {
    "string": "a string",
    "choice": "one of the documented values",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "object": "an object",
    "strings": "an array of strings",
    "integers": "an array of whole numbers",
    "objects": "an array of objects",
}


def refused(status: int, code: str, message: str, *wrong: tuple[str, str]) -> Refused:
    """An error of the platform family; `wrong` names parameters, each with what is wrong."""
    body: Object = {"applicationName": "Kibo", "errorCode": code, "message": message}
    named = [[{"name": "ParameterName", "value": name}] for name, _ in wrong]
    if len(wrong) > 1:
        body["items"] = [
            body | {"message": why, "additionalErrorData": data}
            for (_, why), data in zip(wrong, named, strict=True)
        ]
    if named:
        body["additionalErrorData"] = named[0]
    return Refused(Answer(status, body))


def invalid(*wrong: tuple[str, str]) -> Refused:
    """The 400 for parameters that are missing or wrong, the first of them in the message."""
    name, why = wrong[0]
    return refused(400, INVALID, f"Missing or invalid parameter: {name} {why}", *wrong)


def taken(kind: Kind, key: object) -> Refused:
    """The 409 for a create of what exists already."""
    return refused(409, CONFLICT, f"Item already exists: {kind.name} {key}")


def in_use(call: Call, kind: Kind, number: int, user: str) -> Refused:
    """The 409 for a delete of what another kind refers to."""
    thing = call.collection(kind)[number]
    key = thing.get("code") or thing[kind.key]
    message = f"Validation conflict: {kind.name} {key} is used by {user}"
    return refused(409, "VALIDATION_CONFLICT", message)


def inventory_error(status: int, error: str, message: str, *wrong: str) -> Refused:
    """An error of the inventory family; `wrong` names the fields that are."""
    items = [
        {
            "errorCode": error,
            "message": f"{name} is missing or invalid",
            "additionalErrorData": [{"name": "ParameterName", "value": name}],
        }
        for name in wrong
    ]
    body: Object = {"error": error, "message": message}
    return Refused(Answer(status, body | ({"items": items} if items else {})))


def malformed(message: str, *wrong: str) -> Refused:
    """The inventory family's 400 for a wrong body."""
    return inventory_error(400, "VALIDATION_ERROR", message, *wrong)


def dense(value: Any) -> Any:
    """The value without its nulls, at every depth: Kibo neither keeps nor sends them."""
    if isinstance(value, dict):
        return {key: dense(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [dense(inner) for inner in value if inner is not None]
    return value


def _read(fields: tuple[Field, ...], body: Mapping[str, Any]) -> tuple[Object, list[Field]]:
    """The known fields of a body, defaults for those not sent; and those missing or wrong."""
    values: Object = {}
    wrong = []
    for field in fields:
        value = dense(body.get(field.name))
        if not field.writable:
            continue
        if value is None or (field.required and value in ("", [])):
            if field.required:
                wrong.append(field)
            elif field.default is not None:
                values[field.name] = field.initial()
            continue
        try:
            values[field.name] = JSON[field.type](field, value)
        except Wrong:
            wrong.append(field)
    return values, wrong


def checked(account: Account, kind: Kind, body: object) -> Object:
    """The fields of a whole object: what was not sent gets its default, what is unknown goes."""
    if not isinstance(body, Mapping):
        raise invalid((kind.name, "must be an object"))
    values, wrong = _read(kind.fields, body)
    if wrong:
        raise invalid(*((field.name, _why(field, body)) for field in wrong))
    for field in kind.fields:
        if field.by:
            target = account.store[field.refers]
            for code in codes(values, field.path):
                if not target.find(field.by, code):
                    raise invalid((field.path, f"{code} does not exist"))
    return values


def _why(field: Field, body: Mapping[str, Any]) -> str:
    absent = field.required and body.get(field.name) in (None, "", [])
    return "is required" if absent else f"must be {MUST_BE[field.type]}"


def inventory_checked(fields: tuple[Field, ...], body: object, where: str) -> Object:
    """The known fields of a body; 400 names every one that is missing or wrong."""
    if not isinstance(body, Mapping):
        raise malformed(f"{where} must be an object", where)
    values, wrong = _read(fields, {name: value for name, value in body.items() if value != ""})
    if wrong:
        words = ", ".join(f"{field.name} must be {MUST_BE[field.type]}" for field in wrong)
        raise malformed(words, *(f"{where}.{field.name}" for field in wrong))
    return values


def codes(thing: Mapping[str, Any], path: str) -> Iterator[Any]:
    """Every value at a dotted path, through arrays as well."""
    name, _, rest = path.partition(".")
    value = thing.get(name)
    for element in value if isinstance(value, list) else [value]:
        if isinstance(element, dict) and rest:
            yield from codes(element, rest)
        elif isinstance(element, str | int | float) and not rest:
            yield element
