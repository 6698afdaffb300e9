"""`history`: list past runs and what they did."""

from __future__ import annotations

import click

from reconciler.app.history import history
from reconciler.cli.options import GlobalOptions, format_option, global_options
from reconciler.cli.terminal import note, say_all
from reconciler.report.formats import Format


@click.command()
@click.argument("run", required=False)
@click.option("--details", is_flag=True, help="Also every write of each run.")
@click.option("--last", type=click.IntRange(1), metavar="N", help="Only the newest N runs.")
@click.option(
    "--address",
    "addresses",
    multiple=True,
    metavar="A",
    help="Only what was done to these addresses, kinds or providers.",
)
@click.option("--since", metavar="TIME", help="Only runs since a day, a time, or days ago (7d).")
@format_option("history")
@global_options
def command(
    options: GlobalOptions,
    /,
    run: str | None,
    details: bool,
    last: int | None,
    addresses: tuple[str, ...],
    since: str | None,
    format: Format,
) -> int:
    """List past runs, newest last: when, what, who, from which commit, and how their writes ended.

    With the id of a RUN, the beginning of one, or `last`, every write of it with the fields before
    and after. Secrets are never shown. A run that was cut off and a write whose outcome is unknown
    are marked; so is a commit (with +) where the manifests had changes that were not committed.

    \b
    reconciler history
    reconciler history --details --last 3
    reconciler history last
    reconciler history --address kobo/webhooks --since 7d
    reconciler history --format json
    """
    project = options.open(offline=True).project
    runs, running = history(project, last, run=run, addresses=addresses, since=since)
    say_all(format.history(runs, running, details or run is not None))
    if format.for_people and not runs:
        chosen = addresses or since
        note("No run did that." if chosen else "No run has written anything yet.")
    return 0
