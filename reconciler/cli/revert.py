"""`revert`: make a plan that undoes a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from reconciler.cli.options import (
    GlobalOptions,
    allow_deletes_option,
    allow_updates_option,
    chosen_extent,
    format_option,
    global_options,
    out_option,
    reading_options,
)
from reconciler.cli.plans import exit_code, show_plan
from reconciler.cli.progress import show_progress
from reconciler.cli.reports import Reports, report_option
from reconciler.cli.terminal import note
from reconciler.report.formats import Format


@click.command()
@click.argument("run")
@out_option
@click.option("--allow-partial", is_flag=True, help="Undo what can be undone, without the rest.")
@allow_deletes_option
@allow_updates_option
@format_option("plan")
@reading_options
@report_option("plan")
@global_options
def command(
    options: GlobalOptions,
    /,
    run: str,
    out: Path | None,
    format: Format,
    full: bool,
    concise: bool,
    reports: Reports,
    **chosen: Any,
) -> int:
    """Make a plan that undoes RUN, given by its id, the beginning of one, or `last`.

    What the run created is destroyed, the fields that it changed get their old values, and what it
    destroyed is created again. What has changed again since, and what cannot be undone, is said.
    Guards and protections hold as for any plan. Nothing is written to a vendor before `apply`.
    `reconciler history` lists the runs.

    \b
    reconciler revert 9f3b61c204d7 --out undo.plan
    reconciler apply undo.plan
    """
    from reconciler.app.options import PlanOptions

    format = chosen_extent(format, full, concise)
    reports.check_not(out)
    with reports.of_errors(), show_progress("Reading") as progress:
        workspace = options.open(observer=progress)
        plan = workspace.revert(run, PlanOptions(**chosen, full=full))
    code = show_plan(workspace, plan, exit_code(plan, changes=False), format, reports, out)
    if format.for_people and not (out or plan.idle):
        env = f"--env {options.environment} " if options.environment else ""
        note(f"To apply it, save it first: reconciler {env}revert {run} --out FILE")
    return code
