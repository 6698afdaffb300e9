"""What goes to the terminal, and how: the result on stdout, everything else on stderr."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import click

from reconciler.errors import Diagnostic, Severity

COLOURS = {"+": "green", "-": "red", "-/+": "red", "~": "yellow", "!": "magenta"}
LONGEST_TEXT = 2_000


def say(line: str = "") -> None:
    """One line of the result."""
    click.echo(line)


def note(line: str) -> None:
    """One line of narration; where it cannot be written, there is nobody to tell."""
    with suppress(OSError):
        click.echo(line, err=True)


def say_json(value: Any) -> None:
    """The result for a program, on one line."""
    from reconciler.values.text import json_text

    click.echo(json_text(value))


def paint(text: str, symbol: str) -> str:
    """`text` in the colour of its symbol, on a terminal that wants colours."""
    return click.style(text, fg=COLOURS.get(symbol)) if coloured() else text


def coloured() -> bool:
    """Whether stdout is a terminal and nobody asked for no colour."""
    context = click.get_current_context(silent=True)
    refused = bool(context and context.find_root().params.get("no_color"))
    return not refused and not os.environ.get("NO_COLOR") and sys.stdout.isatty()


def complain(findings: Iterable[Diagnostic]) -> None:
    """Findings on stderr: what is wrong, where, what to do."""
    for finding in findings:
        for line in lines_of(finding):
            note(line)


def lines_of(finding: Diagnostic) -> list[str]:
    """A finding as lines, safe to print whatever a vendor put into it."""
    from reconciler.values.text import printable

    word = "Error" if finding.severity is Severity.ERROR else "Warning"
    lines = [f"{word}: {printable(finding.summary, LONGEST_TEXT)}"]
    place = [str(one) for one in (finding.source, finding.address) if one]
    if place:
        lines.append(f"  at {printable(', '.join(place), LONGEST_TEXT)}")
    if finding.detail:
        lines += [f"  {printable(line, LONGEST_TEXT)}" for line in finding.detail.split("\n")]
    return lines


def as_json(finding: Diagnostic) -> dict[str, Any]:
    """A finding for a program."""
    source = finding.source
    return {
        "severity": finding.severity.value,
        "summary": finding.summary,
        "detail": finding.detail,
        "address": finding.address,
        "file": source.file if source else None,
        "line": source.line if source else None,
        "column": source.column if source else None,
    }
