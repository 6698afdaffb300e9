"""The ledger's rows of the objects that a run touched: before it, after it, and now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace

from reconciler.frozen import frozen
from reconciler.ledger import Around, Operation, Run, State
from reconciler.model import Address, Options, Owned, Scope, Status

Object = tuple[Scope, str]
"""A kind and an id."""

TOOK_EFFECT = (Status.APPLIED, Status.UNKNOWN, None)


@frozen
class RunRows:
    """The rows `around` a run and those of now (`state`); `by_id` are the latter by kind and id."""

    around: Around
    state: State
    by_id: Mapping[Object, Owned] = field(init=False)
    _before: Mapping[Object, Owned] = field(init=False)
    _later: Mapping[Object, Run] = field(init=False)

    def __post_init__(self) -> None:
        rows = (self.state.owned, self.around.before)
        now, before = ({(r.address.scope, r.id): r for r in owned.values()} for owned in rows)
        object.__setattr__(self, "by_id", now)
        object.__setattr__(self, "_before", before)
        later = {
            (operation.intent.address.scope, id): run
            for run in self.around.later
            for operation in run.operations
            if operation.status in TOOK_EFFECT
            for id in (operation.id, operation.intent.id)
            if id is not None
        }
        object.__setattr__(self, "_later", later)

    def now(self, address: Address, operation: Operation) -> Owned | None:
        """The row of the object of an operation now, under whatever address."""
        id = operation.id or operation.intent.id
        if id is None:  # a create of which nobody knows whether it took effect
            return self.state.owned.get(address)
        return self.by_id.get((address.scope, id))

    def before(
        self, address: Address, operation: Operation | None, id: str | None = None
    ) -> Owned | None:
        """The row that an object had before the run."""
        id = id or (operation.intent.id if operation else None)
        row = self.around.before.get(address)
        if row is not None and row.id == id:
            return row
        return self._before.get((address.scope, id or ""))

    def changed_by(self, row: Owned) -> Run | None:
        """The newest of the later runs that have written to an object."""
        return self._later.get((row.address.scope, row.id))

    def address_before(self, row: Owned) -> Address:
        """The address of an object, or the one that it had before the run renamed it."""
        for recorded in self.around.run.recorded:
            if (recorded.action, recorded.address) == ("rename", row.address):
                return row.address.scope.address(recorded.was)
        return row.address

    def options(self, address: Address, row: Owned, before: Owned | None) -> Options:
        """The options of an object that stays, with those back that the run changed."""
        after = self.around.after.get(address)
        now = row_options(row)
        if before is None:
            return replace(now, on_remove="keep")
        if after is not None and row_options(after) != row_options(before):
            return replace(row_options(before), rotate=row.rotate)
        return now


def row_options(row: Owned | None) -> Options:
    """The options that a row has."""
    if row is None:
        return Options()
    return Options(protect=row.protect, on_remove=row.on_remove, rotate=row.rotate)
