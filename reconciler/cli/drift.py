"""`drift`: show what changed at the vendors since the last apply."""

from __future__ import annotations

import click

from reconciler.cli.options import (
    GlobalOptions,
    fail_on,
    format_option,
    full_option,
    global_options,
    selection,
)
from reconciler.cli.plan import exit_code, fails
from reconciler.cli.progress import show_progress
from reconciler.cli.terminal import paint, report, say_all
from reconciler.report.formats import Format


@click.command()
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 if there is drift.")
@fail_on
@selection
@format_option("drift")
@full_option
@global_options
def command(
    options: GlobalOptions,
    /,
    detailed_exitcode: bool,
    fail_on: tuple[str, ...],
    target: tuple[str, ...],
    exclude: tuple[str, ...],
    format: Format,
    full: bool,
) -> int:
    """Show what differs from what was last applied, and what is unmanaged.

    Differences that only a person can resolve count as drift here, and so do undeclared objects of
    exclusive kinds.

    \b
    reconciler drift --detailed-exitcode
    reconciler drift --target kobo/webhooks --fail-on unmanaged
    """
    from reconciler.app.options import PlanOptions

    with show_progress("Reading") as progress:
        drift = options.open(observer=progress).drift(PlanOptions(target, exclude))
    say_all((format.in_full if full else format).drift(drift, paint))
    report(drift.plan.diagnostics)
    if detailed_exitcode and not drift.applied and not drift.found:
        return 1  # Nobody can say that there is none.
    failed = fails(drift.plan, fail_on, bool(drift.plan.unmanaged or drift.undeclared))
    return exit_code(drift.plan, failed or (detailed_exitcode and drift.found))
