"""Checks and converts the value of a field: one function for each type, for all vendors.

`JSON` takes what JSON itself calls a number, a boolean and so on. `FORM` is for vendors that also
take numbers and booleans as text, as an HTML form would send them; `COMMA` for those that read a
decimal comma. A cast returns the value as it is stored and raises Wrong for what it does not take.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from math import isfinite
from typing import Any
from urllib.parse import urlsplit

from reconciler.sandbox.describe import Field

Cast = Callable[[Field, Any], Any]
DAY_FIRST = re.compile(r"\d\d-\d\d-\d{4}")


class Wrong(Exception):
    """A value that the type `expected` does not take; `place` is where it is within the field."""

    def __init__(self, expected: str, place: str = "") -> None:
        super().__init__(expected, place)
        self.expected = expected
        self.place = place


def _instance(name: str, *types: type) -> Cast:
    """Takes a value of these types; Python's booleans are integers, JSON's are not."""

    def cast(_: Field, value: Any) -> Any:
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            raise Wrong(name)
        return value

    return cast


def _list_of(name: str, *types: type) -> Cast:
    element = _instance(name, *types)

    def cast(field: Field, value: Any) -> list[Any]:
        return [_at(place, element, field, inner) for place, inner in enumerate(_list(value))]

    return cast


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise Wrong("array")
    return value


def _at(place: int, cast: Cast, field: Field, value: Any) -> Any:
    try:
        return cast(field, value)
    except Wrong as problem:
        raise Wrong(problem.expected, f".{place}") from None


def number(_: Field, value: Any) -> int | float:
    """A finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise Wrong("number")
    return value


def choice(field: Field, value: Any) -> str:
    """One of the values the field may have."""
    if value not in field.one_of:
        raise Wrong("choice")
    return str(value)


def moment(_: Field, value: Any) -> str:
    """An ISO 8601 moment, converted to UTC and to the second."""
    try:
        return utc(value)
    except (TypeError, ValueError):
        raise Wrong("moment") from None


def utc(text: str) -> str:
    """An ISO 8601 moment in UTC, to the second; ValueError for what is none."""
    when = datetime.fromisoformat(text)
    when = when.replace(tzinfo=when.tzinfo or UTC).astimezone(UTC)
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def _email(field: Field, value: Any) -> str:
    name, _, host = JSON["string"](field, value).rpartition("@")
    if not name or not host:
        raise Wrong("email")
    return str(value)


def _url(_: Field, value: Any) -> str:
    try:
        parts = urlsplit(value) if isinstance(value, str) else None
    except ValueError:
        parts = None
    if parts is None or parts.scheme not in ("http", "https") or not parts.netloc:
        raise Wrong("url")
    return str(value)


def _form_boolean(_: Field, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if value in (0, 1) or value in ("0", "1"):
        return bool(int(value))
    raise Wrong("boolean")


def _form_integer(_: Field, value: Any) -> int:
    if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()):
        raise Wrong("integer")
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        raise Wrong("integer") from None


def _decimal_of(value: Any) -> Decimal:
    """The finite decimal in a number or its text."""
    try:
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise InvalidOperation
        result = Decimal(str(value).strip())
        if not result.is_finite():
            raise InvalidOperation
    except InvalidOperation:
        raise Wrong("number") from None
    return result


def _form_number(_: Field, value: Any) -> int | float:
    """A number or its text; whole ones are stored without a fraction."""
    result = float(_decimal_of(value))
    return int(result) if result.is_integer() else result


def _decimal(_: Field, value: Any) -> str:
    """A decimal as text with two places, or as many more as were sent."""
    result = _decimal_of(value)
    exponent = result.as_tuple().exponent
    return f"{result:.2f}" if isinstance(exponent, int) and exponent > -2 else f"{result:f}"


def _date(field: Field, value: Any) -> str:
    try:
        return date.fromisoformat(JSON["string"](field, value)[:10]).isoformat()
    except ValueError:
        raise Wrong("date") from None


def _form_array(field: Field, value: Any) -> list[Any]:
    """A list whose elements are of the choices, or objects of which only some keys are kept."""
    elements = _list(value)
    if field.one_of:
        elements = [_at(place, choice, field, inner) for place, inner in enumerate(elements)]
    if field.keys:
        elements = [_at(place, _form_object, field, inner) for place, inner in enumerate(elements)]
    return elements


def _form_object(field: Field, value: Any) -> dict[str, Any]:
    # PHP has one array type: an empty JSON list is as good as an empty object.
    if value == []:
        return {}
    if not isinstance(value, dict):
        raise Wrong("object")
    return {key: inner for key, inner in value.items() if not field.keys or key in field.keys}


def _comma_text(_: Field, value: Any) -> str:
    """Text; a number is stored as it is written."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise Wrong("string")
    return str(value)


def _comma_boolean(_: Field, value: Any) -> bool:
    """A boolean, or the word for it."""
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return bool(value == "true")
    raise Wrong("boolean")


def _comma_decimal(field: Field, value: Any) -> Decimal:
    """A number, as such or as text with a point or a comma."""
    return _decimal_of(_comma_text(field, value).replace(",", "."))


def _comma_number(field: Field, value: Any) -> float:
    """The same as a JSON number."""
    return float(_comma_decimal(field, value))


def _comma_integer(field: Field, value: Any) -> int:
    result = _comma_decimal(field, value)
    if result != result.to_integral_value():
        raise Wrong("integer")
    return int(result)


def _day_first(field: Field, value: Any) -> str:
    try:
        if not DAY_FIRST.fullmatch(_comma_text(field, value)):
            raise ValueError
        return datetime.strptime(value, "%d-%m-%Y").strftime("%d-%m-%Y")
    except ValueError:
        raise Wrong("date") from None


JSON: Mapping[str, Cast] = {
    "string": _instance("string", str),
    "boolean": _instance("boolean", bool),
    "integer": _instance("integer", int),
    "number": number,
    "object": _instance("object", dict),
    "strings": _list_of("string", str),
    "integers": _list_of("integer", int),
    "objects": _list_of("object", dict),
    "choice": choice,
    "moment": moment,
    "any": lambda _, value: value,
}
FORM: Mapping[str, Cast] = {
    **JSON,
    "email": _email,
    "url": _url,
    "boolean": _form_boolean,
    "integer": _form_integer,
    "number": _form_number,
    "decimal": _decimal,
    "date": _date,
    "array": _form_array,
    "object": _form_object,
}
COMMA: Mapping[str, Cast] = {
    "string": _comma_text,
    "boolean": _comma_boolean,
    "integer": _comma_integer,
    "decimal": _comma_decimal,
    "number": _comma_number,
    "date": _day_first,
}
