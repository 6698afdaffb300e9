"""`fmt`: write manifests in canonical form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconciler.cli.changed_files import show_change
from reconciler.cli.options import GlobalOptions, global_options
from reconciler.cli.terminal import note, report, say
from reconciler.errors import Severity
from reconciler.report.places import findings_in_repository

if TYPE_CHECKING:
    from reconciler.app.fmt import Formatting


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if a file would change.")
@click.option("--diff", is_flag=True, help="Show what changes.")
@global_options
def command(options: GlobalOptions, /, files: tuple[Path, ...], check: bool, diff: bool) -> int:
    """Write manifests and reconciler.yaml in canonical form, and list the files that changed.

    Fields get the order of the schema, as `import` writes them; indentation and quotes become the
    same everywhere; comments stay. What a file declares never changes. Without FILES all files of
    the workspace are formatted.

    \b
    reconciler fmt
    reconciler fmt --check --diff
    reconciler fmt manifests/kobo.yaml
    """
    result = _of_files(options, files, check) if files else _fmt(options, (), check)
    for file in result.changed:
        say(file.name)
        if diff:
            show_change(file)
    report(result.diagnostics)
    failed = any(finding.severity is Severity.ERROR for finding in result.diagnostics)
    _note_what_is_left(result, check)
    return int(failed or (check and bool(result.changed)))


def _fmt(options: GlobalOptions, files: Sequence[Path], check: bool) -> Formatting:
    return options.open(offline=True).fmt(*files, check=check)


def _of_files(options: GlobalOptions, files: Sequence[Path], check: bool) -> Formatting:
    """Format files in the workspaces that they belong to, with their names from here."""
    from reconciler.app.fmt import Formatting
    from reconciler.cli.workspaces import from_here, workspaces_of

    done = []
    for folder, own in workspaces_of(options.folder, files).items():
        if folder is None:
            done.append(Formatting((), 0, tuple(own)))
            continue
        result = _fmt(replace(options, folder=folder), own, check)
        if path := from_here(options.folder, folder):
            changed = tuple(replace(file, name=f"{path}/{file.name}") for file in result.changed)
            findings = findings_in_repository(result.diagnostics, path)
            result = replace(result, changed=changed, diagnostics=findings)
        done.append(result)
    return Formatting(
        tuple(file for result in done for file in result.changed),
        sum(result.looked_at for result in done),
        tuple(path for result in done for path in result.others),
        tuple(finding for result in done for finding in result.diagnostics),
    )


def _note_what_is_left(result: Formatting, check: bool) -> None:
    for path in result.others:
        note(f"Skipped {path}: neither a manifest of this workspace nor its reconciler.yaml.")
    if check and result.changed:
        count = len(result.changed)
        note(f"Not in canonical form: {count} of {result.looked_at}. Run `reconciler fmt`.")
