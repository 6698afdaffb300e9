"""HTML: one file that needs nothing else, for a browser, a job's artifacts or a mail."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from reconciler.errors import Diagnostic
from reconciler.model import Applied, Drift, Plan, Validation
from reconciler.report import digest, numbers
from reconciler.report.html.page import Contents, page
from reconciler.report.html.picture import picture
from reconciler.report.html.requests import needed, sent
from reconciler.report.setting import Clock, now


def plan(plan: Plan, _paint: object, link: str = "", clock: Clock = now) -> Iterator[str]:
    """A plan: its changes, their order, and the requests that they need."""
    shown = digest.of_plan(plan)
    yield from page(
        Contents(
            shown, numbers.plan_numbers(plan), picture(plan.changes), needed(plan), link, clock()
        )
    )


def drift(drift: Drift, _paint: object, link: str = "", clock: Clock = now) -> Iterator[str]:
    """A drift report: what changed at the vendors."""
    contents = Contents(digest.of_drift(drift), numbers.drift_numbers(drift), link=link, at=clock())
    yield from page(contents)


def applied(applied: Applied, link: str = "", clock: Clock = now) -> Iterator[str]:
    """An apply: how each change ended, and the requests that were sent."""
    shown = digest.of_applied(applied)
    changes = [outcome.change for outcome in applied.outcomes]
    yield from page(
        Contents(
            shown,
            numbers.applied_numbers(applied),
            picture(changes),
            sent(applied),
            link,
            clock(),
        )
    )


def validation(validation: Validation, link: str = "", clock: Clock = now) -> Iterator[str]:
    """The findings in the manifests."""
    shown = digest.of_validation(validation)
    counted = numbers.validation_numbers(validation)
    yield from page(Contents(shown, counted, link=link, at=clock()))


def errors(
    findings: Sequence[Diagnostic] | Iterable[Diagnostic], link: str = "", clock: Clock = now
) -> Iterator[str]:
    """The findings that ended a command."""
    known = tuple(findings)
    counted = numbers.error_numbers(known)
    yield from page(Contents(digest.of_errors(known), counted, link=link, at=clock()))
