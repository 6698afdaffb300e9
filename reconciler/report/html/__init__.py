"""HTML: one file that needs nothing else, for a browser, a job's artifacts or a mail."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reconciler.errors import Diagnostic
from reconciler.model import Applied, Drift, Plan, Validation
from reconciler.report import digest, numbers
from reconciler.report.context import Clock, Past, no_runs, now
from reconciler.report.digest import DRIFTED
from reconciler.report.html.page import Contents, page
from reconciler.report.html.past import past_of
from reconciler.report.html.picture import picture
from reconciler.report.html.requests import needed, sent


def plan(
    plan: Plan, _paint: object, link: str = "", clock: Clock = now, past: Past = no_runs
) -> Iterator[str]:
    """A plan: its changes, their order, and the requests that they need."""
    yield from page(
        Contents(
            digest.of_plan(plan),
            numbers.plan_numbers(plan),
            picture(plan.changes),
            needed(plan),
            past_of(past(), plan.drifted),
            link,
            clock(),
        )
    )


def drift(
    drift: Drift, _paint: object, link: str = "", clock: Clock = now, past: Past = no_runs
) -> Iterator[str]:
    """A drift report: what changed at the vendors."""
    shown, counted = digest.of_drift(drift), numbers.drift_numbers(drift)
    found = sum(change.action in DRIFTED for change in drift.plan.changes)
    yield from page(Contents(shown, counted, past=past_of(past(), found), link=link, at=clock()))


def applied(
    applied: Applied, link: str = "", clock: Clock = now, past: Past = no_runs
) -> Iterator[str]:
    """An apply: how each change ended, and the requests that were sent."""
    changes = [outcome.change for outcome in applied.outcomes]
    yield from page(
        Contents(
            digest.of_applied(applied),
            numbers.applied_numbers(applied),
            picture(changes),
            sent(applied),
            past_of(past()),
            link,
            clock(),
        )
    )


def validation(
    validation: Validation, link: str = "", clock: Clock = now, past: Past = no_runs
) -> Iterator[str]:
    """The findings in the manifests."""
    shown = digest.of_validation(validation)
    counted = numbers.validation_numbers(validation)
    yield from page(Contents(shown, counted, link=link, at=clock()))


def errors(
    findings: Iterable[Diagnostic], link: str = "", clock: Clock = now, past: Past = no_runs
) -> Iterator[str]:
    """The findings that ended a command."""
    known = tuple(findings)
    counted = numbers.error_numbers(known)
    yield from page(Contents(digest.of_errors(known), counted, link=link, at=clock()))
