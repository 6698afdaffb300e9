"""The results of `doctor`: whether the providers, their kinds and the ledger can be used."""

from __future__ import annotations

from urllib.parse import urlsplit

from reconciler.errors import (
    Diagnostic,
    Forbidden,
    Incomplete,
    ReconcilerError,
    Refused,
    Unauthorized,
    VendorError,
)
from reconciler.frozen import frozen


@frozen
class KindHealth:
    """Whether a kind can be read; `scope` is the missing right, if it is known."""

    kind: str
    milliseconds: float
    error: VendorError | None = None
    scope: str | None = None

    @property
    def answered(self) -> bool:
        """Whether the vendor answered at all."""
        error = self.error
        understood = isinstance(error, Incomplete | Unauthorized)
        return error is None or error.status != 0 or understood


@frozen
class ProviderHealth:
    """Whether a provider can be reached and its kinds can be read.

    `per_minute` is our own limit in requests a minute (0: none); `limit` and `remaining` come from
    the vendor's headers; `skipped` are the kinds that were not tried because the first one failed
    in a way that affects all; `failing` are the failures of what the vendor does by itself.
    `unusable` says why nothing could be sent to it: a setting that is missing, or a host that must
    not have its credentials.
    """

    name: str
    type: str
    url: str
    kinds: tuple[KindHealth, ...]
    per_minute: int
    limit: int | None
    remaining: int | None
    skipped: tuple[str, ...] = ()
    failing: tuple[Diagnostic, ...] = ()
    unusable: ReconcilerError | None = None

    @property
    def tls(self) -> bool:
        """Whether requests are encrypted."""
        return urlsplit(self.url).scheme == "https"

    @property
    def accepted(self) -> bool | None:
        """Whether the vendor accepts the credentials; None where no answer shows it."""
        if any(isinstance(kind.error, Unauthorized) for kind in self.kinds):
            return False
        answered = [kind.error for kind in self.kinds if kind.answered]
        accepted = any(error is None or isinstance(error, Forbidden) for error in answered)
        return True if accepted else None

    @property
    def milliseconds(self) -> float | None:
        """The time of the fastest answer; None where there was no answer."""
        return min((kind.milliseconds for kind in self.kinds if kind.answered), default=None)

    @property
    def ok(self) -> bool:
        """Whether every kind could be read, and nothing fails there."""
        return bool(self.kinds) and not (self.failing or any(k.error for k in self.kinds))


@frozen
class LedgerHealth:
    """The state of the ledger: `problem` says why it cannot be read, `obstacle` why it cannot be
    written, `locked_by` which run holds its lock. `key` says where the key of its fingerprints
    comes from, and `shared` whether others have that too; `other_key` is the number of fingerprints
    in it that were made with another one."""

    place: str
    owned: int = 0
    unknown: int = 0
    problem: Diagnostic | None = None
    obstacle: str = ""
    locked_by: str | None = None
    key: str = ""
    shared: bool = False
    other_key: int = 0

    @property
    def ok(self) -> bool:
        """Whether it can be read and, as far as was checked, written."""
        return self.problem is None and not self.obstacle

    @property
    def well(self) -> bool:
        """Whether it can be used, and its fingerprints be compared."""
        return self.ok and not self.other_key


@frozen
class Health:
    """The health of a workspace: its providers and its ledger."""

    providers: tuple[ProviderHealth, ...]
    ledger: LedgerHealth

    @property
    def problems(self) -> tuple[str, ...]:
        """The names of the providers with a problem, and `the ledger` where that has one."""
        unwell = [provider.name for provider in self.providers if not provider.ok]
        return (*unwell, *(() if self.ledger.well else ("the ledger",)))

    @property
    def ok(self) -> bool:
        """Whether all providers and the ledger can be used."""
        return not self.problems

    @property
    def refused(self) -> bool:
        """Whether the credentials of a provider would go to a host that must not have them."""
        return any(isinstance(provider.unusable, Refused) for provider in self.providers)
