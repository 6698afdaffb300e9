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
    from reconciler.app.import_choice import ImportChoice


@click.command()
@click.argument("addresses", metavar="[ADDRESS]...", nargs=-1)
@click.option("--kind", "kinds", multiple=True, metavar="K", help="A kind, or provider/kind.")
@click.option("--all", "everything", is_flag=True, help="Every kind of every provider.")
@click.option(
    "--where",
    multiple=True,
    metavar="FIELD=PATTERN",
    help="Only objects with such a value (repeatable: all must hold); != for all others.",
)
@click.option("--fields", multiple=True, metavar="F,F", help="Declare these fields and no others.")
@click.option("--dry-run", is_flag=True, help="Show the manifests instead of writing them.")
@lock_timeout_option
@global_options
def command(
    options: GlobalOptions,
    /,
    addresses: tuple[str, ...],
    kinds: tuple[str, ...],
    everything: bool,
    where: tuple[str, ...],
    fields: tuple[str, ...],
    dry_run: bool,
    lock_timeout: float,
) -> int:
    """Write manifests for live objects that no manifest declares, and own them.

    ADDRESS is provider/kind/key, with the natural key of the object; *, ? and [...] are wildcards.
    Existing manifests stay as they are: new objects become a document of their own at the end of
    manifests/PROVIDER/KIND.yaml.

    \b
    reconciler import --kind webhooks
    reconciler import kobo/suppliers/SUP-001
    reconciler import --kind suppliers --where 'address.country=T*' --fields name,address
    reconciler import --all --dry-run
    """
    if not addresses and not kinds and not everything:
        raise click.UsageError(
            "Name what to import: an ADDRESS or --kind K (repeatable), or use --all."
        )
    choice = _choice(addresses, where, fields)
    with show_progress("Reading") as progress:
        workspace = options.open(observer=progress, lock_timeout=lock_timeout)
        result = workspace.import_(*(() if everything else kinds), dry_run=dry_run, choice=choice)
    if dry_run:
        _show_manifests(result)
    else:
        for kind in result.kinds:
            path = kind.path.relative_to(workspace.project.config.root)
            say(f"wrote {path}: {len(kind.objects)} {kind.scope.kind}")
    _note_what_is_missing(result, dry_run, bool(addresses or where))
    report(result.diagnostics)
    return int(any(finding.severity is Severity.ERROR for finding in result.diagnostics))


def _choice(
    addresses: tuple[str, ...], where: tuple[str, ...], fields: tuple[str, ...]
) -> ImportChoice:
    from reconciler.app.import_choice import ImportChoice, parse_condition

    names = (name.strip() for text in fields for name in text.split(","))
    conditions = tuple(map(parse_condition, where))
    return ImportChoice(addresses, conditions, tuple(name for name in names if name))


def _show_manifests(result: Import) -> None:
    for kind in result.kinds:
        say("---")
        say(kind.text.rstrip("\n"))


def _note_what_is_missing(result: Import, dry_run: bool, chosen: bool) -> None:
    if not (result.kinds or result.unlisted or result.volatile or dry_run):
        note(
            "Nothing to import: no live object that matches is undeclared."
            if chosen
            else "Nothing to import: every live object of these kinds is declared."
        )
    if result.unlisted:
        names = ", ".join(map(str, result.unlisted))
        note(f"Not imported: {names}. The vendor has no list; declare the objects that you need.")
    if result.volatile:
        names = ", ".join(map(str, result.volatile))
        note(f"Not imported: {names}. They change by themselves; declare those that you manage.")
