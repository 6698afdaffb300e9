"""Write to the terminal: the result to stdout, everything else to stderr.

Everything that is printed passes `harmless`, so that no text of a vendor or of a manifest is obeyed
by the terminal or by a CI runner, even where whoever printed it forgot to escape it. Only the
formats that are a runner's commands do not, and escape the texts in them.
"""

from __future__ import annotations

import os
import re
import sys
from codecs import lookup
from collections.abc import Iterable
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, TextIO

import click

if TYPE_CHECKING:
    from reconciler.errors import Diagnostic

COLOURS = {"+": "green", "-": "red", "-/+": "red", "~": "yellow", "!": "magenta"}
MOST_FINDINGS = 1_200
AT_ONCE = 32_000
"""So many characters of a result are written at once."""
_COLOURED = "reconciler.coloured"
_streams: dict[bool, tuple[object, bool, bool]] = {}
"""stdout, and by True stderr, each with whether its encoding is ASCII, and whether it is a
terminal."""
_STYLE = re.compile("(\x1b\\[[0-9;]*m)")


def say(line: str = "") -> None:
    """Print one line of the result."""
    _write(harmless(line) + "\n")


def say_all(lines: Iterable[str], commands: bool = False) -> None:
    """Print the lines of the result; with `commands` as they are, since a CI runner is to obey
    them."""
    text: list[str] = []
    size = 0
    try:
        for line in lines:
            text.append(line if commands else harmless(line))
            size += len(line)
            if size >= AT_ONCE:
                text, size, full = [], 0, text
                _write("\n".join((*full, "")))
    finally:
        if text:
            _write("\n".join((*text, "")))


def note(line: str) -> None:
    """Print a remark on stderr; if stderr cannot be written, nobody would read it."""
    with suppress(OSError):
        _write(harmless(line) + "\n", err=True)


def _write(text: str, err: bool = False) -> None:
    """Write complete lines at once, without colours where the stream is no terminal. click asks for
    each line whether it is; it is left to write to a stream that has ASCII only."""
    stream: TextIO | None = sys.stderr if err else sys.stdout
    if stream is None:
        return
    known = _streams.get(err)
    if known is None or known[0] is not stream:
        is_ascii = lookup(getattr(stream, "encoding", None) or "ascii").name == "ascii"
        known = _streams[err] = (stream, is_ascii, stream.isatty())
    _, is_ascii, is_terminal = known
    if is_ascii:
        click.echo(text, nl=False, err=err)
        return
    stream.write(text if is_terminal or "\x1b" not in text else click.unstyle(text))
    stream.flush()


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
    """Whether stdout is a terminal and neither --no-color nor NO_COLOR is set; found out once for
    each command."""
    context = click.get_current_context(silent=True)
    if context is None:
        return not os.environ.get("NO_COLOR") and sys.stdout.isatty()
    known: tuple[object, bool] | None = context.meta.get(_COLOURED)
    if known is None or known[0] is not sys.stdout:
        refused = bool(context.find_root().params.get("no_color") or os.environ.get("NO_COLOR"))
        known = context.meta[_COLOURED] = (sys.stdout, not refused and sys.stdout.isatty())
    return known[1]


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
