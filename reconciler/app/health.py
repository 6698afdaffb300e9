"""Whether every provider can be reached and read, and how the ledger is. Nothing is written."""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlsplit

from reconciler.app.project import Account, Project
from reconciler.errors import (
    Diagnostic,
    Forbidden,
    Incomplete,
    LedgerError,
    Unauthorized,
    VendorError,
)
from reconciler.kinds.resource_types import ResourceType
from reconciler.ledger import Holder
from reconciler.model import Scope

KINDS_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Reading:
    """Whether a kind can be read: `scope` is the right that is missing, where that is known."""

    kind: str
    milliseconds: float
    error: VendorError | None = None
    scope: str | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """How a provider is. `reachable` and `accepted` (the credentials) are None where unknown;
    `milliseconds` is the quickest answer, `limit` and `remaining` are what the vendor's headers
    say, and `per_minute` is the limit that we keep to (0: none)."""

    name: str
    type: str
    url: str
    readings: tuple[Reading, ...]
    per_minute: int
    limit: int | None
    remaining: int | None
    unread: tuple[str, ...] = ()

    @property
    def tls(self) -> bool:
        """Whether requests are encrypted."""
        return urlsplit(self.url).scheme == "https"

    @property
    def answered(self) -> tuple[Reading, ...]:
        """The readings that any answer came to."""
        return tuple(one for one in self.readings if not _silent(one.error))

    @property
    def accepted(self) -> bool | None:
        """Whether the vendor took the credentials; None where no answer tells."""
        if any(isinstance(one.error, Unauthorized) for one in self.readings):
            return False
        told = any(one.error is None or isinstance(one.error, Forbidden) for one in self.answered)
        return True if told else None

    @property
    def milliseconds(self) -> float | None:
        """The quickest answer; None where none came."""
        return min((one.milliseconds for one in self.answered), default=None)

    @property
    def well(self) -> bool:
        """Whether every kind could be read."""
        return bool(self.readings) and not any(one.error for one in self.readings)


@dataclass(frozen=True, slots=True)
class LedgerHealth:
    """How the ledger is: `problem` says why it cannot be read, `obstacle` why not be written."""

    place: str
    owned: int = 0
    unknown: int = 0
    problem: Diagnostic | None = None
    obstacle: str = ""
    holder: Holder | None = None

    @property
    def well(self) -> bool:
        """Whether it can be read and, as far as can be seen, written."""
        return self.problem is None and not self.obstacle


def check(project: Project, accounts: Mapping[str, Account]) -> tuple[Health, ...]:
    """Every account that is open, side by side, by the smallest read of each of its kinds."""
    with ThreadPoolExecutor(max(1, len(accounts))) as pool:
        return tuple(pool.map(lambda name: _health(project, name, accounts[name]), accounts))


def _health(project: Project, name: str, account: Account) -> Health:
    provider = project.resource_types.providers[name]
    types = [project.resource_types.of(Scope(name, kind)) for kind in provider.kinds]
    # Where nobody answers, or the credentials are refused, the other kinds have nothing to add.
    readings = [_reading(account, types[0])]
    error = readings[0].error
    if not _silent(error) and not isinstance(error, Unauthorized):
        with ThreadPoolExecutor(KINDS_AT_ONCE) as pool:
            readings += pool.map(lambda resource_type: _reading(account, resource_type), types[1:])
    limit, remaining = account.announced
    return Health(
        name,
        provider.type,
        project.workspace.connections[name].base_url or provider.base_url,
        tuple(readings),
        account.per_minute,
        limit,
        remaining,
        tuple(resource_type.kind.name for resource_type in types[len(readings) :]),
    )


def _reading(account: Account, resource_type: ResourceType) -> Reading:
    began = time.monotonic()
    error, scope = None, None
    try:
        account.driver(resource_type).probe()
    except VendorError as problem:
        error = problem
        if isinstance(problem, Forbidden) and resource_type.kind.right:
            scope = f"{resource_type.kind.right}:read"
    return Reading(resource_type.kind.name, (time.monotonic() - began) * 1000, error, scope)


def _silent(error: VendorError | None) -> bool:
    """Whether no answer came at all."""
    answered = isinstance(error, Incomplete | Unauthorized)
    return error is not None and error.status == 0 and not answered


def check_ledger(project: Project) -> LedgerHealth:
    """How the ledger is; nothing is written and no lock is taken."""
    store = project.ledger.store
    try:
        state = project.ledger.read()
        return LedgerHealth(
            store.place,
            len(state.owned),
            len(state.open_intents),
            obstacle=store.obstacle(),
            holder=store.holder(),
        )
    except LedgerError as error:
        return LedgerHealth(store.place, problem=error.diagnostics[0])
