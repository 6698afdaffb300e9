"""Text of others in Markdown: only in code, where nothing of it is read as Markdown or HTML.

There no platform makes a mention, a link, a reference to an issue, an image or a formula of it
either. Every function takes a text that is safe to print, which is on one line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import escape

# Longer runs of backticks are cut: GitHub's parser gives up on code spans that need more than 80.
MOST_BACKTICKS = 16
_RUNS = re.compile("`+")
_TOO_LONG = re.compile(f"`{{{MOST_BACKTICKS},}}")


def code(text: str) -> str:
    """The text as a code span."""
    text = _without_long_runs(text) or " "
    ticks = "`" * (_longest_run(text) + 1)
    # One space at both ends is taken away again; without it a backtick there would belong to ours.
    pad = " " if text[0] in "` " or text[-1] in "` " else ""
    return f"{ticks}{pad}{text}{pad}{ticks}" if text.strip() else "`(blank)`"


def html_code(text: str) -> str:
    """The text as a `code` element, for use in HTML."""
    return f"<code>{escape(text)}</code>"


def fenced(lines: Iterable[str], language: str = "diff") -> Iterator[str]:
    """The lines as a fenced code block."""
    content = [_without_long_runs(line) for line in lines]
    ticks = "`" * max(3, max(map(_longest_run, content), default=0) + 1)
    yield f"{ticks}{language}"
    yield from content
    yield ticks


def _longest_run(text: str) -> int:
    """The number of backticks in the longest run of them."""
    return max(map(len, _RUNS.findall(text)), default=0) if "`" in text else 0


def _without_long_runs(text: str) -> str:
    return _TOO_LONG.sub("`" * (MOST_BACKTICKS - 1) + "…", text) if "`" in text else text
