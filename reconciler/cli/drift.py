"""`drift`: show what changed at the vendors since the last apply."""

from __future__ import annotations

from collections.abc import Collection

import click

from reconciler.cli.options import (
    GlobalOptions,
    chosen_extent,
    extent_options,
    fail_on,
    format_option,
    global_options,
    selection,
)
from reconciler.cli.plan import exit_code, fails
from reconciler.cli.progress import show_progress
from reconciler.cli.reports import Reports, located, report_option, show
from reconciler.cli.terminal import paint, report
from reconciler.model import Drift
from reconciler.report.formats import Format


@click.command()
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 if there is drift.")
@fail_on
@selection
@format_option("drift")
@extent_options
@report_option("drift")
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
    concise: bool,
    reports: Reports,
) -> int:
    """Show what differs from what was last applied, and what is unmanaged.

    Differences that only a person can resolve count as drift here, and so do undeclared objects of
    exclusive kinds.

    \b
    reconciler drift --detailed-exitcode
    reconciler drift --target kobo/webhooks --fail-on unmanaged
    """
    from reconciler.app.options import PlanOptions

    format = chosen_extent(format, full, concise)
    with reports.of_errors(), show_progress("Reading") as progress:
        drift = options.open(observer=progress).drift(PlanOptions(target, exclude))
    code = reports.save(drift, exit_code_of(drift, fail_on, detailed_exitcode))
    show(format, lambda format: format.drift(located(format, drift), paint))
    report(drift.plan.diagnostics)
    return code


def exit_code_of(drift: Drift, fail_on: Collection[str], detailed: bool) -> int:
    """1 where nobody can say that there is no drift, else as for a plan."""
    if detailed and not drift.applied and not drift.found:
        return 1
    failed = fails(drift.plan, fail_on, bool(drift.plan.unmanaged or drift.undeclared))
    return exit_code(drift.plan, failed or (detailed and drift.found))
