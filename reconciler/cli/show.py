"""`show`: show a saved plan."""

from __future__ import annotations

from pathlib import Path

import click

from reconciler.cli.files import read_plan
from reconciler.cli.options import format_option, full_option
from reconciler.cli.terminal import paint, report, say_all
from reconciler.report.formats import Format


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@format_option("plan")
@full_option
def command(file: Path, format: Format, full: bool) -> int:
    """Show a saved plan, in any format."""
    plan = read_plan(file)
    say_all((format.in_full if full else format).plan(plan, paint))
    report((*plan.diagnostics, *plan.refusals))
    return 0
