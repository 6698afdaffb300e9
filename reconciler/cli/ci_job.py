"""What the commands of `ci` share: the result in a file, its marker and text, and the platform."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

import click

from reconciler.cli.files import read_text
from reconciler.cli.job import folder_in_repository, job_link
from reconciler.cli.options import GlobalOptions
from reconciler.cli.terminal import note, say
from reconciler.model import Plan
from reconciler.platforms.marker import Marker
from reconciler.report.context import ReportContext
from reconciler.report.documents import Document, read
from reconciler.report.formats import FORMATS
from reconciler.report.markdown_text import code
from reconciler.values.text import json_text, printable

if TYPE_CHECKING:
    from reconciler.platforms.platform import Job, Platform

ABOUT = {"plan": "plan", "error": "plan", "validate": "plan", "apply": "apply", "drift": "drift"}
"""What a result is shown as. Findings that ended a command do not say which one that was."""


def read_document(file: Path, key: bytes | None = None) -> Document:
    """The result in a file; raises Invalid. With a `key`, a plan needs its seal, which a report of
    the same job has not."""
    hint = "Any command writes its result there with --report json=FILE."
    return read(read_text(file, hint), key)


def environment_of(options: GlobalOptions, document: Document | None) -> str:
    """The environment that the result is of, or else the one of `--env`; raises a usage error where
    the two differ."""
    of_file = document.environment if document else None
    chosen = options.environment or ""
    if of_file is not None and chosen and of_file != chosen:
        summary = f"The file is of the environment {of_file!r}, and not of {chosen!r}."
        raise click.UsageError(f"{summary} Name the file's with --env, or none.")
    return chosen if of_file is None else of_file


def marker_about(about: str, environment: str, folder: Path) -> Marker:
    """The marker of what is said of an environment, in the workspace of a folder."""
    return Marker(about, folder_in_repository(folder), environment)


def with_plan(marker: Marker, document: Document, job: Job) -> Marker:
    """The marker, with what is to be known again of a saved plan."""
    from reconciler.app.pull_request import plan_digest

    plan = document.result
    digest = plan_digest(plan) if isinstance(plan, Plan) else ""
    return replace(marker, digest=digest, commit=job.commit, run=job.run)


def markdown_of(platform: Platform, document: Document, marker: Marker) -> str:
    """The text of a comment or an issue, in the platform's Markdown and below its limit."""
    format = FORMATS[platform.markdown].within(ReportContext(job_link(os.environ)))
    lines = list(document.lines(format))
    if document.sort == "error":
        lines[0] = f"### {_missing(marker)}"
    if isinstance(document.result, Plan):
        if document.result.idle and not document.result.diagnostics and platform.html:
            lines = _folded(lines, document.words)
        lines += ["", f"Plan `{marker.digest[:12]}` of commit `{marker.commit[:12]}`"]
    return "\n".join(lines)


def _missing(marker: Marker) -> str:
    """A title that says what there is none of, and where: findings do not know it."""
    environment = f" for {code(printable(marker.environment))}" if marker.environment else ""
    folder = f" in {code(printable(marker.folder, 100))}" if marker.folder else ""
    return f"No {marker.about}{environment}{folder}"


def _folded(lines: list[str], words: str) -> list[str]:
    """The lines, with all but the title in a fold: there is nothing to review."""
    title, *rest = lines
    return [title, "", f"<details><summary>{words}</summary>", "", *rest, "", "</details>"]


def what_to_do(marker: Marker) -> str:
    """What ends an issue about drift: the commands, for the environment and the folder of the
    workspace."""
    folder = f"-C {quote(printable(marker.folder, 200))} " if marker.folder else ""
    environment = f"--env {quote(printable(marker.environment))} " if marker.environment else ""
    drift = f"reconciler {folder}{environment}drift"
    return "\n".join(
        (
            "",
            "",
            "To put it back, make a plan, look at it, and apply it; to keep it, have it written "
            "into the manifests, and commit that:",
            "",
            "```sh",
            f"{drift} --revert --out revert.plan",
            f"{drift} --accept ADDRESS",
            "```",
        )
    )


def named(what: str, marker: Marker) -> str:
    """A title in which the environment and the folder tell it from others."""
    environment = f" ({printable(marker.environment, 60)})" if marker.environment else ""
    folder = f" in {printable(marker.folder, 100)}" if marker.folder else ""
    return f"{what}{environment}{folder}"


@contextmanager
def open_job(dry_run: bool) -> Iterator[tuple[Job, Platform]]:
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
    say(f"{method} {url}")
    if body is not None:
        say(json_text(body))
