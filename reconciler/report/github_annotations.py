"""Annotations on GitHub: commands that its runner shows at lines of files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from reconciler.errors import Diagnostic
from reconciler.model import Applied, Drift, Plan, Validation
from reconciler.report import remarks
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


def plan(plan: Plan, _paint: object) -> Iterator[str]:
    """The remarks about a plan."""
    yield from _annotations(remarks.plan_remarks(plan), summary(plan))


def drift(drift: Drift, _paint: object) -> Iterator[str]:
    """The remarks about drift."""
    yield from _annotations(remarks.drift_remarks(drift), drift_summary(drift))


def applied(applied: Applied) -> Iterator[str]:
    """The remarks about an apply."""
    yield from _annotations(remarks.applied_remarks(applied), applied_summary(applied))


def validation(validation: Validation) -> Iterator[str]:
    """The findings in the manifests."""
    yield from _annotations(remarks.validation_remarks(validation), validation_summary(validation))


def errors(findings: Sequence[Diagnostic]) -> Iterator[str]:
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
