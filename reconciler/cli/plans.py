"""What every command does with the plan that it made: show it, save it, say how to apply it."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.cli.files import save_plan
from reconciler.cli.reports import Reports, located, past_runs, show
from reconciler.cli.terminal import note, paint, report
from reconciler.errors import Severity
from reconciler.model import Action, Plan
from reconciler.report.formats import Format

if TYPE_CHECKING:
    from reconciler.app.workspace import Workspace


def show_plan(
    workspace: Workspace,
    plan: Plan,
    code: int,
    format: Format,
    reports: Reports,
    out: Path | None,
) -> int:
    """Print a plan, and save it and the reports of it; gives the exit code: `code`, or what
    `Reports.save` makes of it."""
    past = past_runs(workspace)
    if out:
        save_plan(out, plan)
    code = reports.save(plan, code, past)
    show(format, lambda format: format.plan(located(format, plan), paint), past)
    report((*plan.diagnostics, *plan.refusals))
    if out and format.for_people:
        note(f"Saved the plan in {out}. {_next_step(plan, out)}")
    return code


def _next_step(plan: Plan, path: Path) -> str:
    """How to apply a saved plan, or why that will be refused."""
    if plan.refusals:
        return "Apply will refuse it: see above."
    environment = plan.origin.get("environment")
    apply = f"reconciler {f'--env {environment} ' if environment else ''}apply {path}"
    if plan.blocked:
        return f"It leaves out what has errors. To apply it: {apply} --allow-partial"
    return f"To apply exactly this plan: {apply}"


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
