"""How a Laravel application checks the body of a write: its casts and its messages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from math import isfinite
from typing import Any
from urllib.parse import urlsplit

from reconciler.sandbox.store import Object
from reconciler.sandbox.vendor import Answer, Call, Field, Kind, Refused


class _Wrong(Exception):
    """A value that does not pass; the message goes to the client as it is."""


def invalid(errors: Mapping[str, list[str]]) -> Refused:
    """The 422 a failed validation answers."""
    body = {"message": "The given data was invalid.", "errors": dict(errors)}
    return Refused(Answer(422, body))


def check(call: Call, kind: Kind, number: int | None = None) -> Object:
    """The known fields of a body, cast as they are stored; 422 with every fault found.

    With the id of an existing object, fields that were not sent are left alone.
    """
    body = call.json()
    errors: dict[str, list[str]] = {}
    fields: Object = {}
    for each in kind.fields:
        if not each.writable or (each.name not in body and number is not None):
            continue
        value = body.get(each.name, each.initial())
        if value is None or value in ("", []):
            if each.required:
                errors[each.name] = [f"The {label(each.name)} field is required."]
                continue
            if value is None and each.type != "boolean":
                fields[each.name] = None
                continue
        try:
            fields[each.name] = CASTS[each.type](each, value)
            _look_up(call, kind, each, fields[each.name], number)
        except _Wrong as problem:
            where = problem.args[1] if len(problem.args) > 1 else each.name
            errors.setdefault(where, []).append(problem.args[0])
    if errors:
        raise invalid(errors)
    return fields


def label(name: str) -> str:
    """A field's name as it stands in a message."""
    return name.replace("_", " ")


def _look_up(call: Call, kind: Kind, each: Field, value: Any, number: int | None) -> None:
    store = call.account.store
    if each.unique and store[kind.name].find(each.name, value) - {number}:
        raise _Wrong(f"The {label(each.name)} has already been taken.")
    if each.refers and value not in store[each.refers]:
        raise _Wrong(f"The selected {label(each.name)} is invalid.")


def _string(each: Field, value: Any) -> str:
    if not isinstance(value, str):
        raise _Wrong(f"The {label(each.name)} field must be a string.")
    return value


def _email(each: Field, value: Any) -> str:
    name, _, host = _string(each, value).rpartition("@")
    if not name or not host:
        raise _Wrong(f"The {label(each.name)} field must be a valid email address.")
    return str(value)


def _url(each: Field, value: Any) -> str:
    try:
        parts = urlsplit(value) if isinstance(value, str) else None
    except ValueError:
        parts = None
    if parts is None or parts.scheme not in ("http", "https") or not parts.netloc:
        raise _Wrong(f"The {label(each.name)} field must be a valid URL.")
    return str(value)


def _boolean(each: Field, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if value in (0, 1) or value in ("0", "1"):
        return bool(int(value))
    raise _Wrong(f"The {label(each.name)} field must be true or false.")


def _integer(each: Field, value: Any) -> int:
    if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()):
        raise _Wrong(f"The {label(each.name)} field must be an integer.")
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        raise _Wrong(f"The {label(each.name)} field must be an integer.") from None


def _decimal(each: Field, value: Any) -> str:
    """A decimal string with two places, or as many more as were sent."""
    try:
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise InvalidOperation
        number = Decimal(str(value).strip())
        if not number.is_finite():
            raise InvalidOperation
    except InvalidOperation:
        raise _Wrong(f"The {label(each.name)} field must be a number.") from None
    exponent = number.as_tuple().exponent
    return f"{number:.2f}" if isinstance(exponent, int) and exponent > -2 else f"{number:f}"


def _number(each: Field, value: Any) -> int | float:
    try:
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise ValueError
        number = float(value)
        if not isfinite(number):
            raise ValueError
    except ValueError:
        raise _Wrong(f"The {label(each.name)} field must be a number.") from None
    return int(number) if number.is_integer() else number


def _date(each: Field, value: Any) -> str:
    try:
        return date.fromisoformat(_string(each, value)[:10]).isoformat()
    except ValueError:
        raise _Wrong(f"The {label(each.name)} field must be a valid date.") from None


def _choice(each: Field, value: Any) -> str:
    if value not in each.one_of:
        raise _Wrong(f"The selected {label(each.name)} is invalid.")
    return str(value)


def _array(each: Field, value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise _Wrong(f"The {label(each.name)} field must be an array.")
    for place, element in enumerate(value):
        where = f"{each.name}.{place}"
        if each.one_of and element not in each.one_of:
            raise _Wrong(f"The selected {where} is invalid.", where)
    if each.keys:
        return [_kept(each, element, f"{each.name}.{n}") for n, element in enumerate(value)]
    return value


def _strings(each: Field, value: Any) -> list[Any]:
    for place, element in enumerate(found := _array(each, value)):
        if not isinstance(element, str):
            where = f"{each.name}.{place}"
            raise _Wrong(f"The {where} field must be a string.", where)
    return found


def _object(each: Field, value: Any) -> Object:
    return _kept(each, value, each.name)


def _kept(each: Field, value: Any, where: str) -> Object:
    # PHP has one array type: an empty JSON list is as good as an empty object.
    if value == []:
        return {}
    if not isinstance(value, dict):
        raise _Wrong(f"The {label(where)} field must be an array.", where)
    return {key: inner for key, inner in value.items() if not each.keys or key in each.keys}


CASTS: Mapping[str, Callable[[Field, Any], Any]] = {
    "string": _string,
    "email": _email,
    "url": _url,
    "boolean": _boolean,
    "integer": _integer,
    "decimal": _decimal,
    "number": _number,
    "date": _date,
    "choice": _choice,
    "array": _array,
    "strings": _strings,
    "object": _object,
}
