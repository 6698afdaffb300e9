"""`diff`: show what differs between two environments."""

from __future__ import annotations

import click

from reconciler.cli.options import GlobalOptions, format_option, global_options
from reconciler.cli.progress import show_progress
from reconciler.cli.terminal import paint, report, say_all
from reconciler.report.formats import Format


@click.command()
@click.argument("first", metavar="ENV1")
@click.argument("second", metavar="ENV2")
@click.option("--kind", "kinds", multiple=True, metavar="K", help="A kind, or provider/kind.")
@click.option("--all", "everything", is_flag=True, help="Every kind of every provider.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 if there are differences.")
@format_option("comparison")
@global_options
def command(
    options: GlobalOptions,
    /,
    first: str,
    second: str,
    kinds: tuple[str, ...],
    everything: bool,
    detailed_exitcode: bool,
    format: Format,
) -> int:
    """Show what differs between two environments, as it is live at the vendors.

    Objects are matched by their natural keys; ids, secrets and what only the vendor sets are left
    out. Compared are the kinds that either environment uses. `-` means no environment.

    \b
    reconciler diff staging production
    reconciler diff staging production --kind webhooks --detailed-exitcode
    """
    from reconciler.app.compare import compare

    check_environments(options, first, second)
    if kinds and everything:
        raise click.UsageError("--kind and --all cannot be combined.")
    with show_progress("Reading") as progress:
        project = options.open(offline=True, observer=progress).project
        comparison = compare(project, first, second, kinds, everything)
    say_all(format.comparison(comparison, paint))
    if format.for_people:
        report(comparison.diagnostics)
    if not comparison.complete:
        return 1
    return 2 if detailed_exitcode and comparison.differences else 0


def check_environments(options: GlobalOptions, first: str, second: str) -> None:
    """Raise a usage error for names that make no pair."""
    if options.environment is not None:
        raise click.UsageError("Name both environments after the command, and leave --env out.")
    if first == second:
        raise click.UsageError(f"{first} is named twice: name two environments.")
