"""`show`: show a saved plan."""

from __future__ import annotations

from pathlib import Path

import click

from reconciler.cli.files import read_plan
from reconciler.cli.options import chosen_extent, extent_options, format_option
from reconciler.cli.reports import Reports, located, report_option, show
from reconciler.cli.terminal import paint, report
from reconciler.report.formats import Format


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@format_option("plan")
@extent_options
@report_option("plan")
def command(file: Path, format: Format, full: bool, concise: bool, reports: Reports) -> int:
    """Show a saved plan, in any format.

    \b
    reconciler show tonight.plan
    reconciler show tonight.plan --report markdown=plan.md
    """
    format = chosen_extent(format, full, concise)
    reports.check_not(file)
    with reports.of_errors():
        plan = read_plan(file)
    code = reports.save(plan, 0)
    show(format, lambda format: format.plan(located(format, plan), paint))
    report((*plan.diagnostics, *plan.refusals))
    return code
