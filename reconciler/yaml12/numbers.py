"""Text without quotes → the number that it is, or why that number cannot be kept as written."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from math import isinf

_NUMBER = re.compile(
    r"(?P<int>[-+]?(?:0|[1-9][0-9]*))"
    r"|[-+]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
    r"|(?P<odd>[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))"
)


def number(text: str) -> tuple[int | float | str, str]:
    """The number that `text` is, and nothing; or `text` itself, and what is wrong with its number.

    Text that is no number comes back as it is, with nothing wrong.
    """
    match = _NUMBER.fullmatch(text)
    if match is None:
        return text, ""
    if match["odd"]:
        return text, "is infinite or none at all"
    if match["int"]:
        if len(text) < 19 or (len(text) < 21 and -(2**63) <= int(text) < 2**63):
            return int(text), ""
        return text, "is too large to be kept exactly"
    value = float(text)
    if _exact(value, text):
        return value, ""
    return text, "is too large" if isinf(value) else "has more digits than can be kept exactly"


def _exact(number: float, text: str) -> bool:
    """Whether the float is the very number that is written, which up to 15 digits it always is."""
    if len(text) <= 16 and number and "e" not in text and "E" not in text:
        return True
    try:
        return len(text) < 64 and Decimal(repr(number)) == Decimal(text)
    except InvalidOperation:
        return False
