"""Markdown reports: nothing of others is obeyed, and they fit whatever they are to be posted on."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
from hypothesis import example, given, settings
from markdown_it import MarkdownIt

from reconciler.errors import Diagnostic
from reconciler.model import Plan
from reconciler.report.formats import FORMATS
from reconciler.report.markdown_text import code, fenced, html_code
from tools.report_examples import LINK, RESULTS, lines_of

from .markdown_reader import Fold, read_markdown
from .results import HOSTILE, many

LIMITS = {
    "markdown": 65_536,
    "markdown-gitlab": 1_000_000,
    "markdown-azure": 150_000,
    "markdown-bitbucket": 32_768,
}


@settings(max_examples=300, deadline=None)
@given(HOSTILE)
@example("`" * 15)
@example(" a ")
@example("`a")
def test_code_is_read_back_as_the_text(text: str) -> None:
    """A code span, a fence and an element hold exactly the text, but for very long runs of
    backticks."""
    text = text.replace("\n", " ").replace("\r", " ").replace("\0", "").replace("\ufeff", "")
    shown = "".join(c if c.isprintable() else "?" for c in text)
    parser = MarkdownIt("commonmark")
    long_run = "`" * 16 in shown
    (block,) = [token for token in parser.parse(f"a {code(shown)} b") if token.type == "inline"]
    before, span, after = block.children or []
    assert (before.content, after.content) == ("a ", " b")
    assert span.type == "code_inline"
    assert long_run or not shown.strip() or span.content == shown
    (fence,) = parser.parse("\n".join(fenced([f"+ {shown}", shown])))
    assert long_run or fence.content == f"+ {shown}\n{shown}\n"
    assert Fold(html_code(shown)).texts in ([("code", shown)], [])


@pytest.mark.parametrize("count", [60, 700, 5000])
@pytest.mark.parametrize("name", LIMITS)
def test_very_many_changes_fit_and_nothing_is_broken(name: str, count: int) -> None:
    """The counts are always there, and what is destroyed is unfolded; what is left out is said."""
    texts = {kind: "\n".join(lines_of(name, result)) for kind, result in many(count).items()}
    for text in texts.values():
        assert len(text.encode()) <= LIMITS[name] - 2_000
        read_markdown(text, LINK)
    text = texts["plan"]
    fifth = count // 5
    summary = f"{2 * fifth} to add, {2 * fifth} to change, {2 * fifth} to destroy."
    assert f"**Plan: {summary}**" in text
    fits = count == 60 or (name, count) == ("markdown-gitlab", 700)
    assert ("Left out, to stay below the limit" in text) == (not fits)
    assert text.index("#### Destroyed") < text.index("#### In this pull request")
    assert text.index("#### In this pull request") < text.index("#### Drift")


@cache
def worst() -> Plan:
    """A plan of a thousand changes, each at a provider of its own, with the longest texts."""
    plan = many(1000, "🛒" * 300)["plan"]
    assert isinstance(plan, Plan)
    changes = tuple(
        replace(c, address=c.address._replace(provider=f"{at}{'🛒' * 300}", kind=f"{at}"))
        for at, c in enumerate(plan.changes)
    )
    findings = tuple(Diagnostic(f"{at}{'🛒`' * 2000}", "`🛒\n" * 2000) for at in range(100))
    unmanaged = {c.address.scope: ("🛒" * 300,) * 30 for c in changes}
    origin = {"workspace": "🛒" * 900, "environment": "🛒" * 900}
    return Plan(changes, findings, unmanaged=unmanaged, refusals=findings, origin=origin)


@pytest.mark.parametrize("name", LIMITS)
def test_the_longest_texts_of_the_most_providers_fit(name: str) -> None:
    """Also where every name has the most bytes, and there is a provider for each object."""
    text = "\n".join(lines_of(name, worst()))
    assert len(text.encode()) <= LIMITS[name] - 2_000
    read_markdown(text, LINK)


def test_each_platform_has_folds_or_none() -> None:
    """Bitbucket shows HTML as text, so that it gets titles."""
    for name, limit in LIMITS.items():
        assert f"{limit:,}" in FORMATS[name].purpose
        text = "\n".join(lines_of(name, RESULTS["small-plan"]))
        assert ("<details>" in text) == (name != "markdown-bitbucket")
        assert ("##### `kobo`" in text) == (name == "markdown-bitbucket")


def test_what_is_destroyed_protected_or_by_hand_comes_first_and_unfolded() -> None:
    """Before the first fold, and with its fields."""
    text = "\n".join(lines_of("markdown", RESULTS["small-plan"]))
    first = text.partition("<details>")[0]
    for words in ("kobo/webhooks/old-erp", "kibo/price_lists/RETAIL", "inventora/stores/IST-1"):
        assert words in first
    assert "enabled: true -> false" in first
    assert "kobo/webhooks/erp-styles" not in first
    drift = text.partition("#### Drift")[2]
    assert "kibo/locations/WH-01" in drift
    assert "kobo/suppliers/SUP-1" not in drift
