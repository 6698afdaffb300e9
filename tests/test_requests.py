"""What a plan costs at a vendor: the pages that exist, and not a request more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from reconciler.sandbox.server import Running


def supplier(number: int) -> dict[str, str]:
    """The n-th supplier, alike in the manifest and at the vendor."""
    return {"code": f"SUP-{number:04}", "name": f"Supplier {number}"}


@pytest.mark.parametrize("sandbox", ["empty"], indirect=True)
@pytest.mark.parametrize("count", [1_000, 1_001])
def test_a_plan_reads_pages_and_never_single_objects(
    sandbox: Running, workspace: Callable[..., Any], count: int
) -> None:
    """A plan of n suppliers with nothing to do sends exactly ceil(n / 100) requests for them, and
    one for each other declared kind that fits one page: with a ledger and without."""
    suppliers = [supplier(number) for number in range(count)]
    hook = {"name": "ERP", "url": "https://erp.example.com/hook", "events": ["style.created"]}
    sandbox.put_state("kobo-plm", {"suppliers": suppliers, "webhooks": [hook]})
    sandbox.put_state("kobiks", {"brands": [{"name": "Mavi"}]})
    here = workspace()
    here.declare(
        {
            "kobo-plm/suppliers": {one["code"]: one for one in suppliers},
            "kobo-plm/webhooks": {"erp": hook},
            "kobiks/brands": {"Mavi": {}},
        }
    )
    once = {"/api/v1/suppliers": -(-count // 100), "/api/v1/webhooks": 1, "/api/v1/brands": 1}

    def sent() -> Counter[str]:
        sandbox.clear_journal()
        here.plan()
        served = [entry for vendor in sandbox.urls for entry in sandbox.journal(vendor)]
        assert all(one["method"] == "GET" or one["path"].endswith("/login") for one in served)
        return Counter(one["path"] for one in served if one["method"] == "GET")

    assert sent() == once
    here.apply()
    assert here.settled()
    assert sent() == once
