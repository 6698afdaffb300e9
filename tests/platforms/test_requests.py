"""What is sent to a platform and what is made of its answers: limits, errors, web pages, tokens."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reconciler import planfile
from reconciler.app.drift_issue import put_issue
from reconciler.app.pull_request import put_comment
from reconciler.errors import Invalid, VendorError
from reconciler.model import Plan, Secret
from reconciler.platforms.marker import Marker
from reconciler.platforms.platform import Platform
from reconciler.platforms.session import Session
from reconciler.platforms.table import open_platform, this_job

from .conftest import Job
from .fakes import STRANGER, Bitbucket, Fault, GitHub, serving


@pytest.fixture
def plan(tmp_path: Path) -> str:
    """A saved plan without changes."""
    file = tmp_path / "plan.json"
    file.write_text(planfile.write(Plan(())), "utf-8")
    return str(file)


@pytest.fixture
def drift(tmp_path: Path) -> str:
    """A drift report with an object that was deleted."""
    entry = {
        "address": "kobo/webhooks/h",
        "drift": "deleted",
        "reason": "",
        "fields": [],
        "source": None,
    }
    file = tmp_path / "drift.json"
    body: dict[str, Any] = {"drift": True, "complete": True, "resources": [entry]}
    body |= {"unmanaged": {}, "undeclared": {}, "not_read": [], "deferred": [], "diagnostics": []}
    file.write_text(json.dumps(body), "utf-8")
    return str(file)


NEEDS = {
    "GitHub": ("pull-requests: write", "issues: write", "statuses: write"),
    "GitLab": ("scope `api`", "role Reporter", "role Developer"),
    "Azure": ("Contribute to pull requests", "Edit work items", "Contribute"),
    "Bitbucket": ("pullrequest:write", "issue:write", "repository:write"),
}


@pytest.mark.parametrize("status", [403, 404])
def test_a_missing_permission_is_named(
    run: Any, job: Job, plan: str, drift: str, status: int
) -> None:
    """By each command that needs one, whether the platform says so or hides what is there."""
    commands = (("comment", plan), ("issue", drift), ("status", plan))
    writes = (".*/(comments|notes|threads)$", ".*/(issues|.Task)$", ".*status.*")
    needed = NEEDS[type(job.fake).__name__]
    for (command, file), match, permission in zip(commands, writes, needed, strict=True):
        job.fake.faults = [Fault(f"^POST {match}", status, b'{"message": "Not allowed"}')]
        shown = run("ci", command, file)
        assert shown.code == 1, shown
        assert permission in shown.err
        assert job.fake.variable in shown.err  # type: ignore[attr-defined]


def test_a_wrong_token_is_said_to_be_wrong(run: Any, job: Job, plan: str) -> None:
    """And is not shown."""
    job.fake.token = "another-token-0123456789"
    shown = run("ci", "comment", plan)
    assert shown.code == 1
    assert "is wrong or expired" in shown.err
    assert "tok-en_" not in shown.out + shown.err


def test_without_a_token_nothing_is_sent(
    run: Any, job: Job, plan: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message names the variable."""
    variable: str = job.fake.variable  # type: ignore[attr-defined]
    monkeypatch.delenv(variable)
    shown = run("ci", "comment", plan)
    assert shown.code == 1
    assert f"the variable {variable} is not set" in shown.err
    assert job.fake.log == []


def test_outside_a_platform_nothing_is_sent(run: Any, plan: str) -> None:
    """The message says which platforms there are."""
    shown = run("ci", "comment", plan)
    assert shown.code == 1
    assert "GITHUB_ACTIONS" in shown.err


LIMITED = [
    Fault("^GET .*", 429, b'{"message": "Too many"}', {"Retry-After": "0"}),
    Fault("^GET .*", 403, b'{"message": "secondary rate limit"}', {"Retry-After": "0"}),
    Fault("^POST .*(comments|notes|threads)$", 429, b"{}", {"Retry-After": "0"}),
    Fault("^POST .*(comments|notes|threads)$", 403, b"{}", {"Retry-After": "0"}),
    Fault("^GET .*", 503, b"<html>", {"Retry-After": "0"}),
]


def test_limits_are_waited_for(run: Any, job: Job, plan: str) -> None:
    """Also by what writes, because a request that is refused so had no effect."""
    job.fake.faults = list(LIMITED)
    assert run("ci", "comment", plan).code == 0
    assert job.fake.faults == []
    assert len(job.fake.ours()) == 1


def test_a_limit_that_lasts_too_long_ends_the_command(run: Any, job: Job, plan: str) -> None:
    """It says how long it lasts, and does not call it a missing permission."""
    job.fake.faults = [Fault("^GET .*", 403, b"{}", {"Retry-After": "3600"})]
    shown = run("ci", "comment", plan)
    assert shown.code == 1
    assert "limited for 3600 s" in shown.err
    assert "permission" not in shown.err


def test_limits_of_github_without_a_time(plan: str) -> None:
    """A secondary limit without a time is waited out for a minute, another until its reset."""
    waits: list[float] = []
    with serving(GitHub()) as fake:
        secret = Secret(fake.token, "GITHUB_TOKEN")
        headers = {"Authorization": f"Bearer {fake.token}"}
        session = Session("github", fake.url, "GITHUB_TOKEN", secret, headers, sleep=waits.append)
        fake.faults = [
            Fault("GET", 403, b'{"message": "You have exceeded a secondary rate limit"}'),
            Fault("GET", 403, b"{}", {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1"}),
        ]
        assert session.read("/repos/acme/shop/pulls/17", "x")["number"] == 17
        session.close()
    assert waits[0] >= 60.0
    assert 1.0 <= waits[1] < 60.0


@pytest.mark.parametrize(
    ("status", "body", "headers", "words"),
    [
        (200, b"<html>Sign in", {}, "with a web page"),
        (203, b"<!DOCTYPE html>", {}, "with a web page"),
        (302, b"", {"Location": "https://login.example/x?t=1"}, "with login.example"),
        (200, b'{"a": ', {}, "answered no JSON"),
        (200, b'{"a": 1, "a": 2}', {}, "answered no JSON"),
        (400, b"<html>proxy", {}, "400 with a web page"),
        (400, b"\xff\xfe\x1b[31m", {}, "400"),
        (400, b'{"error": {"message": "::error::x"}}', {}, "400"),
    ],
)
def test_an_answer_that_is_none_is_an_error(
    run: Any,
    job: Job,
    plan: str,
    status: int,
    body: bytes,
    headers: dict[str, str],
    words: str,
) -> None:
    """A page to sign in, a redirect, half an answer: it is said what came; nothing is obeyed."""
    job.fake.faults = [Fault("^GET .*(comments|notes|threads)$", status, body, headers)]
    shown = run("ci", "comment", plan)
    assert shown.code == 1, shown
    assert words in shown.err
    assert "Traceback" not in shown.err
    assert "\x1b" not in shown.err
    assert not any(line.startswith("::") for line in shown.err.splitlines())


@pytest.mark.parametrize("template", [b'{"message": "token %s"}', b"%s", b"<p>%s</p>"])
def test_a_token_in_an_error_is_not_shown(run: Any, job: Job, plan: str, template: bytes) -> None:
    """Whatever an error page repeats of the request."""
    body = template % job.fake.token.encode()
    job.fake.faults = [Fault("^GET .*", 400, body)]
    shown = run("-v", "ci", "comment", plan)
    assert shown.code == 1
    assert job.fake.token not in shown.out + shown.err


def test_the_token_goes_to_the_api_and_nowhere_else(run: Any, job: Job, plan: str) -> None:
    """No redirect is followed, whatever it leads to."""
    with serving(GitHub()) as elsewhere:
        location = {"Location": f"{elsewhere.url}/repos/acme/shop"}
        job.fake.faults = [Fault("^GET .*", status, b"", location) for status in (301, 307, 308)]
        for _ in range(3):
            assert run("ci", "comment", plan).code == 1
        assert elsewhere.log == []


@pytest.mark.parametrize("url", ["http://api.example.com", "ftp://x", "https://u:p@h", "nonsense"])
def test_an_api_without_tls_gets_no_token(url: str) -> None:
    """Only this machine may be asked without it."""
    with pytest.raises(Invalid, match="must"):
        Session("github", url, "GITHUB_TOKEN", Secret("t-0123456789"), {})


def test_no_answer_is_an_error_with_the_host() -> None:
    """After a few attempts."""
    waits: list[float] = []
    with serving(GitHub()) as fake:
        session = Session("github", fake.url, "T", Secret(fake.token), {}, sleep=waits.append)
        fake.faults = [Fault("^GET .*", 0) for _ in range(9)]
        with pytest.raises(VendorError, match="no answer from"):
            session.read("/repos/acme/shop/pulls/17", "x")
        session.close()
    assert len(waits) == 3


def test_enterprise_has_graphql_beside_the_rest_api() -> None:
    """The API of GitHub Enterprise ends in /api/v3, and GraphQL is at /api/graphql."""
    with serving(GitHub()) as fake:
        session = Session("github", f"{fake.url}/api/v3", "T", Secret(fake.token), {})
        with pytest.raises(VendorError):
            session.ask("/graphql", {}, "x")
        session.close()
        assert fake.log == ["POST /api/graphql"]


def test_a_token_that_may_not_ask_who_it_is(
    run: Any, plan: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """At Bitbucket the token of a repository: a stranger's comment with our marker cannot be
    edited, so ours is added beside it, and found the next time."""
    fake = Bitbucket()
    fake.knows_account = False
    with serving(fake):
        job = Job(fake, monkeypatch, tmp_path)
        job.of_pull_request()
        run("ci", "comment", plan)
        pasted = fake.comments[0].text + "Onaylandı."
        fake.comments[0].author, fake.comments[0].text = STRANGER, pasted
        assert run("ci", "comment", plan).code == 0
        assert run("ci", "comment", plan).code == 0
        assert fake.comments[0].text == pasted
        assert len(fake.ours()) == 1


def at_once(act: Callable[[Platform, int], object]) -> list[Exception]:
    """Do something eight times at the same moment; what went wrong."""
    there = this_job(os.environ)
    failed: list[Exception] = []
    start = threading.Barrier(8)

    def one(number: int) -> None:
        platform, session = open_platform(there, os.environ)
        try:
            start.wait()
            act(platform, number)
        except Exception as error:
            failed.append(error)
        finally:
            session.close()

    threads = [threading.Thread(target=one, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failed


def test_eight_jobs_at_once_leave_one_comment(job: Job) -> None:
    """Whatever the order in which their requests arrive."""
    marker = Marker("plan", "", "")
    assert at_once(lambda there, n: put_comment(there, "17", marker, f"text {n}")) == []
    assert len(job.fake.ours()) == 1


def test_eight_nights_at_once_leave_one_open_issue(job: Job) -> None:
    """One may fail, where others have changed the issue whenever it was read; none is lost."""
    marker = Marker("drift", "", "")
    at_once(lambda there, n: put_issue(there, marker, "Drift", f"text {n}", True, True))
    assert put_issue_again(marker).startswith("Updated")
    assert len([issue for issue in job.fake.issues if issue.open]) == 1


def put_issue_again(marker: Marker) -> str:
    """What the next night does."""
    platform, session = open_platform(this_job(os.environ), os.environ)
    try:
        return put_issue(platform, marker, "Drift", "the next night", True, True)
    finally:
        session.close()
