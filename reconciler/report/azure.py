"""Lines that Azure Pipelines' agent obeys: issues of the log, and variables for later steps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from reconciler.errors import Diagnostic
from reconciler.model import Applied, Drift, Plan, Validation
from reconciler.report import numbers, remarks
from reconciler.report.remarks import Level, Remark

MOST_ISSUES = 100
# As the agent's own library does: https://github.com/microsoft/azure-pipelines-task-lib, where
# %AZP25 stands for a percent sign.
_DATA = {ord("%"): "%AZP25", ord("\r"): "%0D", ord("\n"): "%0A"}
_PROPERTY = _DATA | {ord("]"): "%5D", ord(";"): "%3B"}


def plan(plan: Plan, _paint: object) -> Iterator[str]:
    """The remarks and the numbers of a plan."""
    yield from _lines(remarks.plan_remarks(plan), numbers.plan_numbers(plan))


def drift(drift: Drift, _paint: object) -> Iterator[str]:
    """The remarks and the numbers of a drift report."""
    yield from _lines(remarks.drift_remarks(drift), numbers.drift_numbers(drift))


def applied(applied: Applied) -> Iterator[str]:
    """The remarks and the numbers of an apply."""
    yield from _lines(remarks.applied_remarks(applied), numbers.applied_numbers(applied))


def validation(validation: Validation) -> Iterator[str]:
    """The findings in the manifests, and their numbers."""
    found = remarks.validation_remarks(validation)
    yield from _lines(found, numbers.validation_numbers(validation))


def errors(findings: Sequence[Diagnostic]) -> Iterator[str]:
    """The findings that ended a command."""
    yield from _lines(remarks.finding_remarks(findings), numbers.error_numbers(findings))


def _lines(remarks: Iterable[Remark], numbers: Mapping[str, int | bool]) -> Iterator[str]:
    """A line for each error and warning, as many as a person reads, and one for each number."""
    issues = [remark for remark in remarks if remark.level is not Level.NOTICE]
    for remark in issues[:MOST_ISSUES]:
        yield _issue(remark)
    if (more := len(issues) - MOST_ISSUES) > 0:
        yield f"##vso[task.logissue type=warning]{more} more are in the reports of this job"
    for name, number in numbers.items():
        yield f"##vso[task.setvariable variable={name};isOutput=true]{str(number).lower()}"


def _issue(remark: Remark) -> str:
    place = {
        "sourcepath": remark.file,
        "linenumber": str(remark.line or ""),
        "columnnumber": str(remark.column or ""),
        "code": remark.rule,
    }
    shown = "".join(f";{name}={text.translate(_PROPERTY)}" for name, text in place.items() if text)
    return f"##vso[task.logissue type={remark.level}{shown}]{remark.text.translate(_DATA)}"
