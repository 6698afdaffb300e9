"""`history`: list past runs and what they did."""

from __future__ import annotations

import click

from reconciler.app.state import history
from reconciler.cli.options import GlobalOptions, format_option, global_options
from reconciler.cli.terminal import note, say_all
from reconciler.report.formats import Format


@click.command()
@click.option("--details", is_flag=True, help="Also every write of each run.")
@click.option("--last", type=click.IntRange(1), metavar="N", help="Only the newest N runs.")
@format_option("history")
@global_options
def command(options: GlobalOptions, /, details: bool, last: int | None, format: Format) -> int:
    """List past runs, newest last: when, what, who, and how their writes ended.

    A run that was cut off and a write whose outcome is unknown are marked.

    \b
    reconciler history
    reconciler history --details --last 3
    reconciler history --format json
    """
    runs, running = history(options.open(offline=True).project, last)
    say_all(format.history(runs, running, details))
    if format.for_people and not runs:
        note("No run has written anything yet.")
    return 0
