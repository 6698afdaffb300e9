"""The numbers of a result by names of ours: what machines count, with no text of others in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from reconciler.errors import Diagnostic, Severity
from reconciler.model import Action, Applied, Drift, Plan, Status, Validation
from reconciler.report.rows import counts

Numbers = Mapping[str, int | bool]


def plan_numbers(plan: Plan) -> Numbers:
    """What a plan does; `changes` is what `--detailed-exitcode` says."""
    return {
        "changes": plan.changes_something,
        **counts(plan),
        "refused": bool(plan.refusals),
        "deferred": len(plan.deferred),
        "unmanaged": sum(map(len, plan.unmanaged.values())),
        **_findings((*plan.diagnostics, *plan.refusals)),
    }


def drift_numbers(drift: Drift) -> Numbers:
    """What drifted; where `complete` is false, there may be more."""
    tally = drift.plan.tally()
    return {
        "drift": drift.found,
        "complete": drift.complete and drift.applied,
        "changed": tally[Action.ADOPT],
        "deleted": tally[Action.FORGET],
        "by_hand": tally[Action.BY_HAND],
        "undeclared": sum(map(len, drift.undeclared.values())),
        "unmanaged": sum(map(len, drift.plan.unmanaged.values())),
        "deferred": len(drift.plan.deferred),
        **_findings(drift.plan.diagnostics),
    }


def applied_numbers(applied: Applied) -> Numbers:
    """How the changes of an apply ended."""
    tally = applied.tally()
    return {
        "complete": applied.complete,
        **{status.value.replace(" ", "_"): tally[status] for status in Status},
        "recorded": applied.recorded,
        **_findings((*applied.problems, *applied.plan.diagnostics)),
    }


def validation_numbers(validation: Validation) -> Numbers:
    """Whether the manifests are valid."""
    return {
        "valid": validation.valid,
        "resources": validation.resources,
        **_findings(validation.diagnostics),
    }


def error_numbers(findings: Sequence[Diagnostic]) -> Numbers:
    """The findings that ended a command."""
    return _findings(findings)


def _findings(findings: Iterable[Diagnostic]) -> Numbers:
    severities = [finding.severity for finding in findings]
    return {
        "errors": severities.count(Severity.ERROR),
        "warnings": severities.count(Severity.WARNING),
    }
