"""Vendors that answer badly, late, for ever or too much: how much time and how many requests that
may cost, and what is said about it."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.errors import Unknown, VendorError

BODY = {"code": "S-9", "name": "Yeni"}


def sent(sandbox: Any, vendor: str = "kobo-plm") -> list[tuple[str, int]]:
    """What the vendor was sent and what it answered."""
    return [(entry["method"], entry["status"]) for entry in sandbox.journal(vendor)]


@pytest.mark.parametrize("part", ["continue", "status", "headers", "chunk", "trailers"])
def test_no_part_of_an_answer_goes_on_for_ever(sandbox: Any, client: Any, part: str) -> None:
    """However regularly bytes arrive, an answer that does not end is given up: for a read that is
    an error, and for a write an unknown outcome."""
    sandbox.faults([{"path": "*", "fault": {"endless": part}}])
    one = client(writable=True, timeout=0.05)
    with pytest.raises(VendorError, match="no answer from"):
        one.read("/suppliers")
    with pytest.raises(Unknown, match="no answer from"):
        one.write("POST", "/suppliers", BODY)
