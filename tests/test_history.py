"""What `history` says of a run: who made it, from what, and each field before and after."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from .conftest import MakeWorkspace, Workspace
from .test_recorded import Command, command  # noqa: F401

HOOK = "url: 'https://x.example/1', events: [style.created]"
KINDS = "provider: kobo-plm\nwebhooks: {{{}}}\n"
SFTP = """
provider: kibo
fetch_file_configs:
  gece:
    lockName: gece
    active: true
    postProcessAction: 1
    ftpServer: sftp.example.com
    ftpPassword: ${secret.sftp}
"""
MARKS = ("GITHUB_ACTIONS", "GITLAB_CI", "TF_BUILD", "BITBUCKET_BUILD_NUMBER")
PLATFORMS = {
    "github": (
        {
            "GITHUB_ACTIONS": "true",
            "GITHUB_REPOSITORY": "acme/shop",
            "GITHUB_RUN_ID": "99",
            "GITHUB_REF": "refs/pull/17/merge",
            "GITHUB_SHA": "c" * 40,
            "GITHUB_ACTOR": "ayşe",
        },
        "https://github.com/acme/shop/actions/runs/99",
    ),
    "gitlab": (
        {
            "GITLAB_CI": "true",
            "CI_JOB_URL": "https://gitlab.example/acme/shop/-/jobs/99",
            "CI_MERGE_REQUEST_IID": "17",
            "CI_COMMIT_SHA": "c" * 40,
            "GITLAB_USER_LOGIN": "ayşe",
        },
        "https://gitlab.example/acme/shop/-/jobs/99",
    ),
    "azure": (
        {
            "TF_BUILD": "True",
            "SYSTEM_COLLECTIONURI": "https://dev.azure.com/acme/",
            "SYSTEM_TEAMPROJECT": "shop",
            "BUILD_BUILDID": "99",
            "SYSTEM_PULLREQUEST_PULLREQUESTID": "17",
            "BUILD_SOURCEVERSION": "c" * 40,
            "BUILD_REQUESTEDFOR": "ayşe",
        },
        "https://dev.azure.com/acme/shop/_build/results?buildId=99",
    ),
    "bitbucket": (
        {
            "BITBUCKET_BUILD_NUMBER": "99",
            "BITBUCKET_REPO_FULL_NAME": "acme/shop",
            "BITBUCKET_PR_ID": "17",
            "BITBUCKET_COMMIT": "c" * 40,
        },
        "https://bitbucket.org/acme/shop/pipelines/results/99",
    ),
}


@pytest.fixture(autouse=True)
def outside_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    """No CI job runs here."""
    for name in MARKS:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def here(workspace: MakeWorkspace, sandbox: Any) -> Workspace:
    """A workspace that has applied one webhook."""
    sandbox.put_state("kobo-plm", {"webhooks": []})
    made = workspace(KINDS.format(f"a: {{name: A, {HOOK}}}"))
    made.apply()
    return made


def runs(here: Workspace, *options: str) -> list[Any]:
    """The runs that `history` lists."""
    found: list[Any] = here.run("history", "--format", "json", *options).json["runs"]
    return found


def git(here: Workspace, *words: str) -> str:
    """What git prints in the workspace."""
    name = ("-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "commit.gpgsign=false")
    line = ["git", *name, *words]
    done = subprocess.run(line, cwd=here.root, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def test_each_field_is_shown_before_and_after(here: Workspace) -> None:
    """Of an update what was live and what was written, of a create what was written, and of a
    deletion all that a manifest could declare; also in the text."""
    changed = HOOK.replace("/1", "/2")
    here.write(KINDS.format(f"a: {{name: A, {changed}}}, b: {{name: İğne, {HOOK}}}"))
    here.apply()
    here.write(KINDS.format(f"a: {{name: A, {changed}}}"))
    here.apply()
    first, second, third = runs(here)
    (made,) = first["operations"]
    assert (made["before"], made["after"]["name"]) == (None, "A")
    update = next(one for one in second["operations"] if one["action"] == "update")
    assert update["before"] == {"url": "https://x.example/1"}
    assert update["after"] == {"url": "https://x.example/2"}
    (gone,) = third["operations"]
    assert (gone["before"]["name"], gone["after"]) == ("İğne", None)
    assert gone["before"]["events"] == ["style.created"]
    text = here.run("history", second["run"][:6]).out
    assert '~ url: "https://x.example/1" -> "https://x.example/2"' in text
    assert '- name: "İğne"' in here.run("history", third["run"]).out


def test_the_live_value_is_what_was_before(here: Workspace, sandbox: Any) -> None:
    """Where somebody else had changed a field, the journal has their value and not ours."""
    state = sandbox.state("kobo-plm")
    state["webhooks"][0]["url"] = "https://theirs.example"
    sandbox.put_state("kobo-plm", {"webhooks": state["webhooks"]})
    here.apply()
    (update,) = runs(here)[-1]["operations"]
    assert update["before"] == {"url": "https://theirs.example"}


def test_what_was_only_recorded_is_shown(here: Workspace) -> None:
    """An object that was renamed, adopted or let go without a write is part of its run."""
    here.write(KINDS.format(f"b: {{$was: a, name: A, {HOOK}, $on_remove: keep}}"))
    here.apply()
    (row,) = runs(here)[-1]["recorded"]
    assert (row["address"], row["action"], row["was"]) == ("kobo-plm/webhooks/b", "rename", "a")
    here.write("")
    here.apply()
    (row,) = runs(here)[-1]["recorded"]
    assert (row["address"], row["action"]) == ("kobo-plm/webhooks/b", "forget")
    here.write(KINDS.format(f"c: {{name: A, {HOOK}}}"))
    here.apply()
    (row,) = runs(here)[-1]["recorded"]
    assert (row["address"], row["action"]) == ("kobo-plm/webhooks/c", "adopt")
    text = here.run("history", "--details").out
    assert "renamed from a" in text
    assert "let go, and still there" in text
    assert "adopted [id=" in text


@pytest.mark.parametrize("platform", list(PLATFORMS))
def test_a_run_in_ci_says_for_whom(
    here: Workspace, platform: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pull request, the job and the person, as each platform's variables have them; the commit
    too, where the workspace is no repository."""
    variables, url = PLATFORMS[platform]
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    here.write(KINDS.format(""))
    here.apply()
    run = runs(here)[-1]
    assert (run["pull_request"], run["job"], run["commit"]) == ("17", url, "c" * 40)
    assert run["person"] == (None if platform == "bitbucket" else "ayşe")
    assert run["environment"] is None
    listed = here.run("history").out.splitlines()
    assert "pull request 17" in listed[-1]
    assert "pull request" not in listed[0]
    assert url in here.run("history", "--details").out


@pytest.mark.parametrize(
    "message",
    [
        "Merge pull request #17 from acme/hooks\n\nAdd hooks",
        "Add hooks (#17)",
        "Merge branch 'hooks' into 'main'\n\nAdd hooks\n\nSee merge request acme/shop!17",
        "Merged PR 17: Add hooks",
        "Merged in hooks (pull request #17)\n\nAdd hooks",
    ],
)
def test_the_commit_of_the_checkout_is_recorded(here: Workspace, message: str) -> None:
    """With the pull request that its message says it merges; and with a mark where the manifests
    have changes that no commit has."""
    git(here, "init", "-q", "-b", "main")
    (here.root / ".gitignore").write_text(".reconciler/\n", "utf-8")
    here.write(KINDS.format(""))
    git(here, "add", "-A")
    git(here, "commit", "-q", "-m", message)
    here.apply()
    here.write(KINDS.format(f"a: {{name: A, {HOOK}}}"))
    here.apply()
    committed, changed = runs(here)[-2:]
    head = git(here, "rev-parse", "HEAD")
    assert (committed["commit"], committed["uncommitted"]) == (head, False)
    assert committed["pull_request"] == "17"
    assert (changed["commit"], changed["uncommitted"]) == (head, True)
    assert f"{head[:12]}+" in here.run("history").out


def test_the_environment_is_recorded(workspace: MakeWorkspace) -> None:
    """A run says for which environment it was."""
    made = workspace("", environments={"staging": {"guard": {"max_deletes": 3}}})
    made.write("provider: kobo-plm\nsuppliers: {S-1: {name: Ş}}\n")
    made.run("--env", "staging", "apply", "--auto-approve")
    listed = made.run("--env", "staging", "history", "--format", "json").json["runs"]
    assert [run["environment"] for run in listed] == ["staging"]
    assert "staging" in made.run("--env", "staging", "history").out


def test_an_import_is_a_run(here: Workspace) -> None:
    """As every command is that changes the ledger; `revert` says how to take it back."""
    here.run("state", "forget", "kobo-plm/webhooks/a")
    here.write("")
    assert here.run("import", "--kind", "kobo-plm/webhooks").code == 0
    assert runs(here, "last")[0]["command"] == "import"
    assert runs(here, "last")[0]["complete"]
    assert "reconciler state forget ADDRESS" in here.run("revert", "last").err


def test_runs_are_found_by_id_address_and_time(here: Workspace) -> None:
    """The beginning of an id is enough where only one run has it; of others nothing is shown."""
    here.write(KINDS.format(f"a: {{name: A, {HOOK}}}, b: {{name: B, {HOOK}}}"))
    here.apply()
    first, second = runs(here)
    assert runs(here, second["run"][:5]) == runs(here, "last") == [second]
    assert runs(here, "--address", "kobo-plm/webhooks/b") == [second]
    assert runs(here, "--address", "kobo-plm") == [first, second]
    assert runs(here, "--since", "1d") == [first, second]
    assert runs(here, "--since", "2999-01-01") == []
    assert runs(here, "--since", "2000-01-01T00:00:00Z", "--last", "1") == [second]
    for words in (["ffff"], ["--since", "soon"], ["--since", "99999999d"], [""]):
        shown = here.run("history", *words)
        assert (shown.code, shown.out) == (1, ""), words
    assert "No run did that." in here.run("history", "--since", "2999-01-01").err


def test_no_secret_is_in_the_journal_or_in_what_is_shown(
    workspace: MakeWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the old nor the new one, also where the object is deleted; not even a fingerprint is
    shown."""
    monkeypatch.setenv("SFTP_PASSWORD", "kanarya-0123456789")
    made = workspace(SFTP, secrets={"sftp": "${env.SFTP_PASSWORD}"})
    made.apply()
    monkeypatch.setenv("SFTP_PASSWORD", "baska-kanarya-987654321")
    made.apply()
    made.write("")
    made.apply("--confirm-removed", "manifests/main.yaml")
    ledger = (made.root / ".reconciler" / "ledger.jsonl").read_text("utf-8")
    text = made.run("history", "--details").out + made.run("history", "--format", "json").out
    for secret in ("kanarya-0123456789", "baska-kanarya"):
        assert secret not in ledger
        assert secret not in text
    assert "$fingerprint" not in text
    assert "(sensitive)" in text
    changed = made.run("history", "--format", "json").json["runs"][1]["operations"][0]
    assert "(sensitive)" in json.dumps(changed["after"])


def test_journals_of_earlier_versions_are_read(command: Command) -> None:  # noqa: F811
    """What they do not say is null, and nothing is made up."""
    found = command("history", "--format", "json").json["runs"]
    assert {run["environment"] for run in found} == {None}
    assert {run["commit"] for run in found} == {None}
    assert all(op["before"] is None for run in found for op in run["operations"])
    assert command("history", "--details").code == 0
