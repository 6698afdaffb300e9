"""Make a plan that undoes a run, to be reviewed and applied as any other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import replace

from reconciler.app.before import named_references
from reconciler.app.goal import Goal, plan
from reconciler.app.history import find_run, is_under_way
from reconciler.app.options import PlanOptions
from reconciler.app.plan import Planned
from reconciler.app.project import Project
from reconciler.app.run_rows import row_options
from reconciler.app.still_used import still_used
from reconciler.app.undo import Undo
from reconciler.errors import Diagnostic, Invalid, Refused, Severity, Source
from reconciler.ledger import Run, State
from reconciler.model import (
    WRITES,
    Action,
    Address,
    Cause,
    Change,
    Manifests,
    Owned,
    Plan,
    Resource,
)
from reconciler.planner.prune import REMOVED
from reconciler.planner.scope import ExactNames
from reconciler.values.compare import equal
from reconciler.values.mask import mask_secrets
from reconciler.values.text import printable, shown

FEW = 10
NOTHING = "-/-/-"
"""A target that is no object's address."""

OTHERWISE: Mapping[str, str] = {
    "state mv": "Move them back: reconciler state mv NEW OLD",
    "state forget": "Take them under management again: reconciler adopt ADDRESS",
    "adopt": "Let go of them: reconciler state forget ADDRESS",
    "import": "Let go of them: reconciler state forget ADDRESS",
    "state account": "Say which account it is: reconciler state account PROVIDER",
}


def plan_revert(project: Project, options: PlanOptions) -> Plan:
    """The plan that undoes the run `options.revert`, given as `find_run` takes it.

    Raises Invalid where there is no such run, or where it cannot be undone by a plan, Refused where
    it has not ended; and what `plan` raises.
    """
    runs = project.ledger.history()
    run = find_run(runs, options.revert)
    if run.id == runs[-1].id and is_under_way(project, run):
        raise Refused(Diagnostic(f"run {run.id} is still under way", "Undo it when it has ended."))
    return plan(project, replace(options, revert=run.id))


def undone(project: Project, options: PlanOptions, manifests: Manifests, state: State) -> Goal:
    """That the run `options.revert` is undone. Raises Invalid where that cannot be planned."""
    around = project.ledger.around(options.revert)
    if around is None:
        summary = f"the ledger has no run {shown(options.revert)}"
        raise Invalid(Diagnostic(summary, "It is another ledger, or an older one."))
    if around.run.command not in ("apply", ""):
        _refuse(around.run)
    undo = Undo(project, around, state)
    known = {row.file for row in state.owned.values()}
    desired = (*undo.resources, *_others(project, undo, state))
    return Goal(
        replace(options, targets=ExactNames(sorted(map(str, undo.addresses)) or [NOTHING])),
        Manifests(desired, files=frozenset(known)),
        lambda planned: _finished(project, options, undo, manifests, planned),
    )


def _refuse(run: Run) -> None:
    raise Invalid(
        Diagnostic(
            f"run {run.id} was `{printable(run.command)}`, which only changed the ledger",
            OTHERWISE.get(run.command, "There is nothing to undo at a vendor."),
        )
    )


def _others(project: Project, undo: Undo, state: State) -> Iterator[Resource]:
    """What else is owned, as far as it is needed to tell objects apart and to follow references."""
    declared = {(r.address.scope, r.options.was or r.address.key) for r in undo.resources}
    for address, row in state.owned.items():
        if address in undo.addresses or (address.scope, address.key) in declared:
            continue
        if not project.resource_types.knows(address.scope):
            continue
        resource_type = project.resource_types.of(address.scope)
        names = {*resource_type.kind.natural_key, *(path[0] for path, _ in resource_type.targets)}
        fields = {n: v for n, v in row.fields.items() if n in names}
        refs = named_references(resource_type, fields)
        yield Resource(address, fields, refs, row_options(row), Source(row.file))


def _finished(
    project: Project, options: PlanOptions, undo: Undo, manifests: Manifests, planned: Planned
) -> Planned:
    """The plan with only what undoes the run, with the reasons, and with what cannot be undone."""
    findings = list(undo.findings)
    changes: list[Change] = list(undo.let_go)
    whole = {resource.address: resource for resource in undo.resources}
    for change in planned.plan.changes:
        if change.address not in undo.addresses:
            continue
        conflict = _conflict(project, change, whole.get(change.address), planned.owned)
        conflict = conflict or _stays(project, change)
        if conflict is not None:
            findings.append(conflict)
        elif change.action is not Action.NO_OP:
            reason = _reason(change, undo.reasons[change.address])
            changes.append(replace(change, reason=reason, cause=None, source=None))
    used = still_used(project, undo.state.owned, changes)
    findings += (_is_used(address, user) for address, user in used.items())
    changes = [change for change in changes if change.address not in used]
    changes.sort(key=lambda change: change.address)
    about = {*undo.addresses, *(change.address for change in changes)}
    names = {str(address) for address in about}
    findings += [replace(f, source=None) for f in planned.plan.diagnostics if _is_about(f, names)]
    findings += _again(project, undo, manifests, changes)
    plan = replace(
        planned.plan,
        changes=tuple(changes),
        diagnostics=tuple(dict.fromkeys(findings)),
        refusals=tuple(f for f in planned.plan.refusals if _is_about(f, names)),
        deferred=tuple(address for address in planned.plan.deferred if address in about),
        unmanaged={},
        not_read=(),
        origin={**planned.plan.origin, "manifests": "", "choice": options.recorded()},
    )
    failed = {f.address for f in findings if f.severity is Severity.ERROR}
    begun = {intent.address for intent in planned.state.open_intents}
    left = frozenset(a for a in begun if a not in about or str(a) in failed)
    return replace(planned, plan=plan, declared=left, templates=undo.templates)


def _is_about(finding: Diagnostic, names: Set[str]) -> bool:
    places = {finding.address, *(other.address for other in finding.others)}
    return None in places or not places.isdisjoint(names)


def _conflict(
    project: Project, change: Change, resource: Resource | None, owned: Mapping[Address, Owned]
) -> Diagnostic | None:
    """The finding about an object that has changed at the vendor since the run. That what was
    deleted is in an archive, and comes back from there, is no such change."""
    if resource is None or change.action not in WRITES or change.action is Action.DELETE:
        return None
    let_go = resource.options.id is not None
    if change.action is Action.CREATE or (change.cause is Cause.EDIT and not let_go):
        return None
    archive = project.resource_types.of(change.address.scope).kind.archive
    names = {str(field.path[0]) for field in change.fields}
    if archive is not None and change.address not in owned and not let_go:
        names -= {archive.field or "archived"}
    if not names:
        return None
    since = "the run let go of it" if let_go or change.address not in owned else "it was applied"
    return Diagnostic(
        f"not undone: its {', '.join(sorted(names))} changed at the vendor since {since}",
        "Look at it: reconciler drift. To undo the rest without it: --allow-partial",
        address=str(change.address),
    )


def _stays(project: Project, change: Change) -> Diagnostic | None:
    """The finding about an object that the run created and that nothing would delete."""
    if change.action is not Action.FORGET or change.options.on_remove != "keep":
        return None
    if project.resource_types.of(change.address.scope).kind.undeletable:
        why, hint = "objects of this kind are never deleted", "It is left as it is."
    else:
        why = "it was applied with $on_remove: keep"
        hint = "To have it destroyed, declare it without that, apply, and undo the run then."
    return Diagnostic(
        f"not undone: it stays at the vendor, because {why}",
        f"{hint} To undo the rest without it: --allow-partial",
        address=str(change.address),
    )


def _is_used(address: Address, user: Address) -> Diagnostic:
    """The finding about an object that is not deleted, because another one refers to it."""
    return Diagnostic(
        f"not undone: {user} refers to it, and stays",
        "Undo what made that first. To undo the rest without it: --allow-partial",
        address=str(address),
    )


def _reason(change: Change, reason: str) -> str:
    """Why something is done, with what the planner has to say about it."""
    rest = change.reason.replace(REMOVED, "").strip("; ")
    if change.action in (Action.CREATE, Action.REPLACE):
        reason = f"{reason}; it gets a new id"
    return f"{reason}; {rest}" if rest else reason


def _again(
    project: Project, undo: Undo, manifests: Manifests, changes: Iterable[Change]
) -> Iterator[Diagnostic]:
    """The warning that names what the next plan would do again, because the manifests say so."""
    declared = {resource.address: resource for resource in manifests.resources}
    again = [
        str(change.address)
        for change in changes
        if _does_again(project, change, declared.get(change.address))
    ]
    if not again:
        return
    more = f" and {len(again) - FEW} more" if len(again) > FEW else ""
    origin = undo.around.run.origin
    commit = origin.commit if origin and not origin.uncommitted else ""
    yield Diagnostic(
        "the manifests still say what the run did, so the next apply does it again: "
        f"{', '.join(again[:FEW])}{more}",
        f"Revert them in Git too{f': git revert {commit}' if commit else ''}.",
        Severity.WARNING,
    )


def _does_again(project: Project, change: Change, resource: Resource | None) -> bool:
    """Whether the manifests, as they are now, are about to undo an entry of the plan."""
    is_declared = resource is not None and not resource.options.absent
    if change.action in (Action.DELETE, Action.FORGET):
        return is_declared
    if resource is None or not is_declared:
        kept = change.options.on_remove == "keep" or change.options.was is not None
        return change.options.was is not None or not kept
    facts = project.resource_types.of(change.address.scope).facts
    before = mask_secrets(change.after or {}, lambda _: None)
    wanted = mask_secrets(resource.fields, lambda _: None)
    names = before.keys() & wanted.keys()
    return any(not equal(facts.fields.get(n), before[n], wanted[n]) for n in names)
