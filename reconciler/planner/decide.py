"""One resource → one entry of the plan, once it is known which live object it means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from reconciler.catalogue import Shape
from reconciler.diff import differences, equal, same
from reconciler.errors import Diagnostic
from reconciler.fields import fingerprint, rewrite, text_form
from reconciler.kinds import Verb
from reconciler.model import (
    ABSENT,
    Action,
    Address,
    Cause,
    Change,
    FieldChange,
    Fields,
    Live,
    Owned,
    Pointer,
    Ref,
    Resource,
    Scope,
    Secret,
)
from reconciler.planner.match import Rosters, named

FINGERPRINT = "$fingerprint"


@dataclass(frozen=True, slots=True)
class Context:
    """What deciding needs beside the resource: the rosters, the ledger, how secrets are compared.

    `seal` gives a secret's keyed fingerprint.
    """

    rosters: Rosters
    owned: Mapping[Address, Owned]
    seal: Callable[[Secret], str]


class Undecided(Exception):
    """A resource for which no entry can be made; carries the finding."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.summary)
        self.diagnostic = diagnostic


def decide(context: Context, shape: Shape, resource: Resource, live: Live | None) -> Change | None:
    """The entry for a declared object; None where `$absent` is true of it already.

    Raises Undecided where a reference dangles or a field is missing without which the vendor
    creates nothing.
    """
    before_ledger = _ledger_row(context, resource)
    if resource.options.absent:
        return _absent(context, shape, resource, live, before_ledger)
    refs = tuple([_pointed(context, resource, ref) for ref in resource.refs])
    if live is None:
        return _missing(context, shape, resource, refs, before_ledger)
    return _present(context, shape, resource, live, refs, before_ledger)


def recorded(fields: Fields, seal: Callable[[Secret], str]) -> Fields:
    """The fields as the ledger keeps them: each secret as its fingerprint."""
    if Secret not in map(type, fields.values()):
        return fields
    return {
        name: {FINGERPRINT: seal(value)} if isinstance(value, Secret) else value
        for name, value in fields.items()
    }


def plain(fields: Fields) -> Fields:
    """The fields that can be compared with a live object: all but fingerprints of secrets."""
    return {
        name: value
        for name, value in fields.items()
        if not (isinstance(value, dict) and FINGERPRINT in value)
    }


def recalled(context: Context, shape: Shape, fields: Fields) -> Fields:
    """What was last applied, with every reference under the name that its object has now: the key
    it had then may have left the manifests or be another one."""

    def name_now(target: Scope, value: Any) -> Any:
        row = context.owned.get(target.address(value)) if isinstance(value, str) else None
        return context.rosters[target].names.get(row.id, value) if row else value

    for path, target in shape.targets:
        fields = rewrite(fields, path, partial(name_now, target))
    return fields


def projected(fields: Fields, names: Mapping[str, Any]) -> Fields:
    """The part of `fields` that `names` has too."""
    return {name: fields[name] for name in names if name in fields}


def live_fingerprint(live: Live, fields: Fields) -> str:
    """Identifies a live object and the values of its managed fields."""
    return fingerprint(live.id, fields)


def _ledger_row(context: Context, resource: Resource) -> Owned | None:
    was = resource.options.was
    row = context.owned.get(resource.address)
    return row or (context.owned.get(resource.address.scope.address(was)) if was else None)


def _pointed(context: Context, resource: Resource, ref: Ref) -> tuple[Ref, Pointer]:
    """The reference under its one name, and the live object it means as far as there is one."""
    roster = context.rosters[ref.target]
    target = roster.resource_named(ref.name)
    if target is not None and not target.options.absent:
        found = roster.matched.get(target.address.key)
        key = target.fields.get(roster.shape.kind.natural_key[0], ref.name)
        pointer = Pointer(found.id if isinstance(found, Live) else None, str(key))
        return replace(ref, name=target.address.key), pointer
    live = roster.live_named(ref.name)
    if live is None:
        raise Undecided(_dangling(resource, ref, roster.declared, list(roster.by_key)))
    return ref, Pointer(live.id, ref.name)


def _dangling(
    resource: Resource, ref: Ref, declared: Mapping[str, Resource], live: list[str]
) -> Diagnostic:
    from difflib import get_close_matches

    near = get_close_matches(text_form(ref.name), [*declared, *live], n=1)
    where = ".".join(str(part) for part in ref.path)
    hint = f'Did you mean "{near[0]}"? ' if near else ""
    return Diagnostic(
        f'{where} names "{ref.name}", but {ref.target} has no such object, declared or live',
        f"{hint}Declare it under {ref.target.kind}, or correct the name.",
        address=str(resource.address),
        source=resource.source,
    )


def _absent(
    context: Context, shape: Shape, resource: Resource, live: Live | None, row: Owned | None
) -> Change | None:
    base = Change(resource.address, Action.NO_OP, source=resource.source, options=resource.options)
    if live is None:
        return replace(base, action=Action.FORGET, reason="already gone") if row else None
    actual = named(shape, live.fields, context.rosters)
    before = projected(actual, {**resource.fields, **(row.fields if row else {})})
    action = Action.DELETE if shape.kind.can(Verb.DELETE) else Action.BY_HAND
    by_hand = "" if action is Action.DELETE else f"; delete it in {shape.kind.screen}"
    return replace(
        base,
        action=action,
        before=before,
        id=live.id,
        cause=Cause.EDIT,
        reason=f"$absent: it must not exist{by_hand}",
        fingerprint=live_fingerprint(live, before),
    )


def _missing(
    context: Context,
    shape: Shape,
    resource: Resource,
    refs: tuple[tuple[Ref, Pointer], ...],
    row: Owned | None,
) -> Change:
    after = named(shape, resource.fields, context.rosters)
    fields = tuple(
        FieldChange((name,), ABSENT, value, isinstance(value, Secret))
        for name, value in after.items()
    )
    if resource.options.id is not None:
        raise Undecided(
            Diagnostic(
                f"$id says {resource.options.id}, but {resource.address.scope} has no such object",
                "Correct the id, or remove $id to find the object by its natural key.",
                address=str(resource.address),
                source=resource.source,
            )
        )
    vanished = "it was deleted at the vendor" if row else ""
    change = Change(
        resource.address,
        Action.CREATE,
        after=after,
        fields=fields,
        cause=Cause.DRIFT if row else Cause.NEW,
        reason=vanished,
        source=resource.source,
        refs=refs,
        options=resource.options,
    )
    if not shape.kind.can(Verb.CREATE):
        reason = f"it does not exist; create it in {shape.kind.screen}"
        return replace(change, action=Action.BY_HAND, reason=reason)
    lacking = [n for n, f in shape.facts.fields.items() if f.required and n not in resource.fields]
    if lacking:
        raise Undecided(
            Diagnostic(
                f"it does not exist yet, and {shape.kind.title} needs {', '.join(lacking)}",
                f"Declare {', '.join(lacking)} so that it can be created.",
                address=str(resource.address),
                source=resource.source,
            )
        )
    return change


def _present(
    context: Context,
    shape: Shape,
    resource: Resource,
    live: Live,
    refs: tuple[tuple[Ref, Pointer], ...],
    row: Owned | None,
) -> Change:
    ignored = resource.options.ignore
    desired = named(shape, resource.fields, context.rosters)
    if ignored:
        desired = {name: value for name, value in desired.items() if name not in ignored}
    actual = named(shape, live.fields, context.rosters)
    secrets: dict[str, Secret] = {}
    plain = desired
    if Secret in map(type, desired.values()):
        secrets = {n: v for n, v in desired.items() if isinstance(v, Secret)}
        plain = {n: v for n, v in desired.items() if n not in secrets}
    alike = same(shape.facts, plain, actual)
    changes: tuple[FieldChange, ...] = () if alike else differences(shape.facts, plain, actual)
    if secrets:
        changes += _secret_changes(context, secrets, row)
    base = Change(
        resource.address,
        Action.NO_OP,
        before=plain if alike else projected(actual, desired),
        after=desired,
        source=resource.source,
        id=live.id,
        refs=refs,
        options=resource.options,
    )
    if not changes:
        return _record_or_nothing(context, base, resource, row)
    return replace(
        base,
        fields=changes,
        cause=cause_of(
            shape, changes, desired, actual, recalled(context, shape, row.fields) if row else None
        ),
        fingerprint=live_fingerprint(live, base.before or {}),
        **_how(shape, resource.address.key, changes, row, live),
    )


def _how(
    shape: Shape, key: str, changes: tuple[FieldChange, ...], row: Owned | None, live: Live
) -> dict[str, Any]:
    """The action that makes the changes, and its reason."""
    kind = shape.kind
    fixed = [str(change.path[0]) for change in changes if change.forces_replace]
    if fixed and kind.can(Verb.CREATE) and kind.can(Verb.DELETE):
        return {"action": Action.REPLACE, "reason": f"{', '.join(fixed)} cannot be changed"}
    if fixed or not kind.can(Verb.UPDATE):
        return {"action": Action.BY_HAND, "reason": f"change it in {kind.screen}"}
    if row is None:
        reason = f"it exists already (id {live.id}) and comes under management"
    else:
        reason = "" if row.address.key == key else f"renamed from {row.address}"
    return {"action": Action.UPDATE, "reason": reason}


def _record_or_nothing(
    context: Context, base: Change, resource: Resource, row: Owned | None
) -> Change:
    """An adoption where the ledger does not say yet what is true; else nothing to do."""
    kept = recorded(base.after or {}, context.seal)
    options = resource.options
    if row is None:
        reason = "it exists already"
    elif row.address != resource.address:
        reason = f"renamed from {row.address}"
    elif row.id != base.id:
        reason = f"it has another id than before ({row.id})"
    elif row.fields != kept or (row.protect, row.on_remove) != (options.protect, options.on_remove):
        reason = "the manifest now says what is live"
    else:
        return base
    return replace(base, action=Action.ADOPT, reason=reason)


def _secret_changes(
    context: Context, secrets: Mapping[str, Secret], row: Owned | None
) -> tuple[FieldChange, ...]:
    known = row.fields if row else {}
    return tuple(
        FieldChange((name,), ABSENT, secret, sensitive=True)
        for name, secret in secrets.items()
        if known.get(name) != {FINGERPRINT: context.seal(secret)}
    )


def cause_of(
    shape: Shape,
    changes: tuple[FieldChange, ...],
    desired: Fields,
    actual: Fields,
    applied: Fields | None,
) -> Cause:
    """Who moved: the manifest, the vendor or both, judged by what was last applied."""
    if applied is None:
        return Cause.NEW
    names = {str(change.path[0]) for change in changes}
    edited = drifted = False
    for name in names:
        last, field = applied.get(name, ABSENT), shape.facts.fields.get(name)
        if isinstance(desired[name], Secret):
            edited = True
            continue
        edited |= not equal(field, desired[name], last)
        drifted |= not equal(field, actual.get(name, ABSENT), last) and last is not ABSENT
    return Cause.BOTH if edited and drifted else Cause.DRIFT if drifted else Cause.EDIT
