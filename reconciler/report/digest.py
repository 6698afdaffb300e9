"""A result as a document of sections: what a person reads of it in Markdown, in order of weight."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from reconciler.errors import Diagnostic
from reconciler.frozen import frozen
from reconciler.model import (
    Action,
    Address,
    Applied,
    Cause,
    Change,
    Drift,
    Outcome,
    Plan,
    Scope,
    Status,
    Validation,
)
from reconciler.report.entries import DESTROYS, NO_REMARKS, detail_text
from reconciler.report.last_set import last_set_text
from reconciler.report.notes import (
    Note,
    acknowledged,
    all_of,
    costs,
    objects,
    plan_notes,
    unread_notes,
)
from reconciler.report.rows import entries, row
from reconciler.report.text import (
    DONE,
    applied_summary,
    drift_summary,
    outcomes_summary,
    summary,
    validation_summary,
)

WILL = {
    Action.CREATE: "to create",
    Action.UPDATE: "to update",
    Action.REPLACE: "to replace",
    Action.DELETE: "to destroy",
    Action.BY_HAND: "by hand",
    Action.ADOPT: "to record",
    Action.FORGET: "to forget",
}
DRIFTED = {
    Action.ADOPT: "changed",
    Action.FORGET: "deleted at the vendor",
    Action.BY_HAND: "by hand",
}
SIGNS = {Action.CREATE: "+", Action.DELETE: "-", Action.REPLACE: "-", Action.FORGET: "-"}
FIELD_SIGNS = {"+": "+", "-": "-"}
REFUSED = "Apply will refuse this plan"


@frozen
class Entry:
    """One object: `sort` says in our words what happens to it; `head` and `fields` are lines of a
    diff, the first of which is the `remark` where there is one, and all texts are safe to print.
    `change` is what they are made from, and `outcome` how it ended, in the report of an apply."""

    change: Change
    sort: str
    head: str
    fields: tuple[str, ...] = ()
    outcome: Outcome | None = None
    remark: str = ""

    @property
    def scope(self) -> Scope:
        """The kind of the object."""
        return self.change.address.scope

    @property
    def key(self) -> str:
        """The name of the object, not yet safe to print."""
        return self.change.address.key


@frozen
class Section:
    """Entries under a title; what is `urgent` is never folded, and shortened last."""

    title: str
    entries: tuple[Entry, ...]
    urgent: bool = False


@frozen
class Digest:
    """A result for a reader: `subject` is what it is of; `counted` are the entries of all sections;
    `notes` and `costs` are pairs of words of ours and names of others."""

    title: str
    subject: tuple[str, ...]
    summary: tuple[str, ...]
    findings: tuple[tuple[str, tuple[Diagnostic, ...]], ...] = ()
    sections: tuple[Section, ...] = ()
    notes: tuple[Note, ...] = ()
    costs: tuple[Note, ...] = ()

    @property
    def counted(self) -> Iterator[Entry]:
        """The entries of all sections."""
        for section in self.sections:
            yield from section.entries


def of_plan(plan: Plan) -> Digest:
    """A plan: what is destroyed, protected or by hand first, then what the manifests say, then what
    changed at the vendors."""
    shown = tuple(entries(plan))
    urgent = [change for change in shown if _is_urgent(change)]
    others = [change for change in shown if not _is_urgent(change)]
    drift = [change for change in others if change.cause is Cause.DRIFT]
    ours = [change for change in others if change.cause is not Cause.DRIFT]
    return Digest(
        "Plan",
        _subject(plan),
        (summary(plan),),
        _findings((REFUSED, plan.refusals), ("Findings", plan.diagnostics)),
        _sections(
            Section("Destroyed", _entries((c for c in urgent if c.action in DESTROYS), WILL), True),
            Section(
                "Protected, and changed",
                _entries((c for c in urgent if _is_only_protected(c)), WILL),
                True,
            ),
            Section(
                "By hand", _entries((c for c in urgent if c.action is Action.BY_HAND), WILL), True
            ),
            Section("In this pull request", _entries(ours, WILL)),
            Section("Drift: changed at the vendor, put back by this plan", _entries(drift, WILL)),
        ),
        tuple(plan_notes(plan)),
        tuple(costs(plan)),
    )


def of_drift(drift: Drift) -> Digest:
    """A drift report: what only a person can resolve first, then what changed at the vendors."""
    shown = [change for change in drift.plan.changes if change.action in DRIFTED]
    by_hand = [change for change in shown if change.action is Action.BY_HAND]
    gone = [change for change in shown if change.action is Action.FORGET]
    changed = [change for change in shown if change.action is Action.ADOPT]
    remarks = {address: last_set_text(set_) for address, set_ in drift.last_set.items()}
    undeclared = (
        (f"Not declared, though all that may exist is ({len(names)})", all_of(scope, names))
        for scope, names in drift.undeclared.items()
    )
    return Digest(
        "Drift",
        _subject(drift.plan),
        (drift_summary(drift),),
        _findings(("Findings", drift.plan.diagnostics)),
        _sections(
            Section("Deleted at the vendor", _entries(gone, DRIFTED, remarks), True),
            Section("By hand", _entries(by_hand, DRIFTED, remarks), True),
            Section("Changed at the vendor", _entries(changed, DRIFTED, remarks)),
        ),
        (*undeclared, *unread_notes(drift.plan), *acknowledged(drift)),
    )


def of_applied(applied: Applied) -> Digest:
    """An apply: what was not applied first, with its reason, then what was."""
    failed = [o for o in applied.outcomes if o.status is not Status.APPLIED]
    done = [o for o in applied.outcomes if o.status is Status.APPLIED]
    reasons = tuple(dict.fromkeys(o.diagnostic for o in failed if o.diagnostic))
    return Digest(
        "Apply",
        _subject(applied.plan),
        (applied_summary(applied), *(() if applied.complete else (outcomes_summary(applied),))),
        _findings(
            ("Reasons", reasons), ("Findings", (*applied.problems, *applied.plan.diagnostics))
        ),
        _sections(
            Section("Not applied", tuple(_outcome(o) for o in failed), True),
            Section("Applied", tuple(_outcome(o) for o in done)),
        ),
        objects("recorded in the ledger", applied.recorded),
    )


def of_validation(validation: Validation) -> Digest:
    """A validation: whether the manifests are valid, and every finding."""
    return Digest(
        "Validation",
        (),
        (validation_summary(validation),),
        _findings(("Findings", validation.diagnostics)),
    )


def of_errors(findings: Iterable[Diagnostic]) -> Digest:
    """The findings that ended a command before it had a result."""
    summary = "No result: the findings below ended the command."
    return Digest("Error", (), (summary,), _findings(("Findings", tuple(findings))))


def _is_urgent(change: Change) -> bool:
    return (
        change.action in DESTROYS or change.action is Action.BY_HAND or _is_only_protected(change)
    )


def _is_only_protected(change: Change) -> bool:
    """Whether it is a protected object that is changed and not destroyed."""
    return change.options.protect and change.action is Action.UPDATE


def _subject(plan: Plan) -> tuple[str, ...]:
    names = (plan.origin.get("workspace"), plan.origin.get("environment"))
    return tuple(str(name) for name in names if name)


def _findings(
    *groups: tuple[str, Iterable[Diagnostic]],
) -> tuple[tuple[str, tuple[Diagnostic, ...]], ...]:
    known = ((title, tuple(findings)) for title, findings in groups)
    return tuple((title, findings) for title, findings in known if findings)


def _sections(*sections: Section) -> tuple[Section, ...]:
    return tuple(section for section in sections if section.entries)


def _entries(
    changes: Iterable[Change],
    words: dict[Action, str],
    remarks: Mapping[Address, str] = NO_REMARKS,
) -> tuple[Entry, ...]:
    return tuple(
        _entry(change, words[change.action], remarks.get(change.address, "")) for change in changes
    )


def _entry(change: Change, sort: str, remark: str) -> Entry:
    """A change as lines of a diff, in which `!` marks what is neither added nor removed, and a line
    with neither is a remark."""
    shown = row(change)
    sign = SIGNS.get(change.action, "!")
    notes = f"  ({'; '.join(shown.notes)})" if shown.notes else ""
    source = f"  {shown.source}" if shown.source else ""
    fields = (
        f"{FIELD_SIGNS.get(detail.symbol, '!')}     {line}"
        for detail in shown.details
        for line in detail_text(detail).removeprefix(f"{detail.symbol} ").split("\n")
    )
    head = f"{sign} {shown.address}{notes}{source}"
    about = (f"      {remark}",) if remark else ()
    return Entry(change, sort, head, (*about, *fields), remark=remark)


def _outcome(outcome: Outcome) -> Entry:
    change = outcome.change
    shown = row(change)
    applied = outcome.status is Status.APPLIED
    sort = DONE[change.action] if applied else str(outcome.status)
    half = ", after the old object was destroyed" if outcome.half else ""
    sign = SIGNS.get(change.action, "!") if applied else "!"
    head = f"{sign} {shown.address}: {sort}{half}"
    return Entry(change, sort, head, outcome=outcome)
