"""What Kobo PLM shows and nobody can write is compared where it is declared, and never sent."""

from __future__ import annotations

from typing import Any

import pytest

STYLE = "kobo-plm/styles"
SUPPLIER = "kobo-plm/suppliers"


def test_the_rest_is_written_and_the_field_is_for_a_person(workspace: Any, sandbox: Any) -> None:
    """A change beside it is made; the plan says what remains, before and afterwards."""
    here = workspace()
    here.declare({SUPPLIER: {"SUP-001": {"rating": 5, "name": "Premium"}}})
    (entry,) = here.plan()
    assert entry["x_action"] == "update"
    assert [field["path"] for field in entry["x_fields"]] == [["name"]]
    shown = here.apply()
    assert "the API cannot set rating" in shown.out + shown.err
    (supplier,) = sandbox.state("kobo-plm")["suppliers"]
    assert (supplier["name"], supplier["rating"]) == ("Premium", 4.5)
    shown = here.run("plan", "--detailed-exitcode")
    assert (shown.code, shown.last) == (0, "Plan: 0 to add, 0 to change, 0 to destroy, 1 by hand.")
    assert "~ rating: 4.5 -> 5" in shown.out
    drift = here.run("drift", "--detailed-exitcode")
    assert (drift.code, "rating" in drift.out) == (2, True)


def test_a_new_object_is_made_without_it(workspace: Any, sandbox: Any) -> None:
    """A create sends no such field, and afterwards only that is left."""
    here = workspace()
    here.declare({SUPPLIER: {"S-2": {"name": "Yeni", "rating": 3}}})
    here.apply()
    made = sandbox.state("kobo-plm")["suppliers"][-1]
    assert (made["code"], made["rating"]) == ("S-2", None)
    (entry,) = here.plan()
    assert (entry["x_action"], entry["x_fields"][0]["path"]) == ("by-hand", ["rating"])


def test_only_what_is_declared_of_an_entry_is_compared(workspace: Any) -> None:
    """Colours are matched by their names, in any order, and their numbers need not be known."""
    here = workspace()
    here.declare({STYLE: {"SS24-001": {"colors": [{"name": "Black"}, {"name": "White"}]}}})
    here.apply()
    assert here.settled()
    here.declare({STYLE: {"SS24-001": {"colors": [{"name": "Black"}]}}})
    (entry,) = here.plan()
    assert entry["x_action"] == "by-hand"


@pytest.mark.parametrize("scopes", [["*"], ["styles:read"]])
def test_the_scopes_of_a_key_are_compared(workspace: Any, scopes: list[str]) -> None:
    """A key with other scopes than declared is work by hand."""
    here = workspace()
    here.declare({"kobo-plm/api_keys": {"Reconciler": {"scopes": scopes}}})
    actions = [entry["x_action"] for entry in here.plan()]
    assert actions == (["adopt"] if scopes == ["*"] else ["by-hand"])


def test_an_import_leaves_it_out(workspace: Any) -> None:
    """What only the vendor changes is nothing to declare unasked."""
    here = workspace()
    assert here.run("import", "--kind", SUPPLIER).code == 0
    text = "".join(p.read_text("utf-8") for p in (here.root / "manifests").rglob("*.yaml"))
    assert "SUP-001" in text
    assert "rating" not in text
