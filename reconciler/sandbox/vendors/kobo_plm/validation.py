"""Checks the body of a write as a Laravel application does, with its messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconciler.sandbox.casts import FORM, Wrong
from reconciler.sandbox.describe import Answer, Call, Field, Kind, Refused
from reconciler.sandbox.store import Object

REQUIRED, TAKEN = "The {label} field is required.", "The {label} has already been taken."
SELECTED = "The selected {label} is invalid."
MUST_BE: Mapping[str, str] = {
    "string": "a string",
    "email": "a valid email address",
    "url": "a valid URL",
    "boolean": "true or false",
    "integer": "an integer",
    "number": "a number",
    "date": "a valid date",
    "array": "an array",
    # What JSON calls an object is an array in PHP.
    "object": "an array",
}


def invalid(errors: Mapping[str, list[str]]) -> Refused:
    """The 422 of a failed validation."""
    body = {"message": "The given data was invalid.", "errors": dict(errors)}
    return Refused(Answer(422, body))


def must_be(name: str, expected: str) -> str:
    """The message for a value of the wrong type, at a field or at `field.place`."""
    label = name.replace("_", " ")
    if expected == "choice":
        return SELECTED.format(label=label)
    return f"The {label} field must be {MUST_BE[expected]}."


def check(call: Call, kind: Kind, number: int | None = None) -> Object:
    """The known fields of a body, cast as they are stored; 422 with every error there is.

    With the id of an existing object, fields that were not sent are left alone, unless the request
    replaces it.
    """
    body = call.json()
    errors: dict[str, list[str]] = {}
    fields: Object = {}
    for field in kind.fields:
        merges = number is not None and not call.replaces
        if not field.writable or (merges and field.name not in body):
            continue
        value = body.get(field.name, field.initial())
        if field.required and (value is None or value in ("", [])):
            errors[field.name] = [REQUIRED.format(label=field.name.replace("_", " "))]
        elif value is None and field.type != "boolean":
            fields[field.name] = None
        else:
            try:
                fields[field.name] = FORM[field.type](field, value)
            except Wrong as wrong:
                place = field.name + wrong.place
                errors.setdefault(place, []).append(must_be(place, wrong.expected))
                continue
            if message := _conflict(call, kind, field, fields[field.name], number):
                errors.setdefault(field.name, []).append(message)
    if errors:
        raise invalid(errors)
    return fields


def _conflict(call: Call, kind: Kind, field: Field, value: Any, number: int | None) -> str:
    """What is wrong with a value in view of the other objects, or nothing."""
    label = field.name.replace("_", " ")
    if field.unique and call.collection(kind).find(field.name, value) - {number}:
        return TAKEN.format(label=label)
    if field.refers and value not in call.account.store[field.refers]:
        return SELECTED.format(label=label)
    return ""
