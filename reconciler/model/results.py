"""What the use cases give back: the findings of a check, the drift of a workspace, an apply."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from reconciler.errors import Diagnostic, Severity
from reconciler.model.address import Scope
from reconciler.model.plan import Action, Outcome, Plan, Status

DRIFTED = frozenset({Action.ADOPT, Action.FORGET, Action.BY_HAND})


@dataclass(frozen=True, slots=True)
class Validation:
    """How many resources the manifests declare, and everything that is wrong with them."""

    resources: int
    diagnostics: tuple[Diagnostic, ...]

    @property
    def errors(self) -> int:
        """How many of the findings are errors; the others are warnings."""
        return sum(finding.severity is Severity.ERROR for finding in self.diagnostics)

    @property
    def valid(self) -> bool:
        """Whether a plan can be made of these manifests."""
        return not self.errors


@dataclass(frozen=True, slots=True)
class Drift:
    """What changed at the vendors since the last apply.

    The changes of `plan` are what drifted. `undeclared` are the live objects that nobody declared
    in kinds whose manifests say all that may exist: they count as drift. `applied` says whether
    the ledger holds anything to compare with.
    """

    plan: Plan
    undeclared: Mapping[Scope, tuple[str, ...]] = field(default_factory=dict)
    applied: bool = True

    @property
    def found(self) -> bool:
        """Whether anything drifted, what only a person can resolve included."""
        return bool(self.undeclared) or any(c.action in DRIFTED for c in self.plan.changes)


@dataclass(frozen=True, slots=True)
class Applied:
    """What an apply did: the plan, the outcome of each of its changes as they ended, and how many
    objects were only recorded in the ledger.

    `problems` are what went wrong beside the outcomes, such as a field that did not keep the value
    that was written; `stopped` says that the caller asked to stop before everything was begun.
    """

    plan: Plan
    outcomes: tuple[Outcome, ...] = ()
    recorded: int = 0
    problems: tuple[Diagnostic, ...] = ()
    stopped: bool = False

    def tally(self) -> Counter[Status]:
        """How many changes ended with each status."""
        return Counter(outcome.status for outcome in self.outcomes)
