"""Find what a plan should not believe a list alone, because the ledger says something else.

A list may show objects as they were before the last write. Where it shows the declared values, and
the ledger other ones, to record the declared values could replace what is so by what was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.model import Action, Address, Owned, Plan, Scope, Secret


def doubtful_adoptions(plan: Plan, owned: Mapping[Address, Owned]) -> Iterator[tuple[Scope, str]]:
    """The kind and id of each object of which the plan would record other values than were last
    written, without writing them."""
    for change in plan.changes:
        if change.action is not Action.ADOPT or change.id is None:
            continue
        scope, was = change.address.scope, change.options.was
        row = owned.get(change.address) or owned.get(scope.address(was or ""))
        if row is not None and row.id == change.id and _differs(row, change.after or {}):
            yield scope, change.id


def _differs(row: Owned, values: Mapping[str, object]) -> bool:
    return any(
        name in row.fields and row.fields[name] != value
        for name, value in values.items()
        if not isinstance(value, Secret)
    )
