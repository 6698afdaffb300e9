"""The canonical form of text, numbers, dates and booleans, in which equal values are `==`."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal, InvalidOperation
from typing import Any

from reconciler.values.composition import composed
from reconciler.values.dates import day_form, instant_form
from reconciler.values.fields import Field


def text_form(text: str) -> str:
    """A name in the form in which names are compared: Unicode NFC, case kept (İ and ı differ)."""
    return composed(text)


def scalar_form(field: Field | None, value: Any) -> Any:
    """A value that is neither mapping nor list, in the form in which equal values are `==`.

    The types in the field's schema decide. A boolean may be written as 0 or 1 or as text, a number
    as text, and text as a number or a boolean, where the field has only that one type. A decimal
    number equals its text where the field is `x-decimal`; a day equals the same day in the vendor's
    format (`x-date`), and days and points in time every other spelling of them in ISO 8601
    (`format`). Other text becomes NFC, and a boolean never equals a number.
    """
    if isinstance(value, bool):
        return _boolean_form(field, value)
    if isinstance(value, str):
        return _text_form(field, value)
    if isinstance(value, (int, float, Decimal)):
        return _number_form(field, value)
    return value


def is_true(value: Any) -> bool:
    """Whether a value of an answer says yes: also 1, a point in time, and other text, but neither
    "0" nor "false"."""
    return bool(value) and not (isinstance(value, str) and value.lower() in ("0", "false"))


def _has_only(field: Field | None, *types: str) -> bool:
    """Whether all types of a field, apart from null, are among these."""
    return field is not None and bool(field.types) and field.types <= {*types, "null"}


def _boolean_form(field: Field | None, value: bool) -> Any:
    return str(value).lower() if _has_only(field, "string") else ("bool", value)


def _text_form(field: Field | None, value: str) -> Any:
    if field is None:
        return text_form(value)
    if field.decimal:
        return _number(value)
    if field.date or field.format:
        return _date(field, value) or text_form(value)
    if _has_only(field, "boolean") and value.lower() in _BOOLEANS:
        return ("bool", _BOOLEANS[value.lower()])
    if _has_only(field, "integer", "number"):
        return _number(value)
    return text_form(value)


def _number_form(field: Field | None, value: int | float | Decimal) -> Any:
    if _has_only(field, "boolean") and value in (0, 1):
        return ("bool", bool(value))
    if _has_only(field, "string") and field is not None and not field.decimal:
        return str(value)
    return _number(value)


_BOOLEANS = {"true": True, "false": False, "1": True, "0": False}
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")

# Every digit counts: the usual context rounds after 28 and overflows beyond 1e999999.
_EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)


def _number(value: Any) -> Any:
    text = str(value)
    if not _NUMBER.fullmatch(text):  # Decimal also takes blanks, underscores and other digits
        return text_form(value) if isinstance(value, str) else value
    try:
        number = Decimal(text)
    except InvalidOperation:
        return value
    if not number.is_finite():
        return value
    return ("number", number.normalize(_EXACT) if number else Decimal(0))


def _date(field: Field, value: str) -> str | None:
    """A day or a point in time as canonical text; None for a text that is none."""
    if field.format == "date-time":
        return instant_form(value)
    if field.date:
        try:
            return datetime.strptime(value, field.date).date().isoformat()
        except ValueError:
            return day_form(value)
    return day_form(value) if field.format == "date" else None


def key_part(field: Field | None, value: Any) -> str:
    """A part of a natural key as text: equal values of the field have the same text."""
    if type(value) is str and (field is None or (field.is_text and not field.date)):
        return text_form(value)
    form = scalar_form(field, value)
    if isinstance(form, tuple) and form[0] == "number" and _has_only(field, "integer", "number"):
        return format(form[1], "f")
    return form if isinstance(form, str) else text_form(str(value))


def scalar_in_schema_form(field: Field | None, value: Any) -> Any:
    """A scalar as the schema of its field wants it, where the vendor writes it differently: a
    number that is text, a boolean that is 1, a day with a time. Any other value as it is."""
    form = scalar_form(field, value)
    if field is None or isinstance(value, float) or value is None:
        return value
    if isinstance(form, tuple) and form[0] == "bool" and _has_only(field, "boolean"):
        return form[1]
    if isinstance(form, tuple) and isinstance(value, str) and not field.decimal:
        number = form[1]
        return int(number) if number == number.to_integral_value() else float(number)
    if isinstance(form, str) and (field.date or field.format or not isinstance(value, str)):
        return form
    return value
