"""One comment of a pull request: found by our marker and our account, updated in place, never too
long, never a stranger's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from reconciler.platforms.marker import Marker, marker_of

from .conftest import Job
from .fakes import FAKES, HEAD, MERGE, STRANGER, Fault

HOOK = "url: 'https://x.example/1', events: [style.created]"
HOOKS = "provider: kobo-plm\nwebhooks:\n%s"


def hooks(*names: str) -> str:
    """A manifest with webhooks of these names."""
    return HOOKS % "".join(f"  h{n}: {{name: '{name}', {HOOK}}}\n" for n, name in enumerate(names))


@pytest.fixture
def here(workspace: Any, sandbox: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A workspace with one webhook to create, and nothing live."""
    sandbox.put_state("kobo-plm", {"webhooks": []})
    made = workspace(hooks("İlk kanca"), environments={"live": {}})
    monkeypatch.chdir(made.root)
    return made


def comment(here: Any, *options: str, env: str = "live") -> Any:
    """Plan, and show the plan in the pull request."""
    here.run("--env", env, "plan", "--out", "plan.json", "--report", "json=report.json")
    return here.run("--env", env, "ci", "comment", "report.json", *options)


def test_a_comment_is_added_and_then_updated_in_place(here: Any, job: Job) -> None:
    """One comment, with the counts, the names and the digest of what was planned last; other
    comments stay as they are."""
    job.fake.make(job.fake.comments, "Bakıyorum!", author=STRANGER)
    first = comment(here)
    assert (first.code, first.out) == (0, "Added a comment to pull request 17.\n"), first
    made = job.fake.ours()[0]
    assert "1 to add" in made.text
    assert "İlk kanca" in made.text
    job.fake.head = "d" * 40
    job.of_pull_request()
    here.write(hooks("İlk kanca", "İkinci"))
    second = comment(here)
    assert second.out == "Updated the comment of pull request 17.\n"
    assert [one.id for one in job.fake.ours()] == [made.id]
    assert "2 to add" in made.text
    assert job.fake.comments[0].text == "Bakıyorum!"
    marker = marker_of(made.text)
    assert marker is not None
    assert (marker.environment, marker.commit, marker.run) == ("live", "d" * 40, "4242")
    assert here.run("ci", "comment", "plan.json", "--dry-run").code == 0


def test_an_empty_plan_leaves_one_line(here: Any, job: Job) -> None:
    """What was planned before is gone from the comment, and the rest is folded."""
    comment(here)
    here.run("--env", "live", "apply", "--auto-approve")
    comment(here)
    text = job.fake.ours()[0].text
    assert "No changes." in text
    assert "İlk kanca" not in text
    assert ("<details>" in text) is (job.fake.longest != 32_768)


def test_environments_have_comments_of_their_own(here: Any, job: Job) -> None:
    """And so have workspaces in other folders of the repository."""
    here.configure(environments={"live": {}, "test": {}})
    comment(here)
    comment(here, env="test")
    comment(here)
    found = [marker_of(one.text) for one in job.fake.ours()]
    assert [one and one.environment for one in found] == ["live", "test"]


def test_what_ended_the_plan_takes_its_place(here: Any, job: Job) -> None:
    """A comment about an earlier plan is not left standing when the next one fails."""
    comment(here)
    here.write("provider: kobo-plm\nwebhooks: {a: {name: 5}}\n")
    shown = comment(here)
    assert shown.code == 0
    (made,) = job.fake.ours()
    assert "No result" in made.text
    assert "\n### No plan for `live`\n" in made.text
    marker = marker_of(made.text)
    assert marker is not None
    assert marker.digest == ""


def test_a_marker_that_a_stranger_pasted_is_nothing(here: Any, job: Job) -> None:
    """Their comment is left alone, and ours is added."""
    marker = Marker("plan", "", "live", "0" * 64, HEAD, "1")
    pasted = f"{marker.line(job.fake.longest != 32_768)}\n\nHer şey yolunda."
    job.fake.make(job.fake.comments, pasted, author=STRANGER)
    assert comment(here).code == 0
    assert comment(here).code == 0
    assert job.fake.comments[0].text == pasted
    assert len(job.fake.ours()) == 1


def test_a_comment_that_quotes_ours_is_nothing(here: Any, job: Job) -> None:
    """Only a marker in the first line counts, also in a comment of our own account."""
    comment(here)
    quoted = "\n".join(f"> {line}" for line in job.fake.ours()[0].text.split("\n"))
    job.fake.comments.insert(0, job.fake.make([], f"Look:\n\n{job.fake.ours()[0].text}"))
    job.fake.comments.insert(0, job.fake.make([], quoted))
    before = [one.text for one in job.fake.comments[:2]]
    assert comment(here).code == 0
    assert [one.text for one in job.fake.comments[:2]] == before
    assert len(job.fake.comments) == 3


def test_a_comment_on_a_later_page_is_found(here: Any, job: Job) -> None:
    """After more comments than one page has."""
    for number in range(230):
        job.fake.make(job.fake.comments, f"Yorum {number}", author=STRANGER)
    comment(here)
    comment(here)
    assert len(job.fake.ours()) == 1


def test_two_jobs_at_once_leave_one_comment(here: Any, job: Job) -> None:
    """Of comments that two jobs have added at the same moment the oldest stays, with the text of
    the last."""
    comment(here)
    (first,) = job.fake.ours()
    # What the other job wrote, which did not see the first one yet.
    job.fake.make(job.fake.comments, first.text.replace("İlk kanca", "Eski"))
    assert comment(here).code == 0
    assert job.fake.ours() == [first]


@pytest.mark.parametrize("older", [True, False])
def test_a_comment_is_merged_with_one_added_meanwhile(here: Any, job: Job, older: bool) -> None:
    """Whichever was first: there is one comment afterwards, and it has this job's plan."""
    add = job.fake.make

    def with_another(posts: Any, text: str, **more: Any) -> Any:
        job.fake.make = add  # type: ignore[method-assign]
        other = text.replace("İlk kanca", "Öteki")
        if older:
            add(posts, other)
            return add(posts, text, **more)
        made = add(posts, text, **more)
        add(posts, other)
        return made

    job.fake.make = with_another  # type: ignore[method-assign]
    assert comment(here).code == 0
    (left,) = job.fake.ours()
    assert "İlk kanca" in left.text
    assert left.id == 101


def test_a_job_that_was_overtaken_changes_nothing(here: Any, job: Job) -> None:
    """The comment is about the newest commit already."""
    job.fake.head = "d" * 40
    job.of_pull_request()
    comment(here)
    newest = job.fake.ours()[0].text
    job.fake.head = HEAD
    job.of_pull_request()
    job.fake.head = "d" * 40
    here.write(hooks("Geç kalan"))
    shown = comment(here)
    assert shown.code == 0
    assert "is left as it is" in shown.out
    assert job.fake.ours()[0].text == newest


def test_a_lost_answer_makes_no_second_comment(here: Any, job: Job) -> None:
    """It is looked for before anything is said about it."""
    job.fake.faults = [Fault("^POST .*(comments|notes|threads)$", 0, after=True)]
    shown = comment(here)
    assert shown.code == 0, shown
    assert len(job.fake.ours()) == 1


def test_a_lost_request_is_an_error(here: Any, job: Job) -> None:
    """Nobody says that there is a comment where there is none."""
    job.fake.faults = [Fault("^POST .*(comments|notes|threads)$", 502)]
    shown = comment(here)
    assert shown.code == 1
    assert job.fake.ours() == []


@pytest.mark.parametrize("sandbox", [{"data": "empty"}], indirect=True, ids=["an empty vendor"])
def test_five_thousand_changes_fit(here: Any, start_job: Any) -> None:
    """Below the limit of each platform, with the counts and the names of what is destroyed."""
    many = "".join(f"  s{n}: {{name: 'Şirket {n}'}}\n" for n in range(5_000))
    here.write(f"provider: kobo-plm\nsuppliers:\n{many}")
    here.run("--env", "live", "plan", "--report", "json=report.json")
    for platform in FAKES:
        with start_job(platform) as job:
            shown = here.run("--env", "live", "ci", "comment", "report.json")
            assert shown.code == 0, shown
            (made,) = job.fake.ours()
            assert len(made.text) <= job.fake.longest
            assert "5000 to add" in made.text.replace(",", "")


def test_a_dry_run_prints_and_sends_nothing(here: Any, job: Job) -> None:
    """The request is shown without the token."""
    shown = comment(here, "--dry-run")
    assert shown.code == 0
    assert job.fake.comments == []
    assert "POST http://127.0.0.1" in shown.out
    assert "1 to add" in shown.out
    assert job.fake.token not in shown.out + shown.err


def test_after_the_merge_the_apply_is_shown_too(here: Any, job: Job) -> None:
    """In a comment of its own, at the pull request that was merged."""
    comment(here)
    job.fake.merge = MERGE
    job.of_main()
    here.run("--env", "live", "apply", "plan.json", "--report", "json=applied.json")
    shown = here.run("--env", "live", "ci", "comment", "applied.json")
    assert shown.code == 0, shown
    assert "Apply complete!" in job.fake.ours()[1].text


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "{}", "null", "no json", '{"drift": true}', '{"diagnostics": 5}',
        '{"outcomes": [{}], "diagnostics": []}',
        '{"valid": true, "resources": "x", "diagnostics": []}',
        '{"x_reconciler": 5}', json.dumps({"drift": 1, "resources": [], "unmanaged": []}),
    ],
)  # fmt: skip
def test_what_is_no_result_is_refused(run: Any, tmp_path: Path, text: str) -> None:
    """Whatever the file holds, before any request."""
    file = tmp_path / "report.json"
    file.write_text(text, "utf-8")
    shown = run("ci", "comment", str(file))
    assert (shown.code, "Traceback" in shown.err) == (1, False)
    assert "no result of reconciler" in shown.err or "not a saved plan" in shown.err
