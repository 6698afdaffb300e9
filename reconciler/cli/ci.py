"""`ci`: tell the platform that runs this job what a plan, an apply or a drift report says."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from reconciler.cli.arguments import HintingGroup
from reconciler.cli.ci_job import (
    ABOUT,
    environment_of,
    markdown_of,
    marker_about,
    named,
    open_job,
    read_document,
    what_to_do,
    with_plan,
)
from reconciler.cli.job import job_link
from reconciler.cli.options import GlobalOptions, global_options
from reconciler.cli.terminal import say, say_all
from reconciler.errors import Diagnostic, Refused
from reconciler.model import Drift, Plan
from reconciler.workspace.keys import plan_key

if TYPE_CHECKING:
    from reconciler.platforms.marker import Marker
    from reconciler.platforms.platform import Job, Platform

Command = TypeVar("Command", bound=Callable[..., Any])

file_argument = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
dry_run = click.option("--dry-run", is_flag=True, help="Print what would be sent; change nothing.")
about_option = click.option(
    "--about",
    type=click.Choice(["plan", "apply", "drift"]),
    help="What it is about; FILE says so, but not where findings ended the command.",
)


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
@about_option
@dry_run
@global_options
def comment(options: GlobalOptions, /, file: Path, about: str | None, dry_run: bool) -> None:
    """Show a plan or an apply in the one comment of the pull request.

    FILE is a saved plan, or any result that was written with --report json=FILE. The comment is
    updated in place, and holds the digest of a saved plan. After a merge it is a comment of the
    pull request that was merged.

    \b
    reconciler ci comment plan.json
    reconciler --env production ci comment report.json
    """
    from reconciler.app.pull_request import merged_pull_request, put_comment

    document = read_document(file)
    sort = about or ABOUT[document.sort]
    marker = marker_about(sort, environment_of(options, document), options.folder)
    with open_job(dry_run) as (job, platform):
        marker = with_plan(marker, document, job)
        number = job.pull_request or merged_pull_request(platform, job.commit, job.branch).number
        text = markdown_of(platform, document, marker)
        key = plan_key(os.environ)
        say(put_comment(platform, number, marker, text, key, merged=not job.pull_request))


@command.command("issue")
@file_argument
@dry_run
@global_options
def issue(options: GlobalOptions, /, file: Path, dry_run: bool) -> None:
    """Keep the one issue about drift: open while there is drift, closed by the first clean run.

    FILE is written by drift --report json=FILE. A run that did not look at everything closes
    nothing.

    \b
    reconciler ci issue drift.json
    """
    from reconciler.app.drift_issue import NOT_CLOSED, put_issue

    document = read_document(file)
    if document.sort == "error":
        say(NOT_CLOSED)
        return
    drift = document.result
    if not isinstance(drift, Drift):
        hint = f"Write one: reconciler drift --report json={file}"
        raise click.UsageError(f"{file} is not a drift report. {hint}")
    environment = environment_of(options, document)
    marker = marker_about("drift", environment, options.folder)
    with open_job(dry_run) as (_, platform):
        narrowed = bool(drift.narrowed)
        complete = drift.complete and drift.applied and not narrowed
        title = named("Drift", marker)
        text = markdown_of(platform, document, marker)
        if drift.found:
            text += what_to_do(marker)
        say(put_issue(platform, marker, title, text, drift.found, complete, narrowed))


@command.command("status")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
@click.option("--pending", is_flag=True, help="Say that the job has begun; needs no FILE.")
@about_option
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
    from reconciler.platforms.platform import State

    if pending is (file is not None):
        raise click.UsageError("Give either FILE or --pending.")
    document = read_document(file) if file else None
    sort = about or (ABOUT[document.sort] if document else "plan")
    marker = marker_about(sort, environment_of(options, document), options.folder)
    state = State.PENDING
    if document is not None:
        state = State.SUCCESS if document.succeeded else State.FAILURE
    words = document.words if document else "Running."
    name = f"reconciler/{named(sort, marker)}"
    with open_job(dry_run) as (job, platform):
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
    with open_job(False) as (job, platform):
        number, marker = _reviewed(options, job, platform)
    values = {"pull_request": number, "digest": marker.digest, "run": marker.run}
    if not all(value.isalnum() or not value for value in values.values()):
        raise Refused(Diagnostic(f"the comment of pull request {number} is not as we write it"))
    for name, value in values.items():
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

    document = read_document(file, plan_key(os.environ))
    if not isinstance(document.result, Plan):
        hint = f"Save one: reconciler plan --out {file}"
        raise click.UsageError(f"{file} is not a saved plan. {hint}")
    with open_job(False) as (job, platform):
        number, marker = _reviewed(options, job, platform, environment_of(options, document))
    check_reviewed(document.result, marker, number)
    say(f"This is the plan that was reviewed in pull request {number}.")


def _reviewed(
    options: GlobalOptions, job: Job, platform: Platform, environment: str | None = None
) -> tuple[str, Marker]:
    """The merged pull request, and what its comment says of the plan."""
    from reconciler.app.pull_request import merged_pull_request, reviewed_plan

    environment = options.environment or "" if environment is None else environment
    about = marker_about("plan", environment, options.folder)
    merged = merged_pull_request(platform, job.commit, job.branch)
    key = plan_key(os.environ)
    return merged.number, reviewed_plan(platform, merged, job.commit, about, key)
