"""Plans and drift as people read them: long values, amounts, what goes, and an empty ledger."""

from __future__ import annotations

from reconciler.model import (
    ABSENT,
    Action,
    Address,
    Budget,
    Change,
    FieldChange,
    Outcome,
    Plan,
    Secret,
    Status,
)
from reconciler.report.rows import details, row, value_text
from reconciler.report.text import outcome_lines, plan_lines

from .conftest import MakeWorkspace

WIDE = {"price_category": "Perakende Satış Fiyatı (Dolar)", "value": 16.5}


def test_a_long_list_has_a_line_for_each_entry() -> None:
    """What fits stays on one line; of very many entries the first ones are shown and counted."""
    assert "\n" not in value_text([WIDE])
    assert value_text([WIDE, WIDE]).splitlines() == [
        "[",
        '  {"price_category": "Perakende Satış Fiyatı (Dolar)", "value": 16.5},',
        '  {"price_category": "Perakende Satış Fiyatı (Dolar)", "value": 16.5}',
        "]",
    ]
    assert value_text([WIDE] * 500).splitlines()[-2] == "  … and 480 more"


def test_a_long_map_has_a_line_for_each_member() -> None:
    """Also where its members hold what a terminal must not see, and where one is secret."""
    shown = value_text({"note": "x" * 90 + "\n::error::", "key": Secret("hunter2")})
    assert shown.splitlines()[0::3] == ["{", "}"]
    assert "\\n::error::" in shown
    assert '"key": "(sensitive)"' in shown
    assert "hunter2" not in shown


def test_an_amount_keeps_the_decimals_it_had() -> None:
    """22.50 becomes 23.10 and not 23.1, and a whole number gets the cents that its amount has."""
    told = [
        (detail.before, detail.after)
        for before, after in (("22.50", 23.1), ("22.50", 23), ("22.5", 23.125), ("22", 23.5))
        for detail in details(FieldChange(("price",), before, after))
    ]
    assert told == [("22.50", "23.10"), ("22.50", "23.00"), ("22.5", "23.125"), ("22", "23.5")]


def test_what_is_deleted_shows_what_it_has() -> None:
    """Each field that goes with the object, and of a secret only that there is one."""
    before = {"name": "ERP", "key": {"$fingerprint": "abc"}}
    change = Change(Address("kobo", "webhooks", "erp"), Action.DELETE, before=before, id="1")
    assert [(d.symbol, d.path, d.before) for d in row(change).details] == [
        ("-", "name", '"ERP"'),
        ("-", "key", "(sensitive)"),
    ]


def test_an_id_is_told_where_it_says_something_new() -> None:
    """A vendor's number beside a name of ours, and not a code that stands in the address."""
    change = Change(Address("kibo", "locations", "MAIN"), Action.CREATE)
    known = Outcome(change, Status.APPLIED, "MAIN", None, 0.0, 1)
    other = Outcome(change, Status.APPLIED, "17", None, 0.0, 1)
    assert [*outcome_lines(known)] == ["kibo/locations/MAIN: created in 0.0 s"]
    assert [*outcome_lines(other)] == ["kibo/locations/MAIN: created in 0.0 s [id=17]"]


def test_drift_of_nothing_applied_says_so(workspace: MakeWorkspace) -> None:
    """Before the first apply there is nothing that could have changed since."""
    here = workspace()
    here.declare({"kobo-plm/suppliers": {"SUP-900": {"name": "Yeni"}}})
    last = here.run("drift").out.splitlines()[-1]
    assert last == "No drift can be seen: the ledger knows of nothing that was applied."


def test_a_stranger_that_counts_as_drift_is_called_so(workspace: MakeWorkspace) -> None:
    """Where a kind may hold only what is declared, the text says what the exit code says."""
    here = workspace()
    here.declare({"kobo-plm/api_keys": {"ERP": {}}})
    shown = here.run("drift", "--detailed-exitcode")
    assert shown.code == 2
    lines = shown.out.splitlines()
    assert lines[0].startswith("Not declared, though all that may exist is: kobo-plm/api_keys: ")
    assert lines[-1] == "Drift: 0 changed at the vendor since the last apply, 1 not declared."


def test_a_budget_says_how_long_it_takes() -> None:
    """In seconds below a minute, and in minutes and seconds above."""
    short, long = Budget("kibo", 53, 30), Budget("kobo", 300, 100)
    assert list(plan_lines(Plan((), budget=(short, long))))[:2] == [
        "kibo: 53 requests at 30 a minute take at least 1 min 36 s.",
        "kobo: 300 requests at 100 a minute take at least 2 min 55 s.",
    ]


def test_a_long_list_stands_below_its_field() -> None:
    """Its entries further in than the field, and what closes it below the name."""
    made = FieldChange(("prices",), ABSENT, [WIDE, WIDE])
    change = Change(Address("kobiks", "products", "A"), Action.CREATE, fields=(made,))
    assert list(plan_lines(Plan((change,))))[1:5] == [
        "      + prices: [",
        '          {"price_category": "Perakende Satış Fiyatı (Dolar)", "value": 16.5},',
        '          {"price_category": "Perakende Satış Fiyatı (Dolar)", "value": 16.5}',
        "        ]",
    ]


def test_long_texts_are_shown_from_where_they_part() -> None:
    """A change far inside a long text can be seen; short texts stand there whole."""
    same = "lorem ipsum " * 100
    (told,) = details(FieldChange(("desc",), f"{same}dolor", f"{same}amet"))
    assert told.before.endswith('lorem ipsum dolor"')
    assert told.after.endswith('lorem ipsum amet"')
    assert told.after.startswith('"…')
    (told,) = details(FieldChange(("desc",), "lorem ipsum dolor", "lorem ipsum amet"))
    assert told.before == '"lorem ipsum dolor"'
