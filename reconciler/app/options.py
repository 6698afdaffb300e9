"""What a caller may choose about a plan and about an apply."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, field
from threading import Event
from typing import Any

from reconciler.errors import Diagnostic, Invalid
from reconciler.frozen import frozen
from reconciler.model import Address, Outcome, Plan, Scope
from reconciler.planner.scope import covers


@frozen
class PlanOptions:
    """What a plan is about; by default everything that is declared or owned.

    `targets` and `excludes` are addresses or the beginnings of addresses: `provider`,
    `provider/kind` or `provider/kind/key`. `refresh_only` records in the ledger what is live and
    changes nothing at the vendors; `destroy` deletes everything that is owned; without `prune`,
    owned objects that are no longer declared are kept. `retry_unknown` are the addresses whose
    creation is sent again although its outcome is unknown. Up to `allow_deletes` deletes and
    `allow_updates` updates pass the guards in this run; `confirmed` are manifests that are gone and
    whose objects may be destroyed. With `allow_partial` the plan is applied although objects could
    not be planned. `revert` is the id of a run that the plan undoes: then it is not made from the
    manifests. `put_back` puts back what changed at the vendors since the last apply, whatever the
    manifests say since, and nothing else. `promote` are addresses of the environment
    `promote_from`, whose objects are to be here as they are there, `with_references` also those
    that they refer to and that are missing. In `full` every list is read, whatever is kept of it;
    that does not make it another plan. Raises Invalid for `refresh_only` together with
    `destroy`.
    """

    targets: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    refresh_only: bool = False
    destroy: bool = False
    prune: bool = True
    retry_unknown: tuple[str, ...] = ()
    allow_deletes: int | None = None
    allow_updates: int | None = None
    confirmed: tuple[str, ...] = ()
    allow_partial: bool = False
    revert: str = ""
    put_back: bool = False
    promote: tuple[str, ...] = ()
    promote_from: str = ""
    with_references: bool = False
    full: bool = field(default=False, compare=False)

    def recorded(self) -> dict[str, Any]:
        """What a saved plan has of the options: those that make it another plan."""
        return {name: value for name, value in asdict(self).items() if name != "full"}

    @property
    def narrow(self) -> bool:
        """Whether only what the targets name is looked at, and not what earlier runs began."""
        return bool(self.targets) and not self.revert

    def is_about(self, address: Address) -> bool:
        """Whether the address is among the targets, if there are any, and not excluded."""
        return covers(self.targets or (address.provider,), address) and not covers(
            self.excludes, address
        )

    def leaves_out(self, scope: Scope) -> bool:
        """Whether everything of a kind is excluded."""
        return covers(self.excludes, scope.address(""))

    def __post_init__(self) -> None:
        if self.refresh_only and self.destroy:
            raise Invalid(Diagnostic("--refresh-only and --destroy cannot be used together"))


def approve(_plan: Plan) -> bool:
    """Approve any plan."""
    return True


def ignore(_outcome: Outcome) -> None:
    """Do nothing."""


@frozen
class ApplyOptions:
    """How a plan is applied.

    `parallelism` changes are made at the same time, and as many requests may be in flight at a
    provider; left out, ten changes, and the requests that suit the vendor. After a failure, changes
    that do not depend on it go on unless `stop_on_failure`. `review` is called with the plan before
    anything is written, and nothing is written unless it returns True; `on_outcome` is called with
    each outcome as it comes. Once `stop` is set, writes that were sent are waited for, reads and
    waits end at once, and no other change is begun. `keeps_secrets` says that `on_outcome` keeps
    the secrets that a vendor shows only once.
    """

    parallelism: int | None = None
    stop_on_failure: bool = False
    review: Callable[[Plan], bool] = approve
    on_outcome: Callable[[Outcome], None] = ignore
    stop: Event = field(default_factory=Event)
    keeps_secrets: bool = False
