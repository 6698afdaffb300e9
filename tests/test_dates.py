"""Days and points in time are compared as such, in every spelling, also where they identify."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.values.compare import differences
from reconciler.values.dates import day_form, instant_form
from reconciler.values.fields import facts_from

FACTS = facts_from(
    {
        "properties": {
            "day": {"type": ["string", "null"], "format": "date"},
            "at": {"type": ["string", "null"], "format": "date-time"},
            "theirs": {"type": "string", "x-date": "%d-%m-%Y"},
            "text": {"type": "string"},
        }
    }
)


@pytest.mark.parametrize(
    "text",
    [
        "2027-03-01T09:00:00Z",
        "2027-03-01T09:00:00.000Z",
        "2027-03-01T09:00:00.000000000Z",
        "2027-03-01t09:00:00z",
        "2027-03-01 09:00:00+00:00",
        "2027-03-01T09:00:00,0Z",
        "2027-03-01T09:00Z",
        "2027-03-01T09Z",
        "20270301T090000Z",
        "2027-W09-1T09:00:00Z",
        "2027-03-01T12:00:00+03:00",
        "2027-03-01T12:00:00+0300",
        "2027-03-01T12:00:00+03",
        "2027-02-28T23:30:00-09:30",
        "2027-03-01T09:00:00",
    ],
)
def test_an_instant_has_one_form(text: str) -> None:
    """Fractions of zero, offsets and the basic format say nothing about which instant it is."""
    assert instant_form(text) == "2027-03-01T09:00:00Z"
    assert differences(FACTS, {"at": "2027-03-01T09:00:00Z"}, {"at": text}) == ()


@pytest.mark.parametrize(
    "text",
    [
        "2027-03-01T09:00:00.001Z",
        "2027-03-01T09:00:01Z",
        "2027-03-01T09:00:00+03:00",
        "2027-03-01",
        "2027-02-30T09:00:00Z",
        "2027-03-01T25:00:00Z",
        "0001-01-01T00:00:00+03:00",
        "yesterday",
        "",
        None,
    ],
)
def test_another_instant_differs(text: str | None) -> None:
    """What is another instant, or none, is a difference."""
    assert differences(FACTS, {"at": "2027-03-01T09:00:00Z"}, {"at": text})


def test_a_fraction_counts() -> None:
    """A fraction keeps all of its digits but the zeros at its end."""
    assert instant_form("2027-03-01T09:00:00.1234567890Z") == "2027-03-01T09:00:00.123456789Z"
    assert instant_form("0099-01-01T00:00:00Z") == "0099-01-01T00:00:00Z"


@pytest.mark.parametrize(
    "text",
    [
        "2024-09-01",
        "20240901",
        "2024-09-01T00:00:00.000000Z",
        "2024-09-01 00:00",
        "2024-W35-7",
        "2024-09-01T00:00:00+03:00",
    ],
)
def test_a_day_has_one_form(text: str) -> None:
    """The midnight with which a vendor writes a day says nothing, in whatever time zone."""
    assert day_form(text) == "2024-09-01"
    assert differences(FACTS, {"day": "2024-09-01"}, {"day": text}) == ()
    assert differences(FACTS, {"theirs": "01-09-2024"}, {"theirs": text}) == ()


@pytest.mark.parametrize("text", ["2024-09-01T00:00:01Z", "2024-08-31T21:00:00Z", "01.09.2024"])
def test_another_time_is_no_day(text: str) -> None:
    """A time that is not midnight is not dropped."""
    assert day_form(text) is None
    assert differences(FACTS, {"day": "2024-09-01"}, {"day": text})


def test_text_that_looks_like_a_date_is_text() -> None:
    """Only the schema makes a date of a text."""
    assert differences(FACTS, {"text": "2024-09-01"}, {"text": "2024-09-01T00:00:00Z"})


ENTRY = """provider: kibo
price_lists: {L: {name: L}}
price_list_entries:
  e:
    priceListCode: L
    productCode: P1
    currencyCode: USD
    startDate: "2027-01-01T03:00:00+03:00"
    priceEntries: [{minQty: 1, listPriceMode: Overridden, listPrice: 10.00}]
"""


def respell(sandbox: Any, spelling: str) -> None:
    """Let the vendor spell the start of its price list entries in another way."""
    entries = sandbox.state("kibo")["price_list_entries"]
    assert [entry["startDate"] for entry in entries] == ["2027-01-01T00:00:00Z"]
    entries = [{**entry, "startDate": spelling} for entry in entries]
    sandbox.put_state("kibo", {"price_list_entries": entries})


@pytest.mark.parametrize("spelling", ["2027-01-01T00:00:00.000Z", "2027-01-01T00:00:00+00:00"])
def test_an_instant_identifies_in_every_spelling(
    workspace: Any, sandbox: Any, spelling: str
) -> None:
    """An object whose key has a point in time is found again, changed and deleted, however the
    vendor spells it; it is sent in UTC."""
    sandbox.put_state("kibo", {"price_lists": [], "price_list_entries": []})
    here = workspace(ENTRY)
    here.apply()
    respell(sandbox, spelling)
    assert here.settled()
    here.write(ENTRY.replace("10.00", "12.00"))
    assert [entry["x_action"] for entry in here.plan()] == ["update"]
    here.apply()
    assert here.settled()
    here.write(ENTRY.partition("price_list_entries")[0])
    here.apply()
    assert sandbox.state("kibo")["price_list_entries"] == []


def test_import_writes_what_validate_takes(workspace: Any, sandbox: Any) -> None:
    """Import writes a day without its midnight, a number without quotes, an empty mapping for an
    empty list; a plan then finds nothing to do."""
    sandbox.put_state(
        "kobo-plm",
        {
            "projects": [{"id": 1, "name": "SS25", "start_date": "2024-09-01T00:00:00.000000Z"}],
            "components": [{"id": 1, "code": "C1", "name": "C", "lead_time_days": "10"}],
            "suppliers": [{"id": 1, "code": "S1", "name": "S", "address": []}],
        },
    )
    here = workspace()
    result = here.run("import", "--kind", "projects", "--kind", "components", "--kind", "suppliers")
    assert result.code == 0
    assert "left out" not in result.err
    folder = here.root / "manifests" / "kobo-plm"
    assert "start_date: '2024-09-01'\n" in (folder / "projects.yaml").read_text("utf-8")
    assert "lead_time_days: 10\n" in (folder / "components.yaml").read_text("utf-8")
    assert "address: {}" in (folder / "suppliers.yaml").read_text("utf-8")
    assert here.run("validate").code == 0
    assert here.settled()


def test_an_offset_is_valid_and_is_sent_in_utc(workspace: Any, sandbox: Any) -> None:
    """A point in time may be declared with its offset."""
    here = workspace(
        "provider: inventora\ntasks:\n  T:\n    due: '2027-03-01T12:00:00+03:00'\n"
        "    items: [{product: CANDLE-001, quantity: 24, unitType: pieces}]\n"
    )
    assert here.run("validate").code == 0
    here.apply()
    assert "2027-03-01T09:00:00Z" in str(sandbox.state("inventora")["tasks"])
    assert here.settled()
