"""What of a result a platform marks at a place in a file: findings, and changes that need a look.

A remark holds names and no values, and its texts are safe to print.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum

from reconciler.errors import Diagnostic, Severity, Source
from reconciler.frozen import frozen
from reconciler.model import Action, Applied, Cause, Change, Drift, Plan, Status, Validation
from reconciler.report.entries import names_text
from reconciler.report.findings import same_elsewhere
from reconciler.values.text import dotted, printable

LONGEST_NAME = 400
LONGEST_TEXT = 2_000
WILL_BE = {
    Action.DELETE: ("destroy", "will be destroyed"),
    Action.REPLACE: ("destroy", "will be replaced: destroyed and created anew"),
    Action.BY_HAND: ("by-hand", "only a person can make this change"),
}
HAS_DRIFTED = {
    Action.ADOPT: "changed at the vendor since the last apply",
    Action.FORGET: "gone since the last apply",
    Action.BY_HAND: "differs, and only a person can change it",
}


class Level(StrEnum):
    """How much a remark matters, the worst first."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


@frozen
class Remark:
    """One remark: `rule` says in a word of ours what it is about; file and address may be empty,
    and line and column 0."""

    level: Level
    rule: str
    title: str
    text: str
    address: str = ""
    file: str = ""
    line: int = 0
    column: int = 0


def plan_remarks(plan: Plan) -> list[Remark]:
    """What is wrong with a plan, what apply refuses, what is destroyed or left to a person, and
    what changed at the vendor."""
    return _worst_first(
        [
            *finding_remarks(plan.refusals, "refused"),
            *finding_remarks(plan.diagnostics),
            *(_change(c, *WILL_BE[c.action]) for c in plan.changes if c.action in WILL_BE),
            *(_change(c, "drift", "changed at the vendor", Level.NOTICE) for c in _drifted(plan)),
            *_deferred(plan),
        ]
    )


def drift_remarks(drift: Drift) -> list[Remark]:
    """What drifted, what is not declared though all that may exist is, and what is wrong."""
    entries = (c for c in drift.plan.changes if c.action in HAS_DRIFTED)
    return _worst_first(
        [
            *finding_remarks(drift.plan.diagnostics),
            *(_change(change, "drift", HAS_DRIFTED[change.action]) for change in entries),
            *(
                Remark(
                    Level.WARNING,
                    "undeclared",
                    "Not declared, though all that may exist is",
                    printable(f"{scope}: {names_text(names)}", LONGEST_TEXT),
                    printable(str(scope), LONGEST_NAME),
                )
                for scope, names in drift.undeclared.items()
            ),
            *_deferred(drift.plan),
        ]
    )


def applied_remarks(applied: Applied) -> list[Remark]:
    """What was not applied, with its reason, and what is wrong."""
    remarks = [*finding_remarks((*applied.problems, *applied.plan.diagnostics))]
    for outcome in applied.outcomes:
        if outcome.status is not Status.APPLIED:
            finding = outcome.diagnostic or Diagnostic("")
            why = f"{outcome.status}: {_words(finding)}" if finding.summary else outcome.status
            address = str(outcome.change.address)
            rule = outcome.status.replace(" ", "-")
            remarks.append(
                _placed(
                    Level.ERROR,
                    rule,
                    address,
                    f"{address}: {why}",
                    address,
                    outcome.change.source,
                )
            )
    return _worst_first(remarks)


def validation_remarks(validation: Validation) -> list[Remark]:
    """Every finding in the manifests."""
    return _worst_first([*finding_remarks(validation.diagnostics)])


def finding_remarks(findings: Iterable[Diagnostic], rule: str = "") -> Iterator[Remark]:
    """A remark for each finding, at its place."""
    for finding in findings:
        level = Level.ERROR if finding.severity is Severity.ERROR else Level.WARNING
        also = f" {same_elsewhere(finding)}" if finding.others else ""
        yield _placed(
            level,
            rule or level.value,
            finding.summary,
            f"{_words(finding)}{also}",
            finding.address or "",
            finding.source,
        )


def _words(finding: Diagnostic) -> str:
    """What is wrong and what to do, as one text."""
    return ". ".join(part for part in (finding.summary.removesuffix("."), finding.detail) if part)


def _drifted(plan: Plan) -> Iterator[Change]:
    for change in plan.changes:
        drifted = change.cause in (Cause.DRIFT, Cause.BOTH)
        if drifted and change.action not in WILL_BE and change.action is not Action.NO_OP:
            yield change


def _deferred(plan: Plan) -> Iterator[Remark]:
    if plan.deferred:
        names = names_text([str(address) for address in plan.deferred])
        text = f"Their vendor could not be read: {names}"
        yield Remark(Level.WARNING, "not-read", "Not read", printable(text, LONGEST_TEXT))


def _change(change: Change, rule: str, text: str, level: Level = Level.WARNING) -> Remark:
    """A remark about an entry: what happens to it, why, and the names of its fields."""
    names = names_text(list(dict.fromkeys(dotted(f.path, f.place) for f in change.fields)))
    shows_fields = change.fields and change.action in (Action.UPDATE, Action.ADOPT, Action.BY_HAND)
    parts = [text, change.reason, f"fields: {names}" if shows_fields else ""]
    address = str(change.address)
    words = "; ".join(part for part in parts if part)
    return _placed(level, rule, address, f"{address}: {words}", address, change.source)


def _placed(
    level: Level, rule: str, title: str, text: str, address: str, source: Source | None
) -> Remark:
    return Remark(
        level,
        rule,
        printable(title, LONGEST_NAME),
        printable(text, LONGEST_TEXT),
        printable(address, LONGEST_NAME),
        printable(source.file, LONGEST_TEXT) if source else "",
        source.line if source else 0,
        source.column if source else 0,
    )


def _worst_first(remarks: list[Remark]) -> list[Remark]:
    return sorted(remarks, key=lambda remark: list(Level).index(remark.level))
