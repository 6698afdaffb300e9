"""Define the data that all planning decisions use, and the error where no entry can be made."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import field

from reconciler.errors import Diagnostic
from reconciler.frozen import frozen
from reconciler.identity import LiveIndexes
from reconciler.model import Address, BegunCreate, Fields, Owned, Resource, Scope
from reconciler.planner.interrupted import Completed
from reconciler.values.fingerprints import Fingerprints

# The fields of each kind that the vendor no longer returns.
Vanished = Mapping[Scope, frozenset[str]]


@frozen
class Context:
    """The live objects by kind (`indexes`) and the ledger's rows by address (`owned`).

    `fingerprints` compares secrets with the ledger's; `unread` are the kinds that could not be read
    completely; `vanished` are the fields of each kind that the vendor no longer returns; `begun`
    are the creates of earlier runs whose outcome is not known, `deleting` the addresses with a
    delete of that sort, and `updating` those with an update of which the ledger does not say what
    it wrote. `completed` are the rows that differ from the ledger's because a run was interrupted.
    `adopting` are the ids of the objects that an interrupted run began to take under management.
    `owned_ids` are the ids of the objects in the ledger by kind, `released` the kind and id of
    those that were let go.
    """

    indexes: LiveIndexes
    owned: Mapping[Address, Owned]
    fingerprints: Fingerprints
    unread: frozenset[Scope] = frozenset()
    vanished: Vanished = field(default_factory=dict)
    begun: Mapping[Address, BegunCreate] = field(default_factory=dict)
    deleting: Set[Address] = frozenset()
    updating: Set[Address] = frozenset()
    completed: Mapping[Address, Completed] = field(default_factory=dict)
    owned_ids: Mapping[Scope, Set[str]] = field(default_factory=dict)
    released: Set[tuple[Scope, str]] = frozenset()
    adopting: Mapping[Address, str] = field(default_factory=dict)

    def owns(self, scope: Scope, id: str) -> bool:
        """Whether the ledger has the object of this kind with this id."""
        return id in self.owned_ids.get(scope, ())

    def without_vanished(self, scope: Scope, fields: Fields) -> Fields:
        """The fields without those that the vendor no longer returns."""
        vanished = self.vanished.get(scope)
        return {n: v for n, v in fields.items() if n not in vanished} if vanished else fields


class CannotPlan(Exception):
    """No plan entry can be made for a resource. Carries the findings, each given as a summary and
    what to do."""

    def __init__(self, resource: Resource, *findings: tuple[str, str], waits: bool = False) -> None:
        super().__init__("; ".join(summary for summary, _ in findings))
        self.diagnostics = tuple(
            Diagnostic(
                summary,
                detail,
                address=str(resource.address),
                source=resource.source,
                waits=waits,
            )
            for summary, detail in findings
        )
