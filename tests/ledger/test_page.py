"""docs/ledgers.md is true: its settings are understood, and its numbers are those of the stores."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from reconciler import errors
from reconciler.ledger import git, objects
from reconciler.ledger.stores import SCHEMES, open_store

PAGE = (Path(errors.__file__).parents[1] / "docs" / "ledgers.md").read_text("utf-8")
BLOCKS = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS)
def test_each_setting_on_the_page_names_a_store(block: str, tmp_path: Path) -> None:
    """Every `ledger:` that the page shows can be opened, and asks nobody."""
    document = yaml.safe_load(block)
    overlays = [document, *document.get("environments", {}).values()]
    for overlay in overlays:
        assert open_store(overlay["ledger"], tmp_path).place


def test_every_sort_of_store_is_on_the_page() -> None:
    """Each word that can stand before the colon is in the table."""
    table = PAGE.partition("| setting |")[2].partition("\n\n")[0]
    assert {name for name in SCHEMES if name} == set(re.findall(r"`(\w+):", table))


def test_the_times_on_the_page_are_those_of_the_locks() -> None:
    """How long a lock lasts, and how long an ended one is looked at, is said as it is."""
    text = " ".join(PAGE.split())
    usual, slow = objects.TERMS, git.TERMS
    assert f"for {usual.lasts:.0f} seconds, {slow.lasts:.0f} with Git" in text
    assert f"{2 * usual.renew:.0f} seconds or {2 * slow.renew:.0f} with Git" in text
    assert f"after {usual.renew:.0f} seconds at most, {slow.renew:.0f} with Git" in text
