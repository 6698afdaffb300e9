"""Recognize the declared objects about which nothing is to be decided, which are nearly all.

What is said here of an object is what `compare_declared` and `decide` would say, ten times as fast.
"""

from __future__ import annotations

from dataclasses import field

from reconciler.frozen import frozen
from reconciler.identity import LiveIndex
from reconciler.model import Action, Change, Live, Resource, Scope
from reconciler.planner.context import Context
from reconciler.values.compare import same


@frozen
class Settled:
    """Tells which declared objects are as the manifest, the ledger and the vendor say alike."""

    context: Context
    _plain: dict[Scope, bool] = field(default_factory=dict)

    def covers(self, index: LiveIndex, resource: Resource, live: Live) -> bool:
        """Whether the object's entry is a no-op. False says nothing: it may still be one."""
        row, options = index.rows.get(resource.address.key), resource.options
        return (
            row is not None
            and row.id == live.id
            and (row.fields is resource.fields or row.fields == resource.fields)
            and not row.stored
            and not live.archived
            and not (options.absent or options.ignore)
            and (row.protect, row.on_remove, row.rotate)
            == (options.protect, options.on_remove, options.rotate)
            and self._compares_fields_alone(index)
            and (
                live.at_hand is resource.fields
                or same(index.resource_type.facts, resource.fields, live.at_hand)
            )
            and row.address == resource.address
        )

    def _compares_fields_alone(self, index: LiveIndex) -> bool:
        """Whether objects of a kind are compared as they were declared, recorded and read: without
        secrets, names of other objects, fields that no answer has any more, and traces of a run
        that was interrupted."""
        resource_type = index.resource_type
        plain = self._plain.get(resource_type.scope)
        if plain is None:
            plain = self._plain[resource_type.scope] = not (
                resource_type.targets
                or resource_type.facts.sensitive
                or self.context.vanished.get(resource_type.scope)
                or self.context.completed
            )
        return plain


def no_op(resource: Resource, live: Live) -> Change:
    """The entry for an object with which nothing is to be done."""
    return Change(
        resource.address,
        Action.NO_OP,
        resource.fields,
        resource.fields,
        source=resource.source,
        id=live.id,
        options=resource.options,
    )
