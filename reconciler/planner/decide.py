"""Choose the action, and its reason, for each declared object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from reconciler.errors import Diagnostic, Severity
from reconciler.kinds import Kind, Verb
from reconciler.model import (
    ABSENT,
    ROTATE,
    Action,
    Cause,
    Change,
    FieldChange,
    Live,
    Options,
    Resource,
    Secret,
)
from reconciler.planner.context import CannotPlan
from reconciler.planner.subject import Subject

ROTATED = "its secret is replaced by a new one"
EXISTS = "it exists already"
LEDGER_OUTDATED = "the manifest matches the live object, but the ledger does not"


def decide(subject: Subject, resource: Resource) -> Change | None:
    """The plan entry for a declared object; None where it is `$absent` and does not exist.

    Raises CannotPlan where the object does not exist and cannot be created as it is declared.
    """
    if resource.options.absent:
        return _absent(subject, resource)
    if subject.live is None:
        return _missing(subject, resource)
    return _present(subject, resource, subject.live)


def by_hand_warning(subject: Subject) -> Diagnostic:
    """The warning for fields of an entry that apply leaves alone, because no request sets them."""
    names, screen = " and ".join(subject.by_hand), subject.resource_type.kind.screen
    if subject.live is None:
        summary = f"the API cannot set {names}: it will be created without"
    else:
        summary = f"the API cannot set {names}, which {_differ(subject.by_hand)}: apply leaves "
        summary += "that alone"
    return Diagnostic(
        summary,
        f"Set {names} in {screen}. Until then a plan shows it as work by hand.",
        Severity.WARNING,
        address=str(subject.address),
        source=subject.resource.source if subject.resource else None,
    )


def _differ(names: Sequence[str]) -> str:
    return "differs" if len(names) == 1 else "differ"


def delete_note(kind: Kind) -> str:
    """What to append to the reason for a delete: who deletes or archives it; can be empty."""
    if not kind.can(Verb.DELETE):
        hint = f", {kind.delete_hint}" if kind.delete_hint else ""
        return f"; delete it in {kind.screen}{hint}"
    name = kind.archive.field if kind.archive else None
    return f"; the vendor cannot delete it, so {name} is set" if name else ""


def _absent(subject: Subject, resource: Resource) -> Change | None:
    options, source, kind = resource.options, resource.source, subject.resource_type.kind
    if subject.live is None:
        forget = Change(resource.address, Action.FORGET, source=source, options=options)
        return replace(forget, reason="it does not exist any more") if subject.row else None
    return Change(
        resource.address,
        Action.DELETE if kind.can(Verb.DELETE) else Action.BY_HAND,
        before=subject.before,
        id=subject.live.id,
        cause=Cause.EDIT,
        reason=f"$absent: it must not exist{delete_note(kind)}",
        source=source,
        fingerprint=subject.fingerprint,
        options=options,
    )


def _missing(subject: Subject, resource: Resource) -> Change:
    kind = subject.resource_type.kind
    creatable = kind.can(Verb.CREATE)
    _check_new(subject, resource, creatable)
    if creatable:
        reason = subject.origin or ("it was deleted at the vendor" if subject.row else "")
    else:
        reason = f"it does not exist; create it in {kind.screen}"
    return Change(
        resource.address,
        Action.CREATE if creatable else Action.BY_HAND,
        after=subject.desired,
        fields=tuple(
            FieldChange((name,), ABSENT, value, isinstance(value, Secret))
            for name, value in subject.desired.items()
        ),
        cause=Cause.DRIFT if subject.row and not subject.origin else Cause.NEW,
        reason=reason,
        source=resource.source,
        refs=subject.refs,
        options=resource.options,
    )


def _check_new(subject: Subject, resource: Resource, creatable: bool) -> None:
    """Raise CannotPlan where the object cannot be created as it is declared."""
    kind, facts = subject.resource_type.kind, subject.resource_type.facts
    if resource.options.id is not None:
        raise CannotPlan(
            resource,
            (
                f"$id says {resource.options.id}, but {resource.address.scope} has no such object",
                "Correct the id, or remove $id to find the object by its natural key.",
            ),
        )
    unsafe = [name for name in kind.identifier if resource.fields.get(name) in (".", "..")]
    if unsafe:
        raise CannotPlan(
            resource,
            (
                f"{unsafe[0]} is part of the vendor's URLs, where . and .. mean another path",
                f"Choose another {unsafe[0]}.",
            ),
        )
    required = (name for name, field in facts.fields.items() if field.required)
    missing = ", ".join(name for name in required if name not in resource.fields)
    if creatable and missing:
        raise CannotPlan(
            resource,
            (
                f"it does not exist yet, and {kind.title} needs {missing}",
                f"Declare {missing} so that it can be created.",
            ),
        )


def _present(subject: Subject, resource: Resource, live: Live) -> Change:
    cause: Cause | None = None
    changes, rotation = subject.changes, _rotation(subject, resource, live)
    if changes:
        (action, reason), cause = _action_and_reason(subject), subject.cause
        if action is Action.REPLACE and subject.row is None and not subject.origin:
            raise _not_owned(resource, reason)
        if action is Action.UPDATE and rotation:
            changes, reason = (*changes, *rotation), f"{reason}; {ROTATED}".removeprefix("; ")
    elif rotation:
        action, reason, cause, changes = Action.UPDATE, ROTATED, Cause.EDIT, rotation
    elif reason := _record_reason(subject, resource):
        action, cause = Action.ADOPT, Cause.EDIT if subject.row else Cause.NEW
    else:
        action = Action.NO_OP
    return Change(
        resource.address,
        action,
        subject.before,
        subject.desired,
        changes,
        cause,
        reason,
        source=resource.source,
        fingerprint=subject.fingerprint,
        id=live.id,
        refs=subject.refs,
        options=_options(subject, resource),
    )


def _options(subject: Subject, resource: Resource) -> Options:
    """The options of a resource, with `$was` where its object has another address in the ledger."""
    row, options = subject.row, resource.options
    if row is None or row.address == resource.address:
        return options
    return replace(options, was=row.address.key)


def _action_and_reason(subject: Subject) -> tuple[Action, str]:
    """The action that makes the changes, and its reason. Where the vendor would refuse some of
    them, all must be made by hand: a partial change would match neither the old object nor the
    declared one."""
    kind, row = subject.resource_type.kind, subject.row
    changed = dict.fromkeys(str(change.path[0]) for change in subject.changes)
    if changed.keys() <= subject.resource_type.facts.observed and kind.can(Verb.UPDATE):
        return (
            Action.BY_HAND,
            f"the API cannot set {' and '.join(changed)}; set it in {kind.screen}",
        )
    immutable = [str(change.path[0]) for change in subject.changes if change.forces_replace]
    if immutable and kind.can(Verb.CREATE) and kind.can(Verb.DELETE):
        return Action.REPLACE, f"{', '.join(immutable)} cannot be changed"
    if immutable or not kind.can(Verb.UPDATE):
        return Action.BY_HAND, f"change it in {kind.screen}"
    if subject.blocker:
        advice = f"change it in {kind.screen}, or declare what is live"
        return Action.BY_HAND, f"{subject.blocker}; {advice}"
    if subject.live is not None and subject.live.archived:
        return Action.UPDATE, "it was archived and is restored"
    if row is None:
        return Action.UPDATE, subject.origin or "it exists already and comes under management"
    renamed = row.address.key != subject.address.key
    return Action.UPDATE, f"renamed from {row.address}" if renamed else subject.former


def _rotation(subject: Subject, resource: Resource, live: Live) -> tuple[FieldChange, ...]:
    """The change that replaces the secret of an owned object: its `$rotate` is another text than
    the ledger has."""
    row, wanted = subject.row, resource.options.rotate
    if row is None or wanted is None or row.rotate == wanted or live.archived:
        return ()
    return (FieldChange(ROTATE, ABSENT if row.rotate is None else row.rotate, wanted),)


def _not_owned(resource: Resource, reason: str) -> CannotPlan:
    """The error for an object that is not owned and could only be changed by replacing it."""
    return CannotPlan(
        resource,
        (
            f"it exists and is not owned, so it is not replaced: {reason}",
            "Declare its live values and apply, which adopts it; then change it. Or choose "
            "another key.",
        ),
    )


def _record_reason(subject: Subject, resource: Resource) -> str:
    """Why the ledger must be updated; empty where it is up to date."""
    row, options = subject.row, resource.options
    if row is None:
        return subject.origin or EXISTS
    if row.address != resource.address:
        return f"renamed from {row.address}"
    if subject.former:
        return subject.former
    recorded = (row.protect, row.on_remove, row.rotate)
    same_options = recorded == (options.protect, options.on_remove, options.rotate)
    return "" if same_options and row.fields == subject.recorded else LEDGER_OUTDATED
