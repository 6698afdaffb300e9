"""Align rows of texts in columns; nothing is ever cut."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from unicodedata import combining, east_asian_width

WIDTH = 96


def columns(rows: Iterable[Sequence[str]], indent: str = "") -> Iterator[str]:
    """Each row as a line with aligned cells; the last cell of a row may be of any length."""
    table = [list(row) for row in rows]
    widths = [
        max((_width(row[at]) for row in table if at < len(row) - 1), default=0)
        for at in range(max(map(len, table), default=0))
    ]
    for row in table:
        padded = [cell + " " * (widths[at] - _width(cell)) for at, cell in enumerate(row[:-1])]
        yield (indent + "  ".join([*padded, row[-1]])).rstrip()


def paragraph(text: str, indent: str = "", width: int = WIDTH) -> Iterator[str]:
    """A text in lines of a readable length; a word that is longer stays whole."""
    yield from textwrap.wrap(
        text,
        width,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _width(text: str) -> int:
    """The columns that a text takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(
        0 if combining(letter) else 2 if east_asian_width(letter) in "WF" else 1 for letter in text
    )
