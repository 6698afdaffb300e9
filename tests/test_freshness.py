"""What is written rests on what is live then, not on what was live when it was planned."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler import Workspace
from reconciler.app.options import ApplyOptions

HOOK = {"name": "A", "url": "https://x.example/1", "events": ["style.created"]}


def supplier(**fields: Any) -> dict[str, Any]:
    """One supplier as manifests declare it."""
    return {"kobo-plm/suppliers": {"S1": {"name": "Acme", **fields}}}


@pytest.fixture
def here(workspace: Any, sandbox: Any) -> Any:
    """A workspace that owns one supplier."""
    sandbox.put_state("kobo-plm", {"suppliers": [], "webhooks": []})
    made = workspace("provider: kobo-plm\n")
    made.declare(supplier(payment_terms="Net 30"))
    made.apply()
    return made


def edit(sandbox: Any, **fields: Any) -> None:
    """Change the supplier on screen."""
    (found,) = sandbox.state("kobo-plm")["suppliers"]
    sandbox.put_state("kobo-plm", {"suppliers": [{**found, **fields}]})


def apply_after(here: Any, between: Any) -> Any:
    """Apply, and do something between the plan and its approval."""

    def review(_plan: Any) -> bool:
        between()
        return True

    return Workspace.open(here.root).apply(options=ApplyOptions(review=review))


def test_an_edit_after_the_plan_is_not_overwritten(here: Any, sandbox: Any) -> None:
    """A managed field that was edited since the plan was made makes the change stale."""
    here.declare(supplier(payment_terms="Net 60"))
    applied = apply_after(here, lambda: edit(sandbox, payment_terms="Net 90"))
    (outcome,) = applied.outcomes
    assert outcome.diagnostic is not None
    assert "payment_terms changed since the plan was made" in outcome.diagnostic.summary
    assert sandbox.state("kobo-plm")["suppliers"][0]["payment_terms"] == "Net 90"


def test_an_unmanaged_edit_after_the_plan_survives(here: Any, sandbox: Any) -> None:
    """An update sends back what is there now, not what was there when the plan was made."""
    here.declare(supplier(payment_terms="Net 60"))
    applied = apply_after(here, lambda: edit(sandbox, email="ali@x.example"))
    assert [o.status for o in applied.outcomes] == ["applied"]
    (found,) = sandbox.state("kobo-plm")["suppliers"]
    assert (found["payment_terms"], found["email"]) == ("Net 60", "ali@x.example")


def test_what_appears_after_the_plan_is_not_made_twice(workspace: Any, sandbox: Any) -> None:
    """The natural key is looked up once more before an object is created: another clone with a
    ledger of its own may have made it meanwhile."""
    sandbox.put_state("kobo-plm", {"webhooks": []})
    here = workspace("provider: kobo-plm\n")
    here.declare({"kobo-plm/webhooks": {"a": HOOK}})
    made = {**HOOK, "id": 1, "is_active": True}
    applied = apply_after(here, lambda: sandbox.put_state("kobo-plm", {"webhooks": [made]}))
    (outcome,) = applied.outcomes
    assert outcome.diagnostic is not None
    assert "has appeared since the plan was made (id 1)" in outcome.diagnostic.summary
    assert len(sandbox.state("kobo-plm")["webhooks"]) == 1
    here.apply()
    assert here.settled()
