"""A plan that creates what is there under nearly the same name says so."""

from __future__ import annotations

from typing import Any

import pytest

EMPTY = pytest.mark.parametrize("sandbox", ["empty"], indirect=True)
CASES = {
    "kobo-plm/suppliers": ({"sup-9": {"name": "Acme"}}, {"id": 7, "code": "SUP-9", "name": "x"}),
    "kobo-plm/webhooks": (
        {"erp": {"name": "ERP ", "url": "https://x.example/1", "events": ["style.created"]}},
        {"id": 7, "name": "erp", "url": "https://x.example/2", "events": ["style.created"]},
    ),
    "kibo/location_types": ({"wh": {"name": "Warehouse"}}, {"code": "WH", "name": "Warehouse"}),
}


@EMPTY
@pytest.mark.parametrize("kind", CASES)
def test_a_near_name_is_pointed_out(workspace: Any, sandbox: Any, kind: str) -> None:
    """A warning with its id; the plan is as it is, for the vendor may tell the two apart."""
    declared, live = CASES[kind]
    vendor, _, name = kind.partition("/")
    sandbox.put_state(vendor, {name: [live]})
    here = workspace()
    here.declare({kind: declared})
    shown = here.run("plan")
    assert shown.code == 0
    assert "which nobody manages: the names differ in case, blanks or the like" in shown.err
    assert f"`$id: {live.get('id', 'WH')}`" in shown.err
    assert shown.last == "Plan: 1 to add, 0 to change, 0 to destroy."


@EMPTY
def test_by_its_id_it_is_the_same_object(workspace: Any, sandbox: Any) -> None:
    """What the warning advises makes it an update of that object."""
    sandbox.put_state("kobo-plm", {"suppliers": [CASES["kobo-plm/suppliers"][1]]})
    here = workspace("provider: kobo-plm\nsuppliers: {sup-9: {name: Acme, $id: 7}}\n")
    here.apply()
    (stored,) = sandbox.state("kobo-plm")["suppliers"]
    assert (stored["id"], stored["code"]) == (7, "sup-9")
    assert here.settled()


@EMPTY
def test_a_declared_twin_is_no_surprise(workspace: Any, sandbox: Any) -> None:
    """Where both are declared, somebody knows of both."""
    sandbox.put_state("kobo-plm", {"suppliers": [CASES["kobo-plm/suppliers"][1]]})
    here = workspace("provider: kobo-plm\nsuppliers: {sup-9: {name: a}, SUP-9: {name: x}}\n")
    assert "nobody manages" not in here.run("plan").err
