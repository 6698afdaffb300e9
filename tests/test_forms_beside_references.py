"""A vendor's form of a value is learnt also in entries that refer to other objects."""

from __future__ import annotations

from typing import Any

import pytest

PRODUCT = """provider: kobiks
products:
  S9:
    name: Ring
    prices:
      - {price_category: Toptan Alış Fiyatı (TL), value: "%s"}
"""


def rounded(sandbox: Any, value: str) -> None:
    """The vendor keeps this value of every price."""
    products = sandbox.state("kobiks")["products"]
    for product in products:
        if product["sku"] == "S9":
            product["prices"] = [price | {"value": value} for price in product["prices"]]
    sandbox.put_state("kobiks", {"products": products})


@pytest.mark.parametrize(("written", "kept", "code"), [("10.555", "10.56", 0), ("10.5", "9", 4)])
def test_a_price_is_kept_in_the_vendors_form(
    workspace: Any, sandbox: Any, written: str, kept: str, code: int
) -> None:
    """Read back, it is another one: said once, and equal from then on, in plans and in drift. The
    entries name price categories, which are objects of their own."""
    here = workspace(PRODUCT % "1")
    here.apply()
    (product,) = (one for one in sandbox.state("kobiks")["products"] if one["sku"] == "S9")
    answer = product | {"prices": [price | {"value": kept} for price in product["prices"]]}
    others = [one for one in sandbox.state("kobiks")["products"] if one["sku"] != "S9"]
    here.write(PRODUCT % written)
    body = [*others, answer]
    rule = {"path": "*/variants*", "method": "GET", "fault": {"status": 200, "body": body}}
    sandbox.faults([rule | {"nth": list(range(2, 40))}])
    shown = here.run("apply", "--auto-approve")
    assert shown.code == code, shown
    assert "prices" in shown.err
    sandbox.faults()
    rounded(sandbox, kept)
    assert here.settled()
    assert here.run("drift").last.startswith("No drift.")
    assert here.apply().last == "Apply complete! Resources: 0 added, 0 changed, 0 destroyed."


@pytest.mark.parametrize("sandbox", ["empty"], indirect=True)
def test_another_object_of_the_same_name_is_another_value(workspace: Any, sandbox: Any) -> None:
    """What was written refers to one supplier, and the vendor keeps another one with its code."""
    twins = [{"id": n, "code": "ACME", "name": "a"} for n in (1, 2)]
    sandbox.put_state("kobo-plm", {"suppliers": twins})
    here = workspace(
        "provider: kobo-plm\nsuppliers: {A: {code: ACME, $id: 1}}\n"
        "components: {C: {name: c, supplier: A}}\n"
    )
    kept = {"id": 1, "code": "C", "name": "c", "supplier": {"id": 2, "code": "ACME"}}
    body = {"data": kept}
    rule = {"path": "*/components/1", "method": "GET", "fault": {"status": 200, "body": body}}
    sandbox.faults([rule])
    shown = here.run("apply", "--auto-approve")
    assert shown.code == 4
    assert "the vendor kept other values: supplier" in shown.err
