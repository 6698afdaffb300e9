"""Compute the plan from the manifests, the live objects and the ledger, as a pure function."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import field, replace

from reconciler.errors import Diagnostic, Severity
from reconciler.frozen import frozen
from reconciler.identity import index_live
from reconciler.kinds.resource_types import ResourceType, ResourceTypes
from reconciler.model import (
    Address,
    BegunCreate,
    Change,
    Guard,
    Owned,
    Plan,
    Resource,
    Scope,
    Snapshot,
)
from reconciler.planner.archived import archived_refusals, archived_users, held_by_archived
from reconciler.planner.context import CannotPlan, Context, OwnedIds
from reconciler.planner.decide import by_hand_warning, decide
from reconciler.planner.drift import refresh
from reconciler.planner.examine import (
    examine_declared,
    examine_owned,
    examine_removed,
    examine_undeclared,
)
from reconciler.planner.history import vanished_fields, vanished_warnings
from reconciler.planner.interrupted import Completed
from reconciler.planner.limits import Allowed, budget, guard_refusals
from reconciler.planner.objections import Objections
from reconciler.planner.order import link, order_refusals
from reconciler.planner.protection import protections
from reconciler.planner.prune import (
    hold,
    is_left_alone,
    kept_warning,
    remove,
    remove_undeclared,
    removed_rows,
    unmanaged,
)
from reconciler.planner.recorded import account_refusals, identity_refusals
from reconciler.planner.renames import likely_duplicates, likely_renames, useless_was
from reconciler.planner.replacement import (
    rename_replaced,
    replaced_objects,
    replacement_refusals,
    with_users,
)
from reconciler.planner.scope import (
    blocked_findings,
    covers,
    findings_about,
    plannable,
    scopes_needed,
    select,
    unread_scopes,
)
from reconciler.planner.sequence import in_sequence
from reconciler.planner.shown_once import announce_secrets
from reconciler.planner.subject import Subject
from reconciler.planner.uncertain import uncertain_secrets
from reconciler.planner.unknown import (
    match_begun,
    undeclared_creates,
    undeclared_warnings,
)
from reconciler.timing import Stage, timed
from reconciler.values.fingerprints import Fingerprints


@frozen
class Rules:
    """The settings for planning from the workspace and the command line.

    In the exclusive kinds, `excepted` are the patterns and `released` the kinds and ids of objects
    to leave alone. `acknowledged` are the patterns of addresses that are known and not managed.
    With `put_back`, what is not declared is left alone. `limits` are requests a minute for each
    provider (0: no limit). `unproven` are the providers whose credential is not the one that the
    ledger has. `begun` are the creates of earlier runs whose outcome is not known, `deleting` the
    addresses with a delete of that sort, and `updating` those with an update of which the ledger
    does not say what it wrote. `completed` are the rows that differ from the ledger's because a run
    was interrupted, and `adopting` the ids of the objects without a row that such a run began to
    change.
    `held` are the objects that must not be deleted, by kind and id, each with the reason.
    `allow_deletes` and `allow_updates` are how many this run may make beyond the guards, None where
    nobody said.
    """

    guard: Guard = field(default_factory=Guard)
    exclusive: frozenset[Scope] = frozenset()
    excepted: Mapping[Scope, Sequence[str]] = field(default_factory=dict)
    acknowledged: tuple[str, ...] = ()
    released: Set[tuple[Scope, str]] = frozenset()
    prune: bool = True
    destroy: bool = False
    targets: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    refresh_only: bool = False
    put_back: bool = False
    limits: Mapping[str, int] = field(default_factory=dict)
    unproven: frozenset[str] = frozenset()
    begun: Mapping[Address, BegunCreate] = field(default_factory=dict)
    deleting: Set[Address] = frozenset()
    updating: Set[Address] = frozenset()
    completed: Mapping[Address, Completed] = field(default_factory=dict)
    adopting: Mapping[Address, str] = field(default_factory=dict)
    held: Mapping[tuple[Scope, str], str] = field(default_factory=dict)
    allow_deletes: int | None = None
    allow_updates: int | None = None


@timed(Stage.COMPARE, lambda plan: {"compared object": len(plan.changes)})
def plan(
    desired: Sequence[Resource],
    snapshot: Snapshot,
    owned: Mapping[Address, Owned],
    resource_types: ResourceTypes,
    rules: Rules,
    fingerprints: Fingerprints | None = None,
) -> Plan:
    """The changes that make the vendors match the manifests, given live objects and the ledger.

    `fingerprints` compares secrets with those in the ledger. Where a list could not be read
    completely, its resources are deferred and nothing is planned for them.
    """
    scopes = scopes_needed(resource_types, desired, (*owned, *rules.begun), rules.exclusive)
    types = [resource_types.of(scope) for scope in scopes]
    context = _context(types, snapshot, desired, owned, fingerprints or Fingerprints(), rules)
    indexes, owned = context.indexes, context.owned
    entries = list(_entries(context, desired, rules))
    while rename_replaced(indexes, replaced_objects(_changes(entries))):
        entries = list(_entries(context, desired, rules))
    users = archived_users(_changes(entries), indexes)
    held = {**held_by_archived(users, indexes), **rules.held} if users else rules.held
    changes, blocked = plannable(hold(entries, held))
    changes = in_sequence(link(with_users(changes, indexes), indexes, owned), indexes)
    changes = select(changes, rules.targets, rules.excludes)
    changes = list(announce_secrets(changes, {each.scope: each for each in types}))
    changes.sort(key=lambda change: change.address)
    list_problems = (listing.problem for listing in snapshot.listings.values() if listing.problem)
    findings = [entry for entry in entries if isinstance(entry, Diagnostic)]
    findings += list(blocked_findings(blocked, findings, rules.excludes))
    allowed = Allowed(rules.allow_deletes, rules.allow_updates, rules.destroy)
    return Plan(
        changes=tuple(changes),
        diagnostics=(
            *dict.fromkeys(list_problems),
            *vanished_warnings(context.vanished, owned),
            *undeclared_warnings(context, desired),
            *useless_was(context, desired),
            *uncertain_secrets(changes),
            *likely_renames(changes, indexes),
            *likely_duplicates(changes, indexes),
            *findings_about(findings, rules.targets, rules.excludes),
        ),
        deferred=_deferred(context, desired),
        unmanaged=unmanaged(context, changes, rules.acknowledged),
        budget=budget(changes, {s.scope: s.kind for s in types}, rules.limits),
        refusals=(
            *identity_refusals(context),
            *account_refusals(context, rules.unproven),
            *protections(changes, desired, owned),
            *guard_refusals(changes, indexes, owned, rules.guard, allowed),
            *archived_refusals(changes, users, indexes),
            *(
                list(replacement_refusals(changes, indexes))
                or order_refusals(changes, indexes, owned)
            ),
        ),
    )


def _changes(entries: Iterable[Change | Diagnostic]) -> list[Change]:
    return [entry for entry in entries if isinstance(entry, Change)]


def _context(
    types: Sequence[ResourceType],
    snapshot: Snapshot,
    desired: Sequence[Resource],
    owned: Mapping[Address, Owned],
    fingerprints: Fingerprints,
    rules: Rules,
) -> Context:
    """The data of all decisions; `owned` with what earlier runs created without learning of it."""
    objects = {scope: listing.objects for scope, listing in snapshot.listings.items()}
    indexes = index_live(types, objects, desired, owned)
    context = Context(
        indexes,
        owned,
        fingerprints,
        unread_scopes(types, snapshot),
        vanished_fields(indexes, owned),
        rules.begun,
        rules.deleting,
        rules.updating,
        rules.completed,
        OwnedIds(owned.values()),
        rules.released,
        rules.adopting,
    )
    if not rules.begun and not rules.adopting:
        return context
    match_begun(context, desired)
    return replace(context, owned={**owned, **undeclared_creates(context, desired)})


def _entries(
    context: Context, desired: Sequence[Resource], rules: Rules
) -> Iterator[Change | Diagnostic]:
    if rules.refresh_only:
        yield from refresh(examine_owned(context, desired), context.deleting)
        return
    if not rules.destroy:
        yield from _decided(context, examine_declared(context, desired))
    if rules.put_back:
        return
    rows = removed_rows(context, desired, rules.destroy)
    if rules.prune:
        for subject in examine_removed(context, () if rules.destroy else desired, rows):
            if subject.row is not None:
                yield remove(context, subject, subject.row, rules.destroy)
    else:
        yield from kept_warning(rows)
    if not rules.destroy:
        for subject in examine_undeclared(context, desired, rules.exclusive):
            if covers(rules.acknowledged, subject.address):
                continue
            if not is_left_alone(subject, rules.excepted, rules.released):
                yield remove_undeclared(subject)


def _decided(
    context: Context, subjects: Iterable[Subject | Change | Diagnostic]
) -> Iterator[Change | Diagnostic]:
    objections = Objections(context)
    for subject in subjects:
        if isinstance(subject, Change | Diagnostic):
            yield subject
        elif subject.resource is not None:
            try:
                change = decide(subject, subject.resource)
            except CannotPlan as problem:
                yield from problem.diagnostics
            else:
                found = () if change is None else tuple(objections.to(subject, change))
                refused = any(finding.severity is Severity.ERROR for finding in found)
                yield from () if change is None or refused else (change,)
                yield from found
                if subject.by_hand:
                    yield by_hand_warning(subject)


def _deferred(context: Context, desired: Sequence[Resource]) -> tuple[Address, ...]:
    """The declared and owned addresses whose kind could not be read completely."""
    if not context.unread:
        return ()
    addresses = (*(resource.address for resource in desired), *context.owned)
    return tuple(sorted({address for address in addresses if address.scope in context.unread}))
