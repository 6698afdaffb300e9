"""Convert unquoted text to a number, or say why the number cannot be stored as written."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from math import isinf

_NUMBER = re.compile(
    r"(?P<int>[-+]?(?:0|[1-9][0-9]*))"
    r"|[-+]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
    r"|(?P<odd>[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))"
)

# What YAML 1.2 and most editors read as a number although it is text here.
_OTHERS = re.compile(
    r"0o[0-7]+|0x[0-9a-fA-F]+|[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
)


def is_number_elsewhere(text: str) -> bool:
    """Whether `text`, for which `number` returns text, is a number in the core schema of YAML 1.2:
    `06082`, `0x1F`, `0o17`."""
    return _OTHERS.fullmatch(text) is not None


def number(text: str) -> tuple[int | float | str, str]:
    """The value of `text`, and what is wrong with it (empty where nothing is).

    The value is a number where `text` is one that can be stored exactly; otherwise it is `text`,
    with a problem only where it looks like a number.
    """
    match = _NUMBER.fullmatch(text)
    if match is None:
        return text, ""
    if match["odd"]:
        return text, "is infinite or not a number"
    if match["int"]:
        if len(text) < 19 or (len(text) < 21 and -(2**63) <= int(text) < 2**63):
            return int(text), ""
        return text, "is too large to be stored exactly"
    value = float(text)
    if _exact(value, text):
        return value, ""
    return text, "is too large" if isinf(value) else "has more digits than can be stored exactly"


def _exact(number: float, text: str) -> bool:
    """Whether the float equals the number in `text`, which it always does up to 15 digits."""
    if len(text) <= 16 and number and "e" not in text and "E" not in text:
        return True
    try:
        return len(text) < 64 and Decimal(repr(number)) == Decimal(text)
    except InvalidOperation:
        return False
