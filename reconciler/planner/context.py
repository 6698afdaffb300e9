"""What every decision is made from, and the way out of one that cannot be made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from reconciler.errors import Diagnostic
from reconciler.model import Address, Fields, Owned, Resource, Scope, Secret
from reconciler.planner.match import Rosters
from reconciler.planner.vanished import Vanished


@dataclass(frozen=True, slots=True)
class Context:
    """Who is who, what the ledger says, and the kinds of which nothing can be said (`blind`).

    `seal` gives a secret's keyed fingerprint; `vanished` are the fields of each kind that the
    vendor answers no more.
    """

    rosters: Rosters
    owned: Mapping[Address, Owned]
    seal: Callable[[Secret], str]
    blind: frozenset[Scope] = frozenset()
    vanished: Vanished = field(default_factory=dict)

    def still_told(self, scope: Scope, fields: Fields) -> Fields:
        """The fields without those that the vendor answers no more."""
        lost = self.vanished.get(scope)
        return {n: v for n, v in fields.items() if n not in lost} if lost else fields


class Undecided(Exception):
    """A resource for which no entry can be made; carries the finding."""

    def __init__(self, resource: Resource, summary: str, detail: str) -> None:
        super().__init__(summary)
        self.diagnostic = Diagnostic(
            summary, detail, address=str(resource.address), source=resource.source
        )
