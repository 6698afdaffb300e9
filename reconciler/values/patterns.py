"""Read patterns and formats of JSON Schema as they are defined, and not as Python's `re` does.

In ECMA-262, whose patterns JSON Schema uses, `$` does not match before a line break at the end,
`\\d` and `\\w` are ASCII only, and `\\s` is every blank and line break of Unicode.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from functools import cache

_BLANKS = r"\t\n\v\f\r \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_CLASSES = {"d": "0-9", "w": "A-Za-z0-9_", "s": _BLANKS}
_PART = re.compile(r"\\(?P<escaped>.)|(?P<sign>[\[\]$.])", re.DOTALL)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})",
    re.IGNORECASE,
)


@cache
def pattern(text: str) -> re.Pattern[str]:
    """A pattern of JSON Schema as one of Python that finds the same texts with `search`."""
    inside = False

    def translate(match: re.Match[str]) -> str:
        nonlocal inside
        escaped, sign = match["escaped"], match["sign"]
        if sign in ("[", "]"):
            # in a class `[` is a sign like any other, for which Python would warn
            nested = inside and sign == "["
            inside = sign == "["
            return r"\[" if nested else match[0]
        if sign and not inside:
            return r"\Z" if sign == "$" else r"[^\n\r\u2028\u2029]"
        if escaped and escaped.lower() in _CLASSES:
            members = _CLASSES[escaped.lower()]
            if escaped.islower():
                return members if inside else f"[{members}]"
            return match[0] if inside else f"[^{members}]"
        return "/" if escaped == "/" else match[0]

    return re.compile(_PART.sub(translate, text), re.ASCII)


def is_day(value: object) -> bool:
    """Whether a value is no text, or a day that exists: `2026-02-28`."""
    return not isinstance(value, str) or (
        _DAY.fullmatch(value) is not None and _exists(date.fromisoformat, value)
    )


def is_instant(value: object) -> bool:
    """Whether a value is no text, or an instant that exists: `2026-02-28T12:00:00Z`."""
    if not isinstance(value, str):
        return True
    match = _INSTANT.fullmatch(value)
    return match is not None and _exists(datetime.fromisoformat, match[1].upper())


def _exists(read: Callable[[str], object], text: str) -> bool:
    try:
        read(text)
    except ValueError:
        return False
    return True
