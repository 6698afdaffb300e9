"""Plan the removal of undeclared objects: owned objects that were removed from the manifests, and
all undeclared objects of exclusive kinds. When in doubt, nothing is deleted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from fnmatch import fnmatchcase

from reconciler.errors import Diagnostic, Severity
from reconciler.kinds import Mode, Verb
from reconciler.model import Action, Address, Cause, Change, Options, Owned, Resource, Scope
from reconciler.planner.context import Context
from reconciler.planner.decide import delete_note
from reconciler.planner.scope import covers
from reconciler.planner.subject import Subject
from reconciler.values.scalars import text_form

REMOVED = "it is no longer in the manifests"


def removed_rows(context: Context, desired: Iterable[Resource], destroy: bool) -> list[Owned]:
    """The ledger's rows that no manifest declares (with `destroy` all rows), of the kinds that were
    read completely."""
    renamed = set() if destroy else _renamed_addresses(context, desired)
    rows = []
    for address, row in context.owned.items():
        scope = address.scope
        if (index := context.indexes.get(scope)) is None or scope in context.unread:
            continue
        if destroy or (address.key not in index.declared and address not in renamed):
            rows.append(row)
    return rows


def kept_warning(rows: Sequence[Owned]) -> Iterator[Diagnostic]:
    """A warning with the number of owned objects that are undeclared and kept (`--no-prune`)."""
    if rows:
        yield Diagnostic(
            f"{len(rows)} owned objects are no longer in the manifests and are kept (--no-prune)",
            severity=Severity.WARNING,
        )


def remove(context: Context, subject: Subject, row: Owned, destroy: bool) -> Change | Diagnostic:
    """The plan entry for an owned object that the manifests no longer declare, or the warning that
    says why it is kept. An object that is let go and still exists has the option to keep it."""
    kind, live = subject.resource_type.kind, subject.live
    reason = "destroy" if destroy else REMOVED
    if row.address in context.begun:
        reason = f"{reason}, and an earlier run created it without learning of it"
    forget = Change(row.address, Action.FORGET, id=row.id, cause=Cause.EDIT, reason=reason)
    if live is None:
        return replace(forget, reason=f"{reason}, and it no longer exists at the vendor")
    if not destroy and row.id in context.indexes[row.address.scope].declared_ids:
        return replace(forget, reason=f"{reason}, and its object now has another address")
    release = replace(forget, options=Options(on_remove="keep"))
    if row.origin == "imported" and not destroy:
        return replace(release, reason=f"{reason}, and it was imported and never applied")
    if row.on_remove == "keep":
        return replace(release, reason=f"{reason}; $on_remove: keep")
    if kind.mode is Mode.OBSERVED or kind.undeletable:
        return release
    if subject.drift:
        changed = sorted({str(change.path[0]) for change in subject.drift})
        since = "changed at the vendor since it was last applied"
        if row.address in context.updating:
            since = "differs from what was applied, and the outcome of our last change is unknown"
        return Diagnostic(
            f"not deleted: {', '.join(changed)} {since}",
            "Check the change. To accept it, run `reconciler apply --refresh-only`; then it can be "
            "deleted.",
            address=str(row.address),
        )
    return _delete(subject, reason, Options(protect=row.protect, on_remove=row.on_remove))


def is_left_alone(
    subject: Subject,
    excepted: Mapping[Scope, Sequence[str]],
    released: Set[tuple[Scope, str]],
) -> bool:
    """Whether an undeclared live object of an exclusive kind stays: its name or its id matches one
    of the patterns in `excepted`, or the workspace let go of it before (`released`)."""
    scope, id = subject.address.scope, subject.live.id if subject.live else ""
    names = (text_form(subject.address.key), id)
    patterns = map(text_form, excepted.get(scope, ()))
    return (scope, id) in released or any(
        fnmatchcase(name, pattern) for pattern in patterns for name in names
    )


def remove_undeclared(subject: Subject) -> Change | Diagnostic:
    """The plan entry to delete an undeclared live object of an exclusive kind, or a warning."""
    return _delete(subject, "undeclared in an exclusive kind", Options())


def hold(
    entries: Iterable[Change | Diagnostic], held: Mapping[tuple[Scope, str], str]
) -> Iterator[Change]:
    """The changes among the entries; to delete one of the `held` objects is left to a person."""
    for entry in entries:
        if not isinstance(entry, Change):
            continue
        why = held.get((entry.address.scope, entry.id or "")) if held else None
        if why is not None and entry.action is Action.DELETE:
            yield replace(entry, action=Action.BY_HAND, reason=f"{entry.reason}; {why}")
        else:
            yield entry


def unmanaged(
    context: Context, changes: Iterable[Change], acknowledged: Sequence[str]
) -> dict[Scope, tuple[str, ...]]:
    """Sorted names of live objects that are neither declared nor owned nor in the plan, for each
    kind; without those that match a pattern of `acknowledged`, and without kinds that the vendor
    changes by itself (`moving`)."""
    planned = {(c.address.scope, c.id) for c in changes if c.action is not Action.NO_OP}
    names = {}
    for scope, index in sorted(context.indexes.items(), key=lambda item: str(item[0])):
        if index.resource_type.moving:
            continue
        ids = index.names.keys() - index.declared_ids
        if ids:
            ids -= {row.id for address, row in context.owned.items() if address.scope == scope}
        remaining = sorted(index.names[id] for id in ids if (scope, id) not in planned)
        if acknowledged:
            remaining = [n for n in remaining if not covers(acknowledged, scope.address(n))]
        if remaining:
            names[scope] = tuple(remaining)
    return names


def _renamed_addresses(context: Context, desired: Iterable[Resource]) -> set[Address]:
    """The old addresses of the objects that are being renamed, with `$was` or without it."""
    addresses = {
        row.address
        for index in context.indexes.values()
        for key, row in index.rows.items()
        if row.address.key != key
    }
    for resource in desired:
        if resource.options.was and resource.address not in context.owned:
            addresses.add(resource.address.scope.address(resource.options.was))
    return addresses


def _delete(subject: Subject, reason: str, options: Options) -> Change | Diagnostic:
    kind = subject.resource_type.kind
    deletable = kind.can(Verb.DELETE)
    if subject.user is not None and (deletable or subject.row is None):
        return Diagnostic(
            f"not deleted: {subject.user} still refers to it",
            "Remove that from the manifests too, change its reference, or declare this object "
            "again.",
            address=str(subject.address),
        )
    return Change(
        subject.address,
        Action.DELETE if deletable else Action.BY_HAND,
        before=subject.before,
        id=subject.live.id if subject.live else None,
        cause=Cause.EDIT,
        reason=f"{reason}{delete_note(kind)}",
        fingerprint=subject.fingerprint,
        options=options,
    )
