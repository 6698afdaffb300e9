"""Define the data that all planning decisions use, and the error where no entry can be made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import field

from reconciler.errors import Diagnostic
from reconciler.frozen import frozen
from reconciler.identity import LiveIndexes
from reconciler.model import Address, BegunCreate, Fields, Owned, Resource, Scope
from reconciler.planner.interrupted import Completed
from reconciler.values.fingerprints import Fingerprints

# The fields of each kind that the vendor no longer returns.
Vanished = Mapping[Scope, frozenset[str]]


class OwnedIds:
    """The kind and id of each object in the ledger, collected once somebody asks: few plans do."""

    def __init__(self, rows: Iterable[Owned]) -> None:
        self._rows = rows
        self._pairs: frozenset[tuple[Scope, str]] | None = None

    def __contains__(self, pair: object) -> bool:
        if self._pairs is None:
            self._pairs = frozenset((row.address.scope, row.id) for row in self._rows)
        return pair in self._pairs


@frozen
class Context:
    """The live objects by kind (`indexes`) and the ledger's rows by address (`owned`).

    `fingerprints` compares secrets with the ledger's; `unread` are the kinds that could not be read
    completely; `vanished` are the fields of each kind that the vendor no longer returns; `begun`
    are the creates of earlier runs whose outcome is not known, `deleting` the addresses with a
    delete of that sort, and `updating` those with an update of which the ledger does not say what
    it wrote. `completed` are the rows that differ from the ledger's because a run was interrupted.
    `adopting` are the ids of the objects that an interrupted run began to take under management.
    `recorded` are the objects in the ledger, `released` the kind and id of those that were let go.
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
    recorded: OwnedIds = field(default_factory=lambda: OwnedIds(()))
    released: Set[tuple[Scope, str]] = frozenset()
    adopting: Mapping[Address, str] = field(default_factory=dict)

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
