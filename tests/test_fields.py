"""The laws of comparing: what counts as the same value, and what never does."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model import ABSENT
from reconciler.values.compare import canonical
from reconciler.values.fields import Field, facts_from, facts_of

DECIMAL = Field("price", frozenset({"number", "string", "null"}), decimal=True)
DATE = Field("day", frozenset({"string"}), date="%d-%m-%Y")
LIST = Field("sizes", frozenset({"array"}))
SET = Field("events", frozenset({"array"}), unordered=True)

numbers = st.integers(-(10**12), 10**12) | st.decimals(-(10**6), 10**6, places=3)
leaves = st.none() | st.booleans() | numbers | st.text(max_size=8)
values: st.SearchStrategy[Any] = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=10,
)
texts: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=10,
)
fields = st.sampled_from([None, DECIMAL, DATE, LIST, SET])


def same(field: Field | None, left: Any, right: Any) -> bool:
    """What the tool means by equal."""
    return bool(canonical(field, left) == canonical(field, right))


@given(fields, values)
def test_everything_equals_itself(field: Field | None, value: Any) -> None:
    """A value is never a difference to itself."""
    assert same(field, value, value)


@given(fields, values, values)
def test_equality_has_no_direction(field: Field | None, left: Any, right: Any) -> None:
    """Desired and live may change places without changing the verdict."""
    assert same(field, left, right) == same(field, right, left)


@given(fields, texts)
def test_the_canonical_form_is_final(field: Field | None, value: Any) -> None:
    """Text, lists and maps in canonical form are their own canonical form."""
    once = canonical(field, value)
    assert canonical(field, once) == once


@pytest.mark.parametrize("other", [45, 45.0, "45", "45.0", Decimal("45.000"), "+45"])
def test_a_decimal_is_its_value(other: Any) -> None:
    """`"45.00"` equals 45 and 45.0: scale and spelling are not differences."""
    assert same(DECIMAL, "45.00", other)


@given(st.decimals(-(10**9), 10**9, places=4), st.decimals(-(10**9), 10**9, places=4))
def test_decimals_differ_exactly_where_their_values_do(left: Decimal, right: Decimal) -> None:
    """No two prices are taken for each other, however they are spelled."""
    assert same(DECIMAL, str(left), right) == (left == right)


@pytest.mark.parametrize("word", ["free", "", "1,020", "NaN", "Infinity"])
def test_what_is_no_decimal_stays_itself(word: str) -> None:
    """A price that is not a number is compared as the text it is."""
    assert canonical(DECIMAL, word) == word


@pytest.mark.parametrize("field", [None, DECIMAL])
@pytest.mark.parametrize(("flag", "number"), [(True, 1), (False, 0), (True, 1.0), (False, "0")])
def test_a_boolean_is_no_number(field: Field | None, flag: bool, number: Any) -> None:
    """True never equals 1, nor False 0, although Python says so; not inside values either."""
    assert not same(field, flag, number)
    assert not same(field, [flag], [number])
    assert not same(None, {"a": flag}, {"a": number})


def test_text_is_no_number() -> None:
    """Outside decimals `"1"` and 1 are two values."""
    assert not same(None, "1", 1)


@given(st.lists(st.text(max_size=5) | numbers, max_size=6), st.randoms(use_true_random=False))
def test_a_set_has_no_order(entries: list[Any], random: Any) -> None:
    """The order of a set's entries is no difference."""
    shuffled = list(entries)
    random.shuffle(shuffled)
    assert same(SET, entries, shuffled)


def test_a_set_counts_its_entries() -> None:
    """An entry given twice is not the entry given once."""
    assert not same(SET, ["a", "a"], ["a"])
    assert not same(SET, ["a", "a", "b"], ["a", "b", "b"])


def test_a_list_has_an_order() -> None:
    """Sizes from small to large are not sizes from large to small."""
    assert not same(LIST, ["S", "M"], ["M", "S"])


def test_nothing_comes_in_four_kinds() -> None:
    """A field that is absent, null, an empty list or empty text: four different things."""
    nothings: list[Any] = [ABSENT, None, [], "", {}]
    for position, left in enumerate(nothings):
        for right in nothings[position + 1 :]:
            assert not same(None, left, right), (left, right)


def test_an_unset_member_of_an_entry_is_no_member() -> None:
    """Inside list entries null and absent are one; in a plain map they are two."""
    assert same(LIST, [{"a": "1", "b": None}], [{"a": "1"}])
    assert not same(None, {"a": "1", "b": None}, {"a": "1"})


@pytest.mark.parametrize("name", ["İnternet Satış", "Ürün Özellikleri", "ığüşöç IĞÜŞÖÇ"])
def test_a_name_is_compared_after_nfc(name: str) -> None:
    """Turkish names are one name however their accents are composed, as values and as keys."""
    apart = normalize("NFD", name)
    assert apart != name
    assert same(None, apart, name)
    assert same(None, {apart: "x"}, {name: "x"})


@pytest.mark.parametrize(("left", "right"), [("İ", "i"), ("I", "ı"), ("I", "i"), ("ß", "ss")])
def test_case_is_a_difference(left: str, right: str) -> None:
    """Names are never compared in another case: İ, I, i and ı are four letters."""
    assert not same(None, left, right)


def test_a_date_is_a_day() -> None:
    """The vendor's notation and the ISO one name the same day; other text stays text."""
    assert same(DATE, "22-06-2020", "2020-06-22")
    assert not same(DATE, "22-06-2020", "2020-06-23")
    assert canonical(DATE, "soon") == "soon"


SCHEMA = {
    "title": "Thing",
    "type": "object",
    "required": ["code"],
    "definitions": {"money": {"type": ["string", "null"], "x-decimal": True}},
    "properties": {
        "code": {"type": "string"},
        "price": {"$ref": "#/definitions/money"},
        "on": {"type": "boolean"},
        "lines": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "part": {"type": "string", "x-ref": "components"},
                    "count": {"type": "integer"},
                },
            },
        },
    },
}


def test_facts_are_read_from_the_schema() -> None:
    """Required fields, references, types and nested numbers are what the schema says."""
    facts = facts_from(SCHEMA)
    assert facts.fields["code"].required
    assert facts.fields["price"].decimal
    assert facts.refs == ((("lines", 0, "part"), "components"),)
    assert not facts.plain
    count = facts.field(("lines", 3, "count"))
    assert count is not None
    assert count.types == {"integer"}
    assert facts.field(("lines", "nowhere")) is None


def test_facts_of_a_kind_are_read_once() -> None:
    """A kind's schema is parsed once in a run."""
    assert facts_of("kobo-plm", "webhooks") is facts_of("kobo-plm", "webhooks")


def test_a_set_of_maps_has_no_order_of_members_either() -> None:
    """Neither the order of a set's entries nor that of an entry's members is a difference."""
    assert same(SET, [{"b": 1, "a": 1}, {"a": 5}], [{"a": 5}, {"a": 1, "b": 1}])


def test_long_and_huge_decimals_are_exact() -> None:
    """No digit is rounded away, and no exponent is too large to be compared."""
    assert not same(DECIMAL, "1." + "0" * 40 + "1", "1")
    assert not same(DECIMAL, "1e999999999", "1e999999998")
    assert same(DECIMAL, "-0", 0)


def test_a_map_that_may_hold_anything_is_not_plain() -> None:
    """Where booleans and numbers may hide, `==` alone does not mean equal."""
    assert not facts_of("kobo-plm", "workflows").plain
    assert facts_of("kobo-plm", "webhooks").plain
