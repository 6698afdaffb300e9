"""`doctor`: check whether every provider can be reached, with which rights and at what rate."""

from __future__ import annotations

import click

from reconciler.cli.options import GlobalOptions, format_option, global_options
from reconciler.cli.progress import show_progress
from reconciler.cli.terminal import say_all
from reconciler.report.formats import Format


@click.command()
@click.argument("names", metavar="[PROVIDER]...", nargs=-1)
@format_option("health")
@global_options
def command(options: GlobalOptions, /, names: tuple[str, ...], format: Format) -> int:
    """Check that providers can be reached and read, and the ledger used.

    Writes nothing anywhere. Exits with 0 if all is well, else with 1, or with 3 where credentials
    would go to a host that was not approved. Whether they may write can only be seen when applying.

    \b
    reconciler doctor
    reconciler doctor kobo --format json
    """
    with show_progress("Reading") as progress:
        health = options.open(observer=progress).check_health(names)
    say_all(format.health(health))
    return 0 if health.ok else 3 if health.refused else 1
