"""A target brings along what must be written before it, though it does not refer to it."""

from __future__ import annotations

from typing import Any

import pytest

BOTH = """provider: inventora
stock_levels:
  level: {sku: CANDLE-001, location: Main Warehouse, quantity: 12}
products:
  CANDLE-001: {unitPrice: 6.25}
"""


@pytest.mark.parametrize("target", ["inventora/stock_levels", "inventora/stock_levels/level"])
def test_a_targeted_level_brings_its_price(workspace: Any, sandbox: Any, target: str) -> None:
    """The vendor refuses a price once stock was moved: both are written, the price first."""
    here = workspace(BOTH)
    here.apply("--target", target)
    paths = [e["path"] for e in sandbox.journal("inventora") if e["method"] != "GET"]
    assert paths == ["/api/products/asdf123", "/api/products/asdf123/stock-level-updates"]
    assert here.settled()


def test_a_targeted_product_brings_no_level(workspace: Any) -> None:
    """The other way round nothing is needed."""
    here = workspace(BOTH)
    (entry,) = here.plan("--target", "inventora/products")
    assert entry["address"] == "inventora/products/CANDLE-001"
