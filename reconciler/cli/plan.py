"""`plan`: show what apply would do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from reconciler import planfile
from reconciler.app.files import write_file
from reconciler.cli.options import (
    GlobalOptions,
    choice,
    format_option,
    global_options,
    plan_options,
)
from reconciler.cli.progress import show_progress
from reconciler.cli.terminal import note, paint, report, say_all
from reconciler.errors import Severity
from reconciler.model import Plan
from reconciler.report.formats import Format


@click.command()
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Save the plan.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 if there are changes.")
@plan_options
@format_option("plan")
@global_options
def command(
    options: GlobalOptions,
    /,
    out: Path | None,
    detailed_exitcode: bool,
    format: Format,
    **chosen: Any,
) -> int:
    """Show what apply would do. Never writes to a vendor.

    \b
    reconciler plan
    reconciler plan --out tonight.plan --detailed-exitcode
    reconciler plan --target kobo/webhooks
    """
    with show_progress("Reading") as progress:
        plan = options.open(observer=progress).plan(choice(**chosen))
    if out:
        write_file(out, planfile.write(plan) + "\n", 0o600, "Name another file with --out.")
    say_all(format.plan(plan, paint))
    report((*plan.diagnostics, *plan.refusals))
    if out and format.for_people:
        note(
            f"Saved the plan in {out}. Apply will refuse it: see above."
            if plan.refusals
            else f"Saved the plan in {out}. To apply exactly this plan: reconciler apply {out}"
        )
    return exit_code(plan, detailed_exitcode and plan.changes_something)


def exit_code(plan: Plan, changes: bool) -> int:
    """3 for a refusal, 1 for an error, 2 for changes that the user asked to be told of, else 0."""
    if plan.refusals:
        return 3
    if any(finding.severity is Severity.ERROR for finding in plan.diagnostics):
        return 1
    return 2 if changes else 0
