"""What every decision is made from, and the way out of one that cannot be made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from reconciler.errors import Diagnostic
from reconciler.identity import LiveIndexes
from reconciler.model import Address, Fields, Owned, Resource, Scope, Secret

# The fields of each kind that the vendor no longer answers.
Vanished = Mapping[Scope, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Context:
    """Who is who, what the ledger says, and the kinds of which nothing can be said (`blind`).

    `seal` gives a secret's keyed fingerprint; `vanished` are the fields of each kind that the
    vendor no longer answers.
    """

    indexes: LiveIndexes
    owned: Mapping[Address, Owned]
    seal: Callable[[Secret], str]
    blind: frozenset[Scope] = frozenset()
    vanished: Vanished = field(default_factory=dict)

    def still_answered(self, scope: Scope, fields: Fields) -> Fields:
        """The fields without those that the vendor answers no more."""
        lost = self.vanished.get(scope)
        return {n: v for n, v in fields.items() if n not in lost} if lost else fields


class CannotPlan(Exception):
    """A resource for which no entry can be made; carries the findings, each a summary and what
    to do."""

    def __init__(self, resource: Resource, *findings: tuple[str, str]) -> None:
        super().__init__("; ".join(summary for summary, _ in findings))
        self.diagnostics = tuple(
            Diagnostic(summary, detail, address=str(resource.address), source=resource.source)
            for summary, detail in findings
        )
