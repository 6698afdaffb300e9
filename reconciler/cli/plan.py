"""`plan`: show what apply would do."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import click

from reconciler.cli.files import save_plan
from reconciler.cli.options import (
    GlobalOptions,
    choice,
    chosen_extent,
    extent_options,
    fail_on,
    format_option,
    global_options,
    plan_options,
)
from reconciler.cli.progress import show_progress
from reconciler.cli.reports import Reports, located, past_runs, report_option, show
from reconciler.cli.terminal import note, paint, report
from reconciler.errors import Severity
from reconciler.model import Action, Plan
from reconciler.report.formats import Format


@click.command()
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Save the plan.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 if there are changes.")
@fail_on
@plan_options
@format_option("plan")
@extent_options
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
    selected = choice(**chosen)
    format = chosen_extent(format, full, concise)
    reports.check_not(out)
    with reports.of_errors(), show_progress("Reading") as progress:
        workspace = options.open(observer=progress)
        plan = workspace.plan(selected)
    past = past_runs(workspace)
    if out:
        save_plan(out, plan)
    changes = detailed_exitcode and plan.changes_something
    unmanaged = any(
        selected.is_about(scope.address(name))
        for scope, names in plan.unmanaged.items()
        for name in names
    )
    code = exit_code(plan, changes or fails(plan, fail_on, unmanaged))
    code = reports.save(plan, code, past)
    show(format, lambda format: format.plan(located(format, plan), paint), past)
    report((*plan.diagnostics, *plan.refusals))
    if out and format.for_people:
        note(f"Saved the plan in {out}. {next_step(plan, out)}")
    return code


def next_step(plan: Plan, path: Path) -> str:
    """How to apply a saved plan, or why that will be refused."""
    if plan.refusals:
        return "Apply will refuse it: see above."
    environment = plan.origin.get("environment")
    env = f"--env {environment} " if environment else ""
    if plan.blocked:
        return (
            f"It leaves out what has errors. To apply it: reconciler {env}apply {path} "
            "--allow-partial"
        )
    return f"To apply exactly this plan: reconciler {env}apply {path}"


def exit_code(plan: Plan, changes: bool) -> int:
    """3 for a refusal, 1 for an error, 2 for changes that the user asked to be told of, else 0."""
    if plan.refusals:
        return 3
    if any(finding.severity is Severity.ERROR for finding in plan.diagnostics):
        return 1
    return 2 if changes else 0


def fails(plan: Plan, reasons: Collection[str], unmanaged: bool) -> bool:
    """Whether there is what `--fail-on` names: changes by hand, or `unmanaged` objects."""
    by_hand = any(change.action is Action.BY_HAND for change in plan.changes)
    return ("by-hand" in reasons and by_hand) or ("unmanaged" in reasons and unmanaged)
