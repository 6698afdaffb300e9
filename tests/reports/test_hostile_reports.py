"""Whatever vendors and manifests call things: every report says only what we wrote."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings

from reconciler.report.formats import FORMATS, formats_of
from tools.report_examples import RESULTS, SETTING, lines_of
from tools.reports_page import COMMANDS

from .readers import READERS
from .results import HOSTILE_LISTS, MARKUP, many, results

# These have no syntax that a text could break out of: tests/test_hostile_text.py looks at them.
PLAIN = {"text", "json"}
REPORTS = sorted({name for kind in set(COMMANDS.values()) for name in formats_of(kind)} - PLAIN)


def test_every_format_has_a_reader() -> None:
    """A format is tested with a parser, or it is not finished."""
    assert sorted(READERS) == REPORTS


@pytest.mark.parametrize("name", [name for name in REPORTS if "markdown" not in name])
@settings(max_examples=150, deadline=None)
@given(HOSTILE_LISTS)
@example(MARKUP[:8])
@example(["a\n::error::b", "##vso[task.x]y", "]]>", '"', "<![CDATA[", "%0A::e::", "</x>", "\x1b"])
def test_no_text_is_obeyed(name: str, texts: list[str]) -> None:
    """Not in any place of any result, nor among the findings that ended a command."""
    for kind, result in results(texts).items():
        if name in formats_of(kind):
            lines = lines_of(name, result)
            READERS[name](lines)
            assert all(line.isprintable() for line in lines)
            assert "hunter2" not in "\n".join(lines)
    findings = results(texts)["validation"].diagnostics  # type: ignore[union-attr]
    READERS[name]([*FORMATS[name].within(SETTING).errors(findings)])


@pytest.mark.parametrize("name", REPORTS)
def test_the_examples_are_read(name: str) -> None:
    """Also the empty ones."""
    for result in RESULTS.values():
        kind = {"Plan": "plan", "Drift": "drift", "Applied": "applied"}
        if name in formats_of(kind.get(type(result).__name__, "validation")):
            READERS[name](lines_of(name, result))


@pytest.mark.parametrize("name", REPORTS)
def test_very_much_is_read(name: str) -> None:
    """5,000 changes and 500 findings."""
    for kind, result in many(5000).items():
        if name in formats_of(kind):
            READERS[name](lines_of(name, result))
