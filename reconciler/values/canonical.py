"""The one form of a value in which equal values are `==`, and the digest of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal, InvalidOperation
from hashlib import blake2b
from typing import Any
from unicodedata import normalize

from reconciler.model import ABSENT
from reconciler.values.fields import Field


def canonical(field: Field | None, value: Any) -> Any:
    """`value` in the one form in which equal things are `==`, types included.

    Strings become NFC, decimals lose their scale, sets are sorted, and a boolean can equal no
    number. Members that are `null` count as absent inside list entries only.
    """
    if value is None or value is ABSENT or isinstance(value, bool):
        return ("bool", value) if isinstance(value, bool) else value
    if field is not None and field.decimal and isinstance(value, (str, int, float, Decimal)):
        return _decimal(value)
    if isinstance(value, str):
        return _date(field.date, value) if field and field.date else text_form(value)
    if isinstance(value, (int, float, Decimal)):
        return _decimal(value)
    if isinstance(value, Mapping):
        members = (field.fields if field else None) or {}
        ordered = sorted(value, key=text_form)
        return {text_form(k): canonical(members.get(k), value[k]) for k in ordered}
    if isinstance(value, (list, tuple)):
        entry = field.items if field else None
        entries = [_entry(entry, item) for item in value]
        return sorted(entries, key=repr) if field is not None and field.unordered else entries
    return value


def _entry(field: Field | None, value: Any) -> Any:
    form = canonical(field, value)
    return {k: v for k, v in form.items() if v is not None} if isinstance(form, dict) else form


# Every digit counts: the usual context rounds after 28 and overflows beyond 1e999999.
_EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)


def _decimal(value: Any) -> Any:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return value
    if not number.is_finite():
        return value
    return ("number", number.normalize(_EXACT) if number else Decimal(0))


def _date(form: str, value: str) -> Any:
    for known in (form, "%Y-%m-%d"):
        try:
            return datetime.strptime(value, known).date().isoformat()
        except ValueError:
            continue
    return text_form(value)


def text_form(text: str) -> str:
    """A name as it is compared: Unicode NFC, and never another case (İ and ı are two letters)."""
    return text if text.isascii() else normalize("NFC", text)


def fingerprint(*values: Any) -> str:
    """A digest of values that is the same for values that compare equal; no secret goes in."""
    text = json.dumps([canonical(None, value) for value in values], sort_keys=True, default=repr)
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
