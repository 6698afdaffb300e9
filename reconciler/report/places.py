"""The places in a result, seen from the repository that its workspace is in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from reconciler.errors import Diagnostic, Source
from reconciler.model import Applied, Change, Drift, Outcome, Plan, Validation

Result = Plan | Drift | Applied | Validation


def in_repository(result: Result, folder: str) -> Result:
    """The result with `folder`, the path of the workspace in its repository, before the path of
    every file that a finding or an entry is from."""
    if not folder:
        return result
    if isinstance(result, Plan):
        return _plan(result, folder)
    if isinstance(result, Drift):
        return replace(result, plan=_plan(result.plan, folder))
    if isinstance(result, Applied):
        return replace(
            result,
            plan=_plan(result.plan, folder),
            outcomes=tuple(_outcome(outcome, folder) for outcome in result.outcomes),
            problems=findings_in_repository(result.problems, folder),
        )
    return replace(result, diagnostics=findings_in_repository(result.diagnostics, folder))


def findings_in_repository(findings: Iterable[Diagnostic], folder: str) -> tuple[Diagnostic, ...]:
    """The findings with `folder` before the paths of their files."""
    return tuple(
        replace(
            finding,
            source=_source(finding.source, folder),
            others=tuple(replace(o, source=_source(o.source, folder)) for o in finding.others),
        )
        for finding in findings
    )


def _plan(plan: Plan, folder: str) -> Plan:
    return replace(
        plan,
        changes=tuple(_change(change, folder) for change in plan.changes),
        diagnostics=findings_in_repository(plan.diagnostics, folder),
        refusals=findings_in_repository(plan.refusals, folder),
    )


def _outcome(outcome: Outcome, folder: str) -> Outcome:
    finding = outcome.diagnostic
    return replace(
        outcome,
        change=_change(outcome.change, folder),
        diagnostic=findings_in_repository([finding], folder)[0] if finding else None,
    )


def _change(change: Change, folder: str) -> Change:
    return replace(change, source=_source(change.source, folder))


def _source(source: Source | None, folder: str) -> Source | None:
    return source and replace(source, file=f"{folder}/{source.file}")
