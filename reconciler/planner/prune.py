"""What nobody declares any more: owned objects that left the manifests, strangers in an
exclusive kind. The premise: when in doubt, nothing is deleted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from reconciler.catalogue import Shape
from reconciler.diff import differences
from reconciler.errors import Diagnostic, Severity
from reconciler.kinds import Mode, Verb
from reconciler.model import (
    Action,
    Cause,
    Change,
    Live,
    Options,
    Owned,
    Resource,
    Scope,
)
from reconciler.planner.decide import Context, live_fingerprint, plain, projected, recalled
from reconciler.planner.match import named


def removed(
    context: Context,
    shapes: Mapping[Scope, Shape],
    desired: Sequence[Resource],
    blind: frozenset[Scope],
    prune: bool,
    destroy: bool,
    findings: list[Diagnostic],
) -> Iterator[Change]:
    """Entries for owned objects that the manifests no longer declare (all of them to `destroy`).

    Without `prune` they are kept, and a warning in `findings` counts them.
    """
    declared = set() if destroy else {resource.address for resource in desired}
    declared |= {
        resource.address.scope.address(resource.options.was)
        for resource in desired
        if resource.options.was and resource.address not in context.owned
    }
    claimed = {
        (scope, live.id)
        for scope, roster in context.rosters.items()
        for live in roster.matched.values()
        if isinstance(live, Live) and not destroy
    }
    kept = 0
    for address, row in context.owned.items():
        if address in declared:
            continue
        scope = address.scope
        if scope in blind or scope not in shapes:
            continue
        if not prune:
            kept += 1
            continue
        yield from _one_removed(context, shapes[scope], row, claimed, destroy, findings)
    if kept:
        findings.append(
            Diagnostic(
                f"{kept} owned objects left the manifests and are kept (--no-prune)",
                severity=Severity.WARNING,
            )
        )


def _one_removed(
    context: Context,
    shape: Shape,
    row: Owned,
    claimed: set[tuple[Scope, str]],
    destroy: bool,
    findings: list[Diagnostic],
) -> Iterator[Change]:
    live = context.rosters[shape.scope].by_id.get(row.id)
    reason = "destroy" if destroy else "it is no longer in the manifests"
    forget = Change(row.address, Action.FORGET, id=row.id, cause=Cause.EDIT, reason=reason)
    if live is None or (shape.scope, row.id) in claimed:
        why = "it is gone at the vendor" if live is None else "its object has another address now"
        yield replace(forget, reason=f"{reason}, and {why}")
    elif row.on_remove == "keep":
        yield replace(forget, reason=f"{reason}; $on_remove: keep")
    elif shape.kind.mode is Mode.OBSERVED:
        yield forget
    elif changed := _changed_since(context, shape, row, live):
        findings.append(
            Diagnostic(
                f"not deleted: {', '.join(changed)} changed at the vendor since we last applied it",
                "Look at the change. `reconciler apply --refresh-only` accepts it, after which it "
                "can be deleted; `reconciler forget` lets the object go.",
                Severity.WARNING,
                address=str(row.address),
            )
        )
    else:
        yield _delete(context, shape, row, live, reason)


def undeclared(
    context: Context, shapes: Mapping[Scope, Shape], exclusive: Iterable[Scope]
) -> Iterator[Change]:
    """Deletes for the live objects of exclusive kinds that nobody declares."""
    owned = {(row.address.scope, row.id) for row in context.owned.values()}
    for scope in sorted(exclusive):
        if scope not in shapes:
            continue
        roster = context.rosters[scope]
        ours = {live.id for live in roster.matched.values() if isinstance(live, Live)}
        for found in roster.matched.values():
            ours |= {live.id for live in found} if isinstance(found, tuple) else set()
        for id, live in roster.by_id.items():
            if id in ours or (scope, id) in owned:
                continue
            address = scope.address(roster.names[id])
            row = Owned(address, id, {}, "adopted", "")
            yield _delete(context, shapes[scope], row, live, "undeclared in an exclusive kind")


def _delete(context: Context, shape: Shape, row: Owned, live: Live, reason: str) -> Change:
    actual = named(shape, live.fields, context.rosters)
    before = projected(actual, row.fields) or actual
    kind = shape.kind
    can = kind.can(Verb.DELETE)
    return Change(
        row.address,
        Action.DELETE if can else Action.BY_HAND,
        before=before,
        id=row.id,
        cause=Cause.EDIT,
        reason=reason if can else f"{reason}; delete it in {kind.screen}",
        fingerprint=live_fingerprint(live, before),
        options=Options(protect=row.protect, on_remove=row.on_remove),
    )


def _changed_since(context: Context, shape: Shape, row: Owned, live: Live) -> list[str]:
    """The fields whose live value is no longer the one we last applied."""
    actual = named(shape, live.fields, context.rosters)
    last = recalled(context, shape, plain(row.fields))
    changes = differences(shape.facts, last, actual)
    return sorted({str(change.path[0]) for change in changes})
