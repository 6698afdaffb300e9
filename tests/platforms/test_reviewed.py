"""Only the plan that was reviewed in a pull request is applied after the merge."""

from __future__ import annotations

import json
from typing import Any

import pytest

from reconciler.platforms.marker import Marker, marker_of

from .conftest import Job
from .fakes import HEAD, MERGE, STRANGER, Bitbucket

HOOK = "url: 'https://x.example/1', events: [style.created]"
MANIFEST = f"provider: kobo-plm\nwebhooks: {{h: {{name: Kanca, {HOOK}}}}}\n"
KEY = "a key of saved plans, 0123456789"


@pytest.fixture
def here(workspace: Any, sandbox: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A workspace with one webhook to create, and nothing live."""
    sandbox.put_state("kobo-plm", {"webhooks": []})
    made = workspace(MANIFEST, environments={"live": {}})
    monkeypatch.chdir(made.root)
    return made


def review(here: Any, job: Job) -> None:
    """Plan in the pull request, show the plan there, and merge it."""
    here.run("--env", "live", "plan", "--out", "plan.json")
    assert here.run("--env", "live", "ci", "comment", "plan.json").code == 0
    job.fake.merge = MERGE
    job.of_main()


def verify(here: Any) -> Any:
    """Whether the saved plan is the one that was reviewed."""
    return here.run("--env", "live", "ci", "verify", "plan.json")


def refused(here: Any, words: str) -> None:
    """Expect a refusal that says why."""
    shown = verify(here)
    assert (shown.code, words in shown.err) == (3, True), shown


def test_the_reviewed_plan_is_verified_and_applied(here: Any, job: Job, sandbox: Any) -> None:
    """The saved one, and one that is made again and does the same."""
    review(here, job)
    assert verify(here).out == "This is the plan that was reviewed in pull request 17.\n"
    here.run("--env", "live", "plan", "--out", "plan.json")
    assert verify(here).code == 0
    assert here.run("--env", "live", "apply", "plan.json").code == 0
    assert [one["name"] for one in sandbox.state("kobo-plm")["webhooks"]] == ["Kanca"]


def test_another_plan_is_refused(here: Any, job: Job) -> None:
    """One of other manifests, such as of a main branch that went on."""
    review(here, job)
    here.write(MANIFEST.replace("Kanca", "Başka"))
    here.run("--env", "live", "plan", "--out", "plan.json")
    refused(here, "is not the one that was reviewed in pull request 17")


def test_a_plan_of_another_world_is_refused(here: Any, job: Job, sandbox: Any) -> None:
    """Somebody changed the vendor between the review and the merge, so that the plan does other
    things."""
    review(here, job)
    here.run("--env", "live", "plan", "--out", "reviewed.json")
    hook = {"id": "1", "name": "Kanca", "url": "https://y.example", "events": ["style.created"]}
    sandbox.put_state("kobo-plm", {"webhooks": [hook]})
    here.run("--env", "live", "plan", "--out", "plan.json")
    refused(here, "is not the one that was reviewed")
    assert here.run("--env", "live", "apply", "reviewed.json").code == 3


def test_an_artifact_that_was_swapped_is_refused(here: Any, job: Job) -> None:
    """Also with a fingerprint of its own that is right."""
    review(here, job)
    here.write(MANIFEST.replace("Kanca", "Takas"))
    here.run("--env", "live", "plan", "--out", "plan.json")
    here.write(MANIFEST)
    refused(here, "is not the one that was reviewed")
    body = json.loads((here.root / "plan.json").read_text("utf-8"))
    body["applyable"] = False
    (here.root / "plan.json").write_text(json.dumps(body), "utf-8")
    refused(here, "was changed after it was saved")


def test_a_later_push_without_a_plan_is_refused(here: Any, job: Job) -> None:
    """What was merged is not what was planned."""
    here.run("--env", "live", "plan", "--out", "plan.json")
    here.run("--env", "live", "ci", "comment", "plan.json")
    job.fake.head = "d" * 40
    job.fake.merge = MERGE
    job.of_main()
    refused(here, "is of aaaaaaaaaaaa, and dddddddddddd was merged")


def test_a_plan_that_is_made_again_after_the_merge(here: Any, job: Job, sandbox: Any) -> None:
    """It takes the place of the reviewed one in the comment, and is the one that may be applied."""
    review(here, job)
    here.write(MANIFEST.replace("Kanca", "Başka"))
    here.run("--env", "live", "plan", "--out", "plan.json")
    refused(here, "is not the one that was reviewed")
    shown = here.run("--env", "live", "ci", "comment", "plan.json")
    assert shown.out == "Updated the comment of pull request 17.\n"
    assert len(job.fake.ours()) == 1
    assert verify(here).code == 0
    assert here.run("--env", "live", "apply", "plan.json").code == 0


def test_a_plan_that_failed_is_no_reviewed_plan(here: Any, job: Job) -> None:
    """The comment says what ended it, and has no digest."""
    review(here, job)
    job.of_pull_request()
    here.write("provider: kobo-plm\nwebhooks: {a: {name: 5}}\n")
    here.run("--env", "live", "plan", "--report", "json=report.json")
    here.run("--env", "live", "ci", "comment", "report.json")
    job.of_main()
    refused(here, "has no comment of ours with a plan")


def test_a_strangers_comment_approves_nothing(here: Any, job: Job) -> None:
    """Whatever digest they paste."""
    here.run("--env", "live", "plan", "--out", "plan.json")
    here.run("--env", "live", "ci", "comment", "plan.json")
    job.fake.comments[0].author = STRANGER
    if isinstance(job.fake, Bitbucket):
        job.fake.knows_account = False
    job.fake.merge = MERGE
    job.of_main()
    shown = verify(here)
    assert shown.code == 3
    assert "has no comment of ours" in shown.err or "may be anybody's" in shown.err


def test_what_nobody_merged_is_not_applied(here: Any, job: Job) -> None:
    """A push to the main branch without a pull request."""
    review(here, job)
    job.fake.merge = ""
    refused(here, "no merged pull request that made the commit")


def test_what_was_merged_into_another_branch_is_not_applied(here: Any, job: Job) -> None:
    """There, others decide who must review what."""
    review(here, job)
    job.fake.base = "dene"
    refused(here, "pull request 17 was merged into dene, and not into main")


def test_the_plan_of_another_environment_is_refused(here: Any, job: Job) -> None:
    """Each has a comment and a digest of its own."""
    review(here, job)
    here.configure(environments={"live": {}, "test": {}})
    here.run("--env", "test", "plan", "--out", "plan.json")
    shown = here.run("ci", "verify", "plan.json")
    assert shown.code == 3
    assert "has no comment of ours with a plan" in shown.err


def test_with_a_key_only_sealed_comments_count(
    here: Any, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another job of the repository has the same account, and not the key."""
    monkeypatch.setenv("RECONCILER_PLAN_KEY", KEY)
    if isinstance(job.fake, Bitbucket):
        job.fake.knows_account = False
    review(here, job)
    assert verify(here).code == 0
    marker = marker_of(job.fake.comments[0].text)
    assert marker is not None
    forged = Marker(marker.about, "", "live", marker.digest, HEAD, "666", marker.seal)
    job.fake.comments[0].text = f"{forged.line(job.fake.longest != 32_768)}\n\nOlur."
    refused(here, "has no seal of this RECONCILER_PLAN_KEY")


def test_the_seal_is_of_one_pull_request(job: Job) -> None:
    """A comment of another one says nothing about this one."""
    marker = Marker("plan", "", "live", "0" * 64, HEAD)
    assert marker.sealed("17", KEY.encode()) != marker.sealed("18", KEY.encode())
    assert marker.sealed("17", None) == ""


def test_the_run_with_the_saved_plan_is_told(here: Any, job: Job) -> None:
    """For the step that fetches it."""
    review(here, job)
    shown = here.run("--env", "live", "ci", "reviewed")
    assert shown.code == 0
    assert "4242" in shown.out
    if type(job.fake).__name__ == "Azure":
        assert "##vso[task.setvariable variable=REVIEWED_RUN]4242\n" in shown.out
    else:
        assert "\nrun=4242\n" in shown.out
    job.fake.comments[0].text = job.fake.comments[0].text.replace("run=4242", "run=%0Ax=1")
    assert here.run("--env", "live", "ci", "reviewed").code == 3


@pytest.mark.parametrize("command", ["plan", "apply", "drift", "validate"])
def test_a_status_has_the_counts_and_a_link(here: Any, job: Job, command: str) -> None:
    """Pending at first, then what the command said; of the commit that was pushed."""
    about = "plan" if command == "validate" else command
    here.run("--env", "live", "ci", "status", "--pending", "--about", about)
    options = ["--auto-approve"] if command == "apply" else []
    here.run("--env", "live", command, *options, "--report", "json=result.json")
    shown = here.run("--env", "live", "ci", "status", "result.json")
    assert shown.code == 0, shown
    pending, done = job.fake.statuses
    assert done["commit"] == HEAD
    words = {"plan": "1 to add", "apply": "1 added", "drift": "", "validate": "1 resource"}
    assert words[command] in done["description"]
    assert "4242" in str(done) or "jobs/9" in str(done)
    assert {pending["state"], done["state"]} <= {
        "pending", "success", "succeeded", "SUCCESSFUL", "INPROGRESS", "failure", "failed",
        "FAILED",
    }  # fmt: skip


def test_every_status_has_a_key_of_its_own(here: Any, job: Job) -> None:
    """Also of a workspace in a folder with a long name, where the platform wants it short."""
    (here.root.parent / ".git").mkdir()
    folder = here.root.parent / "mağazalar" / ("ş" * 60)
    folder.mkdir(parents=True)
    for about in ("plan", "apply", "drift"):
        assert here.run("-C", str(folder), "ci", "status", "--pending", "--about", about).code == 0
    keys = [str(one.get("key") or one.get("context") or one["name"]) for one in job.fake.statuses]
    assert len(set(keys)) == 3


def test_a_failure_is_a_failed_status(here: Any, job: Job) -> None:
    """Also where the command had no result, and where the same state is set again."""
    here.write("provider: kobo-plm\nwebhooks: {a: {name: 5}}\n")
    here.run("--env", "live", "plan", "--report", "json=result.json")
    for _ in range(2):
        assert here.run("--env", "live", "ci", "status", "result.json").code == 0
    assert job.fake.statuses[-1]["state"] in ("failure", "failed", "FAILED")


@pytest.mark.parametrize(
    "text", ["a -- b", "--> <b>", ") (x) [y](z)", "İstanbul/şube\n%0A", "x" * 400]
)
@pytest.mark.parametrize("html", [True, False])
def test_a_marker_is_read_back(text: str, html: bool) -> None:
    """Whatever it says, it is one line that ends nothing."""
    marker = Marker("plan", text, text[:100], "0" * 64, HEAD, "1")
    line = marker.line(html)
    assert marker_of(f"{line}\r\n\r\nText") == marker
    assert "--" not in line.removeprefix("<!-- ").removesuffix(" -->")
    assert line.isascii()
    assert line.count(")") == (0 if html else 1)


def test_a_report_needs_no_seal(here: Any, job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only saved plans have one; a report of the same job is shown, and gives the same digest."""
    monkeypatch.setenv("RECONCILER_PLAN_KEY", KEY)
    here.run("--env", "live", "plan", "--out", "plan.json", "--report", "json=report.json")
    assert here.run("--env", "live", "ci", "comment", "report.json").code == 0
    assert here.run("--env", "live", "ci", "status", "report.json").code == 0
    job.fake.merge = MERGE
    job.of_main()
    assert verify(here).code == 0
    shown = here.run("--env", "live", "ci", "verify", "report.json")
    assert (shown.code, "has no seal" in shown.err) == (3, True)


def test_a_key_that_the_pipeline_does_not_have_is_none(
    here: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Azure Pipelines leaves the name of a variable that it does not know as it stands."""
    monkeypatch.setenv("RECONCILER_PLAN_KEY", "$(RECONCILER_PLAN_KEY)")
    shown = here.run("--env", "live", "plan", "--out", "plan.json")
    assert shown.code == 1
    assert "the pipeline has no variable of that name" in shown.err
