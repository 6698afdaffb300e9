"""What Kibo's customer care sees of a product: identifiers, availability and variants."""

from __future__ import annotations

from typing import Any

import pytest

PRODUCT = "provider: kibo-oms\nproducts: {{VRX33151: {{{}}}}}\n"


@pytest.mark.parametrize(
    "fields",
    [
        "sku: 126233-BLK",
        'upc: "012345678905"',
        'inStockDate: "2024-02-01"',
        "variants: [{productID: VRX33151-S, name: 31 mm}]",
        "variants: [{productID: VRX33151-S, sku: 126233-BLK-S, price: '3450.00'}]",
    ],
)
def test_what_the_documentation_names_is_compared(workspace: Any, fields: str) -> None:
    """Each field that the guide lists may be declared, and equals what the endpoint answers."""
    assert workspace(PRODUCT.format(fields)).run("plan").last == (
        "No changes. Your vendors match the manifests."
    )


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ("sku: OTHER", "sku"),
        ('upc: "1"', "upc"),
        ("inStockDate: null", "inStockDate"),
        ("variants: [{productID: VRX33151-S, name: 36 mm}]", "variants"),
        ("variants: []", "variants"),
    ],
)
def test_a_difference_is_for_those_who_run_the_endpoint(
    workspace: Any, fields: str, name: str
) -> None:
    """It is work by hand, and drift says so."""
    here = workspace(PRODUCT.format(fields))
    (entry,) = here.plan()
    assert entry["x_action"] == "by-hand"
    assert {part["path"][0] for part in entry["x_fields"]} == {name}
    assert here.run("drift", "--detailed-exitcode").code == 2


def test_the_names_may_be_in_capitals(workspace: Any, sandbox: Any) -> None:
    """The guide writes SKU and UPC, and shows neither in an answer."""
    (product,) = sandbox.state("kibo-oms")["products"]
    named = {"sku": "SKU", "upc": "UPC"}
    body = {named.get(name, name): value for name, value in product.items()}
    sandbox.faults([{"vendor": "kibo-oms", "path": "*", "fault": {"status": 200, "body": body}}])
    here = workspace(PRODUCT.format('sku: 126233-BLK, upc: "012345678905"'))
    assert here.run("plan").last == "No changes. Your vendors match the manifests."
