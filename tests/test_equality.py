"""Values are equal where the schema's type says so, and never otherwise."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.values.compare import differences
from reconciler.values.fields import facts_from
from reconciler.values.normal_form import is_normal_form
from reconciler.values.scalars import is_true

FACTS = facts_from(
    {
        "properties": {
            "flag": {"type": ["boolean", "null"]},
            "count": {"type": "integer"},
            "rate": {"type": ["number", "null"]},
            "code": {"type": "string"},
            "price": {"type": ["number", "string"], "x-decimal": True},
            "any": {"type": ["string", "number", "boolean"]},
            "tags": {"type": "array", "x-set": True, "items": {"type": "string"}},
            "numbers": {"type": "array", "items": {"type": "integer"}},
            "optional": {"type": ["array", "null"], "items": {"type": "string"}},
            "labels": {"type": "object", "additionalProperties": {"type": "string"}},
            "extra": {"type": ["object", "null"]},
            "sizes": {"type": ["object", "null"], "additionalProperties": {"type": "number"}},
            "texts": {
                "type": ["object", "null"],
                "additionalProperties": {"type": ["string", "null"]},
            },
            "address": {
                "type": ["object", "null"],
                "properties": {
                    "city": {"type": ["string", "null"]},
                    "geo": {"type": "object", "properties": {"lat": {"type": ["number", "null"]}}},
                },
            },
        }
    }
)


@pytest.mark.parametrize(
    ("name", "desired", "live"),
    [
        ("flag", True, 1),
        ("flag", False, 0),
        ("flag", True, "1"),
        ("flag", False, "false"),
        ("flag", True, "True"),
        ("count", 10, "10"),
        ("count", 10, 10.0),
        ("count", 250, "250.00"),
        ("rate", 1.5, "1.50"),
        ("rate", 1000, "1e3"),
        ("code", "10", 10),
        ("code", "true", True),
        ("price", "45.00", 45),
        ("numbers", [1, 2], ["1", "2"]),
        ("tags", [], None),
        ("tags", [], {}),
        ("optional", [], {}),
        ("labels", {}, []),
        ("labels", {}, None),
        ("extra", {}, []),
        ("extra", {"a": None, "b": 1}, {"b": 1}),
        ("extra", {"a": None}, {}),
        ("texts", {"a": None}, []),
        ("sizes", {"S": 48, "M": 51.5}, {"S": "48", "M": "51.50"}),
        ("texts", {"weight": "180", "width": "1.5m"}, {"weight": 180, "width": "1.5m"}),
        ("address", {}, []),
        ("address", {}, None),
        ("address", None, {}),
        ("address", None, {"city": None, "geo": {"lat": None}}),
        ("address", {"city": None}, None),
        ("address", {"city": None, "geo": {}}, []),
    ],
)
def test_one_value_in_two_spellings_is_no_difference(name: str, desired: Any, live: Any) -> None:
    """What the type of the field makes the same is equal in both directions."""
    assert differences(FACTS, {name: desired}, {name: live}) == ()
    assert differences(FACTS, {name: live}, {name: desired}) == ()


@pytest.mark.parametrize(
    ("name", "desired", "live"),
    [
        ("flag", True, 2),
        ("flag", True, "yes"),
        ("flag", False, None),
        ("flag", True, "0"),
        ("count", 1, True),
        ("count", 10, "10 "),
        ("count", 10, "1_0"),
        ("count", 10, "١٠"),
        ("count", 0, ""),
        ("code", "1", "01"),
        ("code", "10", "10.0"),
        ("code", "10", 10.5),
        ("code", "1", True),
        ("code", "", None),
        ("any", "1", 1),
        ("any", 1, True),
        ("any", "true", True),
        ("price", "1_000", 1000),
        ("optional", [], None),
        ("extra", {}, None),
        ("extra", {"a": None}, {"a": ""}),
        ("sizes", {"S": 48}, {"S": "48", "M": 51}),
        ("sizes", {"S": 48}, {"S": "48 cm"}),
        ("texts", {"weight": "180"}, {"weight": "180.0"}),
        ("extra", {"a": 1}, {"a": True}),
        ("extra", {"a": "1"}, {"a": 1}),
        ("tags", ["a"], None),
        ("labels", {"a": "b"}, []),
        ("address", {"city": ""}, None),
        ("address", None, {"city": "Uşak"}),
        ("address", None, {"geo": {"lat": 0}}),
    ],
)
def test_what_the_type_does_not_make_the_same_differs(name: str, desired: Any, live: Any) -> None:
    """Two values that the vendor can tell apart are a difference."""
    assert differences(FACTS, {name: desired}, {name: live})


def test_what_an_answer_leaves_out_is_empty() -> None:
    """A field that an answer does not have equals an empty value, and no other."""
    empty = {"tags": [], "labels": {}, "address": {"city": None}, "rate": None}
    assert differences(FACTS, empty, {}) == ()
    assert differences(FACTS, {"tags": ["a"]}, {})
    assert differences(FACTS, {"code": ""}, {})


@pytest.mark.parametrize(
    ("value", "expected"),
    [(True, True), (1, True), ("1", True), ("true", True), ("2026-01-01T00:00:00Z", True)]
    + [(value, False) for value in (False, 0, "0", "false", "False", "", None)],
)
def test_an_answer_says_yes_or_no_in_several_spellings(value: Any, expected: bool) -> None:
    """What says whether an object is archived may be a number, a text or a point in time."""
    assert is_true(value) is expected


@pytest.mark.parametrize(
    ("written", "stored", "expected"),
    [
        ({}, None, True),
        ([], None, True),
        ({"a": None}, {}, True),
        (" ", None, True),
        (None, [], True),
        ([1], None, False),
        ({"a": 0}, None, False),
        (0, None, False),
        (False, None, False),
    ],
)
def test_an_empty_value_is_stored_in_a_normal_form(
    written: Any, stored: Any, expected: bool
) -> None:
    """Where the schema allows both null and an empty value, a vendor that stores one for the other
    keeps a form of its own, which is learnt; a value that says something is not lost so."""
    assert is_normal_form(written, stored) is expected
