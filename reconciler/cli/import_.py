"""`import`: write manifests for live objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from reconciler.cli.options import GlobalOptions, global_options, lock_timeout_option
from reconciler.cli.progress import show_progress
from reconciler.cli.terminal import note, report, say
from reconciler.errors import Severity

if TYPE_CHECKING:
    from reconciler.app.import_ import Import


@click.command()
@click.option("--kind", "kinds", multiple=True, metavar="K", help="A kind, or provider/kind.")
@click.option("--all", "everything", is_flag=True, help="Every kind of every provider.")
@click.option("--dry-run", is_flag=True, help="Show the manifests instead of writing them.")
@lock_timeout_option
@global_options
def command(
    options: GlobalOptions,
    /,
    kinds: tuple[str, ...],
    everything: bool,
    dry_run: bool,
    lock_timeout: float,
) -> int:
    """Write manifests for live objects that no manifest declares, and own them.

    Existing manifests stay as they are: new objects become a document of their own at the end of
    manifests/PROVIDER/KIND.yaml.

    \b
    reconciler import --kind webhooks
    reconciler import --all --dry-run
    """
    if not kinds and not everything:
        raise click.UsageError("Name what to import with --kind K (repeatable), or use --all.")
    with show_progress("Reading") as progress:
        workspace = options.open(observer=progress, lock_timeout=lock_timeout)
        result = workspace.import_(*(() if everything else kinds), dry_run=dry_run)
    if dry_run:
        _show_manifests(result)
    else:
        for kind in result.kinds:
            path = kind.path.relative_to(workspace.project.config.root)
            say(f"wrote {path}: {len(kind.objects)} {kind.scope.kind}")
    _note_what_is_missing(result, dry_run)
    report(result.diagnostics)
    return int(any(finding.severity is Severity.ERROR for finding in result.diagnostics))


def _show_manifests(result: Import) -> None:
    for kind in result.kinds:
        say("---")
        say(kind.text.rstrip("\n"))


def _note_what_is_missing(result: Import, dry_run: bool) -> None:
    if not (result.kinds or result.unlisted or result.volatile or dry_run):
        note("Nothing to import: every live object of these kinds is declared.")
    if result.unlisted:
        names = ", ".join(map(str, result.unlisted))
        note(f"Not imported: {names}. The vendor has no list; declare the objects that you need.")
    if result.volatile:
        names = ", ".join(map(str, result.volatile))
        note(f"Not imported: {names}. They change by themselves; declare those that you manage.")
