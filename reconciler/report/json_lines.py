"""JSON lines: what happens as it happens, one document on each line, with no values in it.

`@timestamp` is when the line was made, in UTC as RFC 3339 has it: Terraform's name for the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from reconciler.errors import Diagnostic
from reconciler.model import Action, Applied, Change, Drift, Outcome, Plan, Validation
from reconciler.report.context import Clock, now
from reconciler.report.json import DRIFTED, diagnostic_document, line, outcome_document
from reconciler.report.numbers import (
    Numbers,
    applied_numbers,
    drift_numbers,
    plan_numbers,
    validation_numbers,
)
from reconciler.values.text import dotted


def plan(plan: Plan, _paint: object, clock: Clock = now) -> Iterator[str]:
    """Each change that is planned, each finding, and the numbers."""
    for change in plan.changes:
        if change.action is not Action.NO_OP:
            yield _line(clock, type="planned_change", **_change(change))
    yield from errors(plan.diagnostics, clock)
    for finding in plan.refusals:
        yield _line(clock, type="refusal", diagnostic=diagnostic_document(finding))
    yield _summary(clock, "plan", plan_numbers(plan))


def drift(drift: Drift, _paint: object, clock: Clock = now) -> Iterator[str]:
    """Each object that drifted, each finding, and the numbers."""
    for change in drift.plan.changes:
        if change.action in DRIFTED:
            yield _line(clock, type="drift", drift=DRIFTED[change.action], **_change(change))
    yield from errors(drift.plan.diagnostics, clock)
    yield _summary(clock, "drift", drift_numbers(drift))


def outcome(outcome: Outcome, clock: Clock = now) -> Iterator[str]:
    """How one change ended, when it ends."""
    yield _line(clock, type="outcome", **outcome_document(outcome))


def applied(applied: Applied, clock: Clock = now) -> Iterator[str]:
    """Each finding beside the outcomes, and the numbers."""
    yield from errors((*applied.problems, *applied.plan.diagnostics), clock)
    yield _summary(clock, "apply", applied_numbers(applied))


def validation(validation: Validation, clock: Clock = now) -> Iterator[str]:
    """Each finding, and the numbers."""
    yield from errors(validation.diagnostics, clock)
    yield _summary(clock, "validate", validation_numbers(validation))


def errors(findings: Iterable[Diagnostic], clock: Clock = now) -> Iterator[str]:
    """Each finding."""
    for finding in findings:
        yield _line(clock, type="diagnostic", diagnostic=diagnostic_document(finding))


def _summary(clock: Clock, command: str, numbers: Numbers) -> str:
    return _line(clock, type="summary", command=command, **numbers)


def _line(clock: Clock, **members: Any) -> str:
    at = clock().isoformat(timespec="microseconds").replace("+00:00", "Z")
    return line(**{"@timestamp": at}, **members)


def _change(change: Change) -> dict[str, object]:
    """What happens to which object, and the names of the fields that differ."""
    return {
        "address": str(change.address),
        "action": change.action.value,
        "cause": change.cause and change.cause.value,
        "reason": change.reason,
        "fields": list(dict.fromkeys(dotted(f.path, f.place) for f in change.fields)),
        "source": change.source and asdict(change.source),
    }
