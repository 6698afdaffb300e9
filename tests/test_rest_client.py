"""The client against vendors that misbehave: what it sends, what it never sends, what it says."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from reconciler.errors import (
    Forbidden,
    ReconcilerError,
    Rejected,
    Unauthorized,
    Unknown,
    VendorError,
)
from reconciler.http.limiter import Limiter
from reconciler.http.retries import CONNECTS, PATIENCE
from reconciler.model import Secret

BODY = {"code": "S-9", "name": "Yeni"}


def fault(path: str, **what: Any) -> dict[str, Any]:
    """A rule: `nth`, `method` and `vendor` belong to it, all else to its fault."""
    rule = {key: what.pop(key) for key in ("nth", "method", "vendor") if key in what}
    return {"path": path, "fault": what, **rule}


def sent(sandbox: Any, vendor: str = "kobo-plm") -> list[tuple[str, int]]:
    """What the vendor was sent and what it answered."""
    return [(entry["method"], entry["status"]) for entry in sandbox.journal(vendor)]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_client_that_reads_cannot_write(sandbox: Any, client: Any, method: str) -> None:
    """Without the right to write, no mutating request leaves the process."""
    with pytest.raises(ReconcilerError, match="only reads"):
        client().write(method, "/suppliers/1", BODY)
    assert sent(sandbox) == []


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_read_is_tried_again(sandbox: Any, client: Any, status: int) -> None:
    """A read that meets a passing trouble is sent again, with longer and longer pauses."""
    waits: list[float] = []
    sandbox.faults([fault("*/suppliers", status=status, nth=[1, 2])])
    one = client(waits=waits)
    one.limiter = Limiter(0, sleep=waits.append, clock=iter(range(0, 10**6, 100)).__next__)
    assert one.read("/suppliers").status == 200
    assert sent(sandbox) == [("GET", status), ("GET", status), ("GET", 200)]
    assert waits == sorted(waits)


def test_a_read_is_not_tried_for_ever(sandbox: Any, client: Any) -> None:
    """After four attempts the vendor's own words are the error."""
    waits: list[float] = []
    sandbox.faults([fault("*", status=503, body={"message": "down for the night"})])
    with pytest.raises(VendorError, match="503: down for the night"):
        client(waits=waits).read("/suppliers")
    assert (len(sent(sandbox)), len(waits)) == (4, 3)


def test_retry_after_is_honoured(sandbox: Any, client: Any) -> None:
    """A 429 holds the whole account back for as long as the vendor asks, and no shorter."""
    now = [0.0]

    def wait(seconds: float) -> None:
        now[0] += seconds

    sandbox.faults([fault("*", status=429, retry_after=17, nth=1)])
    one = client()
    one.limiter = Limiter(0, lambda: now[0], wait)
    one.read("/suppliers")
    assert 17 <= now[0] <= 18
    assert sent(sandbox) == [("GET", 429), ("GET", 200)]


def test_nobody_waits_for_an_hour(sandbox: Any, client: Any) -> None:
    """A Retry-After beyond all patience is an error at once."""
    sandbox.faults([fault("*", status=429, retry_after=PATIENCE + 1)])
    with pytest.raises(VendorError, match="429"):
        client().read("/suppliers")
    assert len(sent(sandbox)) == 1


@pytest.mark.parametrize("status", [429, 503])
def test_a_create_that_was_not_processed_is_sent_again(
    sandbox: Any, client: Any, status: int
) -> None:
    """A POST with an idempotency key that was refused with Retry-After is sent again. Without a key
    it is not: whoever sends it is told that it may be, and looks for its effect first."""
    sandbox.faults([fault("*", status=status, retry_after=0, nth=[1, 3])])
    one = client(writable=True)
    assert one.write("POST", "/suppliers", BODY, "key-1").status == 201
    with pytest.raises(VendorError) as refused:
        one.write("POST", "/suppliers", {**BODY, "code": "S-10"})
    assert refused.value.again
    assert sent(sandbox) == [("POST", status), ("POST", 201), ("POST", status)]


@pytest.mark.parametrize(
    "what", [{"status": 500}, {"status": 503}, {"reset": "before"}, {"reset": "after"}]
)
def test_a_create_that_may_have_happened_is_not_sent_again(
    sandbox: Any, client: Any, what: dict[str, Any]
) -> None:
    """A POST without a usable answer is `Unknown`, and it was sent once."""
    sandbox.faults([fault("*", **what)])
    with pytest.raises(Unknown):
        client(writable=True).write("POST", "/suppliers", BODY)
    assert len(sent(sandbox)) == 1


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_write_is_not_repeated_blindly(sandbox: Any, client: Any, method: str, when: str) -> None:
    """PUT and DELETE say what should be, so they may be sent again, but not before somebody looked
    what became of the first one."""
    sandbox.put_state("kobo-plm", {"components": []})
    sandbox.faults([fault("*", reset=when, nth=1)])
    with pytest.raises(Unknown) as lost:
        client(writable=True).write(method, "/suppliers/1", BODY if method == "PUT" else None)
    assert lost.value.again
    assert len(sent(sandbox)) == 1


def test_a_redirect_is_refused(sandbox: Any, client: Any) -> None:
    """No redirect is followed, so credentials reach nobody else; the error names the target."""
    sandbox.faults([fault("*", redirect=sandbox.urls["kobiks"] + "/stores", vendor="kobo-plm")])
    other = sandbox.urls["kobiks"].split("/")[2]
    with pytest.raises(VendorError, match=f"redirects to {other} .302., which is not followed"):
        client().read("/suppliers")
    assert sent(sandbox, "kobiks") == []


def test_a_web_page_is_no_answer(sandbox: Any, client: Any) -> None:
    """A page where JSON should be points at base_url; for a write it settles nothing."""
    sandbox.faults([fault("*", html=True)])
    with pytest.raises(VendorError, match="web page") as caught:
        client().read("/suppliers")
    assert "base_url" in caught.value.diagnostics[0].detail
    with pytest.raises(Unknown, match="web page"):
        client(writable=True).write("POST", "/suppliers", BODY)


def test_half_an_answer_is_no_answer(sandbox: Any, client: Any) -> None:
    """A body that was cut is an error of its own, not an empty list."""
    sandbox.faults([fault("*", truncate=True)])
    with pytest.raises(VendorError, match="invalid JSON"):
        client().read("/suppliers")


def test_an_answer_that_drips_is_given_up(sandbox: Any, client: Any) -> None:
    """The timeout holds for the whole answer, however regularly a byte arrives."""
    sandbox.faults([fault("*", drip=0.05)])
    with pytest.raises(VendorError, match="no answer from"):
        client(timeout=0.06).read("/suppliers")


def test_what_the_vendor_says_is_quoted(sandbox: Any, client: Any) -> None:
    """A refusal carries the vendor's message and its fields' errors."""
    with pytest.raises(Rejected, match=r"422: The given data was invalid. name: The name field"):
        client(writable=True).write("POST", "/suppliers", {"code": "X"})


def test_no_credential_is_quoted(sandbox: Any, client: Any) -> None:
    """Credentials that a vendor echoes do not reach the error."""
    echo = "your key sandbox-kobo-key c2FuZGJveC1rb2JvLWtleQ== is odd"
    sandbox.faults([fault("*", status=400, body={"message": echo})])
    with pytest.raises(Rejected) as caught:
        client().read("/suppliers")
    said = str(caught.value)
    assert "sandbox-kobo-key" not in said
    assert "c2FuZGJveC1rb2JvLWtleQ" not in said
    assert "(sensitive)" in said


def test_a_missing_right_is_named(sandbox: Any, driver: Callable[..., Any]) -> None:
    """A 403 says which scope the credentials lack, for reading and for writing."""
    sandbox.scopes("sandbox-kobo-key", ["suppliers:read"])
    problem = driver("kobo-plm/webhooks").list().problem
    assert problem.detail == "The credentials of kobo-plm lack the scope webhooks:read."
    with pytest.raises(Forbidden) as caught:
        driver("kobo-plm/suppliers", writable=True).delete("1")
    assert "suppliers:write" in caught.value.diagnostics[0].detail


def test_a_token_that_ended_is_renewed(sandbox: Any, client: Any) -> None:
    """Where the vendor no longer accepts the token, one login is made and the request repeated."""
    one = client("kobiks")
    one.read("/stores")
    sandbox.clock(advance=3 * 60 * 60)
    assert one.read("/stores").status == 200
    assert sent(sandbox, "kobiks") == [
        ("POST", 200),
        ("GET", 200),
        ("GET", 401),
        ("POST", 200),
        ("GET", 200),
    ]


def test_logins_do_not_go_on_for_ever(sandbox: Any, client: Any) -> None:
    """A vendor that refuses every token is asked a few times, and then nobody asks again."""
    sandbox.faults([fault("*/stores", status=401)])
    one = client("kobiks")
    for _ in range(5):
        with pytest.raises(Unauthorized):
            one.read("/stores")
    assert sent(sandbox, "kobiks").count(("POST", 200)) <= 3
    assert len(sent(sandbox, "kobiks")) <= 6


@pytest.mark.parametrize(("vendor", "setting"), [("kobo-plm", "api_key"), ("kobiks", "password")])
def test_wrong_credentials_are_tried_once(
    sandbox: Any, client: Any, vendor: str, setting: str
) -> None:
    """A refused credential is said once; no further request locks the account."""
    one = client(vendor, settings={setting: Secret("wrong-credential")})
    for _ in range(3):
        with pytest.raises(Unauthorized) as caught:
            one.read("/suppliers")
        assert "wrong-credential" not in str(caught.value)
    assert len(sent(sandbox, vendor)) == 1


def test_a_vendor_that_is_away_is_not_asked_again(client: Any) -> None:
    """Where nobody listens, a few attempts are made once, and everybody else hears of it."""
    waits: list[float] = []
    one = client(base_url="http://127.0.0.1:9/api", waits=waits)
    for _ in range(3):
        with pytest.raises(VendorError, match=r"no answer from 127.0.0.1:9"):
            one.read("/suppliers")
    assert len(waits) == CONNECTS - 1


def test_waiting_for_a_connection_is_no_lost_answer(sandbox: Any, client: Any) -> None:
    """More writes than an account may have under way wait their turn, however slow the vendor is:
    none is given up, and none is taken for one that may have been sent."""
    sandbox.faults([fault("*/suppliers", delay=0.6)])
    one = client(writable=True, parallelism=1, timeout=1.5)
    bodies = [{"code": f"S-{number}", "name": "Yeni"} for number in range(8)]
    with ThreadPoolExecutor(len(bodies)) as pool:
        answers = list(pool.map(lambda body: one.write("POST", "/suppliers", body), bodies))
    assert [answer.status for answer in answers] == [201] * len(bodies)


@pytest.mark.parametrize("name", [".", ".."])
def test_a_name_of_dots_leads_to_no_other_address(client: Any, sandbox: Any, name: str) -> None:
    """Whoever normalises an address would make another one of it: nothing is sent."""
    ours = client("kobo-plm", writable=True)
    with pytest.raises(Rejected, match=r"because \. and \.\. change the path"):
        ours.write("DELETE", f"/webhooks/{name}")
    assert sent(sandbox) == []


def test_a_query_is_a_read(sandbox: Any, client: Any) -> None:
    """A POST that only asks is judged as a read: an answer that shows a credential is not
    used, and a failure is no write of unknown outcome."""
    path = "/commerce/inventory/v5/inventory"
    rule = {"vendor": "kibo", "path": f"*{path}"}
    told = {"status": 200, "body": [{"upc": "sandbox-kibo-secret"}]}
    sandbox.faults([{**rule, "fault": told}])
    with pytest.raises(VendorError, match="a secret of this run"):
        client("kibo").query(path, {"type": "ANY"})
    sandbox.faults([{**rule, "fault": {"html": True}}])
    with pytest.raises(VendorError) as failed:
        client("kibo").query(path, {"type": "ANY"})
    assert not isinstance(failed.value, Unknown)
