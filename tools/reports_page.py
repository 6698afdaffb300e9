"""The generated part of the page about reports: the table of formats, and an example of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.model import Applied, Drift, Plan
from reconciler.report.formats import FORMATS, formats_of
from reconciler.report.markdown_text import fenced
from reconciler.report.places import Result
from tools.report_examples import RESULTS, lines_of

COMMANDS: Mapping[str, str] = {
    "plan": "plan",
    "show": "plan",
    "apply": "applied",
    "drift": "drift",
    "validate": "validation",
}
"""The commands that have `--report`, and the kind of result that each shows."""
EXAMPLES = ("small-plan", "drift", "invalid")
LONGEST_LINE = 400
SHOWN_ELSEWHERE = ("text", "json")
WITHOUT_EXAMPLE = (*SHOWN_ELSEWHERE, "html")


def kind_of(result: Result) -> str:
    """The name that the table of formats has for this kind of result."""
    names: Mapping[type, str] = {Plan: "plan", Drift: "drift", Applied: "applied"}
    return names.get(type(result), "validation")


def with_formats(page: str) -> str:
    """The page with the table and the examples between its two markers."""
    before, begin, rest = page.partition("<!-- formats -->\n")
    _, end, after = rest.partition("<!-- /formats -->")
    return f"{before}{begin}{_generated()}{end}{after}"


def _generated() -> str:
    return "\n".join([*_table(), "", *_examples()]) + "\n"


def _reports() -> list[str]:
    """The formats that at least one of the commands has."""
    return [name for name in FORMATS if any(name in formats_of(kind) for kind in COMMANDS.values())]


def _table() -> Iterator[str]:
    yield f"| format | for | {' | '.join(f'`{command}`' for command in COMMANDS)} |"
    yield f"| --- | --- | {' | '.join('---' for _ in COMMANDS)} |"
    for name in _reports():
        marks = ("yes" if name in formats_of(kind) else "" for kind in COMMANDS.values())
        yield f"| `{name}` | {FORMATS[name].purpose} | {' | '.join(marks)} |"


def _examples() -> Iterator[str]:
    yield "## Examples"
    for name in _reports():
        if name in WITHOUT_EXAMPLE:
            continue
        example = next(e for e in EXAMPLES if name in formats_of(kind_of(RESULTS[e])))
        lines = lines_of(name, RESULTS[example])
        if any(len(line) > LONGEST_LINE for line in lines):
            lines = [
                f"{line[:LONGEST_LINE]}…" if len(line) > LONGEST_LINE else line for line in lines
            ]
        words = {"small-plan": "a plan", "drift": "a drift report", "invalid": "a validation"}
        yield from ("", f"### `{name}`: {words[example]}", "")
        yield from fenced(lines, "text")
