"""What differs from what was last applied, whatever the manifests say: drift."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from reconciler.catalogue import Shape
from reconciler.diff import differences
from reconciler.model import Action, Address, Cause, Change, Options, Resource, Scope
from reconciler.planner.decide import Context, live_fingerprint, plain, projected, recalled
from reconciler.planner.match import named


def refreshed(
    context: Context,
    shapes: Mapping[Scope, Shape],
    declared: Mapping[Address, Resource],
    blind: frozenset[Scope],
) -> Iterator[Change]:
    """An entry for each owned object that is not as it was last applied: `adopt` takes the live
    values into the ledger, `forget` lets go of one that is gone."""
    for address, row in context.owned.items():
        shape = shapes.get(address.scope)
        if shape is None or address.scope in blind:
            continue
        resource = declared.get(address)
        source = resource.source if resource else None
        live = context.rosters[address.scope].by_id.get(row.id)
        if live is None:
            yield Change(
                address,
                Action.FORGET,
                before=row.fields,
                cause=Cause.DRIFT,
                reason="it was deleted at the vendor",
                source=source,
                id=row.id,
            )
            continue
        ignored = resource.options.ignore if resource else ()
        applied = recalled(context, shape, plain(row.fields))
        last = {n: v for n, v in applied.items() if n not in ignored}
        actual = named(shape, live.fields, context.rosters)
        moved = differences(shape.facts, last, actual)
        if moved:
            after = projected(actual, row.fields)
            yield Change(
                address,
                Action.ADOPT,
                before=row.fields,
                after={**row.fields, **after},
                fields=tuple(replace(m, before=m.after, after=m.before) for m in moved),
                cause=Cause.DRIFT,
                source=source,
                fingerprint=live_fingerprint(live, after),
                id=row.id,
                options=Options(protect=row.protect, on_remove=row.on_remove),
            )
