"""Kobiks answers a write with `{"ok"}`, which is not JSON: it is taken, and a failure is not."""

from __future__ import annotations

from typing import Any

import pytest

PRODUCT = "provider: kobiks\nproducts: {'00000001': {short_desc: yeni}}\n"


def answers(body: Any) -> list[dict[str, Any]]:
    """A vendor that answers writes of products like this, and does nothing."""
    fault = {"status": 200, "body": body}
    return [{"path": "*/unit_products/*", "method": "POST", "fault": fault}]


@pytest.mark.parametrize(
    "body", [{"error": "kota doldu"}, {"success": False, "message": "kota doldu"}]
)
def test_a_failure_inside_a_success_is_one(workspace: Any, sandbox: Any, body: Any) -> None:
    """The vendor's words are shown, and nothing counts as written."""
    sandbox.faults(answers(body))
    shown = workspace(PRODUCT).run("apply", "--auto-approve")
    assert shown.code == 1
    assert "kota doldu" in shown.err
    assert "Apply complete!" not in shown.out


@pytest.mark.parametrize("body", [{"ok": True}, {"errors": []}, "ok", ["ok"]])
def test_what_reports_no_failure_is_read_back(workspace: Any, sandbox: Any, body: Any) -> None:
    """An answer that says nothing is believed only as far as the product, read again, agrees."""
    sandbox.faults(answers(body))
    shown = workspace(PRODUCT).run("apply", "--auto-approve")
    assert shown.code == 4
    assert "written, but the vendor kept other values: short_desc" in shown.err


def test_the_documented_answer_is_taken(workspace: Any) -> None:
    """The vendor's own `{"ok"}`, and the product is as declared."""
    here = workspace(PRODUCT)
    here.apply()
    assert here.settled()
