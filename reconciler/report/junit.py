"""JUnit XML, as GitLab, Azure, Bitbucket and Jenkins read it: one test case for each object.

A test passes where the manifests are all that decides: also where an object is to be created or
destroyed. Drift, and what only a person can change, is a failure; what could not be planned or
applied is an error. Warnings are the output of a test.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from reconciler.errors import Diagnostic
from reconciler.frozen import frozen
from reconciler.model import Applied, Drift, Outcome, Plan, Status, Validation
from reconciler.report.remarks import (
    Level,
    Remark,
    applied_remarks,
    drift_remarks,
    finding_remarks,
    plan_remarks,
    validation_remarks,
)
from reconciler.report.text import (
    applied_summary,
    drift_summary,
    summary,
    validation_summary,
)
from reconciler.values.text import printable

LONGEST_NAME = 400
FAILURES = frozenset({"drift", "by-hand", "undeclared"})
SKIPPED = frozenset({"skipped", "not-attempted", "not-read"})
_XML = {ord(sign): f"&{name};" for sign, name in (("&", "amp"), ("<", "lt"), (">", "gt"))}
_QUOTED = _XML | {ord('"'): "&quot;", ord("'"): "&apos;"}


@frozen
class _Case:
    """A test case: its class (kind at a provider), its name, what is wrong, and its seconds."""

    group: str
    name: str
    remarks: Sequence[Remark] = ()
    seconds: float = 0.0


def plan(plan: Plan, _paint: object) -> Iterator[str]:
    """A plan: errors, what apply refuses, what is left to a person, and drift."""
    remarks = plan_remarks(plan)
    names = [(str(c.address.scope), str(c.address), 0.0) for c in plan.changes]
    yield from _document("plan", _cases(names, remarks, summary(plan)))


def drift(drift: Drift, _paint: object) -> Iterator[str]:
    """A drift report: each object that drifted is a failure."""
    names = [(str(c.address.scope), str(c.address), 0.0) for c in drift.plan.changes]
    yield from _document("drift", _cases(names, drift_remarks(drift), drift_summary(drift)))


def applied(applied: Applied) -> Iterator[str]:
    """An apply: each change that was not made is an error, or skipped."""
    names = [
        (str(o.change.address.scope), str(o.change.address), _seconds(o)) for o in applied.outcomes
    ]
    remarks = applied_remarks(applied)
    yield from _document("apply", _cases(names, remarks, applied_summary(applied)))


def validation(validation: Validation) -> Iterator[str]:
    """A validation: each error is one, and each warning an output."""
    remarks = validation_remarks(validation)
    yield from _document("validate", _cases((), remarks, validation_summary(validation)))


def errors(findings: Sequence[Diagnostic]) -> Iterator[str]:
    """The findings that ended a command."""
    yield from _document("reconciler", _cases((), [*finding_remarks(findings)], "no result"))


def _seconds(outcome: Outcome) -> float:
    return outcome.seconds if outcome.status is Status.APPLIED else 0.0


def _cases(
    names: Iterable[tuple[str, str, float]], remarks: Sequence[Remark], whole: str
) -> list[_Case]:
    """A case for each object, and for each place of a remark that is about none; the first is the
    command as a whole, so that a platform never finds a report without a test."""
    by_name: dict[str, list[Remark]] = {}
    for remark in remarks:
        place = ":".join(str(part) for part in (remark.file, remark.line) if part)
        by_name.setdefault(remark.address or place or remark.title, []).append(remark)
    cases = [_Case("reconciler", whole)]
    for group, name, seconds in names:
        shown = printable(name, LONGEST_NAME)
        own = by_name.pop(shown, ())
        cases.append(_Case(printable(group, LONGEST_NAME), shown, own, seconds))
    cases += (_Case("reconciler", name, own) for name, own in by_name.items())
    return cases


def _document(suite: str, cases: Sequence[_Case]) -> Iterator[str]:
    """The whole file, with the numbers that its reader may check."""
    worst = [_worst(case) for case in cases]
    counts = " ".join(
        f'{name}="{number}"'
        for name, number in (
            ("tests", len(cases)),
            ("failures", worst.count("failure")),
            ("errors", worst.count("error")),
            ("skipped", worst.count("skipped")),
        )
    )
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield f'<testsuites name="reconciler" {counts}>'
    yield f'<testsuite name="{suite}" {counts}>'
    for case in cases:
        yield from _lines(case)
    yield "</testsuite>"
    yield "</testsuites>"


def _worst(case: _Case) -> str:
    """How the case ended, as the name of JUnit's element; "" where it passed."""
    remark = next(iter(case.remarks), None)
    if remark is None:
        return ""
    if remark.rule in SKIPPED:
        return "skipped"
    if remark.level is Level.ERROR:
        return "error"
    return "failure" if any(remark.rule in FAILURES for remark in case.remarks) else ""


def _lines(case: _Case) -> Iterator[str]:
    opening = f'<testcase classname="{_quoted(case.group)}" name="{_quoted(case.name)}"'
    opening += f' time="{case.seconds:.3f}"'
    element = _worst(case)
    if not case.remarks:
        yield f"{opening}/>"
        return
    yield f"{opening}>"
    text = "&#10;".join(remark.text.translate(_XML) for remark in case.remarks)
    first = next(r for r in case.remarks if element != "failure" or r.rule in FAILURES)
    if element:
        yield f'<{element} type="{first.rule}" message="{_quoted(first.text)}">{text}</{element}>'
    else:
        yield f"<system-out>{text}</system-out>"
    yield "</testcase>"


def _quoted(text: str) -> str:
    """A text for an attribute. All that XML cannot hold was escaped when it was made printable."""
    return text.translate(_QUOTED)
