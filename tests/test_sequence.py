"""What a vendor's rules want written first is written first, although nothing refers to it."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.providers import PROVIDERS
from reconciler.values.fields import facts_of

BOTH = """provider: inventora
stock_levels:
  level: {sku: CANDLE-001, location: Main Warehouse, quantity: 12}
  other: {sku: WAX-SOY, location: Main Warehouse, quantity: 70}
products:
  CANDLE-001: {unitPrice: 6.25}
materials:
  WAX-SOY: {unitPrice: 3.5}
"""


def written(sandbox: Any) -> list[str]:
    """The paths that were written to, in order."""
    return [e["path"] for e in sandbox.journal("inventora") if e["method"] != "GET"]


@pytest.mark.parametrize("parallelism", ["1", "20"])
def test_the_price_goes_before_the_stock(workspace: Any, sandbox: Any, parallelism: str) -> None:
    """Both are written in one run: the vendor refuses a price once stock was moved."""
    here = workspace(BOTH)
    sandbox.clear_journal()
    here.apply("--parallelism", parallelism)
    paths = written(sandbox)
    for item in ("products/asdf123", "materials/asdf456"):
        price = paths.index(f"/api/{item}")
        assert price < paths.index(f"/api/{item}/stock-level-updates")
    assert here.settled()


def test_without_the_price_no_stock_moves(workspace: Any, sandbox: Any) -> None:
    """Where the price cannot be written now, the level waits: it would be refused for good."""
    here = workspace(BOTH)
    sandbox.faults([{"path": "*/products/*", "method": "PATCH", "fault": {"status": 500}}])
    shown = here.run("apply", "--auto-approve", "--on-error", "continue")
    assert shown.code == 4
    assert "it needs inventora/products/CANDLE-001" in shown.err
    assert sandbox.state("inventora")["products"][0]["locationStockLevels"]["Main Warehouse"] == 30
    assert sandbox.state("inventora")["materials"][0]["locationStockLevels"]["Main Warehouse"] == 70
    sandbox.faults()
    here.apply()
    assert here.settled()


def test_other_fields_are_no_reason_to_wait(workspace: Any) -> None:
    """Only the price matters: another change of the product does not hold the level back."""
    here = workspace(BOTH.replace("unitPrice: 6.25", "notes: Rose"))
    entries = {e["address"]: e for e in here.plan()}
    assert entries["inventora/stock_levels/level"]["x_needs"] == []
    assert entries["inventora/stock_levels/other"]["x_needs"] == ["inventora/materials/WAX-SOY"]


def test_what_is_excluded_holds_the_level_back(workspace: Any) -> None:
    """Without its price, a level is not planned either."""
    shown = workspace(BOTH).plan("--exclude", "inventora/products/CANDLE-001")
    assert {e["address"] for e in shown} == {
        "inventora/materials/WAX-SOY",
        "inventora/stock_levels/other",
    }


@pytest.mark.parametrize("provider", PROVIDERS.values(), ids=lambda provider: provider.type)
def test_the_order_names_what_there_is(provider: Any) -> None:
    """Each `after` names a kind of the vendor, and fields of it and of the kind itself."""
    for kind in provider.kinds.values():
        for first in kind.after:
            fields = facts_of(provider.type, first.kind).fields
            assert {first.by, *first.fields} <= fields.keys()
            assert first.by in facts_of(provider.type, kind.name).fields
