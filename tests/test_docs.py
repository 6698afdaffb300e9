"""The glossary and the architecture page name everything that the code has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from reconciler.kinds.options import OPTIONS
from reconciler.model import Action, Cause, Status
from reconciler.values.keywords import WORDS

ROOT = Path(__file__).parent.parent
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text("utf-8")
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8")
ROOMS = sorted(
    path.stem
    for path in (ROOT / "reconciler").iterdir()
    if (path.suffix == ".py" or (path / "__init__.py").exists()) and not path.stem.startswith("__")
)


def entries() -> dict[str, str]:
    """The words of the glossary with their meanings."""
    rows = re.findall(r"^\| ([^|]+?) \| ([^|]+?) \|$", GLOSSARY, re.MULTILINE)
    return {word: meaning for word, meaning in rows if word not in ("word", "---")}


@pytest.mark.parametrize(
    "word",
    [
        *(action.value for action in Action),
        *(status.value for status in Status),
        *(f"`{word}`" for word in (*OPTIONS, *WORDS)),
    ],
)
def test_every_word_of_the_tool_is_in_the_glossary(word: str) -> None:
    """What a plan, a manifest or a schema may say is explained."""
    assert word in entries()


def test_causes_are_explained() -> None:
    """Every cause that a plan may give for a difference is named."""
    assert all(f"`{cause.value}`" in GLOSSARY for cause in Cause if cause is not Cause.BOTH)


def test_a_meaning_is_one_sentence() -> None:
    """A word has one sentence, and it ends like one."""
    for word, meaning in entries().items():
        assert meaning.endswith("."), word
        assert ". " not in meaning, word


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_is_described(room: str) -> None:
    """The architecture page says what each room is for, and the README names it."""
    assert f"\n| `{room}` | " in ARCHITECTURE
    assert f"`{room}`" in README


def test_the_picture_has_the_layers_that_are_checked() -> None:
    """The layers on the page are those that import-linter checks."""
    contract = (ROOT / "pyproject.toml").read_text("utf-8")
    layers = re.search(r"^layers = \[\n(.*?)^\]", contract, re.MULTILINE | re.DOTALL)
    assert layers
    checked = [set(re.findall(r"\w+", line)) for line in layers[1].splitlines()]
    table = ARCHITECTURE.split("## The layers")[1].split("## The rooms")[0]
    shown = [set(re.findall(r"`(\w+)`", line)) for line in table.splitlines() if "| `" in line]
    assert [layer for layer in checked if layer != {"__main__"}] == shown
