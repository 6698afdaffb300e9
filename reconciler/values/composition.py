"""Compose letters and their marks (Unicode NFC), in time that grows only with the text.

To put the marks of one letter into their order takes the square of their number: for a hundred
thousand of them, in a manifest or an answer, minutes. No script has more than a few on a letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from unicodedata import combining, normalize

MOST_MARKS = 100
# Below U+0300 there are no marks. `re` compiles this, which takes 2 ms, when it first needs it.
_MANY = f"[\u0300-\U0010ffff]{{{MOST_MARKS + 1}}}"


def composed(text: str) -> str:
    """A text in NFC, but for letters with more than MOST_MARKS marks, which stay as they are."""
    if text.isascii():
        return text
    if len(text) <= MOST_MARKS or re.search(_MANY, text) is None:
        return normalize("NFC", text)
    done, parts = 0, []
    for start, end in _overloaded(text):
        parts += [normalize("NFC", text[done:start]), text[start:end]]
        done = end
    return "".join([*parts, normalize("NFC", text[done:])])


def _overloaded(text: str) -> Iterator[tuple[int, int]]:
    """Where each letter with more than MOST_MARKS marks begins and where its marks end."""
    letter = 0
    for at in range(1, len(text) + 1):
        if at < len(text) and combining(text[at]):
            continue
        if at - letter > MOST_MARKS + 1:
            yield letter, at
        letter = at
