"""The page about errors has the texts that the program prints."""

from __future__ import annotations

import re

import pytest

from ..conftest import MakeWorkspace
from .messages import is_printed
from .pages import ROOT

PAGE = (ROOT / "docs" / "errors.md").read_text("utf-8")
MESSAGES = re.findall(r"^\| `([^`]+)` \| [^|]+ \| [^|]+ \|$", PAGE, re.M)

PUT_TOGETHER = "there is no field …"
"""A message that the source has in two parts."""


@pytest.mark.parametrize("message", [one for one in MESSAGES if one != PUT_TOGETHER])
def test_a_message_on_the_page_is_in_the_program(message: str) -> None:
    """Word for word; `…` stands for what is filled in."""
    assert is_printed(message)


def test_the_message_that_is_put_together_is_printed(workspace: MakeWorkspace) -> None:
    """About a field that the kind does not have."""
    shop = workspace("provider: kobo-plm\nsuppliers:\n  SUP-1: {country: TR}\n")
    assert PUT_TOGETHER in MESSAGES
    assert 'Error: there is no field "country"\n' in shop.run("validate").err


def test_every_row_of_the_page_is_looked_at() -> None:
    """None is written so that the test above does not see it, and none is there twice."""
    rows = [line for line in PAGE.splitlines() if line.startswith("| `")]
    assert len(MESSAGES) == len(rows) > 40
    assert len(set(MESSAGES)) == len(MESSAGES)


def test_a_text_that_nobody_prints_is_found() -> None:
    """Also one that only a comment or a docstring has."""
    assert not is_printed("the moon is made of cheese")
    assert not is_printed("Every text in the source")
    assert not is_printed("Find the hosts that would be sent credentials")
