"""`drift` and `doctor` say which webhooks that are owned or declared failed to deliver."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.providers.kobo_plm import failed_deliveries

HOOK = "url: 'https://x.example/1', events: [style.created]"
TWO = f"provider: kobo-plm\nwebhooks: {{a: {{name: A, {HOOK}}}, b: {{name: B, {HOOK}}}}}\n"
WORDS = "deliveries: 57 failed since the count was last reset"


@pytest.fixture
def here(workspace: Any, sandbox: Any) -> Any:
    """A workspace that owns two of three webhooks; deliveries of `a` and of the third failed."""
    made = workspace(TWO)
    made.apply()
    hooks = sandbox.state("kobo-plm")["webhooks"]
    bad = [{**hook, "failure_count": 0 if hook["name"] == "B" else 57} for hook in hooks]
    sandbox.put_state("kobo-plm", {"webhooks": bad})
    return made


def test_drift_warns_of_each_owned_webhook(here: Any) -> None:
    """One warning for each that fails, with its address and what to do; it is no drift."""
    shown = here.run("drift", "--detailed-exitcode")
    assert (shown.code, shown.last[:8]) == (0, "No drift")
    assert shown.err.count(WORDS) == 1
    assert "kobo-plm/webhooks/a" in shown.err
    assert "reset the failure count" in " ".join(shown.err.split())
    assert WORDS in here.run("drift", "--format", "json").out


def test_what_is_only_declared_counts_too(here: Any) -> None:
    """Before the first apply, a webhook is found by its name; the others are nobody's."""
    (here.root / ".reconciler/ledger.jsonl").unlink()
    assert here.run("drift").err.count(WORDS) == 1
    shown = here.run("doctor", "kobo-plm")
    assert (shown.code, shown.out.count("failing ")) == (1, 1)
    assert f"kobo-plm/webhooks/a: {WORDS}" in " ".join(shown.out.split())
    here.write("provider: kobo-plm\nwebhooks: {}\n")
    assert here.run("doctor", "kobo-plm").last == "All is well."


def test_a_part_is_asked_for_its_part(here: Any, sandbox: Any) -> None:
    """With targets only what is named is looked at."""
    assert WORDS not in here.run("drift", "--target", "kobo-plm/webhooks/b").err
    assert WORDS in here.run("drift", "--target", "kobo-plm/webhooks/a").err


def test_the_doctor_is_not_content(here: Any, sandbox: Any) -> None:
    """A failing webhook is not well: exit 1, and the place is named, to programs too."""
    shown = here.run("doctor", "kobo-plm")
    assert (shown.code, shown.last) == (1, "Not well: 1 of 2 (kobo-plm).")
    assert f"kobo-plm/webhooks/a: {WORDS}" in " ".join(shown.out.split())
    (one,) = here.run("doctor", "kobo-plm", "--format", "json").json["providers"]
    assert [finding["address"] for finding in one["failing"]] == ["kobo-plm/webhooks/a"]
    hooks = sandbox.state("kobo-plm")["webhooks"]
    sandbox.put_state("kobo-plm", {"webhooks": [{**hook, "failure_count": 0} for hook in hooks]})
    assert here.run("doctor", "kobo-plm").last == "All is well."


def test_statistics_that_cannot_be_read_are_said(here: Any, sandbox: Any) -> None:
    """An error or another form of the answer is a warning; a webhook that is gone is drift."""
    sandbox.faults([{"path": "*/stats", "nth": 1, "fault": {"status": 403}}])
    assert "lack the scope webhooks:read" in " ".join(here.run("doctor", "kobo-plm").out.split())
    sandbox.faults([{"path": "*/stats", "fault": {"status": 200, "body": {"data": {}}}}])
    assert "do not say how many deliveries failed" in " ".join(here.run("drift").err.split())
    sandbox.faults([])
    sandbox.put_state("kobo-plm", {"webhooks": []})
    assert "deliveries" not in here.run("drift").err


def test_a_plan_asks_for_no_statistics(here: Any, sandbox: Any) -> None:
    """Plans and applies send no request for it."""
    sandbox.clear_journal()
    here.apply()
    assert not [e for e in sandbox.journal("kobo-plm") if "stats" in e["path"]]


@pytest.mark.parametrize(
    ("stats", "wrong"),
    [
        ({"failure_count": 0, "failed_deliveries": 9}, False),
        ({"failed_deliveries": 9}, True),
        ({"failure_count": 1}, True),
        ({}, True),
    ],
)
def test_what_statistics_say(stats: dict[str, Any], wrong: bool) -> None:
    """The count that can be reset decides, and where there is none, that of all deliveries."""
    assert bool(failed_deliveries(stats)) is wrong
