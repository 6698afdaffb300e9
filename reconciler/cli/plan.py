"""`plan`: show what apply would do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from reconciler.cli.options import (
    GlobalOptions,
    choice,
    chosen_extent,
    fail_on,
    format_option,
    global_options,
    out_option,
    plan_options,
    reading_options,
)
from reconciler.cli.plans import exit_code, fails, show_plan
from reconciler.cli.progress import show_progress
from reconciler.cli.reports import Reports, report_option
from reconciler.report.formats import Format


@click.command()
@out_option
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 if there are changes.")
@fail_on
@plan_options
@format_option("plan")
@reading_options
@report_option("plan")
@global_options
def command(
    options: GlobalOptions,
    /,
    out: Path | None,
    detailed_exitcode: bool,
    fail_on: tuple[str, ...],
    format: Format,
    full: bool,
    concise: bool,
    reports: Reports,
    **chosen: Any,
) -> int:
    """Show what apply would do. Never writes to a vendor.

    \b
    reconciler plan
    reconciler plan --out tonight.plan --detailed-exitcode
    reconciler plan --target kobo/webhooks --fail-on by-hand
    reconciler plan --report markdown=plan.md --report junit=junit.xml
    """
    selected = choice(full=full, **chosen)
    format = chosen_extent(format, full, concise)
    reports.check_not(out)
    whole = bool(out) or format.unchanged or reports.unchanged
    with reports.of_errors(), show_progress("Reading") as progress:
        workspace = options.open(observer=progress)
        plan = workspace.plan(selected, whole=whole)
    changes = detailed_exitcode and plan.changes_something
    unmanaged = any(
        selected.is_about(scope.address(name))
        for scope, names in plan.unmanaged.items()
        for name in names
    )
    code = exit_code(plan, changes or fails(plan, fail_on, unmanaged))
    return show_plan(workspace, plan, code, format, reports, out)
