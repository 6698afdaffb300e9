"""How Kibo's jobs end: the documents have two words for it, and both are understood."""

from __future__ import annotations

from typing import Any

import pytest

STOCK = "provider: kibo\nstock_levels: {a: {locationCode: ALB, upc: CampStove_001, quantity: 9}}\n"


def says(*statuses: str) -> list[dict[str, Any]]:
    """Fault rules for a queue that answers these, one after the other."""
    return [
        {
            "vendor": "kibo",
            "path": "*/inventory/v1/queue/*",
            "nth": nth,
            "fault": {"status": 200, "body": {"jobID": 1, "type": "REFRESH", "status": status}},
        }
        for nth, status in enumerate(statuses, 1)
    ]


@pytest.mark.parametrize("end", ["SUCCESS", "COMPLETED"])
def test_both_words_for_done_are_done(workspace: Any, sandbox: Any, end: str) -> None:
    """The guide waits for COMPLETED, the client package for SUCCESS; what is pending or at work
    is waited for."""
    here = workspace(STOCK)
    sandbox.faults(says("PENDING", "WORKING", end))
    shown = here.apply()
    assert shown.last.startswith("Apply complete! Resources: 0 added, 1 changed")
    sandbox.faults()
    assert here.settled()
