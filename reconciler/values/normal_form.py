"""Recognize values that a vendor stored in a normal form of its own, and remember them.

A vendor may store a value differently from how it was written: in lower case, without blanks
around it, rounded. What it stored is kept in the ledger beside what was declared. While neither
changes, the two count as equal.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from reconciler.model import ABSENT, Fields
from reconciler.values.compare import equal, null_if_absent
from reconciler.values.fields import Facts
from reconciler.values.scalars import text_form
from reconciler.values.shape import restrict_to


def stored_differently(facts: Facts, declared: Fields, live: Fields) -> dict[str, Any]:
    """The live values of the declared fields that differ from what was declared, each reduced to
    its declared part; null for a field that the live object does not have."""
    return {
        name: None if part is ABSENT else part
        for name, value in declared.items()
        if not equal(
            facts.fields.get(name),
            null_if_absent(part := _part(facts, name, value, live)),
            value,
        )
    }


def as_declared(
    facts: Facts, declared: Fields, recorded: Fields, stored: Fields, live: Fields
) -> Fields:
    """The live fields, with the declared value in place of each one that still is as the vendor
    stored it, as long as the declared value is still the one `recorded`."""
    unchanged: dict[str, Any] = {}
    for name, kept in stored.items():
        if name not in declared or name not in recorded:
            continue
        field, value = facts.fields.get(name), declared[name]
        part = _part(facts, name, value, live)
        if equal(field, value, recorded[name]) and equal(field, null_if_absent(part), kept):
            unchanged[name] = value
    return {**live, **unchanged} if unchanged else live


def _part(facts: Facts, name: str, declared: Any, live: Fields) -> Any:
    return restrict_to(facts.fields.get(name), declared, live.get(name, ABSENT))


def is_normal_form(written: Any, stored: Any) -> bool:
    """Whether a stored value says the same as the written one: text in another case, without blanks
    around it, without a slash at its end or with HTML escapes; a number rounded to fewer places;
    null or nothing for an empty text, list or mapping. Of two lists, each item does."""
    if _is_empty(stored):
        return _is_empty(written)
    if isinstance(written, list) and isinstance(stored, list):
        pairs = zip(sorted(written, key=_sort_key), sorted(stored, key=_sort_key), strict=False)
        same_length = len(written) == len(stored)
        return same_length and all(_is_same_scalar(*pair) for pair in pairs)
    return _is_same_scalar(written, stored)


def _is_empty(value: Any) -> bool:
    """Whether a value says nothing: null, a blank text, an empty list, a mapping without values."""
    if isinstance(value, dict):
        return all(member is None for member in value.values())
    return value in (None, ABSENT, []) or (isinstance(value, str) and not value.strip())


def _sort_key(value: Any) -> str:
    return loose_form(str(value))


def _is_same_scalar(written: Any, stored: Any) -> bool:
    return (
        equal(None, written, stored)
        or _is_same_text(written, stored)
        or _is_rounded(written, stored)
    )


def _is_same_text(written: Any, stored: Any) -> bool:
    if not (isinstance(written, str) and isinstance(stored, str)):
        return False
    return loose_form(written) == loose_form(stored)


def loose_form(text: str) -> str:
    """A text without what vendors change when they store it: case, blanks, HTML escapes, and the
    slash at the end of a URL."""
    from html import unescape

    return " ".join(text_form(unescape(text)).casefold().split()).rstrip("/")


def _is_rounded(written: Any, stored: Any) -> bool:
    """Whether the stored number is the written one, rounded or cut to its number of places."""
    try:
        exact, kept = Decimal(str(written)), Decimal(str(stored))
    except InvalidOperation:
        return False
    if isinstance(written, bool) or isinstance(stored, bool):
        return False
    if not (exact.is_finite() and kept.is_finite()):
        return False
    places = -int(kept.normalize().as_tuple().exponent)
    return abs(exact - kept) < Decimal(1).scaleb(-max(places, 0))
