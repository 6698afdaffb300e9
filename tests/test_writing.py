"""What we write as YAML is read back as it was."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.yaml12 import parse, writer

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT.filter(bool), inner),
    max_leaves=8,
)
TRAPS = ["NO", "on", "1e3", "00000001", "12:30", "0x1F", "-.5", "+", "~", "null", "", " a", "a: b"]


@given(VALUES)
def test_any_value_is_read_back(value: Any) -> None:
    """Writing and reading changes no value: not its type, not a letter of it."""
    (document,) = parse(writer.text({"value": value}).encode(), "made.yaml")
    assert document.value == {"value": value}


@given(VALUES)
def test_a_value_on_one_line_is_one_line_and_read_back(value: Any) -> None:
    """A value in flow style takes one line, and means the same."""
    line = writer.flow(value)
    assert "\n" not in line
    (document,) = parse(f"value: {line}\n".encode(), "made.yaml")
    assert document.value == {"value": value}


@pytest.mark.parametrize("text", TRAPS)
def test_text_that_looks_like_something_else_stays_text(text: str) -> None:
    """What YAML 1.1 or 1.2 would take for a number, a boolean or nothing is quoted."""
    (document,) = parse(writer.text({text or "k": text}).encode(), "made.yaml")
    assert document.value == {text or "k": text}
