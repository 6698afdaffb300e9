"""`fmt`: write manifests in canonical form."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconciler.cli.changed_files import show_change
from reconciler.cli.options import GlobalOptions, global_options
from reconciler.cli.terminal import note, report, say
from reconciler.errors import Severity

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
    result = options.open(offline=True).fmt(*files, check=check)
    for file in result.changed:
        say(file.name)
        if diff:
            show_change(file)
    report(result.diagnostics)
    failed = any(finding.severity is Severity.ERROR for finding in result.diagnostics)
    _note_what_is_left(result, check)
    return int(failed or (check and bool(result.changed)))


def _note_what_is_left(result: Formatting, check: bool) -> None:
    for path in result.others:
        note(f"Skipped {path}: neither a manifest of this workspace nor its reconciler.yaml.")
    if check and result.changed:
        count = len(result.changed)
        note(f"Not in canonical form: {count} of {result.looked_at}. Run `reconciler fmt`.")
