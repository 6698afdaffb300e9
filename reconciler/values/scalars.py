"""The canonical form of text, numbers, dates and booleans, in which equal values are `==`."""

from __future__ import annotations

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

    A boolean never equals a number, a decimal number equals its text where the field is
    `x-decimal`, a date equals the same date in the vendor's format (`x-date`); other text becomes
    NFC.
    """
    if isinstance(value, bool):
        return ("bool", value)
    if isinstance(value, str):
        if field is None:
            return text_form(value)
        if field.decimal:
            return _number(value)
        return _date(field.date, value) if field.date else text_form(value)
    if isinstance(value, (int, float, Decimal)):
        return _number(value)
    return value


# Every digit counts: the usual context rounds after 28 and overflows beyond 1e999999.
_EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)


def _number(value: Any) -> Any:
    try:
        number = Decimal(str(value))
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
