"""Vendors that answer badly, late, for ever or too much: how much time and how many requests that
may cost, and what is said about it."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from reconciler.errors import Incomplete, NotAttempted, Unknown, VendorError
from reconciler.http.failures import LONGEST_LIMITED, MOST_IN_A_ROW, Failures
from reconciler.kinds import Call, Paging
from reconciler.rest.paging import MOST_PAGES_UNCOUNTED, read_list

from .servers import Seen, serving

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


PAIRS = Paging("page", "per_page", 2)


def endless(seen: Seen) -> tuple[int, bytes]:
    """A full page of two new objects, whichever page is asked for."""
    page = int(parse_qs(urlsplit(seen.target).query)["page"][0])
    return 200, json.dumps({"data": [{"id": 2 * page}, {"id": 2 * page + 1}]}).encode()


def test_full_pages_without_an_end_are_no_list(client: Any) -> None:
    """Where no page is short and nobody counts the objects, the list is not whole at our cap."""
    with serving(endless) as vendor:
        one = client(base_url=vendor.url)
        with pytest.raises(Incomplete, match=r"goes on after 2,000 full pages"):
            read_list(one, Call("GET", "/things", "data"), PAIRS, dict, lambda raw: str(raw["id"]))
        one.close()
    assert len(vendor.requests) == MOST_PAGES_UNCOUNTED


def test_a_page_that_always_comes_again_is_noticed_at_once(client: Any) -> None:
    """A vendor that ignores which page it is asked for costs a few requests, not thousands."""
    with serving(lambda _: (200, b'{"data": [{"id": 1}, {"id": 2}]}')) as vendor:
        one = client(base_url=vendor.url)
        with pytest.raises(Incomplete, match="came twice"):
            read_list(one, Call("GET", "/things", "data"), PAIRS, dict, lambda raw: str(raw["id"]))
        one.close()
    assert len(vendor.requests) < 10


TOO_MUCH = [
    (b'{"data": [{"id": 1, "name": "A", "name": "B"}]}', "the member 'name' twice"),
    (b"[" + b"{}," * 1_100_000 + b"{}]", "more than 1,000,000 values"),
]


@pytest.mark.parametrize(("content", "why"), TOO_MUCH, ids=["twice", "many"])
def test_an_answer_that_is_ambiguous_or_too_much_is_not_used(
    client: Any, content: bytes, why: str
) -> None:
    """A member that an object has twice could mean either value, and millions of small objects take
    gigabytes: both are errors that say so, and are not asked for again."""
    with serving(lambda _: (200, content)) as vendor:
        one = client(base_url=vendor.url)
        with pytest.raises(VendorError, match=f"invalid JSON: .*{why}"):
            one.read("/things")
        one.close()
    assert len(vendor.requests) == 1


MANY = [f"S-{number:03}" for number in range(100)]
SUPPLIERS = f"provider: kobo-plm\nsuppliers: {{{', '.join(f'{k}: {{name: N}}' for k in MANY)}}}\n"


def outcomes(result: Any) -> str:
    """The line that counts how the changes ended."""
    return str(next(line for line in result.out.splitlines() if line.startswith("Outcomes:")))


def test_a_vendor_that_cannot_write_is_given_up(workspace: Any, sandbox: Any) -> None:
    """After five failed writes in a row the rest is not attempted, is counted in one line, and
    nothing more is sent; the next run, with the vendor well again, does all of it."""
    here = workspace(SUPPLIERS)
    sandbox.faults([{"path": "*", "method": "POST", "fault": {"status": 500}}])
    shown = here.run("apply", "--auto-approve", "--parallelism", "1")
    assert shown.code == 4
    assert outcomes(shown).endswith("3 unknown, 0 skipped, 97 not attempted.")
    assert "kobo-plm: given up: 5 writes in a row failed, the last with 500 to POST" in shown.err
    assert shown.err.count("97 changes were not attempted") == 1
    assert not [line for line in shown.out.splitlines() if line.endswith(": not attempted")]
    assert [method for method, _ in sent(sandbox)].count("POST") == 5
    sandbox.faults()
    here.apply()
    assert here.settled()


@pytest.mark.parametrize("status", [429, 503])
def test_nobody_waits_an_hour_for_each_of_a_hundred_writes(
    workspace: Any, sandbox: Any, status: int
) -> None:
    """A Retry-After beyond all patience gives the vendor up at once, and says so."""
    here = workspace(SUPPLIERS)
    fault = {"status": status, "retry_after": 3600}
    sandbox.faults([{"path": "*", "method": "POST", "fault": fault}])
    shown = here.run("apply", "--auto-approve")
    assert shown.code in (1, 4)
    assert f"given up: it answered {status} and asks to wait 3600 s" in shown.err
    assert [method for method, _ in sent(sandbox)].count("POST") <= 10


def test_a_vendor_that_cannot_be_read_is_given_up(sandbox: Any, client: Any) -> None:
    """However much is asked of a dead vendor, it gets five requests; another answer than an error
    begins the count anew."""
    one = client()
    sandbox.faults([{"path": "*", "nth": [1, 2, 3, 4], "fault": {"status": 502}}])
    with pytest.raises(VendorError, match="502"):
        one.read("/suppliers")
    assert one.read("/suppliers").status == 200
    sandbox.faults([{"path": "*", "fault": {"status": 502}}])
    sandbox.clear_journal()
    for _ in range(20):
        with pytest.raises(VendorError, match="502"):
            one.read("/suppliers")
    assert len(sent(sandbox)) == MOST_IN_A_ROW
    with pytest.raises(NotAttempted, match="given up"):
        one.read("/suppliers")


def test_failures_side_by_side_are_one_failure() -> None:
    """Ten requests that a moment of trouble meets at once do not give a vendor up."""
    now = [0.0]
    failures = Failures("kobo", lambda: now[0])
    for _ in range(MOST_IN_A_ROW - 1):
        began = failures.begin()
        now[0] += 1
        for _ in range(10):
            failures.failed(began, False, "502")
    failures.check()
    failures.failed(failures.begin(), False, "502")
    with pytest.raises(NotAttempted):
        failures.check()


def test_a_limit_that_others_use_up_is_waited_for_five_minutes() -> None:
    """A vendor that answers nothing but 429 is given up when that takes too long, not before."""
    now = [0.0]
    failures = Failures("kobo", lambda: now[0])
    for _ in range(100):
        failures.limited()
    now[0] = LONGEST_LIMITED
    failures.limited()
    failures.check()
    failures.succeeded(writes=False)
    now[0] += LONGEST_LIMITED + 1
    failures.limited()
    failures.check()
    now[0] += LONGEST_LIMITED + 1
    failures.limited()
    with pytest.raises(NotAttempted, match="nothing but 429"):
        failures.check()
