"""One resource → one entry of the plan, once it is known which live object it means."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from reconciler.identity import LiveIndex, ledger_row, resolve_names
from reconciler.kinds import Kind, Verb
from reconciler.kinds.resource_types import ResourceType
from reconciler.model import (
    ABSENT,
    Action,
    Cause,
    Change,
    FieldChange,
    Fields,
    Live,
    Owned,
    Pointer,
    Ref,
    Resource,
    Secret,
)
from reconciler.planner.context import CannotPlan, Context
from reconciler.planner.history import cause_of, recalled, secret_changes
from reconciler.values.compare import differences, fingerprint, same
from reconciler.values.fields import Facts
from reconciler.values.mask import drop_secrets, seal_secrets
from reconciler.values.scalars import text_form
from reconciler.values.shape import project
from reconciler.values.text import dotted, shown

Refs = tuple[tuple[Ref, Pointer], ...]


def decide(context: Context, resource: Resource, live: Live | None) -> Change | None:
    """The entry for a declared object; None where `$absent` is true of it already.

    Raises CannotPlan where a reference dangles or a field is missing without which the vendor
    creates nothing.
    """
    resource_type = context.indexes[resource.address.scope].resource_type
    row = ledger_row(resource, context.owned)
    if resource.options.absent:
        return _absent(
            context, resource_type, resource, None if live and live.archived else live, row
        )
    refs = pointed(context, resource) if resource.refs else ()
    if live is None:
        return _missing(context, resource_type, resource, refs, row)
    return _present(context, resource_type, resource, live, refs, row)


def live_fingerprint(live: Live, fields: Fields) -> str:
    """Identifies a live object and the values of its managed fields."""
    return fingerprint(live.id, fields)


def delete_note(kind: Kind) -> str:
    """The end of a reason to delete: how the object goes, where that is no plain delete."""
    if not kind.can(Verb.DELETE):
        more = f", {kind.delete_hint}" if kind.delete_hint else ""
        return f"; delete it in {kind.screen}{more}"
    field = kind.archive.field if kind.archive else None
    return f"; {field} is set, as the vendor deletes none" if field else ""


def _absent(
    context: Context,
    resource_type: ResourceType,
    resource: Resource,
    live: Live | None,
    row: Owned | None,
) -> Change | None:
    base = Change(resource.address, Action.NO_OP, source=resource.source, options=resource.options)
    if live is None:
        return replace(base, action=Action.FORGET, reason="already gone") if row else None
    actual = resolve_names(resource_type, live.fields, context.indexes)
    known = {**resource.fields, **(row.fields if row else {})}
    before = project(resource_type.facts, actual, known)
    action = Action.DELETE if resource_type.kind.can(Verb.DELETE) else Action.BY_HAND
    return replace(
        base,
        action=action,
        before=before,
        id=live.id,
        cause=Cause.EDIT,
        reason=f"$absent: it must not exist{delete_note(resource_type.kind)}",
        fingerprint=live_fingerprint(live, before),
    )


def _missing(
    context: Context, resource_type: ResourceType, resource: Resource, refs: Refs, row: Owned | None
) -> Change:
    creatable = resource_type.kind.can(Verb.CREATE)
    _check_new(resource_type, resource, creatable)
    after = resolve_names(resource_type, resource.fields, context.indexes)
    return Change(
        resource.address,
        Action.CREATE if creatable else Action.BY_HAND,
        after=after,
        fields=tuple(
            FieldChange((name,), ABSENT, value, isinstance(value, Secret))
            for name, value in after.items()
        ),
        cause=Cause.DRIFT if row else Cause.NEW,
        reason=("it was deleted at the vendor" if row else "")
        if creatable
        else f"it does not exist; create it in {resource_type.kind.screen}",
        source=resource.source,
        refs=refs,
        options=resource.options,
    )


def _check_new(resource_type: ResourceType, resource: Resource, creatable: bool) -> None:
    """Raise CannotPlan for what cannot become an object as it is declared."""
    if resource.options.id is not None:
        raise CannotPlan(
            resource,
            (
                f"$id says {resource.options.id}, but {resource.address.scope} has no such object",
                "Correct the id, or remove $id to find the object by its natural key.",
            ),
        )
    dots = [n for n in resource_type.kind.identifier if resource.fields.get(n) in (".", "..")]
    if dots:
        raise CannotPlan(
            resource,
            (
                f"{dots[0]} stands in the vendor's addresses, where . and .. lead elsewhere",
                f"Choose another {dots[0]}.",
            ),
        )
    required = (name for name, field in resource_type.facts.fields.items() if field.required)
    lacking = ", ".join(name for name in required if name not in resource.fields)
    if creatable and lacking:
        raise CannotPlan(
            resource,
            (
                f"it does not exist yet, and {resource_type.kind.title} needs {lacking}",
                f"Declare {lacking} so that it can be created.",
            ),
        )


def _present(
    context: Context,
    resource_type: ResourceType,
    resource: Resource,
    live: Live,
    refs: Refs,
    row: Owned | None,
) -> Change:
    desired = resolve_names(resource_type, _without_ignored(resource), context.indexes)
    actual = resolve_names(resource_type, live.fields, context.indexes)
    facts = resource_type.facts
    shown = context.still_told(resource_type.scope, drop_secrets(facts, desired))
    alike = same(facts, shown, actual)
    changes = () if alike else differences(facts, shown, actual)
    if facts.sensitive:
        changes += secret_changes(context, facts, desired, row)
    if live.archived:
        changes = (*_brought_back(resource_type, desired), *changes)
    base = Change(
        resource.address,
        Action.NO_OP,
        before=shown if alike else project(facts, actual, shown),
        after=desired,
        source=resource.source,
        id=live.id,
        refs=refs,
        options=resource.options,
    )
    if not changes:
        return _record_or_nothing(context, facts, base, row)
    applied = recalled(context, resource_type, drop_secrets(facts, row.fields)) if row else None
    refused = (
        resource_type.kind.update_blocker(actual, desired)
        if resource_type.kind.update_blocker
        else ""
    )
    return replace(
        base,
        fields=changes,
        cause=cause_of(resource_type, changes, shown, actual, applied),
        fingerprint=live_fingerprint(live, base.before or {}),
        **_action_and_reason(resource_type, resource.address.key, changes, row, live, refused),
    )


def _brought_back(resource_type: ResourceType, desired: Fields) -> tuple[FieldChange, ...]:
    """What says that an object which was put away is to be there again, unless the manifest itself
    says whether it is."""
    field = (resource_type.kind.archive.field if resource_type.kind.archive else None) or "archived"
    return () if field in desired else (FieldChange((field,), True, False),)


def _without_ignored(resource: Resource) -> Fields:
    """The declared fields without those to be left alone."""
    ignored = resource.options.ignore
    if not ignored:
        return resource.fields
    return {name: value for name, value in resource.fields.items() if name not in ignored}


def _action_and_reason(
    resource_type: ResourceType,
    key: str,
    changes: tuple[FieldChange, ...],
    row: Owned | None,
    live: Live,
    refused: str,
) -> dict[str, Any]:
    """The action that makes the changes, and its reason. What the vendor would refuse is for a
    person as a whole: half a change would be neither the old object nor the declared one."""
    kind = resource_type.kind
    fixed = [str(change.path[0]) for change in changes if change.forces_replace]
    if fixed and kind.can(Verb.CREATE) and kind.can(Verb.DELETE):
        return {"action": Action.REPLACE, "reason": f"{', '.join(fixed)} cannot be changed"}
    if fixed or not kind.can(Verb.UPDATE):
        return {"action": Action.BY_HAND, "reason": f"change it in {kind.screen}"}
    if refused:
        reason = f"{refused}; change it in {kind.screen}, or declare what is live"
        return {"action": Action.BY_HAND, "reason": reason}
    if live.archived:
        reason = "it was put away and is brought back"
    elif row is None:
        reason = "it exists already and comes under management"
    else:
        reason = "" if row.address.key == key else f"renamed from {row.address}"
    return {"action": Action.UPDATE, "reason": reason}


def _record_or_nothing(context: Context, facts: Facts, base: Change, row: Owned | None) -> Change:
    """An adoption where the ledger does not say yet what is true; else nothing to do."""
    kept, options = seal_secrets(facts, base.after or {}, context.seal), base.options
    if row is None:
        reason = "it exists already"
    elif row.address != base.address:
        reason = f"renamed from {row.address}"
    elif row.id != base.id:
        reason = f"it has another id than before ({row.id})"
    elif row.fields != kept or (row.protect, row.on_remove) != (options.protect, options.on_remove):
        reason = "the manifest now says what is live"
    else:
        return base
    return replace(base, action=Action.ADOPT, reason=reason)


def pointed(context: Context, resource: Resource) -> tuple[tuple[Ref, Pointer], ...]:
    """Each reference under its one name, with the live object it means as far as there is one.

    Raises CannotPlan, with all of them, where neither a declared nor a live object has the name.
    """
    index_live = context.indexes
    found = [(ref, _pointed(index_live[ref.target], ref)) for ref in resource.refs]
    dangling = [_dangling(index_live[ref.target], ref) for ref, pair in found if pair is None]
    if dangling:
        raise CannotPlan(resource, *dangling)
    return tuple([pair for _, pair in found if pair is not None])


def _pointed(index: LiveIndex, ref: Ref) -> tuple[Ref, Pointer] | None:
    target = index.resource_named(ref.name)
    if target is not None and not target.options.absent:
        found = index.matched.get(target.address.key)
        key = target.fields.get(index.resource_type.kind.natural_key[0], ref.name)
        pointer = Pointer(found.id if isinstance(found, Live) else None, str(key))
        return replace(ref, name=target.address.key), pointer
    live = index.live_named(ref.name)
    return None if live is None else (ref, Pointer(live.id, ref.name))


def _dangling(index: LiveIndex, ref: Ref) -> tuple[str, str]:
    """What is wrong and what to do."""
    from difflib import get_close_matches

    near = get_close_matches(text_form(ref.name), [*index.declared, *index.by_key], n=1)
    hint = f"Did you mean {shown(near[0])}? " if near else ""
    return (
        f"{dotted(ref.path)} names {shown(ref.name)}, but {ref.target} has no such object, "
        "declared or live",
        f"{hint}Declare it under {ref.target.kind}, or correct the name.",
    )
