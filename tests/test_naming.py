"""Fields under the names of manifests, of answers and of bodies, by the words of a schema alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from reconciler.kinds import Kind
from reconciler.model import Pointer
from reconciler.providers import PROVIDERS
from reconciler.rest.naming import Naming
from reconciler.values.fields import facts_from
from reconciler.values.shape import overlay

PLAIN = PROVIDERS["kobo-plm"].kinds["suppliers"]


def naming(kind: Kind = PLAIN, **properties: Any) -> Naming:
    """The naming of a kind with these fields; its natural key is `code`."""
    schema = {"properties": {"code": {"type": "string"}, **properties}}
    return Naming(kind, facts_from(schema))


def test_a_kind_that_says_nothing_passes_as_it_is() -> None:
    """Not even a copy is made."""
    raw = {"code": "A", "other": [1]}
    names = naming()
    assert names.decode(raw) is raw
    assert names.encode(raw) is raw


def test_the_first_path_that_is_there_counts() -> None:
    """An object at a path is no value of a text, and what a path began with is no field."""
    text = {"type": ["string", "null"], "x-read": ["deep.iso", "deep", "flat"]}
    names = naming(currency=text)
    assert names.decode({"deep": {"iso": "EUR"}, "flat": "USD"}) == {"currency": "EUR"}
    assert names.decode({"deep": "EUR"}) == {"currency": "EUR"}
    assert names.decode({"deep": None, "flat": "USD"}) == {"currency": None}
    assert names.decode({"deep": {"name": "Euro"}, "flat": "USD"}) == {"currency": "USD"}
    assert names.decode({"currency": "EUR", "code": "A"}) == {"code": "A"}


def test_an_object_is_read_where_an_object_is_meant() -> None:
    """And its members under names of their own, at any depth."""
    size = {"type": "integer", "x-read": ["measure.w"], "x-write": "measure.w"}
    box = {"type": "object", "x-read": ["Box"], "x-write": "Box", "properties": {"width": size}}
    names = naming(box=box)
    assert names.decode({"Box": {"measure": {"w": 7}}}) == {"box": {"width": 7}}
    assert names.encode({"box": {"width": 7}}) == {"Box": {"measure": {"w": 7}}}
    assert names.encode({"box": None}) == {"Box": None}


def test_fields_that_nest_in_one_member_are_written_together() -> None:
    """A dotted path makes the objects on its way once, and false keeps a field out."""
    names = naming(
        street={"type": "string", "x-write": "address.street"},
        city={"type": "string", "x-write": "address.city"},
        style={"type": "string", "x-write": False},
    )
    body = names.encode({"code": "A", "street": "S", "city": "C", "style": "T"})
    assert body == {"code": "A", "address": {"street": "S", "city": "C"}}


def test_items_are_unwrapped_and_wrapped() -> None:
    """Items that are no objects are read as they are; a list that is null stays null."""
    tags = {"type": "array", "items": {"type": "string", "x-read": ["code"], "x-write": "code"}}
    names = naming(tags=tags)
    assert names.decode({"tags": [{"code": "a", "name": "A"}, "b"]}) == {"tags": ["a", "b"]}
    assert names.encode({"tags": ["a", "b"]}) == {"tags": [{"code": "a"}, {"code": "b"}]}
    assert names.encode({"tags": None}) == {"tags": None}
    with pytest.raises(KeyError):
        names.decode({"tags": [{"name": "A"}]})


def test_an_item_that_cannot_be_told_from_others_is_refused() -> None:
    """One without the member by which the items of its list are told apart."""
    who = {"type": "string", "x-ref": "suppliers", "x-by-key": True, "x-read": ["who_name"]}
    row = {"type": "object", "properties": {"who": who, "value": {"type": "string"}}}
    names = naming(rows={"type": "array", "x-key": "who", "items": row})
    assert names.decode({"rows": [{"who_name": "A", "value": "1"}]}) == {
        "rows": [{"who": Pointer(key="A"), "value": "1"}]
    }
    with pytest.raises(KeyError, match="who"):
        names.decode({"rows": [{"value": "1"}]})


def test_a_natural_key_that_is_in_none_of_its_places_is_refused() -> None:
    """Any other field may be missing."""
    names = naming(replace(PLAIN, natural_key=("style",)), style={"x-read": ["style_id"]})
    assert names.decode({"style_id": 7}) == {"style": 7}
    with pytest.raises(KeyError, match="style"):
        names.decode({"code": "A"})


def test_references_are_written_as_the_vendor_names_objects() -> None:
    """By id, by a number where the id is one, or by key; never as null before it is known."""
    ref = {"type": "string", "x-ref": "suppliers"}
    names = naming(id=ref, number={**ref, "x-number": True}, key={**ref, "x-by-key": True})
    both = Pointer("7", "SUP-7")
    assert names.encode({"id": both, "number": both, "key": both}) == {
        "id": "7",
        "number": 7,
        "key": "SUP-7",
    }
    assert names.encode({"number": Pointer("b-7"), "id": None}) == {"number": "b-7", "id": None}
    for unresolved in ({"id": Pointer(key="SUP-7")}, {"number": Pointer(key="SUP-7")}):
        with pytest.raises(ValueError, match="SUP-7 has not been resolved"):
            names.encode(unresolved)


@pytest.mark.parametrize(
    ("word", "value", "written"),
    [
        ({"x-number": True}, "8.50", 8.5),
        ({"x-number": True}, "12345678901234567890", 12345678901234567890),
        ({"x-number": True}, "soon", "soon"),
        ({"x-number": False}, 7, "7"),
        ({"x-number": False}, None, None),
        ({"x-date": "%d-%m-%Y"}, "2020-06-22", "22-06-2020"),
        ({"x-date": "%d-%m-%Y"}, "22-06-2020", "22-06-2020"),
        ({"x-date": "%d-%m-%Y"}, None, None),
    ],
)
def test_values_are_written_in_the_form_of_the_vendor(word: Any, value: Any, written: Any) -> None:
    """Numbers, text and dates; what has no such form goes out as it is."""
    body = naming(value={"type": ["number", "string", "null"], **word}).encode({"value": value})
    assert (body, type(body["value"])) == ({"value": written}, type(written))


def test_a_hook_sees_what_the_vendor_sees() -> None:
    """An answer before its names are changed."""
    kind = replace(PLAIN, decode=lambda raw: {**raw, "Name": raw["Name"].strip()})
    names = naming(kind, name={"type": "string", "x-read": ["Name"], "x-write": "Name"})
    assert names.decode({"Name": " a "}) == {"name": "a"}


def test_what_a_body_does_not_mention_survives_under_other_names() -> None:
    """A body is laid over the answer by the facts of its own names, items by their keys too."""
    row = {
        "type": "object",
        "properties": {"code": {"type": "string", "x-write": "Code"}, "n": {"type": "integer"}},
    }
    names = naming(
        rows={"type": "array", "x-key": "code", "x-write": "Rows", "items": row},
        street={"type": "string", "x-write": "address.street"},
    )
    raw = {"Rows": [{"Code": "a", "n": 1, "more": True}], "address": {"street": "S", "zip": "1"}}
    body = names.encode({"rows": [{"code": "a", "n": 2}], "street": "T"})
    assert overlay(names.body_fields, raw, body) == {
        "Rows": [{"Code": "a", "n": 2, "more": True}],
        "address": {"street": "T", "zip": "1"},
    }
