"""What a vendor that is sent a whole object does to the fields that were to stay as they are."""

from __future__ import annotations

from typing import Any

from .test_interrupted_writes import keep_as, live

SUPPLIER = "kobo-plm/suppliers"


def test_a_field_that_stays_may_get_the_vendors_form(workspace: Any, sandbox: Any) -> None:
    """A supplier was there before, and comes under management as the vendor has it. The vendor
    keeps codes in lower case from the next change on, which sends the whole supplier: that is its
    form of the code, and not a change to be undone in every run."""
    sandbox.put_state("kobo-plm", {"suppliers": [], "components": [], "bom_items": []})
    here = workspace("provider: kobo-plm\n")
    fields = {"code": "SUP-1", "name": "Bez"}
    here.declare({SUPPLIER: {"a": fields}})
    here.apply()
    sandbox.faults([keep_as(code="lower")])
    here.declare({SUPPLIER: {"a": {**fields, "name": "Bez ve Ipek"}}})
    shown = here.run("apply", "--auto-approve")
    assert shown.code == 0
    assert "the vendor stores it in its own form: code" in shown.err
    (now,) = live(sandbox, "suppliers")
    assert (now["code"], now["name"]) == ("sup-1", "Bez ve Ipek")
    assert here.settled()
    assert here.run("drift", "--detailed-exitcode").code == 0


def test_the_form_of_a_field_that_stays_is_no_change_at_the_vendor(
    workspace: Any, sandbox: Any
) -> None:
    """The same for a supplier that was only adopted until then: the code is never called changed at
    the vendor."""
    sandbox.put_state("kobo-plm", {"suppliers": [], "components": [], "bom_items": []})
    here = workspace("provider: kobo-plm\n")
    fields = {"code": "SUP-1", "name": "Bez"}
    here.declare({SUPPLIER: {"a": fields}})
    here.apply()
    (here.root / ".reconciler" / "ledger.jsonl").unlink()
    here.apply()
    assert here.run("state", "list").out.count("id=") == 1
    sandbox.faults([keep_as(code="lower")])
    here.declare({SUPPLIER: {"a": {**fields, "name": "Ipek"}}})
    assert here.run("apply", "--auto-approve").code == 0
    assert live(sandbox, "suppliers")[0]["code"] == "sup-1"
    shown = here.run("plan", "--detailed-exitcode")
    assert shown.code == 0
    assert "changed at the vendor" not in shown.out
