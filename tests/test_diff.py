"""One desired object against one live: what is equal is no change, what changed is seen."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.values.compare import differences, same
from reconciler.values.fields import facts_from, facts_of

WORKFLOWS = facts_of("kobo-plm", "workflows")


@pytest.mark.parametrize(
    ("desired", "live"),
    [
        ({"conditions": [{"value": True}]}, {"conditions": [{"value": 1}]}),
        ({"conditions": [{"value": 0}]}, {"conditions": [{"value": False}]}),
        ({"actions": [{"to": {"deep": [1]}}]}, {"actions": [{"to": {"deep": [True]}}]}),
        ({"description": None}, {"description": ""}),
    ],
)
def test_values_of_other_types_differ(desired: dict[str, Any], live: dict[str, Any]) -> None:
    """Where Python takes True for 1, deep inside, a change is still seen."""
    assert not same(WORKFLOWS, desired, live)
    assert differences(WORKFLOWS, desired, live)


def test_the_short_way_agrees_with_the_long_one() -> None:
    """Objects that may hold anything inside are equal without a closer look when they are."""
    fields = {"name": "A", "actions": [{"to": ["a", 1, True, None, {"x": 1.5}]}]}
    assert same(WORKFLOWS, fields, {**fields, "id": 4})
    assert differences(WORKFLOWS, fields, {**fields, "id": 4}) == ()


def test_a_decimal_needs_the_closer_look() -> None:
    """A price as text equals the same price as a number."""
    facts = facts_from({"properties": {"price": {"type": ["string", "number"], "x-decimal": True}}})
    assert not same(facts, {"price": 45}, {"price": "45.00"})
    assert differences(facts, {"price": 45}, {"price": "45.00"}) == ()
