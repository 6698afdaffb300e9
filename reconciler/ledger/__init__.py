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

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import field
from functools import partial
from pathlib import Path
from threading import Event

from reconciler.errors import LockHeld
from reconciler.frozen import frozen
from reconciler.ledger.chain import Chain, fold
from reconciler.ledger.file import FileStore
from reconciler.ledger.last_seen import Memory
from reconciler.ledger.records import EMPTY, Around, Intent, Operation, Recorded, Run, State
from reconciler.ledger.session import Session
from reconciler.ledger.state import history_of, rows_around, state_of
from reconciler.ledger.store import Content, Holder, Store
from reconciler.ledger.stores import Allow, allow_all, open_store
from reconciler.ledger.who import Origin, this_process
from reconciler.model import Resource
from reconciler.timing import Stage, timed

__all__ = [
    "EMPTY",
    "Around",
    "Content",
    "Holder",
    "Intent",
    "Ledger",
    "Operation",
    "Origin",
    "Recorded",
    "Run",
    "Session",
    "State",
    "open_ledger",
]

# In seconds, between two looks at a lock that another run holds.
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0


@frozen
class Ledger:
    """The ledger of `workspace` in a store. Reading takes no lock and creates nothing. A lock that
    another run holds is waited for during `lock_timeout` seconds, or until `stop` is set. `origin`
    says what a run is made from, when one begins.

    Every method raises LedgerError where the store cannot be used or the ledger is damaged.
    """

    store: Store
    workspace: str
    memory: Memory | None = None
    lock_timeout: float = 0
    stop: Event = field(default_factory=Event)
    origin: Callable[[], Origin | None] = lambda: None

    def fetch(self) -> Content:
        """The content as the store has it now, for `read`."""
        return self.store.read()

    def seen(self) -> bytes:
        """What this machine knows of the ledger since it last wrote it, for `read` alone."""
        return self.memory.content() if self.memory else b""

    @timed(Stage.PARSE)
    def read(self, content: Content | None = None, resources: Iterable[Resource] = ()) -> State:
        """What is owned now, or was in a content that was fetched before, and which writes have no
        known outcome. What rows and the declared `resources` have the same, they have in common.
        Raises LedgerError also where the ledger is older than it was when this
        machine last wrote it."""
        chain = Chain(self.store.place)
        seen = self.memory.watch(chain) if self.memory else None
        data = (content or self.store.read()).data
        state = fold(data, partial(state_of, resources=resources), chain, self.workspace)
        if self.memory:
            self.memory.check(seen, chain, state.lineage)
        return state

    def history(self) -> tuple[Run, ...]:
        """Every run with its operations, newest last."""
        return fold(self.store.read().data, history_of, Chain(self.store.place), self.workspace)

    def around(self, run: str) -> Around | None:
        """The run with this id and what surrounds it; None where there is none."""
        data = self.store.read().data
        runs = fold(data, history_of, Chain(self.store.place), self.workspace)
        at = next((at for at, one in enumerate(runs) if one.id == run), None)
        if at is None:
            return None
        rows = partial(rows_around, run=run)
        before, after = fold(data, rows, Chain(self.store.place), self.workspace)
        return Around(runs[at], before, after, runs[at + 1 :])

    @contextmanager
    def lock(self, command: str, resources: Iterable[Resource] = ()) -> Iterator[Session]:
        """Hold the right to write during the block. Raises LockHeld where another run has it, and
        still has it after the seconds for which this waits. `resources` are as for `read`.

        That the ledger can be written is proven here, before any vendor is written to.
        """
        with self.hold(command) as (holder, crashed):
            session = Session(
                self.store,
                self.workspace,
                holder,
                crashed,
                self.memory,
                self.origin,
                resources,
            )
            try:
                yield session
            finally:
                session.close()

    @contextmanager
    def hold(self, command: str) -> Iterator[tuple[Holder, Holder | None]]:
        """Hold the store's lock during the block, without reading or writing the ledger; gives this
        process, and the one that crashed while it held the lock before. Raises LockHeld."""
        holder = this_process(command)
        if self.memory and not self.memory.ledger.exists():
            self.memory.forget()
        with ExitStack() as stack:
            yield holder, self._take(holder, stack)

    def _take(self, holder: Holder, stack: ExitStack) -> Holder | None:
        """Take the store's lock until `stack` is closed."""
        until, pause = time.monotonic() + self.lock_timeout, FIRST_PAUSE
        while True:
            try:
                return stack.enter_context(self.store.lock(holder))
            except LockHeld:
                left = until - time.monotonic()
                if left <= 0 or self.stop.wait(min(pause, left)):
                    raise
            pause = min(2 * pause, LONGEST_PAUSE)

    def prove(self) -> None:
        """Take the lock and give it back, which shows that the place can be written and does what
        each write relies on. Where another run has the lock, it has shown that."""
        with suppress(LockHeld), self.store.lock(this_process("init")):
            pass

    def holder(self) -> Holder | None:
        """Who holds the lock now."""
        return self.store.holder()

    def unlock(self, id: str = "") -> Holder | None:
        """Remove the lock that a crashed process left, and return whose it was.

        Raises LockHeld while that process lives; where the store cannot tell, unless `id` is the
        lock's.
        """
        return self.store.unlock(id)


def open_ledger(
    setting: str,
    root: Path,
    workspace: str,
    *,
    remember: bool = False,
    allow: Allow = allow_all,
    lock_timeout: float = 0,
    stop: Event | None = None,
    origin: Callable[[], Origin | None] = lambda: None,
) -> Ledger:
    """The ledger that the `ledger:` setting names, relative to the folder `root`; nothing is read
    or created yet. With `remember` a ledger in a file that is older than it was before is refused.
    `allow` is asked before a host is given credentials. Raises Invalid where no store understands
    the setting."""
    store = open_store(setting, root, allow)
    memory = None
    if remember and isinstance(store, FileStore):
        path = store.path.with_name(f"{store.path.name}.seen")
        memory = Memory(path, store.path, store.root)
    return Ledger(store, workspace, memory, lock_timeout, stop or Event(), origin)
