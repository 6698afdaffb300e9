"""What of a vendor is not managed, and why: on its page, and where somebody asks for it."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.kinds import Provider
from reconciler.providers import PROVIDERS
from reconciler.report.descriptions import names
from tools.reference import reference

EACH = pytest.mark.parametrize("provider", PROVIDERS.values(), ids=lambda provider: provider.type)


@EACH
def test_the_page_says_what_is_not_managed_and_why(provider: Provider) -> None:
    """Each vendor's page has the section, with every name and sentence."""
    section = reference(provider).partition("\n## Not managed\n")[2].partition("\n## ")[0]
    assert provider.not_managed
    for row in provider.not_managed:
        assert f"- {names(row.names)}: {row.why}\n" in section + "\n"


@EACH
def test_what_is_a_kind_is_managed(provider: Provider) -> None:
    """No name stands for a kind that there is, and none twice."""
    found = [name for row in provider.not_managed for name in row.names]
    assert len(found) == len(set(found))
    assert provider.kinds.keys().isdisjoint(found)


@EACH
def test_a_manifest_that_declares_it_is_told_why(provider: Provider, workspace: Any) -> None:
    """The error for such a kind has the same sentence, and suggests no other kind."""
    here = workspace()
    for row in provider.not_managed:
        for name in row.names:
            here.write(f"provider: {provider.type}\n{name}: {{}}\n")
            shown = here.run("validate")
            assert shown.code == 1
            text = " ".join((shown.out + shown.err).split())
            assert f'has no kind "{name}"' in text
            assert row.why in text
            assert "Did you mean" not in text
            assert "Choose one of" not in text


@pytest.mark.parametrize("name", ["notes", "Notes", "note"])
def test_the_name_need_not_be_exact(workspace: Any, name: str) -> None:
    """However it is spelled, it is not mistaken for another kind."""
    shown = workspace(f"provider: kobo-plm\n{name}: {{}}\n").run("validate")
    assert "conversation, not configuration" in shown.out + shown.err


def test_what_nobody_knows_is_still_a_misspelling(workspace: Any) -> None:
    """An unknown word gets the most similar kind."""
    shown = workspace("provider: kobo-plm\nsupliers: {}\n").run("validate")
    assert 'Did you mean "suppliers"?' in shown.out + shown.err


def test_an_exclusive_kind_that_is_not_managed_is_told_why(workspace: Any) -> None:
    """A workspace that wants such a kind for itself gets the reason, too."""
    shown = workspace(exclusive=["kobo-plm/notes"]).run("plan")
    assert shown.code == 1
    assert "conversation, not configuration" in shown.err


@pytest.mark.parametrize(
    "command", [("explain", "inventora/batches"), ("import", "--kind", "inventora/batches")]
)
def test_other_commands_say_it_too(workspace: Any, command: tuple[str, ...]) -> None:
    """Whoever asks about such a kind, or for it, gets the reason."""
    shown = workspace().run(*command)
    assert shown.code == 1
    assert "A batch records that something was produced" in shown.err
