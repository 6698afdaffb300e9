"""`promote`: plan to have in one environment what another has."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from reconciler.cli.diff import check_environments
from reconciler.cli.options import (
    GlobalOptions,
    chosen_extent,
    format_option,
    global_options,
    out_option,
    reading_options,
)
from reconciler.cli.plans import exit_code, show_plan
from reconciler.cli.progress import show_progress
from reconciler.cli.reports import Reports, report_option
from reconciler.report.formats import Format


@click.command()
@click.argument("first", metavar="ENV1")
@click.argument("second", metavar="ENV2")
@click.argument("addresses", metavar="ADDRESS...", nargs=-1, required=True)
@click.option("--with-references", is_flag=True, help="Also what they refer to and ENV2 lacks.")
@out_option
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 if there are changes.")
@format_option("plan")
@reading_options
@report_option("plan")
@global_options
def command(
    options: GlobalOptions,
    /,
    first: str,
    second: str,
    addresses: tuple[str, ...],
    with_references: bool,
    out: Path | None,
    detailed_exitcode: bool,
    format: Format,
    full: bool,
    concise: bool,
    reports: Reports,
) -> int:
    """Plan to have objects in ENV2 as they are live in ENV1. Never writes to a vendor.

    The saved plan is applied like any other, with the guards and policies of ENV2. Secrets cannot
    be read and are not carried over. `-` means no environment.

    \b
    reconciler promote staging production kobo/webhooks/erp --out erp.plan
    reconciler --env production apply erp.plan
    """
    from reconciler.app.options import PlanOptions
    from reconciler.app.side import environment_named

    check_environments(options, first, second)
    format = chosen_extent(format, full, concise)
    reports.check_not(out)
    choice = PlanOptions(
        promote=addresses, promote_from=first, with_references=with_references, full=full
    )
    target = replace(options, environment=environment_named(second))
    with reports.of_errors(), show_progress("Reading") as progress:
        workspace = target.open(observer=progress)
        plan = workspace.plan(choice)
    code = exit_code(plan, detailed_exitcode and plan.changes_something)
    return show_plan(workspace, plan, code, format, reports, out)
