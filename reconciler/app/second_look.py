"""Find what a plan should not believe a list alone, because the ledger says something else.

A list may show objects as they were before the last write. Then what is said to have changed at the
vendor was not changed there, and where the list shows the declared values, and the ledger other
ones, to record the declared values would replace what is so by what was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.model import Action, Address, Cause, Change, Owned, Plan, Scope, Secret

THEIRS = (Cause.DRIFT, Cause.BOTH)


def doubtful_objects(plan: Plan, owned: Mapping[Address, Owned]) -> Iterator[tuple[Scope, str]]:
    """The kind and id of each owned object that is said to differ from what was last written, or
    about which there is a finding."""
    for change in plan.changes:
        if change.action is Action.NO_OP or change.id is None:
            continue
        scope, was = change.address.scope, change.options.was
        row = owned.get(change.address) or owned.get(scope.address(was or ""))
        if row is not None and row.id == change.id and _is_doubtful(change, row):
            yield scope, change.id
    for finding in plan.diagnostics:
        row = owned.get(Address.parse(finding.address)) if finding.address else None
        if row is not None:
            yield row.address.scope, row.id


def _is_doubtful(change: Change, row: Owned) -> bool:
    """Whether an entry says that somebody else changed the object, or would record other values
    than were last written without writing them."""
    if change.action is not Action.ADOPT:
        return change.cause in THEIRS
    return any(
        name in row.fields and row.fields[name] != value
        for name, value in (change.after or {}).items()
        if not isinstance(value, Secret)
    )
