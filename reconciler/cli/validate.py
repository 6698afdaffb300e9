"""`validate`: check the workspace and its manifests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from reconciler.cli.options import GlobalOptions, format_option, global_options
from reconciler.cli.progress import show_progress
from reconciler.cli.reports import Reports, located, report_option, show
from reconciler.cli.terminal import note, report
from reconciler.errors import Diagnostic, ReconcilerError, Severity
from reconciler.model import Validation
from reconciler.report.formats import Format
from reconciler.report.places import findings_in_repository
from reconciler.report.text import validation_summary


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--online", is_flag=True, help="Also check references and listed values with the vendors."
)
@format_option("validation")
@report_option("validation")
@global_options
def command(
    options: GlobalOptions,
    /,
    files: tuple[Path, ...],
    online: bool,
    format: Format,
    reports: Reports,
) -> int:
    """Check the workspace and its manifests; needs no network and no credentials.

    With FILES, the workspaces are checked that they belong to, wherever those are; a file that is
    in none is skipped with a warning.

    \b
    reconciler validate
    reconciler validate shops/tr/manifests/webhooks.yaml
    reconciler validate --online
    reconciler validate --report sarif=findings.sarif
    """
    result = _of_files(options, files, online) if files else _validate(options, online)
    code = reports.save(result, 0 if result.valid else 1)
    if format.for_people:
        report(result.diagnostics)
    show(format, lambda format: format.validation(located(format, result)))
    if format.for_people and not result.valid:
        note(validation_summary(result))
    return code


def _validate(options: GlobalOptions, online: bool) -> Validation:
    """The findings in the manifests, or those in reconciler.yaml if it cannot be used."""
    try:
        if not online:
            return options.open(offline=True).validate()
        with show_progress("Reading") as progress:
            return options.open(observer=progress).validate(online=True)
    except ReconcilerError as error:
        return Validation(0, error.diagnostics)


def _of_files(options: GlobalOptions, files: Sequence[Path], online: bool) -> Validation:
    """The findings in all workspaces that have one of these files, with paths from here."""
    from reconciler.cli.workspaces import from_here, workspaces_of

    resources = 0
    findings: list[Diagnostic] = []
    workspaces = workspaces_of(options.folder, files)
    for folder, own in workspaces.items():
        if folder is None:
            findings += (_outside(options.folder, file) for file in own)
            continue
        result = _validate(replace(options, folder=folder), online)
        resources += result.resources
        path = from_here(options.folder, folder)
        findings += findings_in_repository(result.diagnostics, path) if path else result.diagnostics
    return Validation(resources, tuple(findings), checked=any(workspaces))


def _outside(here: Path, file: Path) -> Diagnostic:
    """The finding that a file is in no workspace: a warning, as hooks name all files that a commit
    changes, and an error where there is no such file."""
    if (here / file).exists():
        return Diagnostic(
            f"{file} is in no workspace, and was not checked", severity=Severity.WARNING
        )
    hint = "Name a manifest, or leave FILES out to check the workspace of this folder."
    return Diagnostic(f"there is no file {file}, and no workspace around it", hint)
