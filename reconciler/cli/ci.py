"""`ci`: tell the platform that runs this job what a plan, an apply or a drift report says."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from reconciler.cli.arguments import HintingGroup
from reconciler.cli.options import GlobalOptions, global_options
from reconciler.cli.terminal import note, say, say_all

if TYPE_CHECKING:
    from reconciler.platforms.marker import Marker
    from reconciler.platforms.platform import Job, Platform
    from reconciler.report.documents import Document

Command = TypeVar("Command", bound=Callable[..., Any])
ABOUT = {"plan": "plan", "error": "plan", "validate": "plan", "apply": "apply", "drift": "drift"}

file_argument = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
dry_run = click.option("--dry-run", is_flag=True, help="Print what would be sent; change nothing.")


@click.group(cls=HintingGroup)
def command() -> None:
    """Comments, issues and statuses at GitHub, GitLab, Azure DevOps and Bitbucket.

    For jobs in CI: the platform, the repository and the pull request come from the variables that
    the platform sets, the token from GITHUB_TOKEN, RECONCILER_GITLAB_TOKEN, SYSTEM_ACCESSTOKEN or
    RECONCILER_BITBUCKET_TOKEN. Give that variable to these commands only.

    \b
    reconciler ci comment plan.json
    reconciler ci issue drift.json
    """


@command.command("comment")
@file_argument
@dry_run
@global_options
def comment(options: GlobalOptions, /, file: Path, dry_run: bool) -> None:
    """Show a plan or an apply in the one comment of the pull request.

    FILE is a saved plan, or any result that was written with --report json=FILE. The comment is
    updated in place, and holds the digest of a saved plan. After a merge it is a comment of the
    pull request that was merged.

    \b
    reconciler ci comment plan.json
    reconciler --env production ci comment report.json
    """
    from reconciler.app.pull_request import merged_pull_request, put_comment
    from reconciler.workspace.keys import plan_key

    document = _read(file)
    marker = _marker(document.sort, _environment(options, document), options.folder)
    with _platform(dry_run) as (job, platform):
        marker = _with_plan(marker, document, job)
        number = job.pull_request or merged_pull_request(platform, job.commit).number
        text = _markdown(platform, document, marker)
        key = plan_key(os.environ)
        say(put_comment(platform, number, marker, text, key, merged=not job.pull_request))


@command.command("issue")
@file_argument
@dry_run
@global_options
def issue(options: GlobalOptions, /, file: Path, dry_run: bool) -> None:
    """Keep the one issue about drift: open while there is drift, closed by the first clean run.

    FILE is written by drift --report json=FILE. A run that could not look at everything closes
    nothing.

    \b
    reconciler ci issue drift.json
    """
    from reconciler.app.drift_issue import NOT_CLOSED, put_issue
    from reconciler.model import Drift

    document = _read(file)
    if document.sort == "error":
        say(NOT_CLOSED)
        return
    drift = document.result
    if not isinstance(drift, Drift):
        raise click.UsageError(f"{file} is no drift report: reconciler drift --report json={file}")
    environment = _environment(options, document)
    marker = _marker("drift", environment, options.folder)
    with _platform(dry_run) as (_, platform):
        complete = drift.complete and drift.applied
        title = _named("Drift", marker)
        text = _markdown(platform, document, marker)
        say(put_issue(platform, marker, title, text, drift.found, complete))


@command.command("status")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
@click.option("--pending", is_flag=True, help="Say that the job has begun; needs no FILE.")
@click.option(
    "--about",
    type=click.Choice(["plan", "apply", "drift"]),
    help="What the status is about; FILE says so, but not that of a command that failed.",
)
@dry_run
@global_options
def status(
    options: GlobalOptions,
    /,
    file: Path | None,
    pending: bool,
    about: str | None,
    dry_run: bool,
) -> None:
    """Set a status of the commit: pending, or success or failure with the counts of FILE.

    \b
    reconciler ci status --pending --about plan
    reconciler ci status report.json
    """
    from reconciler.cli.job import job_link
    from reconciler.platforms.platform import State

    if pending is (file is not None):
        raise click.UsageError("Give either FILE or --pending.")
    document = _read(file) if file else None
    sort = about or (ABOUT[document.sort] if document else "plan")
    marker = _marker(sort, _environment(options, document), options.folder)
    state = State.PENDING
    if document is not None:
        state = State.SUCCESS if document.succeeded else State.FAILURE
    words = document.words if document else "Running."
    name = f"reconciler/{_named(sort, marker)}"
    with _platform(dry_run) as (job, platform):
        platform.set_status(job.commit, name, state, words, job_link(os.environ))
    say(f"{name}: {state}. {words}")


@command.command("reviewed")
@global_options
def reviewed(options: GlobalOptions, /) -> None:
    """Print which plan was reviewed in the pull request that was merged.

    As NAME=VALUE: the pull request, the digest of the plan, and the run that has the saved plan; on
    Azure Pipelines as variables of the job, in capitals and with REVIEWED_ before them.

    \b
    reconciler ci reviewed >> "$GITHUB_OUTPUT"
    """
    with _platform(False) as (job, platform):
        number, marker = _reviewed(options, job, platform)
    said = {"pull_request": number, "digest": marker.digest, "run": marker.run}
    if not all(value.isalnum() or not value for value in said.values()):
        from reconciler.errors import Diagnostic, Refused

        raise Refused(Diagnostic(f"the comment of pull request {number} is not as we write it"))
    for name, value in said.items():
        if job.platform == "azure":
            line = f"##vso[task.setvariable variable=REVIEWED_{name.upper()}]{value}"
            say_all([line], commands=True)
        else:
            say(f"{name}={value}")


@command.command("verify")
@file_argument
@global_options
def verify(options: GlobalOptions, /, file: Path) -> None:
    """Refuse a saved plan that is not the one that was reviewed (exit code 3).

    The digest of FILE must stand in the comment that this tool wrote in the merged pull request,
    for the commit that was merged. With RECONCILER_PLAN_KEY the comment and the plan need its seal.

    \b
    reconciler ci verify plan.json && reconciler apply plan.json
    """
    from reconciler.app.pull_request import check_reviewed
    from reconciler.model import Plan

    document = _read(file)
    if not isinstance(document.result, Plan):
        raise click.UsageError(f"{file} is no saved plan.")
    with _platform(False) as (job, platform):
        number, marker = _reviewed(options, job, platform, _environment(options, document))
    check_reviewed(document.result, marker, number)
    say(f"This is the plan that was reviewed in pull request {number}.")


def _reviewed(
    options: GlobalOptions, job: Job, platform: Platform, environment: str | None = None
) -> tuple[str, Marker]:
    """The merged pull request, and what its comment says of the plan."""
    from reconciler.app.pull_request import merged_pull_request, reviewed_plan
    from reconciler.workspace.keys import plan_key

    environment = options.environment or "" if environment is None else environment
    about = _marker("plan", environment, options.folder)
    merged = merged_pull_request(platform, job.commit)
    key = plan_key(os.environ)
    return merged.number, reviewed_plan(platform, merged, job.commit, about, key)


def _read(file: Path) -> Document:
    """The result in a file; raises Invalid."""
    from reconciler.cli.files import read_text
    from reconciler.report.documents import read
    from reconciler.workspace.keys import plan_key

    hint = "Any command writes its result there with --report json=FILE."
    return read(read_text(file, hint), plan_key(os.environ))


def _environment(options: GlobalOptions, document: Document | None) -> str:
    """The environment that the result is of, or else the one of `--env`; raises a usage error where
    the two differ."""
    said = document.environment if document else None
    asked = options.environment or ""
    if said is not None and asked and said != asked:
        raise click.UsageError(f"The file is of the environment {said!r}, and not of {asked!r}.")
    return asked if said is None else said


def _marker(sort: str, environment: str, folder: Path) -> Marker:
    from reconciler.cli.job import folder_in_repository
    from reconciler.platforms.marker import Marker

    return Marker(ABOUT[sort], folder_in_repository(folder), environment)


def _with_plan(marker: Marker, document: Document, job: Job) -> Marker:
    """The marker, with what is to be known again of a saved plan."""
    from dataclasses import replace

    from reconciler.app.pull_request import plan_digest
    from reconciler.model import Plan

    plan = document.result
    digest = plan_digest(plan) if isinstance(plan, Plan) else ""
    return replace(marker, digest=digest, commit=job.commit, run=job.run)


def _markdown(platform: Platform, document: Document, marker: Marker) -> str:
    """The text of a comment or an issue, in the platform's Markdown and below its limit."""
    from reconciler.cli.job import job_link
    from reconciler.model import Plan
    from reconciler.report.formats import FORMATS
    from reconciler.report.setting import Setting

    format = FORMATS[platform.markdown].within(Setting(job_link(os.environ)))
    lines = list(document.lines(format))
    if isinstance(document.result, Plan):
        if document.result.idle and not document.result.diagnostics and platform.html:
            lines = _folded(lines, document.words)
        lines += ["", f"Plan `{marker.digest[:12]}` of commit `{marker.commit[:12]}`"]
    return "\n".join(lines)


def _folded(lines: list[str], words: str) -> list[str]:
    """The lines, with all but the title in a fold: there is nothing to review."""
    title, *rest = lines
    return [title, "", f"<details><summary>{words}</summary>", "", *rest, "", "</details>"]


def _named(what: str, marker: Marker) -> str:
    """A title in which the environment and the folder tell it from others."""
    from reconciler.values.text import printable

    environment = f" ({printable(marker.environment, 60)})" if marker.environment else ""
    folder = f" in {printable(marker.folder, 100)}" if marker.folder else ""
    return f"{what}{environment}{folder}"


@contextmanager
def _platform(dry_run: bool) -> Iterator[tuple[Job, Platform]]:
    """The job that runs here, and its repository at the platform."""
    from reconciler.platforms.table import open_platform, this_job

    job = this_job(os.environ)
    platform, session = open_platform(job, os.environ, _print_write if dry_run else None)
    try:
        yield job, platform
    finally:
        session.close()
    if dry_run:
        note("Nothing was changed (--dry-run).")


def _print_write(method: str, url: str, body: Any) -> None:
    """Print a request instead of sending it."""
    from reconciler.values.text import json_text

    say(f"{method} {url}")
    if body is not None:
        say(json_text(body))
