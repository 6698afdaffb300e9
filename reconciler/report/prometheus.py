"""Metrics for the textfile collector of Prometheus' node exporter: counts, and no name of an
object."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from reconciler.errors import Diagnostic
from reconciler.model import Action, Applied, Change, Drift, Plan, Validation
from reconciler.report.numbers import (
    Numbers,
    applied_numbers,
    drift_numbers,
    error_numbers,
    plan_numbers,
    validation_numbers,
)
from reconciler.values.text import printable

LONGEST_LABEL = 200
# https://prometheus.io/docs/instrumenting/exposition_formats/: the text format
_LABEL = {ord("\\"): r"\\", ord('"'): r"\"", ord("\n"): r"\n"}


def plan(plan: Plan, _paint: object) -> Iterator[str]:
    """The numbers of a plan, and its changes by provider, kind and action."""
    yield from _numbers("plan", plan_numbers(plan), _workspace(plan))
    yield from _changes("plan", plan.changes, _workspace(plan))


def drift(drift: Drift, _paint: object) -> Iterator[str]:
    """The numbers of a drift report, and what drifted by provider, kind and action."""
    yield from _numbers("drift", drift_numbers(drift), _workspace(drift.plan))
    yield from _changes("drift", drift.plan.changes, _workspace(drift.plan))


def applied(applied: Applied) -> Iterator[str]:
    """The numbers of an apply."""
    yield from _numbers("apply", applied_numbers(applied), _workspace(applied.plan))


def validation(validation: Validation) -> Iterator[str]:
    """The numbers of a validation."""
    yield from _numbers("validate", validation_numbers(validation), {})


def errors(findings: Sequence[Diagnostic]) -> Iterator[str]:
    """That a command ended without a result. A scheduled run that cannot look has no numbers of
    drift: an alert on their absence sees that."""
    yield from _numbers("failed_run", error_numbers(findings), {})


def _workspace(plan: Plan) -> Mapping[str, str]:
    names = {name: plan.origin.get(name) for name in ("workspace", "environment")}
    return {name: str(value) for name, value in names.items() if value}


def _numbers(command: str, numbers: Numbers, labels: Mapping[str, str]) -> Iterator[str]:
    for name, number in numbers.items():
        metric = f"reconciler_{command}_{name}"
        yield f"# TYPE {metric} gauge"
        yield f"{metric}{_labels(labels)} {int(number)}"


def _changes(command: str, changes: Iterable[Change], labels: Mapping[str, str]) -> Iterator[str]:
    """How many changes of each kind and action, for graphs and for alerts on a single kind."""
    metric = f"reconciler_{command}_entries"
    tally = Counter((change.address.scope, change.action) for change in changes)
    yield f"# HELP {metric} Objects by kind and by what happens to them."
    yield f"# TYPE {metric} gauge"
    lines: dict[str, int] = {}
    for (scope, action), count in tally.items():
        if action is not Action.NO_OP:
            own = {"provider": scope.provider, "kind": scope.kind, "action": action.value}
            # Two names may be one once they are cut, and a series comes once.
            line = f"{metric}{_labels({**labels, **own})}"
            lines[line] = lines.get(line, 0) + count
    yield from (f"{line} {count}" for line, count in lines.items())


def _labels(labels: Mapping[str, str]) -> str:
    shown = (
        f'{name}="{printable(value, LONGEST_LABEL).translate(_LABEL)}"'
        for name, value in labels.items()
    )
    return f"{{{','.join(shown)}}}" if labels else ""
