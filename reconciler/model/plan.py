"""The plan and its changes, and the outcomes of executing them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import field
from enum import StrEnum
from typing import Any, NamedTuple

from reconciler.errors import Diagnostic, Severity, Source
from reconciler.frozen import frozen
from reconciler.model.address import Address, Fields, Path, Scope
from reconciler.model.live import Live
from reconciler.model.resource import Options
from reconciler.model.values import Pointer, Ref, Secret


class Action(StrEnum):
    """What apply does for an entry of the plan."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    ADOPT = "adopt"
    FORGET = "forget"
    BY_HAND = "by-hand"
    NO_OP = "no-op"


WRITES = frozenset({Action.CREATE, Action.UPDATE, Action.REPLACE, Action.DELETE})
_IDLE = frozenset({Action.BY_HAND, Action.NO_OP})


ROTATE: Path = ("$rotate",)
"""The path of the change that replaces a secret: an option, and not a field."""


class Cause(StrEnum):
    """Why live and desired differ."""

    NEW = "new"
    EDIT = "edit"
    DRIFT = "drift"
    BOTH = "both"


@frozen
class FieldChange:
    """One field that differs; `before` or `after` is `ABSENT` where the object lacks it.

    `place` is the path with the names of list entries instead of their positions; empty where no
    entry in it has a name. `uncertain` means that nobody can tell whether the field differs.
    """

    path: Path
    before: Any
    after: Any
    sensitive: bool = False
    forces_replace: bool = False
    place: Path = ()
    uncertain: bool = False


@frozen
class Change:
    """One entry of a plan. `before` and `after` hold the declared fields only.

    `id` is the vendor's id where the object exists; `needs` are the addresses whose changes
    must be made first; `refs` are its references, each with the live object if it exists already.
    Of a replacement, `users` are the changes that end the references to the old object, and
    `create_first` says that the new object is created before the old one is deleted. `detour` are
    temporary values of an update's natural key, where objects exchange theirs.
    """

    address: Address
    action: Action
    before: Fields | None = None
    after: Fields | None = None
    fields: tuple[FieldChange, ...] = ()
    cause: Cause | None = None
    reason: str = ""
    needs: tuple[Address, ...] = ()
    source: Source | None = None
    fingerprint: str = ""
    id: str | None = None
    refs: tuple[tuple[Ref, Pointer], ...] = ()
    options: Options = field(default_factory=Options)
    users: tuple[Address, ...] = ()
    create_first: bool = False
    detour: Fields = field(default_factory=dict)

    @property
    def rotation(self) -> FieldChange | None:
        """The change that replaces the secret of the object; None where it is not replaced."""
        return next((field for field in self.fields if field.path == ROTATE), None)


@frozen
class Budget:
    """The requests that a plan needs at one provider, and its limit a minute (0: no limit)."""

    provider: str
    requests: int
    per_minute: int

    @property
    def is_spread(self) -> bool:
        """Whether the requests are spread over the minute, because one minute has too few."""
        return 0 < self.per_minute < self.requests

    @property
    def seconds(self) -> float:
        """The shortest time that the limit allows for these requests."""
        if not self.is_spread:
            return 0.0
        return (self.requests - sent_at_once(self.per_minute)) * 60 / self.per_minute


def sent_at_once(per_minute: int) -> float:
    """How many requests of a minute are sent at once before the others are spread over it: so many
    that a change of a few objects does not wait, and that in no ten seconds more than a quarter of
    the minute's are sent."""
    return max(5.0, per_minute / 12)


@frozen
class Plan:
    """The changes that apply will make.

    `diagnostics` are findings (with an error among them the exit code is 1); `refusals` say what a
    guard or a protection forbids, so that apply does not start; `deferred` are the addresses whose
    live state could not be read; `unmanaged` the names of live objects that are neither declared
    nor owned; `not_read` the kinds in which nothing is declared or owned, so that nobody looked at
    them; `origin` is what the plan was made from, and `fingerprint` a digest over all of it.
    """

    changes: tuple[Change, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    deferred: tuple[Address, ...] = ()
    unmanaged: Mapping[Scope, tuple[str, ...]] = field(default_factory=dict)
    budget: tuple[Budget, ...] = ()
    refusals: tuple[Diagnostic, ...] = ()
    origin: Mapping[str, Any] = field(default_factory=dict)
    fingerprint: str = ""
    not_read: tuple[Scope, ...] = ()

    @property
    def idle(self) -> bool:
        """Whether apply has nothing to do, neither at a vendor nor in the ledger."""
        return all(change.action in _IDLE for change in self.changes)

    @property
    def blocked(self) -> tuple[Diagnostic, ...]:
        """The errors about objects that could not be planned, which forbid to apply the rest unless
        the plan was made with `allow_partial`. A vendor that could not be read blocks nothing, and
        neither does an object that is only held back."""
        if self.origin.get("choice", {}).get("allow_partial"):
            return ()
        errors = (d for d in self.diagnostics if d.severity is Severity.ERROR)
        return tuple(error for error in errors if error.address and not error.waits)

    @property
    def changes_something(self) -> bool:
        """Whether apply would do more than take what matches already into the ledger."""
        return any(
            change.action not in _IDLE
            and (change.action is not Action.ADOPT or change.cause is not Cause.NEW)
            for change in self.changes
        )

    @property
    def drifted(self) -> int:
        """The number of objects that changed at the vendor since the last apply."""
        causes = (Cause.DRIFT, Cause.BOTH)
        return sum(c.cause in causes and c.action is not Action.NO_OP for c in self.changes)

    def tally(self) -> Counter[Action]:
        """The number of entries with each action; a replacement counts as one REPLACE."""
        return Counter(change.action for change in self.changes)


class Write(NamedTuple):
    """One object to write: the live one (None for a new one), the declared fields, the names of
    those that differ, and the paths of what is to stay as it is live (`$ignore`)."""

    live: Live | None
    fields: Fields
    changed: Sequence[str] = ()
    ignore: Sequence[str] = ()


class Status(StrEnum):
    """How an entry of the plan ended."""

    APPLIED = "applied"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"
    NOT_ATTEMPTED = "not attempted"


@frozen
class Outcome:
    """The outcome of one entry: `seconds` of wall clock and the number of `requests` sent.

    `secrets` are fields that the vendor shows only once; `half` says that a replacement failed
    after the old object was deleted, `misapplied` that a failed write changed the object to
    something else than what was written.
    """

    change: Change
    status: Status
    id: str | None = None
    diagnostic: Diagnostic | None = None
    seconds: float = 0.0
    requests: int = 0
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    half: bool = False
    misapplied: bool = False
