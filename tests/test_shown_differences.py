"""Two values that differ never look the same in a plan."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.model import FieldChange
from reconciler.report.rows import details
from reconciler.values.text import json_text, printable, tell_apart


def shown(before: Any, after: Any) -> tuple[str, str]:
    """How a changed field shows both values."""
    (detail,) = details(FieldChange(("f",), before, after))
    return detail.before, detail.after


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("10", 10, ('"10"', "10")),
        (10, "10", ("10", '"10"')),
        ("true", True, ('"true"', "true")),
        (None, "null", ("null", '"null"')),
        ("12.50", 12.5, ('"12.50"', "12.5")),
        ("22.50", 23.1, ("22.50", "23.10")),
        ("é", "e\u0301", ('"é"', '"e\\u0301"')),
        ("Å", "\u212b", ('"\\xc5"', '"\\u212b"')),
        ("Premium", "Premium\u3164", ('"Premium"', '"Premium\\u3164"')),
        ("Premium", "Prem\u034fium", ('"Premium"', '"Prem\\u034fium"')),
        ("a b", "a\xa0b", ('"a b"', '"a\\xa0b"')),
        ("A", "\u0410", ('"A"', '"\\u0410"')),
        ("Fabrik", "F\u0430brik", ('"Fabrik"', '"F\\u0430brik"')),
        ("AB", "\uff21B", ('"AB"', '"\\uff21B"')),
        ("Kumaş", "Kumas", ('"Kumaş"', '"Kumas"')),
        ("ı", "i", ('"ı"', '"i"')),
        (["é"], ["e\u0301"], ('["é"]', '["e\\u0301"]')),
        ([1, 2], ["1", 2], ("[1]", '["1"]')),
    ],
)
def test_a_difference_can_be_seen(before: Any, after: Any, expected: tuple[str, str]) -> None:
    """Types are shown by quotes, and what looks alike is escaped; nothing else is."""
    assert shown(before, after) == expected


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (list(range(300)), [*range(299), 7]),
        ([1.5] * 200, [*[1.5] * 199, 2]),
        ({str(n): n for n in range(200)}, {**{str(n): n for n in range(200)}, "199": 0}),
        (["x" * 90] * 40 + ["a", "b"], ["x" * 90] * 40 + ["b", "a"]),
        ("x" * 900 + "a", "x" * 900 + "b"),
    ],
)
def test_what_is_cut_off_is_not_where_they_differ(before: Any, after: Any) -> None:
    """Of long values the part is shown in which they differ."""
    left, right = shown(before, after)
    assert left != right


def test_invisible_letters_are_always_escaped() -> None:
    """A letter that nobody can see is escaped in all that is printed; an emoji stays one."""
    assert printable("a\u3164b\ufe0f") == "a\\u3164b\\ufe0f"
    assert printable("❤\ufe0f Kumaş") == "❤\ufe0f Kumaş"
    assert json_text("a\u3164") == '"a\\u3164"'


def test_different_texts_are_told_apart_only_where_needed() -> None:
    """Texts that anybody can tell apart stay readable."""
    assert tell_apart("Çağrı", "Çağrı Öztürk") == ("Çağrı", "Çağrı Öztürk")
    assert tell_apart("same", "same") == ("same", "same")
