"""`drift`: show what changed at the vendors since the last apply."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import click

from reconciler.cli.accept import accept_drift
from reconciler.cli.options import (
    GlobalOptions,
    chosen_extent,
    fail_on,
    format_option,
    global_options,
    reading_options,
    selection,
)
from reconciler.cli.plans import exit_code, fails, show_plan
from reconciler.cli.progress import show_progress
from reconciler.cli.reports import Reports, located, past_runs, report_option, show
from reconciler.cli.terminal import paint, report
from reconciler.model import Drift
from reconciler.report.formats import Format


@click.command()
@click.argument("addresses", nargs=-1, metavar="[ADDRESS]...")
@click.option("--accept", is_flag=True, help="Write what is live at ADDRESS into the manifests.")
@click.option("--revert", is_flag=True, help="Make a plan that puts back what changed.")
@click.option("--all", "everything", is_flag=True, help="Accept everything that drifted.")
@click.option("--dry-run", is_flag=True, help="Show what --accept would write, and write nothing.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Save the plan of --revert."
)
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 if there is drift.")
@fail_on
@selection
@format_option("drift")
@reading_options
@report_option("drift")
@global_options
def command(
    options: GlobalOptions,
    /,
    addresses: tuple[str, ...],
    accept: bool,
    revert: bool,
    everything: bool,
    dry_run: bool,
    out: Path | None,
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
    reconciler drift --accept kobo/webhooks/erp-sync
    reconciler drift --revert --out revert.plan
    """
    from reconciler.app.options import PlanOptions

    _check(addresses, accept, revert, everything, dry_run, out, bool(target or exclude))
    if accept:
        return accept_drift(options, addresses, dry_run)
    format = chosen_extent(format, full, concise)
    if revert:
        return _plan_put_back(options, addresses, out, format, reports, full)
    with reports.of_errors(), show_progress("Reading") as progress:
        workspace = options.open(observer=progress)
        drift = workspace.drift(PlanOptions(target, exclude, full=full))
    past = past_runs(workspace)
    code = reports.save(drift, exit_code_of(drift, fail_on, detailed_exitcode), past)
    show(format, lambda format: format.drift(located(format, drift), paint), past)
    report(drift.plan.diagnostics)
    return code


def _check(
    addresses: Collection[str],
    accept: bool,
    revert: bool,
    everything: bool,
    dry_run: bool,
    out: Path | None,
    narrowed: bool,
) -> None:
    """Raise a usage error for options that contradict each other."""
    if accept and revert:
        raise click.UsageError("--accept and --revert cannot be combined.")
    if addresses and not (accept or revert):
        raise click.UsageError("Addresses go with --accept or --revert; --target narrows a report.")
    if narrowed and (accept or revert):
        raise click.UsageError(
            "Give addresses, not --target or --exclude, to --accept and --revert."
        )
    if accept and bool(addresses) is everything:
        raise click.UsageError("Name what to accept, or accept everything that drifted with --all.")
    if everything and not accept:
        raise click.UsageError("--all goes with --accept.")
    if dry_run and not accept:
        raise click.UsageError("--dry-run goes with --accept.")
    if out and not revert:
        raise click.UsageError("--out goes with --revert.")


def _plan_put_back(
    options: GlobalOptions,
    addresses: tuple[str, ...],
    out: Path | None,
    format: Format,
    reports: Reports,
    full: bool,
) -> int:
    """Show a plan that puts back what drifted, and save it."""
    reports.check_not(out)
    with reports.of_errors(), show_progress("Reading") as progress:
        workspace = options.open(observer=progress)
        plan = workspace.plan_put_back(*addresses, full=full)
    return show_plan(workspace, plan, exit_code(plan, False), format, reports, out)


def exit_code_of(drift: Drift, fail_on: Collection[str], detailed: bool) -> int:
    """1 where nobody can say that there is no drift, else as for a plan."""
    if detailed and not drift.applied and not drift.found:
        return 1
    failed = fails(drift.plan, fail_on, bool(drift.plan.unmanaged or drift.undeclared))
    return exit_code(drift.plan, failed or (detailed and drift.found))
