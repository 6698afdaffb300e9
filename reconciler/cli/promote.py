"""`promote`: plan to have in one environment what another has."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from reconciler.cli.diff import check_environments
from reconciler.cli.files import save_plan
from reconciler.cli.options import (
    GlobalOptions,
    chosen_extent,
    extent_options,
    format_option,
    global_options,
)
from reconciler.cli.plan import exit_code, next_step
from reconciler.cli.progress import show_progress
from reconciler.cli.reports import Reports, located, report_option, show
from reconciler.cli.terminal import note, paint, report
from reconciler.report.formats import Format


@click.command()
@click.argument("first", metavar="ENV1")
@click.argument("second", metavar="ENV2")
@click.argument("addresses", metavar="ADDRESS...", nargs=-1, required=True)
@click.option("--with-references", is_flag=True, help="Also what they refer to and ENV2 lacks.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Save the plan.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 if there are changes.")
@format_option("plan")
@extent_options
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
    choice = PlanOptions(promote=addresses, promote_from=first, with_references=with_references)
    target = replace(options, environment=environment_named(second))
    with reports.of_errors(), show_progress("Reading") as progress:
        plan = target.open(observer=progress).plan(choice)
    if out:
        save_plan(out, plan)
    code = exit_code(plan, detailed_exitcode and plan.changes_something)
    code = reports.save(plan, code)
    show(format, lambda format: format.plan(located(format, plan), paint))
    report((*plan.diagnostics, *plan.refusals))
    if out and format.for_people:
        note(f"Saved the plan in {out}. {next_step(plan, out)}")
    return code
