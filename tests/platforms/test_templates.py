"""The templates in examples/ci: valid for their platforms, without logic of their own, and what
they do in the life of a pull request and of a night, run against the sandbox.

Every command is a process: one that is started anew, as on a platform, in
`test_commands_that_are_started_anew`, and in the other tests a fork of one that is loaded already.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import check_jsonschema
import pytest
import yaml
from click.testing import CliRunner

from ..forked import loaded
from .conftest import Job
from .fakes import HEAD, MERGE, Fault
from .templates import (
    ACTION,
    EXAMPLES,
    ROOT,
    Runner,
    azure,
    bitbucket,
    every_line,
    github,
    gitlab,
)

BIN = Path(sys.executable).parent
WORKFLOWS = sorted((EXAMPLES / "github").glob("*.yml"))
SCHEMAS = {
    ACTION: ("vendor.github-actions",),
    **dict.fromkeys(WORKFLOWS, ("vendor.github-workflows",)),
    EXAMPLES / "gitlab" / ".gitlab-ci.yml": (
        "vendor.gitlab-ci", "--data-transform", "gitlab-ci",
    ),
    EXAMPLES / "azure" / "azure-pipelines.yml": (
        "vendor.azure-pipelines", "--data-transform", "azure-pipelines", "--regex-variant",
        "nonunicode",
    ),
    EXAMPLES / "bitbucket" / "bitbucket-pipelines.yml": ("vendor.bitbucket-pipelines",),
}  # fmt: skip


def test_every_template_has_a_schema() -> None:
    """And so none is left out below."""
    assert {path for path in SCHEMAS if path != ACTION} == set(EXAMPLES.rglob("*.yml"))


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)
def test_a_template_is_valid(path: Path, tmp_path: Path) -> None:
    """By the schema of its platform, which finds a mistake where there is one."""
    schema = SCHEMAS[path]
    checked = CliRunner().invoke(check_jsonschema.main, ["--builtin-schema", *schema, str(path)])
    assert checked.exit_code == 0, checked.output
    broken = tmp_path / path.name
    mistake = r"^( *)(timeout-minutes|using|image|vmImage|interruptible):(?! *$).*"
    wrong = re.sub(mistake, r"\1\2: {x: [5]}", path.read_text("utf-8"), flags=re.M)
    broken.write_text(wrong, "utf-8")
    checked = CliRunner().invoke(check_jsonschema.main, ["--builtin-schema", *schema, str(broken)])
    assert checked.exit_code == 1


def test_zizmor_finds_nothing() -> None:
    """In its pedantic mode. Passed over is only that the credentials of the checkout stay, with
    which a ledger on a branch is read and written; nothing that is uploaded holds them."""
    options = ("--offline", "--no-progress", "--persona=pedantic")
    command = [BIN / "zizmor", *options, ACTION, *WORKFLOWS]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    ignored = re.findall(r"zizmor: ignore\[([\w-]+)\]", "".join(map(Path.read_text, WORKFLOWS)))
    assert set(ignored) == {"artipacked"}
    assert "zizmor: ignore" not in ACTION.read_text("utf-8")


def test_every_action_is_pinned_by_its_commit() -> None:
    """Forty hexadecimal digits, with the version beside them."""
    for path in (ACTION, *WORKFLOWS):
        for line in path.read_text("utf-8").splitlines():
            if line.lstrip(" -").startswith("uses:"):
                assert re.search(r"uses: [\w./-]+@[0-9a-f]{40} # \S", line), line


def test_templates_have_no_logic_of_their_own() -> None:
    """Every line of a script is one command of reconciler."""
    ours = re.compile(
        r'(?:"\$RUNNER_TEMP/reconciler/bin/reconciler" \$\{ENVIRONMENT:\+--env "\$ENVIRONMENT"\}'
        r"|reconciler --env production)"
        r' [^;&|`$()]*(?:"[^"`()]*"[^;&|`$()]*)*(?:>> "\$GITHUB_OUTPUT")?'
    )
    lines = list(every_line())
    assert len(lines) > 30
    assert [line for line in lines if not ours.fullmatch(line.strip())] == []


def test_the_token_is_given_to_ci_commands_only() -> None:
    """In the action and at Azure, where steps have variables of their own."""
    for step in yaml.safe_load(ACTION.read_text("utf-8"))["runs"]["steps"]:
        has = "GITHUB_TOKEN" in step.get("env", {})
        assert has is (" ci " in step.get("run", "")), step["name"]
    text = (EXAMPLES / "azure" / "azure-pipelines.yml").read_text("utf-8")
    for script in re.split(r"^ +- (?=script:)", text, flags=re.M)[1:]:
        assert ("SYSTEM_ACCESSTOKEN" in script) is (" ci " in script.splitlines()[0]), script


def test_pull_requests_from_forks_only_validate() -> None:
    """The jobs with credentials say so, and no template uses an event that gives forks secrets."""
    workflow = yaml.safe_load((EXAMPLES / "github" / "pull-request.yml").read_text("utf-8"))
    assert workflow["jobs"]["plan"]["if"] == "${{ !github.event.pull_request.head.repo.fork }}"
    assert "env" not in str(workflow["jobs"]["validate"]).replace("environment", "")
    assert not any("pull_request_target" in path.read_text("utf-8") for path in WORKFLOWS)
    pipeline = yaml.safe_load((EXAMPLES / "gitlab" / ".gitlab-ci.yml").read_text("utf-8"))
    rule = pipeline["plan"]["rules"][0]["if"]
    assert "$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID" in rule
    text = (EXAMPLES / "azure" / "azure-pipelines.yml").read_text("utf-8")
    assert "ne(variables['System.PullRequest.IsFork'], 'True')" in text


# The life of a pull request

HOOK = "url: 'https://x.example/1', events: [style.created]"
MANIFEST = "provider: kobo-plm\nwebhooks: {h: {name: Kanca, %s}}\n" % HOOK  # noqa: UP031
JOBS: dict[str, dict[str, Callable[[Runner], bool]]] = {
    "GitHub": {
        "validate": lambda r: github(r, "pull-request", "validate", "pull_request"),
        "plan": lambda r: github(r, "pull-request", "plan", "pull_request"),
        "again": lambda r: github(r, "apply", "plan", "workflow_dispatch"),
        "apply": lambda r: github(r, "apply", "apply", "push"),
        "drift": lambda r: github(r, "drift", "drift", "schedule"),
    },
    "GitLab": {
        "validate": lambda r: gitlab(r, "validate"),
        "plan": lambda r: gitlab(r, "plan"),
        "again": lambda r: gitlab(r, "plan again"),
        "apply": lambda r: gitlab(r, "apply"),
        "drift": lambda r: gitlab(r, "drift"),
    },
    "Azure": {
        "validate": lambda r: azure(r, "validate"),
        "plan": lambda r: azure(r, "plan"),
        "again": lambda r: azure(r, "plan"),
        "apply": lambda r: azure(r, "apply"),
        "drift": lambda r: azure(r, "drift"),
    },
    "Bitbucket": {
        "validate": lambda r: True,
        "plan": lambda r: bitbucket(r, "pull-requests", "**"),
        "again": lambda r: bitbucket(r, "custom", "plan-again"),
        "apply": lambda r: bitbucket(r, "branches", "main"),
        "drift": lambda r: bitbucket(r, "custom", "drift"),
    },
}
RUN = {
    "GitHub": "GITHUB_RUN_ID",
    "GitLab": "CI_PIPELINE_ID",
    "Azure": "BUILD_BUILDID",
    "Bitbucket": "BITBUCKET_BUILD_NUMBER",
}


class Team:
    """A repository at a platform, whose jobs run as the templates say."""

    def __init__(self, command: Path, here: Any, job: Job, tmp_path: Path) -> None:
        self.here = here
        self.fake = job.fake
        self._job = job
        self._name = type(job.fake).__name__
        self._runs = 4242
        self.runner = Runner(
            command,
            here.root,
            tmp_path / "runner",
            {
                "KOBO_API_KEY": "sandbox-kobo-plm-key",
                "RECONCILER_LEDGER_KEY": "a key of fingerprints, 0123456789",
                "RECONCILER_PLAN_KEY": "a key of saved plans, 0123456789",
                "RECONCILER_ALLOWED_ENV": "KOBO_API_KEY",
                "RECONCILER_ALLOWED_HOSTS": "",
            },
            {},
            (job.fake.variable, job.fake.token),  # type: ignore[attr-defined]
        )

    def run(self, job: str) -> bool:
        """Run a job with the variables that the platform sets; whether it succeeded."""
        self._runs += 1
        variables = self.fake.environment()
        if job in ("plan", "validate"):
            variables |= self.fake.pull_request()
            if hasattr(self.fake, "event"):
                event = self.runner.temp / "event.json"
                event.write_text(json.dumps(self.fake.event()), "utf-8")
                variables["GITHUB_EVENT_PATH"] = str(event)
        variables[RUN[self._name]] = str(self._runs)
        variables["GITHUB_ACTION_PATH"] = str(ROOT)
        self.runner.variables = variables
        return JOBS[self._name][job](self.runner)

    def push(self, name: str, head: str) -> None:
        """Push a commit to the branch of the pull request."""
        self.here.write(MANIFEST.replace("Kanca", name))
        self.fake.head = head

    def merge(self) -> None:
        """Merge the pull request."""
        self.fake.merge = MERGE


@pytest.fixture(scope="module")
def forks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A program whose commands are forks of a loaded one."""
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)}
    with loaded(tmp_path_factory.mktemp("forked"), environment) as program:
        yield program


@pytest.fixture
def command(request: pytest.FixtureRequest, forks: Path, tmp_path: Path) -> Path:
    """The program reconciler; by indirect parametrisation with `new` one that is started anew."""
    if not hasattr(request, "param"):
        return forks
    program = tmp_path / "command"
    program.write_text(f"#!/bin/sh\nexec '{sys.executable}' -m reconciler \"$@\"\n", "utf-8")
    program.chmod(0o755)
    return program


@pytest.fixture
def team(command: Path, workspace: Any, sandbox: Any, job: Job, tmp_path: Path) -> Team:
    """A workspace of the sandbox's Kobo PLM, whose credential is in a variable of the job."""
    sandbox.put_state("kobo-plm", {"webhooks": []})
    made = workspace(MANIFEST, environments={"production": {}})
    settings = json.loads((made.root / "reconciler.yaml").read_text("utf-8"))
    settings["providers"] = {"kobo-plm": settings["providers"]["kobo-plm"]}
    variable = settings["providers"]["kobo-plm"]["api_key"]
    text = json.dumps(settings).replace(variable, "${env.KOBO_API_KEY}")
    (made.root / "reconciler.yaml").write_text(text, "utf-8")
    there = Team(command, made, job, tmp_path)
    there.runner.secrets["KOBO_API_KEY"] = os.environ[variable[6:-1]]  # type: ignore[index]
    return there


def hooks(sandbox: Any) -> list[str]:
    """The names of the webhooks at the vendor."""
    return [each["name"] for each in sandbox.state("kobo-plm")["webhooks"]]


def test_from_a_pull_request_to_an_apply(team: Team, sandbox: Any) -> None:
    """Opened: a comment. Pushed again: the same comment, updated. Merged: what was reviewed is
    applied, and a comment says so."""
    assert team.run("validate"), team.runner.said
    assert team.run("plan"), team.runner.said
    (comment,) = team.fake.ours()
    assert "Kanca" in comment.text
    team.push("Yeni kanca", "d" * 40)
    assert team.run("plan"), team.runner.said
    assert team.fake.ours() == [comment]
    assert "Yeni kanca" in comment.text
    assert hooks(sandbox) == []
    team.merge()
    assert team.run("apply"), team.runner.said
    assert hooks(sandbox) == ["Yeni kanca"]
    assert "Apply complete!" in team.fake.ours()[1].text
    assert team.runner.token[1] not in team.runner.said


@pytest.mark.parametrize("command", ["new"], indirect=True)
def test_commands_that_are_started_anew(team: Team, sandbox: Any) -> None:
    """Nothing of what a job does hangs on anything but files, variables and the platform."""
    assert team.run("plan"), team.runner.said
    team.merge()
    assert team.run("apply"), team.runner.said
    assert hooks(sandbox) == ["Kanca"]
    assert "Apply complete!" in team.fake.ours()[1].text


def test_another_plan_is_not_applied(team: Team, sandbox: Any) -> None:
    """Main went on after the review: it is refused, until the plan was made again and looked at."""
    assert team.run("plan")
    team.merge()
    team.here.write(MANIFEST.replace("Kanca", "Başkasının"))
    assert not team.run("apply")
    assert hooks(sandbox) == []
    assert team.run("again"), team.runner.said
    assert "Başkasının" in team.fake.ours()[0].text
    assert team.run("apply"), team.runner.said
    assert hooks(sandbox) == ["Başkasının"]


@pytest.mark.parametrize("job", ["github", "gitlab"], indirect=True)
def test_a_vendor_that_changed_after_the_review_is_left_alone(team: Team, sandbox: Any) -> None:
    """What is live is not what was looked at."""
    assert team.run("plan")
    team.merge()
    hook = {"id": "1", "name": "Kanca", "url": "https://y.example", "events": ["style.created"]}
    sandbox.put_state("kobo-plm", {"webhooks": [hook]})
    assert not team.run("apply")
    assert sandbox.state("kobo-plm")["webhooks"][0]["url"] == "https://y.example"


@pytest.mark.parametrize("job", ["github", "azure"], indirect=True)
def test_a_swapped_artifact_is_not_applied(team: Team, sandbox: Any) -> None:
    """Where it travels from one run to another: it has another digest."""
    assert team.run("plan")
    (saved,) = team.runner.artifacts.values()
    team.push("Takas", HEAD)
    team.run("plan")
    swapped = team.runner.artifacts.popitem()[1]
    assert swapped != saved
    team.push("Kanca", HEAD)
    team.run("plan")
    team.runner.artifacts = dict.fromkeys(team.runner.artifacts, swapped)
    team.merge()
    assert not team.run("apply")
    assert "is not the one that was reviewed" in team.runner.said
    assert hooks(sandbox) == []


def test_a_plan_that_fails_is_told(team: Team) -> None:
    """The job fails, and the comment says why instead of showing the plan before."""
    assert team.run("plan")
    team.here.write("provider: kobo-plm\nwebhooks: {h: {nme: Kanca}}\n")
    assert not team.run("plan")
    (comment,) = team.fake.ours()
    assert "there is no field" in comment.text
    team.merge()
    assert not team.run("apply")


def test_nights(team: Team, sandbox: Any) -> None:
    """Drift opens an issue, updates it, and opens it again when somebody has closed it. A run that
    could not look leaves it alone, and the first clean one closes it."""
    team.run("plan")
    team.merge()
    assert team.run("apply"), team.runner.said
    (hook,) = sandbox.state("kobo-plm")["webhooks"]

    def change(name: str) -> None:
        sandbox.put_state("kobo-plm", {"webhooks": [{**hook, "name": name}]})

    team.run("drift")
    assert team.fake.issues == []
    change("Değişti")
    team.run("drift")
    (issue,) = team.fake.issues
    assert "Değişti" in issue.text
    change("Yine değişti")
    team.run("drift")
    assert "Yine değişti" in issue.text
    issue.open, issue.revision = False, issue.revision + 1
    team.run("drift")
    assert issue.open
    sandbox.faults([{"path": "*/webhooks*", "fault": {"status": 403, "body": {}}}])
    assert not team.run("drift")
    assert issue.open
    sandbox.faults([])
    change("Kanca")
    assert team.run("drift"), team.runner.said
    assert (team.fake.issues, issue.open) == ([issue], False)


@pytest.mark.parametrize("job", ["github"], indirect=True)
def test_a_platform_that_limits_a_job_is_waited_for(team: Team) -> None:
    """The job succeeds all the same."""
    wait = {"Retry-After": "0"}
    team.fake.faults = [Fault("^GET ", 429, b"{}", wait), Fault("^POST ", 403, b"{}", wait)]
    assert team.run("plan"), team.runner.said
    assert team.fake.faults == []
    assert len(team.fake.ours()) == 1


def test_without_allowed_variables_a_job_reads_none(team: Team) -> None:
    """An environment at the platform that does not say what the credentials are for gets no
    plan."""
    team.runner.secrets["RECONCILER_ALLOWED_ENV"] = ""  # type: ignore[index]
    assert not team.run("plan")
    assert "RECONCILER_ALLOWED_ENV" in team.runner.said
