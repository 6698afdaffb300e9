"""What a killed run began to take under management is found again, in whatever form it is kept."""

from __future__ import annotations

from typing import Any

from .test_interrupted_writes import SUPPLIER, here, keep_as, killed, live

__all__ = ["here"]


def test_a_begun_adoption_is_found_by_id(here: Any, sandbox: Any) -> None:
    """A run was killed while it changed an object that it was to adopt. The vendor keeps its code
    in lower case since: the object is found by its id, and not created a second time."""
    here.declare({SUPPLIER: {"a": {"code": "SUP-1", "name": "Bez"}}})
    here.apply()
    (here.root / ".reconciler" / "ledger.jsonl").unlink()
    here.declare({SUPPLIER: {"a": {"code": "SUP-1", "name": "Ipek"}}})
    killed(here, sandbox, "PUT", "/suppliers/", keep_as(code="lower"))
    assert live(sandbox, "suppliers")[0]["code"] == "sup-1"
    shown = here.run("plan")
    assert "1 to add" not in shown.out
    assert "which nobody manages" not in shown.err
    assert here.run("apply", "--auto-approve").code == 0
    assert [one["name"] for one in live(sandbox, "suppliers")] == ["Ipek"]
    assert here.settled()


def test_a_begun_adoption_is_found_under_its_next_address(here: Any, sandbox: Any) -> None:
    """The same where the object is declared under another address in the next run."""
    here.declare({SUPPLIER: {"a": {"code": "SUP-1", "name": "Bez"}}})
    here.apply()
    (here.root / ".reconciler" / "ledger.jsonl").unlink()
    here.declare({SUPPLIER: {"a": {"code": "SUP-1", "name": "Ipek"}}})
    killed(here, sandbox, "PUT", "/suppliers/", keep_as(code="lower"))
    here.declare({SUPPLIER: {"b": {"code": "SUP-1", "name": "Ipek"}}})
    assert here.run("apply", "--auto-approve").code == 0
    assert len(live(sandbox, "suppliers")) == 1
    assert here.settled()
