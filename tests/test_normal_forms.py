"""The form in which a vendor stores a value is learnt; what it ignores is not taken for one."""

from __future__ import annotations

from typing import Any

import pytest


def supplier(**fields: Any) -> dict[str, Any]:
    """One supplier as manifests declare it."""
    return {"kobo-plm/suppliers": {"S1": {"name": "Acme", **fields}}}


@pytest.fixture
def here(workspace: Any, sandbox: Any) -> Any:
    """A workspace; no supplier is live, and the vendor keeps e-mail addresses in lower case."""
    sandbox.put_state("kobo-plm", {"suppliers": []})
    bend = {"path": "*/suppliers*", "fault": {"bend": {"email": "lower"}}}
    sandbox.faults([{**bend, "method": method} for method in ("POST", "PUT")])
    return workspace("provider: kobo-plm\n")


def test_a_normal_form_is_learnt_once(here: Any) -> None:
    """The first apply says it and succeeds; from then on there is neither change nor drift, and
    `explain` shows both values."""
    here.declare(supplier(email="Ada@X.example"))
    first = here.apply()
    assert "the vendor stores it in its own form: email" in first.err
    assert here.settled()
    assert here.run("drift", "--detailed-exitcode").code == 0
    shown = here.run("explain", "kobo-plm/suppliers/S1").out
    assert "Ada@X.example" in shown
    assert "ada@x.example" in shown


def test_an_edit_of_a_field_with_a_form_is_only_an_edit(here: Any) -> None:
    """What the vendor made of the old value is no change at the vendor."""
    here.declare(supplier(email="Ada@X.example"))
    here.apply()
    here.declare(supplier(email="Bob@X.example"))
    (entry,) = here.plan()
    assert entry["x_cause"] == "edit"


def test_a_change_at_the_vendor_is_still_seen(here: Any, sandbox: Any) -> None:
    """The form counts as equal only as long as the vendor has exactly that."""
    here.declare(supplier(email="Ada@X.example"))
    here.apply()
    (live,) = sandbox.state("kobo-plm")["suppliers"]
    sandbox.put_state("kobo-plm", {"suppliers": [{**live, "email": "eve@x.example"}]})
    assert here.run("drift", "--detailed-exitcode").code == 2


def test_a_write_that_is_not_to_be_seen_is_not_learnt(here: Any, sandbox: Any) -> None:
    """An answer that still shows the old value is no form of the new one: nothing claims that the
    vendor matches before it does."""
    here.declare(supplier(payment_terms="Net 30"))
    here.apply()
    (live,) = sandbox.state("kobo-plm")["suppliers"]
    here.declare(supplier(payment_terms="Net 60"))
    answer = {"status": 200, "body": {"data": live}}
    sandbox.faults([{"path": "*/suppliers/*", "method": "GET", "fault": answer}])
    shown = here.run("apply", "--auto-approve")
    assert shown.code == 4
    assert "the vendor kept other values: payment_terms" in shown.err
    sandbox.faults()
    sandbox.put_state("kobo-plm", {"suppliers": [live]})
    (entry,) = here.plan()
    assert entry["x_action"] == "update"
