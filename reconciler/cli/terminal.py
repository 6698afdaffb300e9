"""Write to the terminal: the result to stdout, everything else to stderr.

Everything that is printed passes `harmless`, so that no text of a vendor or of a manifest is obeyed
by the terminal or by a CI runner, even where whoever printed it forgot to escape it.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from reconciler.errors import Diagnostic

COLOURS = {"+": "green", "-": "red", "-/+": "red", "~": "yellow", "!": "magenta"}
LONGEST = 2_000
MOST_FINDINGS = 1_200
OTHERS = 3
_STYLE = re.compile("(\x1b\\[[0-9;]*m)")


def say(line: str = "") -> None:
    """Print one line of the result."""
    click.echo(harmless(line))


def say_all(lines: Iterable[str]) -> None:
    """Print the lines of the result."""
    for line in lines:
        say(line)


def note(line: str) -> None:
    """Print a remark on stderr; if stderr cannot be written, nobody would read it."""
    with suppress(OSError):
        click.echo(harmless(line), err=True)


def harmless(text: str) -> str:
    """The text with all control and format characters escaped but line ends and, where stdout is
    coloured, colours; and with the commands to CI runners escaped."""
    plain = text.isascii() and text.isprintable()
    if plain and "##" not in text and not text.lstrip().startswith("::"):
        return text
    from reconciler.values.text import printable

    lines = []
    for line in text.split("\n"):
        parts = _STYLE.split(line) if is_coloured() else [line]
        parts[::2] = [printable(part, len(part)) for part in parts[::2]]
        lines.append("".join(parts))
    return "\n".join(lines)


def paint(text: str, symbol: str) -> str:
    """`text` in the colour of its symbol, where stdout is to be coloured."""
    return click.style(text, fg=COLOURS.get(symbol)) if is_coloured() else text


def is_coloured() -> bool:
    """Whether stdout is a terminal and neither --no-color nor NO_COLOR is set."""
    context = click.get_current_context(silent=True)
    refused = bool(context and context.find_root().params.get("no_color"))
    return not refused and not os.environ.get("NO_COLOR") and sys.stdout.isatty()


def report(findings: Iterable[Diagnostic]) -> None:
    """Print findings on stderr: what is wrong, where, and what to do. Nobody reads more than
    MOST_FINDINGS of them: the others are counted."""
    rest = iter(findings)
    for finding in islice(rest, MOST_FINDINGS):
        for line in _lines(finding):
            note(line)
    if more := sum(1 for _ in rest):
        note(f"… and {more:,} more; --format json has all of them.")


def _lines(finding: Diagnostic) -> list[str]:
    """A finding as lines that are safe to print, whatever a vendor put into it."""
    from reconciler.errors import Severity
    from reconciler.values.text import printable

    word = "Error" if finding.severity is Severity.ERROR else "Warning"
    lines = [f"{word}: {printable(finding.summary, LONGEST)}"]
    places = [str(place) for place in (finding.source, finding.address) if place]
    if places:
        lines.append(f"  at {printable(', '.join(places), LONGEST)}")
    if finding.detail:
        lines += [f"  {printable(line, LONGEST)}" for line in finding.detail.split("\n")]
    if finding.others:
        named = [
            ", ".join(str(place) for place in (other.source, other.address) if place)
            for other in finding.others[:OTHERS]
        ]
        more = "; …" if len(finding.others) > OTHERS else ""
        text = f"The same in {len(finding.others)} more: {'; '.join(named)}{more}"
        lines.append(f"  {printable(text, LONGEST)}")
    return lines
