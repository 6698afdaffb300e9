"""One issue about the drift of an environment: open while there is drift, whoever closes it, and
closed by the first run that looked at everything and found none."""

from __future__ import annotations

import json
from typing import Any

import pytest

from reconciler.platforms.marker import Marker

from .conftest import Job
from .fakes import STRANGER, Fault

HOOK = "url: 'https://x.example/1', events: [style.created]"
MANIFEST = f"provider: kobo-plm\nwebhooks: {{h: {{name: Kanca, {HOOK}}}}}\n"

of_any_platform = pytest.mark.parametrize("job", ["github"], indirect=True)
"""For what is decided before a platform is asked."""


@pytest.fixture
def here(workspace: Any, sandbox: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A workspace with one webhook that was applied."""
    sandbox.put_state("kobo-plm", {"webhooks": []})
    made = workspace(MANIFEST, environments={"live": {}, "test": {}})
    made.run("--env", "live", "apply", "--auto-approve")
    monkeypatch.chdir(made.root)
    return made


@pytest.fixture(autouse=True)
def _on_main(job: Job) -> None:
    """Drift is looked for at night, on the main branch."""
    job.of_main()


def change(sandbox: Any, **fields: Any) -> None:
    """Change the webhook at the vendor."""
    (hook,) = sandbox.state("kobo-plm")["webhooks"]
    sandbox.put_state("kobo-plm", {"webhooks": [{**hook, **fields}]})


def night(here: Any, env: str = "live") -> Any:
    """Look for drift, and tell the platform."""
    here.run("--env", env, "drift", "--report", "json=drift.json")
    shown = here.run("--env", env, "ci", "issue", "drift.json")
    assert shown.code == 0, shown
    return shown.out


def test_the_whole_life_of_an_issue(here: Any, sandbox: Any, job: Job) -> None:
    """Opened with drift, updated in place, reopened, closed when the drift is gone, and used again
    the next time."""
    assert night(here) == "There is no drift, and no issue to close.\n"
    change(sandbox, name="Değişti")
    assert night(here).startswith("Opened issue")
    (issue,) = job.fake.issues
    assert issue.title == "Drift (live)"
    assert "Değişti" in issue.text
    change(sandbox, name="Yine değişti")
    assert night(here).startswith("Updated issue")
    assert "Yine değişti" in issue.text
    issue.open, issue.revision = False, issue.revision + 1
    assert night(here).startswith("Reopened issue")
    assert issue.open
    here.run("--env", "live", "apply", "--auto-approve")
    assert night(here).startswith("There is no drift any more: closed issue")
    assert not issue.open
    assert "No drift." in issue.text
    assert night(here) == "There is no drift, and no issue to close.\n"
    change(sandbox, name="Gene")
    assert night(here).startswith("Reopened issue")
    assert job.fake.issues == [issue]


@of_any_platform
def test_a_run_that_could_not_look_closes_nothing(here: Any, sandbox: Any, job: Job) -> None:
    """Neither one that a vendor did not answer, nor one that ended before it began."""
    change(sandbox, name="Değişti")
    night(here)
    (issue,) = job.fake.issues
    before = issue.text
    sandbox.faults([{"path": "*/webhooks*", "fault": {"status": 403, "body": {}}}])
    assert "did not look at everything" in night(here)
    here.configure(environments={"live": 5})
    assert "did not look at everything" in night(here)
    assert (issue.open, issue.text) == (True, before)


@of_any_platform
@pytest.mark.parametrize("option", ["--target", "--exclude"])
def test_a_narrow_run_closes_nothing(here: Any, sandbox: Any, job: Job, option: str) -> None:
    """It is clean where it looked, and the drift is elsewhere."""
    here.write(MANIFEST + "suppliers: {S: {name: Depo}}\n")
    here.run("--env", "live", "apply", "--auto-approve")
    change(sandbox, name="Değişti")
    assert night(here).startswith("Opened issue")
    kind = {"--target": "suppliers", "--exclude": "webhooks"}[option]
    words = ("drift", option, f"kobo-plm/{kind}", "--report", "json=drift.json")
    assert here.run("--env", "live", *words).last.startswith("No drift.")
    shown = here.run("--env", "live", "ci", "issue", "drift.json")
    assert "did not look at everything" in shown.out
    (issue,) = job.fake.issues
    assert issue.open
    here.run("--env", "live", "apply", "--auto-approve")
    assert night(here).startswith("There is no drift any more: closed issue")


@of_any_platform
def test_a_narrow_run_takes_nothing_out_of_an_issue(here: Any, sandbox: Any, job: Job) -> None:
    """It finds one part of the drift, and the issue tells of another part as well."""
    here.write(MANIFEST + "suppliers: {S: {name: Depo}}\n")
    here.run("--env", "live", "apply", "--auto-approve")
    change(sandbox, name="Değişti")
    suppliers = sandbox.state("kobo-plm")["suppliers"]
    renamed = [{**one, "name": "Başka depo"} for one in suppliers]
    sandbox.put_state("kobo-plm", {"suppliers": renamed})
    night(here)
    (issue,) = job.fake.issues
    before = issue.text
    words = ("drift", "--target", "kobo-plm/suppliers", "--report", "json=drift.json")
    assert "Başka depo" in here.run("--env", "live", *words).out
    shown = here.run("--env", "live", "ci", "issue", "drift.json")
    assert "is left as it is: this run looked only at a part" in shown.out
    assert issue.text == before
    assert "Değişti" in before


@of_any_platform
def test_a_lost_ledger_closes_nothing(here: Any, sandbox: Any, job: Job) -> None:
    """Where nothing is known of what was applied, no drift is no good news."""
    change(sandbox, name="Değişti")
    night(here)
    for file in (here.root / ".reconciler").iterdir():
        file.unlink()
    assert "did not look at everything" in night(here)
    assert job.fake.issues[0].open


@of_any_platform
def test_a_clean_run_that_has_nothing_to_look_at(here: Any, sandbox: Any, job: Job) -> None:
    """Where everything was destroyed there is no drift, and the issue is closed."""
    change(sandbox, name="Değişti")
    night(here)
    here.run("--env", "live", "apply", "--auto-approve")
    assert here.run("--env", "live", "apply", "--destroy", "--auto-approve").code == 0
    assert "closed issue" in night(here)
    assert not job.fake.issues[0].open


def test_only_our_issue_is_touched(here: Any, sandbox: Any, job: Job) -> None:
    """Not one with our marker that a stranger opened, not one of ours without it, not that of
    another environment."""
    html = job.fake.longest != 32_768
    marker = Marker("drift", "", "live").line(html)
    label = "reconciler-drift-"
    theirs = job.fake.make(job.fake.issues, f"{marker}\n\nMallory", author=STRANGER, labels=label)
    plain = job.fake.make(job.fake.issues, f"See:\n\n{marker}", labels=label)
    other = job.fake.make(job.fake.issues, Marker("drift", "", "test").line(html), labels=label)
    change(sandbox, name="Değişti")
    night(here)
    here.run("--env", "live", "apply", "--auto-approve")
    night(here)
    assert [one.open for one in (theirs, plain, other)] == [True, True, True]
    assert theirs.text.endswith("Mallory")
    assert not job.fake.issues[-1].open


def report(here: Any, entries: list[dict[str, Any]], environment: str = "live") -> None:
    """Write a drift report."""
    body: dict[str, Any] = {"environment": environment, "drift": bool(entries), "complete": True}
    body |= {"resources": entries, "unmanaged": {}, "undeclared": {}, "not_read": []}
    text = json.dumps({**body, "deferred": [], "diagnostics": []})
    (here.root / "drift.json").write_text(text, "utf-8")


ENTRY = {
    "address": "kobo/suppliers/s",
    "drift": "changed",
    "reason": "",
    "cause": "drift",
    "source": None,
    "fields": [{"path": ["name"], "before": "Şirket", "after": "Başka"}],
}


def test_environments_have_issues_of_their_own(here: Any, job: Job) -> None:
    """The clean run of one does not close the issue of another."""
    for environment, entries in (("live", [ENTRY]), ("test", [ENTRY]), ("test", [])):
        report(here, entries, environment)
        assert here.run("ci", "issue", "drift.json").code == 0
    assert [issue.title for issue in job.fake.issues] == ["Drift (live)", "Drift (test)"]
    assert [issue.open for issue in job.fake.issues] == [True, False]


def test_two_nights_at_once_leave_one_open_issue(here: Any, sandbox: Any, job: Job) -> None:
    """The oldest stays open, and the other is closed."""
    change(sandbox, name="Değişti")
    night(here)
    (first,) = job.fake.issues
    second = job.fake.make(job.fake.issues, first.text, title=first.title, labels=first.labels)
    night(here)
    assert (first.open, second.open) == (True, False)


def test_a_lost_answer_opens_no_second_issue(here: Any, sandbox: Any, job: Job) -> None:
    """It is looked for before anything is said."""
    change(sandbox, name="Değişti")
    job.fake.faults = [Fault("^POST .*/(issues|.Task)$", 0, after=True)]
    assert night(here).startswith("Opened issue")
    assert len(job.fake.issues) == 1


def test_an_issue_that_somebody_edits_meanwhile(here: Any, sandbox: Any, job: Job) -> None:
    """It is read again and updated, where the platform compares revisions."""
    change(sandbox, name="Değişti")
    night(here)
    change(sandbox, name="Gene")
    job.fake.faults = [Fault("^(PATCH|PUT) .*", 412, b'{"message": "VS403208"}')]
    assert night(here).startswith("Updated issue")
    assert "Gene" in job.fake.issues[0].text


def test_five_thousand_changes_fit(here: Any, job: Job) -> None:
    """Into an issue of each platform."""
    report(here, [{**ENTRY, "address": f"kobo/suppliers/s{n}"} for n in range(5_000)])
    shown = here.run("ci", "issue", "drift.json")
    assert shown.code == 0, shown
    assert "5000 changed" in job.fake.issues[0].text.replace(",", "")


@pytest.mark.parametrize("job", ["bitbucket"], indirect=True)
def test_a_repository_without_issues(here: Any, sandbox: Any, job: Job) -> None:
    """Bitbucket has them only where they are turned on: it is said what does their work."""
    job.fake.tracker = False  # type: ignore[attr-defined]
    change(sandbox, name="Değişti")
    here.run("--env", "live", "drift", "--report", "json=drift.json")
    shown = here.run("--env", "live", "ci", "issue", "drift.json")
    assert shown.code == 1
    assert "no issue tracker" in shown.err
    assert "drift --detailed-exitcode" in shown.err


def test_what_is_no_drift_report_is_refused(here: Any, job: Job) -> None:
    """A plan, for example."""
    here.run("--env", "live", "plan", "--out", "plan.json")
    shown = here.run("ci", "issue", "plan.json")
    assert shown.code == 1
    assert "is not a drift report" in shown.err
    assert job.fake.log == []


def test_an_issue_says_all_that_the_report_says(here: Any, sandbox: Any, job: Job) -> None:
    """When what drifted was last set and by which run, what is known and left alone, and what to
    do: commands that can be typed as they stand."""
    settings = json.loads((here.root / "reconciler.yaml").read_text("utf-8"))
    here.configure(**{**settings, "unmanaged": ["kobo-plm/webhooks/Partner*"]})
    (hook,) = sandbox.state("kobo-plm")["webhooks"]
    partner = {**hook, "id": 99, "name": "Partner hook"}
    sandbox.put_state("kobo-plm", {"webhooks": [{**hook, "name": "Değişti"}, partner]})
    night(here)
    (issue,) = job.fake.issues
    run = here.run("--env", "live", "history", "--format", "json").json["runs"][-1]["run"]
    assert f"by run {run} (apply, " in issue.text
    assert "1 object not managed, as reconciler.yaml says" in issue.text
    commands = issue.text.rpartition("```sh\n")[2].partition("\n```")[0].splitlines()
    assert commands == [
        "reconciler --env live drift --revert --out revert.plan",
        "reconciler --env live drift --accept ADDRESS",
    ]
    assert (
        here.run(*commands[0].split()[1:])
        .out.rstrip()
        .endswith("Plan: 0 to add, 1 to change, 0 to destroy.")
    )
    here.run("--env", "live", "apply", "revert.plan")
    night(here)
    assert "drift --revert" not in issue.text
