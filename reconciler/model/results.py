"""The results of a validation, a drift check and an apply."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import field

from reconciler.errors import Diagnostic, Severity
from reconciler.frozen import frozen
from reconciler.model.address import Address, Scope
from reconciler.model.plan import Action, FieldChange, Outcome, Plan, Status

DRIFTED = frozenset({Action.ADOPT, Action.FORGET, Action.BY_HAND})


@frozen
class Validation:
    """The number of declared resources, and all findings about the manifests; not `checked` where
    no workspace was looked at."""

    resources: int
    diagnostics: tuple[Diagnostic, ...]
    checked: bool = True

    @property
    def errors(self) -> int:
        """The number of findings that are errors; the others are warnings."""
        return sum(finding.severity is Severity.ERROR for finding in self.diagnostics)

    @property
    def valid(self) -> bool:
        """Whether a plan can be made from these manifests."""
        return not self.errors


@frozen
class LastSet:
    """When and how an object was last written by this workspace, or taken over as it was.

    `at` is in UTC as ISO 8601, `how` a word such as `updated` or `adopted`. `run` is the run that
    wrote it, with its `user`, `host` and `command`; all are empty where the object was only taken
    over. `live` is the time of the last change that the vendor tells, as it writes it; empty where
    it tells none.
    """

    at: str
    how: str
    run: str = ""
    command: str = ""
    user: str = ""
    host: str = ""
    live: str = ""


@frozen
class Drift:
    """What changed at the vendors since the last apply.

    The changes of `plan` are the drift. `undeclared` are undeclared live objects of kinds whose
    manifests say all that may exist, such as exclusive kinds; they count as drift. `applied` says
    whether the ledger has anything to compare with. `acknowledged` are unmanaged objects that
    reconciler.yaml says to leave alone, and `last_set` says of what drifted when it was as the
    ledger has it.
    """

    plan: Plan
    undeclared: Mapping[Scope, tuple[str, ...]] = field(default_factory=dict)
    applied: bool = True
    acknowledged: Mapping[Scope, tuple[str, ...]] = field(default_factory=dict)
    last_set: Mapping[Address, LastSet] = field(default_factory=dict)

    @property
    def found(self) -> bool:
        """Whether anything drifted, including differences that only a person can resolve."""
        return bool(self.undeclared) or any(c.action in DRIFTED for c in self.plan.changes)

    @property
    def complete(self) -> bool:
        """Whether everything that was to be compared could be read."""
        errors = any(d.severity is Severity.ERROR for d in self.plan.diagnostics)
        return not self.plan.deferred and not errors

    @property
    def narrowed(self) -> Mapping[str, Sequence[str]]:
        """The targets and the excludes, where not everything was to be compared; else nothing."""
        choice = self.plan.origin.get("choice", {})
        return {name: choice[name] for name in ("targets", "excludes") if choice.get(name)}


@frozen
class Applied:
    """The result of an apply: the plan, the outcomes of its changes in the order in which they
    ended, and the number of objects that were only recorded in the ledger.

    `problems` are findings beside the outcomes, such as a field that did not keep the value that
    was written; `stopped` says that the caller asked to stop before all changes had started.
    """

    plan: Plan
    outcomes: tuple[Outcome, ...] = ()
    recorded: int = 0
    problems: tuple[Diagnostic, ...] = ()
    stopped: bool = False

    @property
    def complete(self) -> bool:
        """Whether all that was asked for was planned and done, and is there as it was written."""
        findings = (*self.plan.diagnostics, *self.problems)
        errors = any(finding.severity is Severity.ERROR for finding in findings)
        done = all(outcome.status is Status.APPLIED for outcome in self.outcomes)
        return done and not errors and not self.stopped

    def tally(self) -> Counter[Status]:
        """The number of changes that ended with each status."""
        return Counter(outcome.status for outcome in self.outcomes)


NO_ENVIRONMENT = "-"
"""What stands on the command line for the settings without any environment."""


def environment_words(name: str) -> str:
    """An environment in a sentence, given as on the command line."""
    return "the settings without an environment" if name == NO_ENVIRONMENT else name


@frozen
class Difference:
    """One object that differs between two environments. `only_in` names the environment that alone
    has it; else `fields` differ, before in the first environment and after in the second. The key
    in `address` is the natural key."""

    address: Address
    fields: tuple[FieldChange, ...] = ()
    only_in: str = ""


@frozen
class Comparison:
    """What differs between two environments, in the order of addresses.

    `kinds` are those that were compared, `same` is the number of objects that are the same in both.
    `diagnostics` are findings: with an error among them not everything could be compared.
    """

    first: str
    second: str
    kinds: tuple[Scope, ...]
    differences: tuple[Difference, ...]
    same: int = 0
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether all that was to be compared could be."""
        return not any(finding.severity is Severity.ERROR for finding in self.diagnostics)
