"""The values that flow through the tool: addresses, resources, live objects, plans, outcomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from pathlib import Path as FilePath
from typing import Any, NamedTuple

from reconciler.errors import Diagnostic, Source

Fields = Mapping[str, Any]
Path = tuple[str | int, ...]


class Address(NamedTuple):
    """Where a resource lives: `provider/kind/key`, the key being all after the second slash."""

    provider: str
    kind: str
    key: str

    def __str__(self) -> str:
        return f"{self.provider}/{self.kind}/{self.key}"

    @property
    def scope(self) -> Scope:
        """The provider and kind, without the key."""
        return Scope(self.provider, self.kind)

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read `provider/kind/key`; raises ValueError where a part is missing."""
        provider, _, rest = text.partition("/")
        kind, _, key = rest.partition("/")
        if not (provider and kind and key):
            raise ValueError(f"{text!r} is not an address: write provider/kind/key")
        return cls(provider, kind, key)


class Scope(NamedTuple):
    """A kind at a provider: what is listed, guarded and counted together."""

    provider: str
    kind: str

    def __str__(self) -> str:
        return f"{self.provider}/{self.kind}"

    def address(self, key: str) -> Address:
        """The address of `key` in this scope."""
        return Address(self.provider, self.kind, key)


class Secret:
    """A value that never prints. Two secrets are equal when their values are."""

    __slots__ = ("_value", "name")

    def __init__(self, value: str, name: str = "") -> None:
        self._value = value
        self.name = name

    def reveal(self) -> str:
        """The value itself: only for the request that needs it."""
        return self._value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __repr__(self) -> str:
        return "(sensitive)"

    __str__ = __repr__

    def __format__(self, _spec: str) -> str:
        return "(sensitive)"

    def __reduce__(self) -> str:
        raise TypeError("a secret cannot be pickled or copied out of the process")


@dataclass(frozen=True, slots=True)
class Pointer:
    """A reference as a vendor writes it: by id, by natural key, or (resolved) by both."""

    id: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Ref:
    """A reference that a manifest makes: the field's path, the kind it names, and the name."""

    path: Path
    target: Scope
    name: str


@dataclass(frozen=True, slots=True)
class Options:
    """The `$…` words of a resource."""

    protect: bool = False
    ignore: tuple[str, ...] = ()
    was: str | None = None
    id: str | None = None
    absent: bool = False
    on_remove: str = "delete"


@dataclass(frozen=True, slots=True)
class Connection:
    """A configured vendor account: `settings` are the vendor's own, credentials as `Secret`s.

    `base_url` None means the vendor's own address; `requests_per_minute` None means the vendor's
    limit and 0 none of ours; `timeout` is in seconds a request.
    """

    name: str
    type: str
    settings: Mapping[str, Any]
    base_url: str | None = None
    requests_per_minute: int | None = None
    parallelism: int | None = None
    timeout: float = 30.0


@dataclass(frozen=True, slots=True)
class Guard:
    """How much one run may destroy or change, counted for each kind and for the whole run."""

    max_deletes: int = 10
    max_delete_percent: int = 30
    max_update_percent: int = 50


@dataclass(frozen=True, slots=True)
class Workspace:
    """`reconciler.yaml`, read and resolved. `root` is the folder it lies in."""

    root: FilePath
    name: str
    manifests: FilePath
    connections: Mapping[str, Connection]
    variables: Mapping[str, Any]
    secrets: Mapping[str, Secret]
    ledger: str
    exclusive: frozenset[Scope]
    guard: Guard
    environment: str | None = None


@dataclass(frozen=True, slots=True)
class Resource:
    """One declared object. `fields` holds what is declared and nothing else."""

    address: Address
    fields: Fields
    refs: tuple[Ref, ...]
    options: Options
    source: Source


@dataclass(frozen=True, slots=True)
class Manifests:
    """Every declared object, in file order; `digest` is over all the bytes that were read.

    `problems` are the findings; where one is an error, `resources` must not be planned from.
    """

    resources: tuple[Resource, ...]
    problems: tuple[Diagnostic, ...] = ()
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Live:
    """One object as the vendor has it, in the manifest's shape; references are `Pointer`s."""

    scope: Scope
    id: str
    fields: Fields


@dataclass(frozen=True, slots=True)
class Listing:
    """What reading one kind gave. Only a complete listing proves anything absent.

    `at` is the monotonic time in seconds at which reading began.
    """

    objects: tuple[Live, ...] = ()
    complete: bool = True
    problem: Diagnostic | None = None
    at: float = 0.0
    requests: int = 0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The live state of every kind that was read."""

    listings: Mapping[Scope, Listing]
    warnings: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True)
class Owned:
    """What the ledger knows of one address.

    `fields` are the managed fields as last applied, secrets as fingerprints;
    `origin` is `created` or `adopted`; `at` an ISO 8601 UTC time.
    """

    address: Address
    id: str
    fields: Fields
    origin: str
    at: str
    protect: bool = False
    on_remove: str = "delete"


class Action(StrEnum):
    """What apply does with an entry."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    ADOPT = "adopt"
    FORGET = "forget"
    BY_HAND = "by-hand"
    NO_OP = "no-op"


WRITES = frozenset({Action.CREATE, Action.UPDATE, Action.REPLACE, Action.DELETE})
RECORDS = frozenset({Action.ADOPT, Action.FORGET})


class Cause(StrEnum):
    """Why live and desired differ."""

    NEW = "new"
    EDIT = "edit"
    DRIFT = "drift"
    BOTH = "both"


class Absent(Enum):
    """The type of `ABSENT`: a field that is not there, which is neither `null` nor empty."""

    ABSENT = "(absent)"

    def __repr__(self) -> str:
        return "(absent)"


ABSENT = Absent.ABSENT


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field that differs; `before` or `after` is `ABSENT` where there is no such field."""

    path: Path
    before: Any
    after: Any
    sensitive: bool = False
    forces_replace: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of a plan. `before` and `after` hold the declared fields only.

    `id` is the vendor's id where the object exists; `needs` the addresses that must be done
    first; `refs` say which live object each reference means, where it exists already.
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


@dataclass(frozen=True, slots=True)
class Budget:
    """Requests that a plan needs at one provider, against its limit a minute (0: no limit)."""

    provider: str
    requests: int
    per_minute: int

    @property
    def seconds(self) -> float:
        """The shortest time that the limit allows for these requests."""
        if not self.per_minute:
            return 0.0
        return max(0, self.requests - self.per_minute) * 60 / self.per_minute


@dataclass(frozen=True, slots=True)
class Plan:
    """What apply will do.

    `diagnostics` are findings (an error among them makes the exit code 1), `refusals` what a guard
    or a protection forbids (apply will not start); `deferred` the addresses whose live state could
    not be read; `unmanaged` the names of live objects that nobody declared; `origin` what the plan
    was made from and `fingerprint` a digest over all of it.
    """

    changes: tuple[Change, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    deferred: tuple[Address, ...] = ()
    unmanaged: Mapping[Scope, tuple[str, ...]] = field(default_factory=dict)
    budget: tuple[Budget, ...] = ()
    refusals: tuple[Diagnostic, ...] = ()
    origin: Mapping[str, Any] = field(default_factory=dict)
    fingerprint: str = ""

    def count(self, *actions: Action) -> int:
        """How many entries have one of these actions; a replacement is only a REPLACE."""
        return sum(change.action in actions for change in self.changes)


class Status(StrEnum):
    """How an entry of the plan ended."""

    APPLIED = "applied"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"
    NOT_ATTEMPTED = "not attempted"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one entry: `seconds` wall clock, `requests` sent for it.

    `secrets` are fields that the vendor shows once and never again.
    """

    change: Change
    status: Status
    id: str | None = None
    diagnostic: Diagnostic | None = None
    seconds: float = 0.0
    requests: int = 0
    secrets: Mapping[str, Secret] = field(default_factory=dict)
