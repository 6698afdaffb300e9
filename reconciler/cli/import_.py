"""`import`: write manifests for live objects, or for the rows of a CSV file."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reconciler.cli.options import Command, GlobalOptions, global_options, lock_timeout_option
from reconciler.cli.progress import show_progress
from reconciler.cli.terminal import note, report, say
from reconciler.errors import Severity

if TYPE_CHECKING:
    from reconciler.app.csv_import import CsvImport, CsvSource
    from reconciler.app.import_ import Import, ImportedKind
    from reconciler.app.import_choice import ImportChoice
    from reconciler.app.new_documents import NewDocument

CSV_OPTIONS = {
    "map": click.option(
        "--map",
        multiple=True,
        metavar="COLUMN=FIELD",
        help="What a column is for, if not the field of its name; `COLUMN=` leaves it out.",
    ),
    "set": click.option(
        "--set", multiple=True, metavar="FIELD=VALUE", help="The same value in every row."
    ),
    "delimiter": click.option(
        "--delimiter", metavar="SIGN", help="What divides cells: ; , or tab. Found by itself."
    ),
    "encoding": click.option(
        "--encoding", metavar="NAME", help="Of the file, as windows-1254; UTF-8 by default."
    ),
    "decimal_comma": click.option(
        "--decimal-comma", is_flag=True, help="Numbers are written as 1.234,5."
    ),
    "date_format": click.option(
        "--date-format", metavar="F", help="How days are written, as %d.%m.%Y; ISO 8601 always is."
    ),
    "list_separator": click.option(
        "--list-separator", metavar="SIGN", help="Between the items of a list in a cell: ; if none."
    ),
}
"""The options that say how a CSV file is read, by the names of their values."""


def csv_options(command: Command) -> Command:
    """`--csv` and what says how the file is read."""
    for option in reversed(CSV_OPTIONS.values()):
        command = option(command)
    file = click.option(
        "--csv", "file", metavar="FILE", help="Take the rows of a CSV file, - for stdin; offline."
    )
    return file(command)


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
@csv_options
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
    file: str | None,
    lock_timeout: float,
    **form: Any,
) -> int:
    """Write manifests for live objects that no manifest declares, and own them.

    ADDRESS is provider/kind/key, with the natural key of the object; *, ? and [...] are wildcards.
    Existing manifests stay as they are: new objects become a document of their own at the end of
    manifests/PROVIDER/KIND.yaml. With --csv the objects are the rows of a file, and nothing is
    owned before it is applied.

    \b
    reconciler import --kind webhooks
    reconciler import kobo/suppliers/SUP-001
    reconciler import --kind suppliers --where 'address.country=T*' --fields name,address
    reconciler import --all --dry-run
    reconciler import --csv list.csv --kind suppliers --map 'Vendor no=code' --map 'Title=name'
    """
    if file is not None:
        if len(kinds) != 1 or addresses or everything or where or fields:
            raise click.UsageError("--csv takes exactly one --kind K, and no choice of objects.")
        return _import_csv(options, kinds[0], _source(file, **form), dry_run)
    if given := [name for name, value in form.items() if value]:
        raise click.UsageError(f"--{given[0].replace('_', '-')} needs --csv FILE.")
    if not addresses and not kinds and not everything:
        raise click.UsageError(
            "Name what to import: an ADDRESS or --kind K (repeatable), or use --all."
        )
    names = () if everything else kinds
    return _import_live(options, names, _choice(addresses, where, fields), dry_run, lock_timeout)


def _import_live(
    options: GlobalOptions,
    kinds: tuple[str, ...],
    choice: ImportChoice,
    dry_run: bool,
    lock_timeout: float,
) -> int:
    with show_progress("Reading") as progress:
        workspace = options.open(observer=progress, lock_timeout=lock_timeout)
        result = workspace.import_(*kinds, dry_run=dry_run, choice=choice)
    _show(options, result.kinds, dry_run)
    _note_what_is_missing(result, dry_run, bool(choice.addresses or choice.where))
    report(result.diagnostics)
    return int(any(finding.severity is Severity.ERROR for finding in result.diagnostics))


def _choice(
    addresses: tuple[str, ...], where: tuple[str, ...], fields: tuple[str, ...]
) -> ImportChoice:
    from reconciler.app.import_choice import ImportChoice, parse_condition

    names = (name.strip() for text in fields for name in text.split(","))
    conditions = tuple(map(parse_condition, where))
    return ImportChoice(addresses, conditions, tuple(name for name in names if name))


def _source(file: str, **form: Any) -> CsvSource:
    """The file of `--csv` and how it is read; raises Invalid where it cannot be read."""
    from reconciler.app.csv_import import CsvSource
    from reconciler.app.files import cannot
    from reconciler.files import read_file
    from reconciler.tables import MAX_BYTES, CellForm

    with cannot("read", Path(file)):
        pasted = file == "-"
        data = sys.stdin.buffer.read(MAX_BYTES) if pasted else read_file(Path(file), MAX_BYTES)
    cells = CellForm(form["decimal_comma"], form["date_format"], form["list_separator"] or ";")
    name = "stdin" if pasted else file
    maps, settings = form["map"], form["set"]
    return CsvSource(data, name, maps, settings, form["encoding"], form["delimiter"], cells)


def _import_csv(options: GlobalOptions, kind: str, source: CsvSource, dry_run: bool) -> int:
    result: CsvImport = options.open(offline=True).import_csv(kind, source, dry_run=dry_run)
    _show(options, result.documents, dry_run)
    if result.declared:
        note(f"Declared already, with the same values: {len(result.declared):,}.")
    if not result.documents and not dry_run:
        note("Nothing to import: no row is new.")
    if result.unused:
        note(f"Not used: {', '.join(result.unused)}. --map COLUMN=FIELD says what one is for.")
    report(result.diagnostics)
    return 0


def _show(
    options: GlobalOptions, documents: Iterable[ImportedKind | NewDocument], dry_run: bool
) -> None:
    """Show the documents, or say which files they were written to."""
    for document in documents:
        if dry_run:
            say("---")
            say(document.text.rstrip("\n"))
        else:
            path = document.path.relative_to(options.folder)
            say(f"wrote {path}: {len(document.keys)} {document.scope.kind}")


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
