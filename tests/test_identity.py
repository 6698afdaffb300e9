"""Natural keys: tuples of canonical text, and one text of each that can be read back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.identity import key_text, natural_key, parse_key
from reconciler.kinds.resource_types import ResourceTypes
from reconciler.model import Scope
from reconciler.providers import PROVIDERS

TYPES = ResourceTypes(PROVIDERS)
PARTS = st.text(alphabet=st.sampled_from("ab/%Çİ \u0301"), max_size=4)


@given(st.lists(PARTS, min_size=2, max_size=2), st.lists(PARTS, min_size=2, max_size=2))
def test_the_text_of_a_key_tells_keys_apart(left: list[str], right: list[str]) -> None:
    """Two inventory tags are shown alike exactly where they are the same tag, whatever signs their
    names hold."""
    tags = TYPES.of(Scope("kibo", "inventory_tags"))
    keys = [natural_key(tags, {"category": a, "tagValue": b}) for a, b in (left, right)]
    assert None not in keys
    texts = [key_text(key) for key in keys if key is not None]
    assert (keys[0] == keys[1]) == (texts[0] == texts[1])
    assert [parse_key(tags, text) for text in texts] == keys


@pytest.mark.parametrize("start", [None, "2026-01-01T00:00:00Z"])
def test_a_part_that_may_be_left_out_is_read_back(start: str | None) -> None:
    """A price list entry without a start date has a natural key, and so has its text."""
    entries = TYPES.of(Scope("kibo", "price_list_entries"))
    fields = {"priceListCode": "VIP", "productCode": "a/b", "currencyCode": "TRY"}
    key = natural_key(entries, {**fields, "startDate": start})
    assert key == ("VIP", "a/b", "TRY", start)
    assert parse_key(entries, key_text(key)) == key


def test_a_key_without_a_needed_part_is_none() -> None:
    """An object whose natural key is not whole has none: nothing could be found by it."""
    tags = TYPES.of(Scope("kibo", "inventory_tags"))
    assert natural_key(tags, {"category": "a"}) is None


def test_two_tags_that_read_alike_are_two(workspace: Any) -> None:
    """Tag `c` of category `a/b` and tag `b/c` of category `a` are two objects: both are made."""
    here = workspace(
        "provider: kibo\n"
        "inventory_tag_categories: {a: {}, a/b: {}}\n"
        "inventory_tags:\n"
        "  first: {category: a/b, tagValue: c}\n"
        "  second: {category: a, tagValue: b/c}\n"
    )
    here.apply()
    assert here.settled()


def test_history_has_the_key_of_an_entry_without_a_start(workspace: Any) -> None:
    """A price that is valid from always is named in the history like every other object."""
    here = workspace(
        "provider: kibo\n"
        "price_lists: {VIP: {name: VIP}}\n"
        "price_list_entries:\n"
        "  tee:\n"
        "    priceListCode: VIP\n"
        "    productCode: SS24-001\n"
        "    currencyCode: TRY\n"
        "    priceEntries: [{minQty: 1, listPriceMode: Overridden, listPrice: 10}]\n"
    )
    here.apply()
    shown = here.run("history", "--details", "--format", "json")
    operations = json.loads(shown.out)["runs"][-1]["operations"]
    keys = {operation["address"]: operation["natural_key"] for operation in operations}
    assert keys["kibo/price_list_entries/tee"] == "VIP/SS24-001/TRY"
