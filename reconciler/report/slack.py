"""A message for Slack's incoming webhooks, and for those of Mattermost and others that read them:
counts and a link, and no name or value of an object. Nothing is sent."""

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
from reconciler.report.text import (
    applied_summary,
    drift_summary,
    summary,
    validation_summary,
)
from reconciler.values.text import json_text


def plan(plan: Plan, _paint: object, link: str = "") -> Iterator[str]:
    """The counts of a plan."""
    yield _message("Plan", summary(plan), plan_numbers(plan), link)


def drift(drift: Drift, _paint: object, link: str = "") -> Iterator[str]:
    """The counts of a drift report."""
    yield _message("Drift", drift_summary(drift), drift_numbers(drift), link)


def applied(applied: Applied, link: str = "") -> Iterator[str]:
    """The counts of an apply."""
    yield _message("Apply", applied_summary(applied), applied_numbers(applied), link)


def validation(validation: Validation, link: str = "") -> Iterator[str]:
    """The counts of a validation."""
    words = validation_summary(validation)
    yield _message("Validation", words, validation_numbers(validation), link)


def errors(findings: Sequence[Diagnostic], link: str = "") -> Iterator[str]:
    """That there is no result."""
    yield _message("Error", "There is no result.", error_numbers(findings), link)


def _message(title: str, words: str, numbers: Numbers, link: str) -> str:
    """The text for notifications, and the same as blocks. All of it is ours, but for the link, a
    URL without any other sign that Slack reads."""
    wrong = ", ".join(
        f"{numbers[name]} {name if numbers[name] > 1 else name.removesuffix('s')}"
        for name in ("errors", "warnings")
        if numbers.get(name)
    )
    refused = "Apply will refuse it." if numbers.get("refused") else ""
    parts = (f"*reconciler: {title}*", words, refused, f"Findings: {wrong}." if wrong else "")
    text = "\n".join(part for part in parts if part)
    if link:
        text += f"\n<{link.replace('&', '&amp;')}|The job>"
    block = {"type": "section", "text": {"type": "mrkdwn", "text": text}}
    return json_text({"text": text, "blocks": [block]})
