"""What this workspace owns at its vendors, and the record of every write.

A command that writes holds the lock, and records each request before and after it is sent:

    with open_ledger(setting, root, "acme").lock("apply") as session:
        session.begin(plan.fingerprint)
        op = session.intend(address, Action.CREATE, "POST", "ERP Sync", idempotency_key)
        ...  # only now the request is sent
        session.settle(op, Status.APPLIED, id, owned=owned)
        session.end({"add": 1})

`session` makes records, `chain` seals them into lines, and a `store` keeps the lines.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from reconciler.ledger.chain import Chain, fold
from reconciler.ledger.file import FileStore
from reconciler.ledger.last_seen import Memory
from reconciler.ledger.records import EMPTY, Intent, Operation, Run, State
from reconciler.ledger.session import Session, this_process
from reconciler.ledger.state import history_of, state_of
from reconciler.ledger.store import Holder, Store
from reconciler.ledger.stores import open_store

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


@dataclass(frozen=True, slots=True)
class Ledger:
    """The ledger of `workspace` in a store. Reading takes no lock and creates nothing.

    Every method raises LedgerError where the store cannot be used or the ledger is damaged.
    """

    store: Store
    workspace: str
    memory: Memory | None = None

    def read(self) -> State:
        """What is owned now, and which writes have no known outcome. Raises LedgerError also where
        the ledger is older than it was when this machine last wrote it."""
        chain = Chain(self.store.place)
        seen = self.memory.watch(chain) if self.memory else None
        state = fold(self.store.read().data, state_of, chain, self.workspace)
        if self.memory:
            self.memory.check(seen, chain, state.lineage)
        return state

    def history(self) -> tuple[Run, ...]:
        """Every run with its operations, newest last."""
        return fold(self.store.read().data, history_of, Chain(self.store.place), self.workspace)

    @contextmanager
    def lock(self, command: str) -> Iterator[Session]:
        """Hold the right to write during the block; raises LockHeld at once.

        That the ledger can be written is proven here, before any vendor is written to.
        """
        holder = this_process(command)
        if self.memory and not self.memory.ledger.exists():
            self.memory.forget()
        with self.store.lock(holder) as crashed:
            session = Session(self.store, self.workspace, holder, crashed, self.memory)
            try:
                yield session
            finally:
                session.close()

    def holder(self) -> Holder | None:
        """Who holds the lock now."""
        return self.store.holder()

    def unlock(self, id: str = "") -> Holder | None:
        """Remove the lock that a crashed process left, and return whose it was.

        Raises LockHeld while that process lives; where the store cannot tell, unless `id` is the
        lock's.
        """
        return self.store.unlock(id)


def open_ledger(setting: str, root: Path, workspace: str, *, remember: bool = False) -> Ledger:
    """The ledger that the `ledger:` setting names, relative to the folder `root`; nothing is read
    or created yet. With `remember` a ledger in a file that is older than it was before is refused.
    Raises Invalid where no store understands the setting."""
    store = open_store(setting, root)
    memory = None
    if remember and isinstance(store, FileStore):
        path = store.path.with_name(f"{store.path.name}.seen")
        memory = Memory(path, store.path, store.root)
    return Ledger(store, workspace, memory)
