"""A vendor that answers a write with 408 may have done it: its effect is looked for."""

from __future__ import annotations

from typing import Any

import pytest

TASK = """provider: inventora
tasks:
  Candles: {items: [{product: CANDLE-001, quantity: 5, unitType: pieces}]}
"""


def late(**fault: Any) -> list[dict[str, Any]]:
    """The first creation of a task is answered with 408."""
    return [{"path": "*/tasks", "method": "POST", "nth": [1], "fault": {"status": 408, **fault}}]


def test_what_was_done_is_found(workspace: Any, sandbox: Any) -> None:
    """The task is there once, and recorded as created."""
    here = workspace(TASK)
    sandbox.faults(late(after=True))
    here.apply()
    names = [task["name"] for task in sandbox.state("inventora")["tasks"]]
    assert names.count("Candles") == 1
    assert here.settled()


@pytest.mark.parametrize("retry", [False, True], ids=["held", "retried"])
def test_what_was_not_done_is_unknown(workspace: Any, sandbox: Any, retry: bool) -> None:
    """Nothing is sent again by itself: it is held back until somebody says so."""
    here = workspace(TASK)
    sandbox.faults(late(body={"error": "Request Timeout"}))
    assert here.run("apply", "--auto-approve").code == 4
    again = ("--retry-unknown", "inventora/tasks/Candles") if retry else ()
    assert here.run("apply", "--auto-approve", *again).code == (0 if retry else 1)
    names = [task["name"] for task in sandbox.state("inventora")["tasks"]]
    assert names.count("Candles") == retry
