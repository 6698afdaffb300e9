r"""Read the escapes of JSON for characters beyond U+FFFF, such as \ud83d\ude00 for one emoji.

JSON writes such a character as two escapes, and JSON is YAML 1.2; libyaml refuses them. The
backslashes of such a pair are replaced by a character that the file does not contain, which keeps
every position, and the values are put right when they have been parsed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from yaml.events import ScalarEvent

_PAIR = re.compile(
    rb"(?<!\\)((?:\\\\)*)\\(u[dD][89abAB][0-9a-fA-F]{2})\\(u[dD][c-fC-F][0-9a-fA-F]{2})"
)
# characters for private use: the first that the file does not contain is taken
_FREE = range(0xF8FF, 0xE000, -1)


def replace_pairs(data: bytes) -> tuple[bytes, str]:
    """The bytes with the backslashes of each pair replaced, and the character that replaces them;
    empty where there is no pair."""
    if b"\\ud" not in data and b"\\uD" not in data:
        return data, ""
    if _PAIR.search(data) is None:
        return data, ""
    sign = next((chr(code) for code in _FREE if chr(code).encode() not in data), "")
    if not sign:
        return data, ""
    mark = sign.encode()
    return _PAIR.sub(rb"\1" + mark + rb"\2" + mark + rb"\3", data), sign


def restored(get: Callable[[], Any], sign: str) -> Callable[[], Any]:
    """A function that returns the events of `get` with the pairs as the characters they stand for
    in double quotes, and as they were written everywhere else."""
    pair = re.compile(f"{sign}u([0-9a-fA-F]{{4}}){sign}u([0-9a-fA-F]{{4}})")

    def character(match: re.Match[str]) -> str:
        high, low = int(match[1], 16), int(match[2], 16)
        return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))

    def get_restored() -> Any:
        event = get()
        if type(event) is ScalarEvent and sign in event.value:
            if event.style == '"':
                event.value = pair.sub(character, event.value)
            event.value = event.value.replace(sign, "\\")
        return event

    return get_restored
