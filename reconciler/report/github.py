"""What a step on GitHub may write besides Markdown: annotations, and outputs for later steps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from reconciler.errors import Diagnostic
from reconciler.model import Applied, Drift, Plan, Validation
from reconciler.report import remarks
from reconciler.report.numbers import (
    applied_numbers,
    drift_numbers,
    error_numbers,
    plan_numbers,
    validation_numbers,
)
from reconciler.report.remarks import Level, Remark
from reconciler.report.text import (
    applied_summary,
    drift_summary,
    summary,
    validation_summary,
)

MOST = 10
"""GitHub shows so many annotations of each level and step."""
# https://docs.github.com/actions: workflow commands, and the toolkit that writes them
_DATA = {ord("%"): "%25", ord("\r"): "%0D", ord("\n"): "%0A"}
_PROPERTY = _DATA | {ord(":"): "%3A", ord(","): "%2C"}


def plan_annotations(plan: Plan, _paint: object) -> Iterator[str]:
    """The remarks about a plan."""
    yield from _annotations(remarks.plan_remarks(plan), summary(plan))


def drift_annotations(drift: Drift, _paint: object) -> Iterator[str]:
    """The remarks about drift."""
    yield from _annotations(remarks.drift_remarks(drift), drift_summary(drift))


def applied_annotations(applied: Applied) -> Iterator[str]:
    """The remarks about an apply."""
    yield from _annotations(remarks.applied_remarks(applied), applied_summary(applied))


def validation_annotations(validation: Validation) -> Iterator[str]:
    """The findings in the manifests."""
    yield from _annotations(remarks.validation_remarks(validation), validation_summary(validation))


def error_annotations(findings: Sequence[Diagnostic]) -> Iterator[str]:
    """The findings that ended a command."""
    yield from _annotations(remarks.finding_remarks(findings), "No result.")


def _annotations(remarks: Iterable[Remark], summary: str) -> Iterator[str]:
    """A command for each remark, as many as are shown; then the summary, with how many more there
    are."""
    seen: Counter[Level] = Counter()
    # The last line is a notice too.
    most = {Level.ERROR: MOST, Level.WARNING: MOST, Level.NOTICE: MOST - 1}
    for remark in remarks:
        seen[remark.level] += 1
        if seen[remark.level] <= most[remark.level]:
            yield _command(remark)
    more = sum(max(0, count - most[level]) for level, count in seen.items())
    also = f" {more} more remarks are in the job's log and in its reports." if more else ""
    yield f"::notice title=reconciler::{summary}{also}"


def _command(remark: Remark) -> str:
    place = {
        "file": remark.file,
        "line": str(remark.line or ""),
        "col": str(remark.column or ""),
        "title": remark.title,
    }
    shown = ",".join(f"{name}={text.translate(_PROPERTY)}" for name, text in place.items() if text)
    return f"::{remark.level} {shown}::{remark.text.translate(_DATA)}"


def plan_outputs(plan: Plan, _paint: object) -> Iterator[str]:
    """The numbers of a plan."""
    yield from _outputs(plan_numbers(plan))


def drift_outputs(drift: Drift, _paint: object) -> Iterator[str]:
    """The numbers of a drift report."""
    yield from _outputs(drift_numbers(drift))


def applied_outputs(applied: Applied) -> Iterator[str]:
    """The numbers of an apply."""
    yield from _outputs(applied_numbers(applied))


def validation_outputs(validation: Validation) -> Iterator[str]:
    """The numbers of a validation."""
    yield from _outputs(validation_numbers(validation))


def error_outputs(findings: Sequence[Diagnostic]) -> Iterator[str]:
    """That there is no result."""
    yield from _outputs(error_numbers(findings))


def _outputs(numbers: Mapping[str, int | bool]) -> Iterator[str]:
    """`name=value` lines, none of which holds a text of others."""
    for name, number in numbers.items():
        yield f"{name}={str(number).lower()}"
