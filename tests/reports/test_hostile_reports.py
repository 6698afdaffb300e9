"""Whatever vendors and manifests call things: every format says only what we wrote.

The tests go over the table of formats: a new format fails until it has a reader, and a new kind of
result until it has hostile examples.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields

import pytest
from hypothesis import example, given, settings

from reconciler.report.formats import FORMATS, Format, formats_of
from tools.report_examples import CONTEXT, RESULTS, lines_of
from tools.reports_page import COMMANDS, kind_of

from .readers import READERS
from .results import HOSTILE_LISTS, MAKERS, MARKUP, arguments, hostile_lists, maker_of, many

REPORTS = sorted({name for kind in set(COMMANDS.values()) for name in formats_of(kind)})
FUNCTIONS = [field.name for field in fields(Format) if str(field.type).startswith("Callable[")]
SLOW = {"html": 7}
"""Where the parser takes long, only every so many list of texts is read with it."""
BY_THEMSELVES = ("html", "json", "text")
"""These have tests of their own for very many changes, or show all of them in as many lines."""


def shown(name: str, texts: Sequence[str]) -> Iterator[list[str]]:
    """All that a format can show, of results all of whose texts are these."""
    form = FORMATS[name].within(CONTEXT)
    for function in FUNCTIONS:
        if name in formats_of(function) and (show := getattr(form, function)) is not None:
            for found in arguments(function, texts):
                yield [*show(*found)]


def check(name: str, texts: Sequence[str]) -> None:
    """Read all that a format shows of these texts; nothing of them is obeyed."""
    for lines in shown(name, texts):
        if lines:
            READERS[name](lines)
        assert all(line.isprintable() for line in lines)
        assert "hunter2" not in "\n".join(lines)


def test_every_format_has_a_reader() -> None:
    """A format is tested with a parser of its language, or it is not finished."""
    assert sorted(READERS) == sorted(FORMATS)


def test_every_kind_of_result_has_hostile_examples() -> None:
    """Whatever a format has a function for."""
    assert set(map(maker_of, FUNCTIONS)) == set(MAKERS)


@pytest.mark.parametrize("name", FORMATS)
def test_no_text_is_obeyed(name: str) -> None:
    """Not a piece of markup, of a command or of a formula, in any place of any result."""
    for at, texts in enumerate(hostile_lists()):
        if at % SLOW.get(name, 1) == 0:
            check(name, texts)


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=6, deadline=None)
@given(HOSTILE_LISTS)
@example(MARKUP[:8])
@example(["a\n::error::b", "##vso[task.x]y", "]]>", '"', "<![CDATA[", "%0A::e::", "</x>", "\x1b"])
@example(["`" * 200, "` `", " `", "` ", "``` x", "</summary>", "</details>", "\u2028"])
def test_no_mixture_is_obeyed(name: str, texts: list[str]) -> None:
    """Nor what several pieces are together."""
    check(name, texts)


@pytest.mark.campaign
@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=1_000, deadline=None)
@given(HOSTILE_LISTS)
def test_no_mixture_of_thousands_is_obeyed(name: str, texts: list[str]) -> None:
    """The same, of many more."""
    check(name, texts)


@pytest.mark.parametrize("name", REPORTS)
def test_the_examples_are_read(name: str) -> None:
    """Also the empty ones."""
    for result in RESULTS.values():
        if name in formats_of(kind_of(result)):
            READERS[name](lines_of(name, result))


@pytest.mark.parametrize(
    "name", [name for name in REPORTS if "markdown" not in name and name not in BY_THEMSELVES]
)
def test_very_much_is_read(name: str) -> None:
    """2,000 changes and 200 findings."""
    for kind, result in many(2000).items():
        if name in formats_of(kind):
            READERS[name](lines_of(name, result))
