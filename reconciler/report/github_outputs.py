"""Outputs of a step on GitHub, for later steps: numbers, and no text of others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reconciler.errors import Diagnostic
from reconciler.model import Applied, Drift, Plan, Validation
from reconciler.report.numbers import (
    Numbers,
    applied_numbers,
    drift_numbers,
    error_numbers,
    plan_numbers,
    validation_numbers,
)


def plan(plan: Plan, _paint: object) -> Iterator[str]:
    """The numbers of a plan."""
    yield from _outputs(plan_numbers(plan))


def drift(drift: Drift, _paint: object) -> Iterator[str]:
    """The numbers of a drift report."""
    yield from _outputs(drift_numbers(drift))


def applied(applied: Applied) -> Iterator[str]:
    """The numbers of an apply."""
    yield from _outputs(applied_numbers(applied))


def validation(validation: Validation) -> Iterator[str]:
    """The numbers of a validation."""
    yield from _outputs(validation_numbers(validation))


def errors(findings: Sequence[Diagnostic]) -> Iterator[str]:
    """That there is no result."""
    yield from _outputs(error_numbers(findings))


def _outputs(numbers: Numbers) -> Iterator[str]:
    """`name=value` lines, none of which holds a text of others."""
    for name, number in numbers.items():
        yield f"{name}={str(number).lower()}"
