"""Two values side by side, with the words marked in which they differ."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from markupsafe import Markup, escape

# A word, a number with its decimals, white space, or a single sign.
_WORDS = re.compile(r"[^\W_]+(?:[.,][0-9]+)*|\s+|.", re.DOTALL)
MOST_WORDS = 300
"""Between longer texts no words are matched: all between what they begin and end with is marked."""


def marked(before: str, after: str) -> tuple[Markup, Markup]:
    """Both texts, safe for HTML, with `del` and `ins` around what only one of them has."""
    left, right = _WORDS.findall(before), _WORDS.findall(after)
    start = _common(left, right)
    end = _common(left[start:][::-1], right[start:][::-1])
    middle = (left[start : len(left) - end], right[start : len(right) - end])
    first, last = left[:start], left[len(left) - end :] if end else []
    sides = zip(_parts(*middle), ("del", "ins"), strict=True)
    old, new = (
        Markup().join(
            (_text(first), *(_part(words, same, tag) for words, same in parts), _text(last))
        )
        for parts, tag in sides
    )
    return old, new


Parts = list[tuple[Sequence[str], bool]]


def _parts(left: Sequence[str], right: Sequence[str]) -> tuple[Parts, Parts]:
    """The words of both in runs, each with whether the other one has it too."""
    if min(len(left), len(right)) < 3 or max(len(left), len(right)) > MOST_WORDS:
        return [(left, False)], [(right, False)]
    old: Parts = []
    new: Parts = []
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    for name, a, b, c, d in matcher.get_opcodes():
        # A space between two words that differ belongs to them.
        same = name == "equal" and not "".join(left[a:b]).isspace()
        old.append((left[a:b], same))
        new.append((right[c:d], same))
    return old, new


def _part(words: Sequence[str], same: bool, tag: str) -> Markup:
    text = _text(words)
    return text if same or not words else Markup(f"<{tag}>{text}</{tag}>")


def _text(words: Sequence[str]) -> Markup:
    return escape("".join(words))


def _common(left: Sequence[str], right: Sequence[str]) -> int:
    """How many words both begin with."""
    pairs = enumerate(zip(left, right, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(left), len(right)))
