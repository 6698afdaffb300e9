"""The canonical form of text, numbers, dates and booleans, in which equal values are `==`."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal, InvalidOperation
from typing import Any
from unicodedata import normalize

from reconciler.values.fields import Field


def text_form(text: str) -> str:
    """A name in the form in which names are compared: Unicode NFC, case kept (İ and ı differ)."""
    return text if text.isascii() else normalize("NFC", text)


def scalar_form(field: Field | None, value: Any) -> Any:
    """A value that is neither mapping nor list, in the form in which equal values are `==`.

    The types in the field's schema decide. A boolean may be written as 0 or 1 or as text, a number
    as text, and text as a number or a boolean, where the field has only that one type. A decimal
    number equals its text where the field is `x-decimal`, a date the same date in the vendor's
    format (`x-date`). Other text becomes NFC, and a boolean never equals a number.
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
    if field.date:
        return _date(field.date, value)
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


def _date(form: str, value: str) -> Any:
    for date_format in (form, "%Y-%m-%d"):
        try:
            return datetime.strptime(value, date_format).date().isoformat()
        except ValueError:
            continue
    return text_form(value)
