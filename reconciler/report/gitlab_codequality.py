"""Code Quality for GitLab's merge requests: remarks at lines of files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from reconciler.errors import Diagnostic
from reconciler.model import Applied, Drift, Plan, Validation
from reconciler.report.remarks import (
    Level,
    Remark,
    applied_remarks,
    drift_remarks,
    finding_remarks,
    plan_remarks,
    validation_remarks,
)
from reconciler.report.sarif import WORKSPACE_FILE, identity
from reconciler.values.text import json_text

SEVERITIES = {Level.ERROR: "critical", Level.WARNING: "minor", Level.NOTICE: "info"}


def plan(plan: Plan, _paint: object) -> Iterator[str]:
    """The remarks about a plan."""
    yield _quality(plan_remarks(plan))


def drift(drift: Drift, _paint: object) -> Iterator[str]:
    """The remarks about drift."""
    yield _quality(drift_remarks(drift))


def applied(applied: Applied) -> Iterator[str]:
    """The remarks about an apply."""
    yield _quality(applied_remarks(applied))


def validation(validation: Validation) -> Iterator[str]:
    """The findings in the manifests."""
    yield _quality(validation_remarks(validation))


def errors(findings: Sequence[Diagnostic]) -> Iterator[str]:
    """The findings that ended a command."""
    yield _quality([*finding_remarks(findings)])


def _quality(remarks: Sequence[Remark]) -> str:
    """An array of issues: one that GitLab could not read would hide all that follow it, and of two
    with one fingerprint it shows one."""
    seen: dict[str, int] = {}
    return json_text([_issue(remark, seen) for remark in remarks])


def _issue(remark: Remark, seen: dict[str, int]) -> dict[str, Any]:
    rule = f"reconciler/{remark.rule}"
    return {
        "description": remark.text or remark.title or rule,
        "check_name": rule,
        "fingerprint": identity(remark, rule, seen),
        "severity": SEVERITIES[remark.level],
        "location": {
            "path": remark.file or WORKSPACE_FILE,
            "lines": {"begin": max(1, remark.line)},
        },
    }
