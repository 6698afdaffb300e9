"""What this workspace owns at its vendors, and the journal of every write.

A command that writes holds the lock, and journals around each request:

    with open_ledger(url, root, "acme").lock("apply") as session:
        session.begin(plan.fingerprint)
        op = session.intend(address, Action.CREATE, "POST", "ERP Sync", idempotency_key)
        ...  # only now the request is sent
        session.settle(op, Status.APPLIED, id, owned=owned)
        session.end({"add": 1})
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from reconciler.errors import Diagnostic, Invalid
from reconciler.ledger.records import EMPTY, Holder, Intent, Operation, Run, State
from reconciler.model import Action, Address, Owned, Status

__all__ = [
    "EMPTY",
    "Holder",
    "Intent",
    "Ledger",
    "Operation",
    "Run",
    "Session",
    "State",
    "open_ledger",
]


class Ledger(Protocol):
    """Where the ledger is kept. Reading takes no lock and creates nothing."""

    def read(self) -> State:
        """What is owned now and which writes have no known outcome."""

    def history(self) -> tuple[Run, ...]:
        """Every run with its operations, newest last."""

    def lock(self, command: str) -> AbstractContextManager[Session]:
        """The right to write, for as long as the block lasts; raises LockHeld at once.

        That the ledger can be written at all is proven here, before any vendor is written to.
        """

    def holder(self) -> Holder | None:
        """Who holds the lock at this moment."""

    def unlock(self) -> Holder | None:
        """Clear what a crashed process left and say whose it was; raises LockHeld if it lives."""


class Session(Protocol):
    """The ledger under the lock. Threads may share it; what a method wrote is durable on return.

    Where a method raises LedgerError nothing more can be written, and the error's detail holds
    the records that are missing, one JSON line each.
    """

    @property
    def state(self) -> State:
        """The ledger as it was when the lock was taken."""

    @property
    def recovered_from(self) -> Holder | None:
        """The process that crashed while it held the lock before us."""

    def begin(self, plan_fingerprint: str) -> str:
        """Start a run; its id is unique in the world."""

    def intend(
        self,
        address: Address,
        action: Action,
        verb: str,
        natural_key: str | None,
        idempotency_key: str | None,
    ) -> str:
        """Journal a write that is about to be sent; gives the operation's id."""

    def settle(
        self,
        op: str,
        status: Status,
        id: str | None = None,
        message: str = "",
        owned: Owned | None = None,
    ) -> None:
        """Journal how an operation ended, also one of an earlier run, and what is owned by it."""

    def own(self, *owned: Owned) -> None:
        """Own these from now on, in place of what was known of their addresses."""

    def forget(self, *addresses: Address, reason: str) -> None:
        """Own these no longer."""

    def together(self) -> AbstractContextManager[None]:
        """Within the block, what this thread writes is kept, and is durable when the block ends:
        thousands of records cost what one does."""

    def end(self, counts: Mapping[str, int]) -> None:
        """Close the run."""


def open_ledger(url: str, root: Path, workspace: str) -> Ledger:
    """The ledger at `url`, a path relative to `root`; nothing is read or created yet."""
    scheme, separator, _ = url.partition("://")
    if separator:
        raise Invalid(
            Diagnostic(
                f"a ledger at {scheme}:// is not supported in this version",
                "Give the path of a file under `ledger:` in reconciler.yaml, "
                "such as .reconciler/ledger.jsonl.",
            )
        )
    from reconciler.ledger.file import FileLedger

    return FileLedger(root / url, workspace)
