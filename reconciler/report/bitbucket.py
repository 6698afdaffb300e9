"""Bitbucket's Code Insights: the body of a report, then bodies of at most 100 annotations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from reconciler.errors import Diagnostic
from reconciler.model import Applied, Drift, Plan, Validation
from reconciler.report import numbers, remarks
from reconciler.report.remarks import Level, Remark
from reconciler.report.sarif import identity
from reconciler.report.text import (
    applied_summary,
    drift_summary,
    summary,
    validation_summary,
)
from reconciler.values.text import json_text

MOST_DATA = 10
MINOR = frozenset({"record", "forget", "recorded", "unmanaged"})
"""Numbers that leave their place to others."""
MOST_ANNOTATIONS = 1_000
IN_ONE_CALL = 100
LONGEST_SUMMARY = 450
SEVERITIES = {Level.ERROR: "HIGH", Level.WARNING: "MEDIUM", Level.NOTICE: "LOW"}


def plan(plan: Plan, _paint: object, link: str = "") -> Iterator[str]:
    """A plan; it fails where apply would refuse it or something could not be planned."""
    found = remarks.plan_remarks(plan)
    yield from _bodies("plan", summary(plan), found, numbers.plan_numbers(plan), link)


def drift(drift: Drift, _paint: object, link: str = "") -> Iterator[str]:
    """A drift report; it fails where there is drift."""
    found = remarks.drift_remarks(drift)
    counted = numbers.drift_numbers(drift)
    yield from _bodies("drift", drift_summary(drift), found, counted, link, drift.found)


def applied(applied: Applied, link: str = "") -> Iterator[str]:
    """An apply; it fails where not all was applied."""
    found = remarks.applied_remarks(applied)
    counted = numbers.applied_numbers(applied)
    yield from _bodies("apply", applied_summary(applied), found, counted, link)


def validation(validation: Validation, link: str = "") -> Iterator[str]:
    """A validation; it fails where there are errors."""
    found = remarks.validation_remarks(validation)
    counted = numbers.validation_numbers(validation)
    yield from _bodies("validate", validation_summary(validation), found, counted, link)


def errors(findings: Sequence[Diagnostic], link: str = "") -> Iterator[str]:
    """The findings that ended a command."""
    found = [*remarks.finding_remarks(findings)]
    yield from _bodies("reconciler", "No result.", found, numbers.error_numbers(findings), link)


def _bodies(
    title: str,
    details: str,
    remarks: Sequence[Remark],
    numbers: Mapping[str, int | bool],
    link: str,
    failed: bool = False,
) -> Iterator[str]:
    """A line for each call: PUT the first to `…/reports/ID`, POST the others to its annotations."""
    failed = failed or any(remark.level is Level.ERROR for remark in remarks)
    left = max(0, len(remarks) - MOST_ANNOTATIONS)
    also = f" {left} more remarks are in the other reports of the job." if left else ""
    shown = ((name, number) for name, number in numbers.items() if name not in MINOR)
    data = [
        {"title": name.replace("_", " "), "type": kind, "value": number}
        for name, number in islice(shown, MOST_DATA)
        for kind in ("BOOLEAN" if isinstance(number, bool) else "NUMBER",)
    ]
    body = {
        "title": f"reconciler {title}",
        "details": f"{details}{also}",
        "report_type": "TEST",
        "reporter": "reconciler",
        "result": "FAILED" if failed else "PASSED",
        "data": data,
    }
    yield json_text(body | ({"link": link} if link else {}))
    seen: dict[str, int] = {}
    annotations = [_annotation(remark, seen) for remark in remarks[:MOST_ANNOTATIONS]]
    for start in range(0, len(annotations), IN_ONE_CALL):
        yield json_text(annotations[start : start + IN_ONE_CALL])


def _annotation(remark: Remark, seen: dict[str, int]) -> dict[str, Any]:
    place = {"path": remark.file, "line": max(1, remark.line)} if remark.file else {}
    return {
        "external_id": identity(remark, remark.rule, seen),
        "annotation_type": "BUG" if remark.level is Level.ERROR else "CODE_SMELL",
        "severity": SEVERITIES[remark.level],
        "summary": _cut(remark.text or remark.title or remark.rule),
        **place,
    }


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_SUMMARY else f"{text[: LONGEST_SUMMARY - 1]}…"
