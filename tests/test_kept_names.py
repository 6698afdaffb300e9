"""An object whose name the vendor keeps in a form of its own is known by the name that is declared,
as long as the ledger has it."""

from __future__ import annotations

from typing import Any

from .test_interrupted_writes import SUPPLIER, here, keep_as, live

__all__ = ["here"]
COMPONENT = "kobo-plm/components"


def test_another_address_keeps_an_object_with_a_kept_name(here: Any, sandbox: Any) -> None:
    """The object gets another address, without `$was`, and the vendor keeps its code in lower case.
    It stays the same one, also where another object refers to it."""
    sandbox.faults([keep_as(code="lower")])
    supplier = {"code": "SUP-1", "name": "Bez"}
    part = {"code": "part", "name": "Dugme"}
    here.declare({SUPPLIER: {"a": supplier}, COMPONENT: {"p": {**part, "supplier": "a"}}})
    assert here.run("apply", "--auto-approve").code == 0
    (made,) = live(sandbox, "suppliers")
    here.declare({SUPPLIER: {"b": supplier}, COMPONENT: {"p": {**part, "supplier": "b"}}})
    shown = here.run("apply", "--auto-approve")
    assert shown.code == 0, shown.err
    assert "renamed from kobo-plm/suppliers/a" in shown.out
    assert [one["id"] for one in live(sandbox, "suppliers")] == [made["id"]]
    assert here.settled()


def test_an_object_that_has_the_name_as_it_is_declared_comes_first(here: Any, sandbox: Any) -> None:
    """Somebody else's object has the very name: that one is meant, as without a ledger."""
    sandbox.faults([keep_as(code="lower")])
    here.declare({SUPPLIER: {"a": {"code": "SUP-1", "name": "Bez"}}})
    here.apply()
    (made,) = live(sandbox, "suppliers")
    sandbox.faults()
    other = {**made, "id": 7, "code": "SUP-1", "name": "Onların"}
    sandbox.put_state("kobo-plm", {"suppliers": [made, other]})
    here.declare({SUPPLIER: {"b": {"code": "SUP-1", "name": "Onların"}}})
    assert "renamed from" not in here.run("plan").out
