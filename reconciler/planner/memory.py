"""What the ledger remembers of an object, held against what is declared and what is live."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from reconciler.catalogue import Shape
from reconciler.diff import equal
from reconciler.fields import rewrite
from reconciler.model import ABSENT, Cause, FieldChange, Fields, Owned, Scope, Secret
from reconciler.planner.context import Context

FINGERPRINT = "$fingerprint"


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


def secret_changes(
    context: Context, secrets: Mapping[str, Secret], row: Owned | None
) -> tuple[FieldChange, ...]:
    """The secrets that are not the ones last applied: no vendor shows what it has."""
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
        if name not in desired:  # the vendor put the object away
            drifted = True
            continue
        if isinstance(desired[name], Secret):
            edited = True
            continue
        edited |= not equal(field, desired[name], last)
        drifted |= not equal(field, actual.get(name, ABSENT), last) and last is not ABSENT
    return Cause.BOTH if edited and drifted else Cause.DRIFT if drifted else Cause.EDIT
