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


GARBLED: list[dict[str, Any]] = [
    {"html": True},
    {"truncate": True},
    {"status": 200, "body": ""},
    {"status": 200, "body": "upstream timed out"},
]


@pytest.mark.parametrize("garbled", GARBLED, ids=["page", "cut", "empty", "text"])
def test_a_garbled_answer_to_a_read_is_asked_for_again(
    workspace: Any, sandbox: Any, garbled: dict[str, Any]
) -> None:
    """A web page, nothing, or a part of an answer is what a gateway sends in place of the vendor:
    the list is read again, and everything declared is applied."""
    here = workspace("provider: kobo-plm\nsuppliers: {A: {name: A}}\n")
    sandbox.faults([{"path": "*/suppliers", "method": "GET", "nth": 1, "fault": garbled}])
    here.apply()
    assert "A" in [one["code"] for one in sandbox.state("kobo-plm")["suppliers"]]


@pytest.mark.parametrize("garbled", GARBLED[:2], ids=["page", "cut"])
def test_a_vendor_that_only_answers_garbage_cannot_be_read(
    sandbox: Any, client: Any, garbled: dict[str, Any]
) -> None:
    """After four answers of the kind the error is said, and no write was tried twice."""
    sandbox.faults([{"path": "*", "fault": garbled}])
    with pytest.raises(VendorError, match=r"web pages|invalid JSON"):
        client().read("/suppliers")
    assert len(sent(sandbox)) == 4
    sandbox.clear_journal()
    with pytest.raises(Unknown):
        client(writable=True).write("POST", "/suppliers", BODY)
    assert len(sent(sandbox)) == 1
