"""What the ledger remembers of an object, held against what is declared and what is live."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from reconciler.errors import Diagnostic, Severity
from reconciler.identity import LiveIndexes
from reconciler.kinds.resource_types import ResourceType
from reconciler.model import (
    ABSENT,
    FINGERPRINT,
    Address,
    Cause,
    FieldChange,
    Fields,
    Owned,
    Scope,
    Secret,
)
from reconciler.planner.context import Context, Vanished
from reconciler.values.compare import equal
from reconciler.values.fields import Facts
from reconciler.values.mask import restore_fingerprints, secrets_in
from reconciler.values.shape import restrict_to
from reconciler.values.walk import change_at


def accepted(facts: Facts, row: Owned, live: Fields) -> Fields:
    """What the ledger keeps of an object once its live values are accepted; the secrets, which
    nobody saw, as it knows them."""
    if not facts.sensitive:
        return {**row.fields, **live}
    sealed = {
        name: restore_fingerprints(facts.fields.get(name), value, row.fields.get(name))
        for name, value in live.items()
    }
    return {**row.fields, **sealed}


def recalled(context: Context, resource_type: ResourceType, fields: Fields) -> Fields:
    """What was last applied, with every reference under the name that its object has now: the key
    it had then may have left the manifests or be another one."""

    def name_now(target: Scope, value: Any) -> Any:
        row = context.owned.get(target.address(value)) if isinstance(value, str) else None
        return context.indexes[target].names.get(row.id, value) if row else value

    for path, target in resource_type.targets:
        fields = change_at(fields, path, partial(name_now, target))
    return fields


def secret_changes(
    context: Context, facts: Facts, desired: Fields, row: Owned | None
) -> tuple[FieldChange, ...]:
    """The secrets that are not the ones last applied: no vendor shows what it has."""
    applied = {node.place: node.value for node in secrets_in(facts, row.fields if row else {})}
    return tuple(
        FieldChange(path, ABSENT, secret, True, False, () if place == path else place)
        for path, place, _, secret in secrets_in(facts, desired)
        if isinstance(secret, Secret) and applied.get(place) != {FINGERPRINT: context.seal(secret)}
    )


def cause_of(
    resource_type: ResourceType,
    changes: tuple[FieldChange, ...],
    shown: Fields,
    actual: Fields,
    applied: Fields | None,
) -> Cause:
    """Who moved: the manifest, the vendor or both, judged by what was last applied; `shown` and
    `applied` without secrets, which only a manifest changes."""
    if applied is None:
        return Cause.NEW
    edited = any(change.sensitive for change in changes)
    names = {str(change.path[0]) for change in changes if not change.sensitive}
    drifted = bool(names - shown.keys())  # the vendor put the object away
    for name in names & shown.keys():
        last, field = applied.get(name, ABSENT), resource_type.facts.fields.get(name)
        edited |= not equal(field, shown[name], last)
        now = restrict_to(field, last, actual.get(name, ABSENT))
        unset = last is None and now is ABSENT  # some vendors leave out what is not set
        drifted |= not (unset or last is ABSENT or equal(field, now, last))
    return Cause.BOTH if edited and drifted else Cause.DRIFT if drifted else Cause.EDIT


def vanished(known: LiveIndexes, owned: Mapping[Address, Owned]) -> Vanished:
    """The fields that we applied to objects of a kind and that none of its live objects has, at
    vendors that answer every field. One field of one object that is unset is drift; a field that
    all have lost is a vendor that changed its API."""
    applied: dict[Scope, set[str]] = {}
    for address, row in owned.items():
        index = known.get(address.scope)
        if index is not None and row.id in index.by_id and not index.resource_type.sparse:
            applied.setdefault(address.scope, set()).update(row.fields)
    found = {}
    for scope, names in applied.items():
        index = known[scope]
        facts = index.resource_type.facts.fields
        lost = {n for n in names if (f := facts.get(n)) and not (f.sensitive or f.write_only)}
        for live in index.by_id.values():
            lost.difference_update(live.fields)
            if not lost:
                break
        if lost:
            found[scope] = frozenset(lost)
    return found


def warnings(lost: Vanished, owned: Mapping[Address, Owned]) -> Iterator[Diagnostic]:
    """One warning for each field."""
    for scope in sorted(lost):
        rows = [row for address, row in owned.items() if address.scope == scope]
        count = Counter(name for row in rows for name in row.fields)
        for name in sorted(lost[scope]):
            objects = "1 object" if count[name] == 1 else f"{count[name]} objects"
            yield Diagnostic(
                f"{scope}: the vendor no longer answers {name}, which we applied to {objects}",
                "It is left alone. If the vendor's API changed, take it out of the manifests.",
                Severity.WARNING,
            )
