"""A saved plan does what it says, or nothing: what makes it stale, and what does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

MANIFEST = """
provider: kobo-plm
suppliers:
  SUP-001: {name: Premium Textiles Ltd, payment_terms: Net 45}
  SUP-002: {name: Anadolu İplik}
"""


def _edited(shop: Any) -> None:
    shop.write(MANIFEST.replace("Net 45", "Net 60"))


def _changed_at_the_vendor(shop: Any) -> None:
    suppliers = shop.sandbox.state("kobo-plm")["suppliers"]
    shop.sandbox.put_state("kobo-plm", {"suppliers": [{**suppliers[0], "payment_terms": "Net 7"}]})


def _made_at_the_vendor(shop: Any) -> None:
    suppliers = shop.sandbox.state("kobo-plm")["suppliers"]
    new = {"code": "SUP-002", "name": "Anadolu"}
    shop.sandbox.put_state("kobo-plm", {"suppliers": [*suppliers, new]})


def _applied(shop: Any) -> None:
    shop.apply("--target", "kobo-plm/suppliers/SUP-002")


@pytest.mark.parametrize(
    "happens", [_edited, _changed_at_the_vendor, _made_at_the_vendor, _applied]
)
def test_a_stale_plan_is_refused_and_writes_nothing(
    happens: Callable[[Any], None], workspace: Callable[..., Any]
) -> None:
    """The manifest, the vendor or the ledger has changed since: exit code 3."""
    shop = workspace(MANIFEST)
    plan = str(shop.root / "saved.plan")
    assert shop.run("plan", "--out", plan).last == "Plan: 1 to add, 1 to change, 0 to destroy."
    happens(shop)
    shop.sandbox.clear_journal()
    result = shop.run("apply", plan)
    assert result.code == 3, result
    assert "the plan is stale" in result.err
    assert shop.writes() == []


def test_a_plan_made_before_there_was_a_ledger_can_be_applied(
    workspace: Callable[..., Any],
) -> None:
    """Once: after that it is stale. A ledger that nothing was written to makes no difference."""
    shop = workspace(MANIFEST)
    plan = str(shop.root / "saved.plan")
    assert shop.run("plan", "--out", plan).code == 0
    assert shop.run("apply").code == 1  # nobody can be asked here
    assert shop.run("apply", plan).last.startswith("Apply complete! Resources: 1 added, 1 changed")
    shop.sandbox.clear_journal()
    assert shop.run("apply", plan).code == 3
    assert (shop.writes(), shop.settled()) == ([], True)


SUPPLIER = "provider: kobo-plm\nsuppliers: {S-1: {name: Yeni, phone: '1'}}\n"


@pytest.mark.parametrize(
    ("live", "said"),
    [
        ({"name": "Eski", "phone": "7"}, "Other than it was: phone. Make a new plan"),
        (
            {"name": "Yeni", "phone": "1"},
            "Nothing is to be written there any more. Make a new plan",
        ),
        (None, "Planned was update, and now it is create. Make a new plan"),
    ],
)
def test_a_stale_plan_says_what_is_other(
    workspace: Any, sandbox: Any, live: dict[str, str] | None, said: str
) -> None:
    """Which field has changed at the vendor, or that there is nothing or something else to do."""
    sandbox.put_state("kobo-plm", {"suppliers": [{"code": "S-1", "name": "Eski", "phone": "2"}]})
    here = workspace(SUPPLIER)
    file = str(here.root / "x.plan")
    assert here.run("plan", "--out", file).code == 0
    rows = [{"code": "S-1", **live}] if live else []
    sandbox.put_state("kobo-plm", {"suppliers": rows})
    shown = here.run("apply", file)
    assert (shown.code, here.writes()) == (3, [])
    assert said in shown.err
