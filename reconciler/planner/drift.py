"""What differs from what was last applied, whatever the manifests say: drift."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from reconciler.identity import resolve_names
from reconciler.model import Action, Cause, Change, Live, Options, Owned, Resource
from reconciler.planner.context import Context
from reconciler.planner.decide import live_fingerprint
from reconciler.planner.history import accepted, recalled
from reconciler.values.compare import differences
from reconciler.values.mask import drop_secrets
from reconciler.values.shape import project


def refreshed(context: Context, desired: Iterable[Resource]) -> Iterator[Change]:
    """An entry for each owned object that is not as it was last applied: `adopt` takes the live
    values into the ledger, `forget` lets go of one that is gone."""
    declared = {resource.address: resource for resource in desired}
    for address, row in context.owned.items():
        index = context.indexes.get(address.scope)
        if index is None or address.scope in context.blind:
            continue
        resource = declared.get(address)
        live = index.by_id.get(row.id)
        if live is not None:
            yield from _moved(context, row, live, resource)
            continue
        yield Change(
            address,
            Action.FORGET,
            before=row.fields,
            cause=Cause.DRIFT,
            reason="it was deleted at the vendor",
            source=resource.source if resource else None,
            id=row.id,
        )


def _moved(context: Context, row: Owned, live: Live, resource: Resource | None) -> Iterator[Change]:
    resource_type = context.indexes[live.scope].resource_type
    ignored = resource.options.ignore if resource else ()
    applied = recalled(context, resource_type, drop_secrets(resource_type.facts, row.fields))
    last = context.still_told(live.scope, applied)
    last = {name: value for name, value in last.items() if name not in ignored}
    actual = resolve_names(resource_type, live.fields, context.indexes)
    moved = differences(resource_type.facts, last, actual)
    if moved:
        after = project(resource_type.facts, actual, applied)
        yield Change(
            row.address,
            Action.ADOPT,
            before=row.fields,
            after=accepted(resource_type.facts, row, after),
            fields=tuple(replace(m, before=m.after, after=m.before) for m in moved),
            cause=Cause.DRIFT,
            source=resource.source if resource else None,
            fingerprint=live_fingerprint(live, after),
            id=row.id,
            options=Options(protect=row.protect, on_remove=row.on_remove),
        )
