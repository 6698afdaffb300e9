"""Runs the templates in examples/ci as their platforms do: the steps of a job, one after the other,
in bash, with the variables that each step is given and no others of the job."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples" / "ci"
ACTION = ROOT / "action.yml"
OURS = "OWNER/reconciler@"


@dataclass
class Runner:
    """A machine of a platform: `command` is reconciler's program, `artifacts` what jobs have kept,
    `secrets` what the environment or the variable group of a job holds."""

    command: Path
    folder: Path
    temp: Path
    secrets: Mapping[str, str]
    variables: dict[str, str]
    token: tuple[str, str]
    artifacts: dict[tuple[str, str], bytes] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        tool = self.temp / "reconciler" / "bin"
        tool.mkdir(parents=True)
        (tool / "reconciler").symlink_to(self.command)
        for name in ("plan", "results"):
            (self.temp / "reconciler" / name).mkdir()

    def bash(self, script: str, environment: Mapping[str, str], folder: str = ".") -> int:
        """The exit code of a script, which ends at the first command that fails."""
        path = f"{self.temp}/reconciler/bin:/usr/bin:/bin"
        done = subprocess.run(
            ["/bin/bash", "-eo", "pipefail", "-c", script],
            cwd=self.folder / folder,
            env={
                "PATH": path,
                "HOME": str(self.temp),
                "PYTHONPATH": str(ROOT),
                "XDG_CONFIG_HOME": os.environ["XDG_CONFIG_HOME"],
                "RUNNER_TEMP": str(self.temp),
                **self.variables,
                **environment,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        self.log += [f"$ {script}", done.stdout, done.stderr]
        return done.returncode

    def clean(self) -> None:
        """What a new job has not: the files of the last one."""
        for name in ("plan", "results"):
            shutil.rmtree(self.temp / "reconciler" / name)
            (self.temp / "reconciler" / name).mkdir()
        for name in ("plan.json", "report.json", "applied.json", "drift.json"):
            (self.folder / name).unlink(missing_ok=True)

    @property
    def said(self) -> str:
        """Everything that the steps printed."""
        return "\n".join(self.log)


def scripts(text: Any) -> str:
    """A script that is one text or a list of lines."""
    return text if isinstance(text, str) else "\n".join(text)


# GitHub


def github(runner: Runner, file: str, job: str, event: str) -> bool:
    """Run a job of a workflow; whether it succeeded."""
    workflow = yaml.safe_load((EXAMPLES / "github" / f"{file}.yml").read_text("utf-8"))
    runner.clean()
    github = {"event_name": event, "token": runner.token[1]}
    contexts: dict[str, Any] = {"github": github, "secrets": runner.secrets, "vars": runner.secrets}
    steps = workflow["jobs"][job]["steps"]
    ended = [_github_step(runner, step, contexts) for step in steps]
    return all(ended)


def _github_step(runner: Runner, step: dict[str, Any], contexts: dict[str, Any]) -> bool:
    uses = step["uses"]
    if not uses.startswith(OURS):
        assert uses.startswith("actions/checkout@")
        return True
    action = yaml.safe_load(ACTION.read_text("utf-8"))
    given = {name: _filled(str(text), contexts) for name, text in step["with"].items()}
    inputs = {
        name: given.get(name, _filled(each.get("default", ""), contexts))
        for name, each in action["inputs"].items()
    }
    assert given.keys() <= inputs.keys()
    job_env = {name: _filled(text, contexts) for name, text in step.get("env", {}).items()}
    inner = {"inputs": inputs, "runner": {"temp": str(runner.temp)}, "steps": {}}
    succeeded = True
    for number, each in enumerate(action["runs"]["steps"]):
        outputs = runner.temp / f"output-{number}"
        outputs.touch()
        state = {"outcome": "skipped", "outputs": {}}
        inner["steps"][each.get("id", str(number))] = state
        condition = str(each.get("if", "success()")).removeprefix("${{").removesuffix("}}")
        always = "cancelled()" in condition
        if each["name"] == "Install" or not _true(condition, inner, succeeded):
            continue
        if not succeeded and not always:
            continue
        ended = _github_run(runner, each, inner, job_env, outputs)
        state["outcome"] = "success" if ended else "failure"
        state["outputs"] = dict(
            line.split("=", 1) for line in outputs.read_text("utf-8").splitlines() if "=" in line
        )
        outputs.write_text("", "utf-8")
        succeeded = succeeded and ended
    return succeeded


def _github_run(
    runner: Runner, step: dict[str, Any], contexts: dict[str, Any], job: dict[str, str], out: Path
) -> bool:
    given = {name: _filled(str(text), contexts) for name, text in step.get("with", {}).items()}
    if "uses" in step:
        run = runner.variables["GITHUB_RUN_ID"]
        if step["uses"].startswith("actions/upload-artifact@"):
            runner.artifacts[run, given["name"]] = Path(given["path"]).read_bytes()
            return True
        assert step["uses"].startswith("actions/download-artifact@")
        content = runner.artifacts.get((given["run-id"], given["name"]))
        if content is None:
            return False
        # A new file belongs to the user of the runner, with the usual permissions.
        (Path(given["path"]) / "plan.json").write_bytes(content)
        return True
    env = {name: _filled(text, contexts) for name, text in step.get("env", {}).items()}
    env |= {"GITHUB_OUTPUT": str(out), "GITHUB_STEP_SUMMARY": str(runner.temp / "summary.md")}
    assert "${{" not in step["run"]
    folder = _filled(step["working-directory"], contexts)
    return runner.bash(step["run"], {**job, **env}, folder) == 0


def _filled(text: str, contexts: dict[str, Any]) -> str:
    def value(found: re.Match[str]) -> str:
        at: Any = contexts
        for name in found[1].strip().split("."):
            at = at.get(name, "") if isinstance(at, Mapping) else ""
        return str(at)

    return re.sub(r"\$\{\{(.*?)\}\}", value, text)


def _true(condition: str, contexts: dict[str, Any], succeeded: bool) -> bool:
    """Whether a condition of the few forms that action.yml has is true."""
    for part in condition.strip().split("&&"):
        part = part.strip()
        if part in ("!cancelled()", "success()"):
            if part == "success()" and not succeeded:
                return False
            continue
        found = re.fullmatch(r"([\w.-]+) (==|!=) '(\w*)'", part)
        assert found is not None, part
        value = _filled(f"${{{{ {found[1]} }}}}", contexts)
        if (value == found[3]) is not (found[2] == "=="):
            return False
    return True


# GitLab


def gitlab(runner: Runner, job: str) -> bool:
    """Run a job; whether it succeeded. What comes after the script does not count."""
    runner.clean()
    document = yaml.safe_load((EXAMPLES / "gitlab" / ".gitlab-ci.yml").read_text("utf-8"))
    steps = document[job]
    env = {**runner.secrets, runner.token[0]: runner.token[1]} if "environment" in steps else {}
    code = runner.bash(scripts(steps["script"]), env)
    for line in steps.get("after_script", ()):
        runner.bash(line, env)
    return code == 0


# Azure


def azure(runner: Runner, stage: str) -> bool:
    """Run the job of a stage; whether it succeeded."""
    runner.clean()
    text = (EXAMPLES / "azure" / "azure-pipelines.yml").read_text("utf-8")
    stages = {each["stage"]: each for each in yaml.safe_load(text)["stages"]}
    (job,) = stages[stage]["jobs"]
    deploy = job.get("strategy", {}).get("runOnce", {}).get("deploy", {})
    steps = deploy.get("steps") or job["steps"]
    group = runner.secrets if "variables" in job else {}
    open_ones = {name: group[name] for name in group if name.startswith("RECONCILER_ALLOWED")}
    made: dict[str, str] = {}
    succeeded = True
    for step in steps:
        if not succeeded and step.get("condition") != "succeededOrFailed()":
            continue
        known = {**group, **made, "System.AccessToken": runner.token[1]}
        ended = _azure_step(runner, step, {**open_ones, **made}, known)
        for line in runner.log[-2].splitlines() if runner.log else ():
            found = re.fullmatch(r"##vso\[task.setvariable variable=(\w+)\](\w*)", line)
            made |= {found[1]: found[2]} if found else {}
        succeeded = succeeded and ended
    return succeeded


def _azure_step(
    runner: Runner, step: dict[str, Any], env: dict[str, str], known: Mapping[str, str]
) -> bool:
    def filled(text: str) -> str:
        return re.sub(r"\$\(([\w.]+)\)", lambda found: known.get(found[1], found[0]), text)

    if "script" in step:
        given = {name: filled(text) for name, text in step.get("env", {}).items()}
        return runner.bash(step["script"], {**env, **given}) == 0
    if "publish" in step:
        run = runner.variables["BUILD_BUILDID"]
        content = (runner.folder / step["publish"]).read_bytes()
        runner.artifacts[run, step["artifact"]] = content
    if step.get("task") == "DownloadPipelineArtifact@2":
        inputs = step["inputs"]
        content = runner.artifacts.get((filled(inputs["pipelineId"]), inputs["artifactName"]), b"")
        (runner.folder / "plan.json").write_bytes(content)
        return bool(content)
    return True


# Bitbucket


def bitbucket(runner: Runner, *where: str) -> bool:
    """Run the steps of a pipeline; whether all succeeded. What comes after a script does not
    count."""
    runner.clean()
    text = (EXAMPLES / "bitbucket" / "bitbucket-pipelines.yml").read_text("utf-8")
    steps = yaml.safe_load(text)["pipelines"]
    for name in where:
        steps = steps[name]
    ended = [_bitbucket_step(runner, each["step"]) for each in steps]
    return all(ended)


def _bitbucket_step(runner: Runner, step: dict[str, Any]) -> bool:
    env = {**runner.secrets, runner.token[0]: runner.token[1]} if "deployment" in step else {}
    code = runner.bash(scripts(step["script"]), env)
    for line in step.get("after-script", ()):
        runner.bash(line, env)
    return code == 0


def every_line() -> Iterator[str]:
    """Every command of every template and of the action, but those that install it."""
    for step in yaml.safe_load(ACTION.read_text("utf-8"))["runs"]["steps"]:
        if "run" in step and step["name"] != "Install":
            yield from step["run"].strip().splitlines()
    for path in sorted(EXAMPLES.rglob("*.yml")):
        yield from _lines(yaml.safe_load(path.read_text("utf-8")))


def _lines(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for each in node:
            yield from _lines(each)
    if isinstance(node, dict):
        for name, each in node.items():
            if name in ("script", "after_script", "after-script", "run", "before_script"):
                yield from scripts(each).strip().splitlines()
            else:
                yield from _lines(each)
