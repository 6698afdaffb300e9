"""Write to the terminal: the result to stdout, everything else to stderr.

Everything that is printed passes `harmless`, so that no text of a vendor or of a manifest is obeyed
by the terminal or by a CI runner, even where whoever printed it forgot to escape it. Only the
formats that are a runner's commands do not, and escape the texts in them.
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
MOST_FINDINGS = 1_200
_STYLE = re.compile("(\x1b\\[[0-9;]*m)")


def say(line: str = "") -> None:
    """Print one line of the result."""
    click.echo(harmless(line))


def say_all(lines: Iterable[str], commands: bool = False) -> None:
    """Print the lines of the result; with `commands` as they are, since a CI runner is to obey
    them."""
    for line in lines:
        if commands:
            click.echo(line)
        else:
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
    from reconciler.report.findings import finding_lines

    rest = iter(findings)
    for finding in islice(rest, MOST_FINDINGS):
        for line in finding_lines(finding):
            note(line)
    if more := sum(1 for _ in rest):
        note(f"… and {more:,} more; --format json has all of them.")
