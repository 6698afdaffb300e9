"""`validate`: check the workspace and its manifests."""

from __future__ import annotations

import click

from reconciler.cli.options import GlobalOptions, format_option, global_options
from reconciler.cli.progress import show_progress
from reconciler.cli.reports import Reports, located, report_option, show
from reconciler.cli.terminal import note, report
from reconciler.errors import ReconcilerError
from reconciler.model import Validation
from reconciler.report.formats import Format
from reconciler.report.text import validation_summary


@click.command()
@click.option(
    "--online", is_flag=True, help="Also check references and listed values with the vendors."
)
@format_option("validation")
@report_option("validation")
@global_options
def command(options: GlobalOptions, /, online: bool, format: Format, reports: Reports) -> int:
    """Check the workspace and its manifests; needs no network and no credentials.

    \b
    reconciler validate
    reconciler validate --online
    reconciler validate --report sarif=findings.sarif
    """
    result = _validate(options, online)
    code = reports.save(result, 0 if result.valid else 1)
    if format.for_people:
        report(result.diagnostics)
    show(format, lambda format: format.validation(located(format, result)))
    if format.for_people and not result.valid:
        note(validation_summary(result))
    return code


def _validate(options: GlobalOptions, online: bool) -> Validation:
    """The findings in the manifests, or those in reconciler.yaml if it cannot be used."""
    try:
        if not online:
            return options.open(offline=True).validate()
        with show_progress("Reading") as progress:
            return options.open(observer=progress).validate(online=True)
    except ReconcilerError as error:
        return Validation(0, error.diagnostics)
