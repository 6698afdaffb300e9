"""A run's right to write the ledger, and every record that it writes."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from itertools import count
from typing import Any

from reconciler.errors import Diagnostic, LedgerError
from reconciler.ledger.chain import FORMAT, Chain, encode, fold, seal
from reconciler.ledger.last_seen import Memory
from reconciler.ledger.records import (
    Intent,
    Record,
    Run,
    account_record,
    files_record,
    intent_record,
    own_record,
    run_record,
    stored_record,
)
from reconciler.ledger.state import state_of
from reconciler.ledger.store import Holder, Store
from reconciler.ledger.who import Origin
from reconciler.model import AccountIdentity, Action, Address, Fields, Owned, Resource, Status
from reconciler.timing import Stage, timed

MOST_TOGETHER = 10_000
"""How many rows are made durable together: more would take twice the memory of the ledger."""


class Session:
    """The ledger in a store whose lock is held. Threads may share it.

    What a method writes is durable when it returns, save inside `together`. Once a method raised
    LedgerError nothing more can be written; the error's detail holds the records that are missing,
    one JSON line each.

        state           the ledger as it was when the lock was taken
        recovered_from  the process that crashed while it held the lock before, if one did
    """

    def __init__(
        self,
        store: Store,
        workspace: str,
        holder: Holder,
        recovered_from: Holder | None,
        memory: Memory | None = None,
        origin: Callable[[], Origin | None] = lambda: None,
        resources: Iterable[Resource] = (),
    ) -> None:
        content, chain = store.read(), Chain(store.place)
        seen = memory.watch(chain) if memory else None
        combine = partial(state_of, resources=resources)
        self.state = fold(content.data, combine, chain, workspace)
        if memory:
            memory.check(seen, chain, self.state.lineage)
        self._memory = memory
        self._origin = origin
        self.recovered_from = recovered_from
        self._store = store
        self._holder = holder
        self._run = ""
        self._numbers = count(1)
        self._group: Any = threading.local()
        # Held to change `_waiting`, and to write; the thread that writes lets others seal.
        self._sealing = threading.Lock()
        self._writing = threading.Lock()
        self._version = content.version
        self._stored = chain
        # Sealed lines that are not durable yet, each with the chain after it.
        self._waiting: list[tuple[Chain, bytes]] = []
        # The records among them that nobody waits for.
        self._left: list[Record] = []
        # Why nothing more can be written.
        self._failure = ""
        if not chain.serial:
            header = _header(workspace)
            self._append(header)
            self.state = state_of([header])

    def begin(self, plan_fingerprint: str, reverts: str = "", drift: int | None = None) -> str:
        """Start a run, which undoes the one that it `reverts`; returns its id, which is unique in
        the world. `drift` is how many objects of its plan had changed at the vendor."""
        id, who, made_from = os.urandom(6).hex(), self._holder, self._origin()
        run = Run(id, who.command, _now(), who.user, who.host, plan_fingerprint)
        self._append(run_record(replace(run, origin=made_from, reverts=reverts, drift=drift)))
        self._run = id
        return id

    def intend(
        self,
        address: Address,
        action: Action,
        verb: str,
        natural_key: str | None,
        idempotency_key: str | None,
        **known: Any,
    ) -> str:
        """Record a write that is about to be sent; returns the operation's id. `known` are the
        other members of `Intent`, as far as they are known."""
        run = self._current_run()
        op = f"{run}.{next(self._numbers)}"
        named = (address, action, verb, natural_key, idempotency_key)
        self._append(intent_record(Intent(op, run, *named, _now(), **known)))
        return op

    def move_intent(self, intent: Intent, address: Address) -> None:
        """Record a write of an earlier run, whose outcome is not known, under another address."""
        run = self._current_run()
        op = f"{run}.{next(self._numbers)}"
        self._append(intent_record(replace(intent, op=op, run=run, address=address)))
        self.settle(intent.op, Status.FAILED, None, f"moved to {address}")

    def settle(
        self,
        op: str,
        status: Status,
        id: str | None = None,
        message: str = "",
        owned: Owned | None = None,
    ) -> None:
        """Record how an operation of this or an earlier run ended, and what is owned by it."""
        done: Record = {"t": "done", "run": self._current_run(), "op": op, "status": status}
        done |= {"id": id, "message": message}
        # Ownership first: where a crash keeps only one of the two, the operation is still open.
        self._append(*([own_record(owned)] if owned else []), done)

    def own(self, *owned: Owned) -> None:
        """Own these from now on, in place of what was known of their addresses."""
        self._append(*map(own_record, owned))

    def adopt(self, *owned: Owned) -> None:
        """Own these from now on, because this run says so, and not because of a write of it."""
        run = {"run": self._current_run()}
        for first in range(0, len(owned), MOST_TOGETHER):
            rows = owned[first : first + MOST_TOGETHER]
            self._append(*(own_record(row) | run for row in rows))

    def move_rows(self, renamed: Iterable[tuple[Address, Owned]]) -> None:
        """Own these from now on, which the ledger had at the addresses given with them."""
        run = {"run": self._current_run()}
        self._append(*(own_record(row) | run | {"was": old.key} for old, row in renamed))

    def record_stored(self, address: Address, created: str, stored: Fields) -> None:
        """Record what was read back of an owned object: `created` and `stored` of its row."""
        self._append(stored_record(address, created, stored))

    def record_account(self, provider: str, account: AccountIdentity | None) -> None:
        """Record the account that the objects of a provider belong to; None where that is not known
        any more."""
        self._append(account_record(provider, account))

    def move_files(self, files: Mapping[str, Iterable[Address]]) -> None:
        """Record in which manifest owned objects are declared now, where that has changed."""
        self._append(*(files_record(file, addresses) for file, addresses in files.items()))

    def forget(
        self, *addresses: Address, reason: str, released: bool = False, unwritten: bool = False
    ) -> None:
        """Own these no longer; `released` where they still exist at the vendor and are let go, and
        `unwritten` where this run does so without a write of it."""
        end: Record = {"reason": reason, "released": released}
        end |= {"run": self._current_run()} if unwritten else {}
        self._append(*({"t": "forget", "address": str(address), **end} for address in addresses))

    def end(self, counts: Mapping[str, int], unread: Iterable[Address] = ()) -> None:
        """Close the run; `unread` are the objects that were written and not read back."""
        record = {"t": "end", "run": self._current_run(), "counts": counts, "at": _now()}
        if left := sorted(map(str, unread)):
            record["unread"] = left
        self._append(record)

    @contextmanager
    def together(self, later: bool = False) -> Iterator[None]:
        """Collect what this thread writes inside the block, and make it durable when the block
        ends: thousands of records then cost what one does. With `later` it is made durable with
        what any thread writes next, or by `flush`."""
        if getattr(self._group, "records", None) is not None:  # a part of a larger block
            yield
            return
        records: list[Record] = []
        self._group.records = records
        try:
            yield
        finally:
            self._group.records = None
            if later:
                self._seal(records, later)
            else:
                self._append(*records)

    def flush(self) -> None:
        """Make durable what was to be written later."""
        with self._writing:
            if self._left:
                self._write_waiting(())

    def close(self) -> None:
        """Refuse to write anything more, because the lock is about to be released."""
        with suppress(LedgerError):  # as after a crash, the next run finds out what is missing
            self.flush()
        with self._writing:
            self._failure = self._failure or self._unwritable("its lock was released")
            if self._memory:
                self._memory.write(self.state.lineage, self._stored, _now())

    def _current_run(self) -> str:
        if not self._run:
            raise RuntimeError("call begin() first: the record belongs to a run")
        return self._run

    @timed(Stage.WRITE)
    def _append(self, *records: Record) -> None:
        """Seal the records, and return when they are durable.

        One thread writes at a time; the records of those that wait for it are then written
        together.
        """
        if (group := getattr(self._group, "records", None)) is not None:
            group += records
            return
        after = self._seal(records)
        with self._writing:
            if self._stored.serial < after.serial:
                self._write_waiting(records)

    def _seal(self, records: Sequence[Record], later: bool = False) -> Chain:
        """Seal the records; the chain after them."""
        with self._sealing:
            before = self._waiting[-1][0] if self._waiting else self._stored
            after, lines = seal(before, records)
            self._waiting.append((after, lines))
            if later:
                self._left += records
        return after

    def _write_waiting(self, records: Iterable[Record]) -> None:
        """Write all sealed lines, `records` among them, while other threads seal theirs."""
        if self._failure:
            raise self._lost(records)
        with self._sealing:
            batch, left = tuple(self._waiting), len(self._left)
        lines = b"".join(lines for _, lines in batch)
        # True until the write has ended: after an interruption nobody knows what was written.
        self._failure = self._unwritable("an earlier write was interrupted")
        try:
            version = self._store.append(lines, self._version, self._stored.size)
        except LedgerError as error:
            self._failure = error.diagnostics[0].summary
            raise self._lost(records) from error
        with self._sealing:
            self._version, self._stored = version, batch[-1][0]
            del self._waiting[: len(batch)], self._left[:left]
        self._failure = ""

    def _unwritable(self, reason: str) -> str:
        return f"the ledger {self._store.place} cannot be written: {reason}"

    def _lost(self, records: Iterable[Record]) -> LedgerError:
        """The error that holds the records which could not be written, and those that were to be
        written later and are in no error yet."""
        with self._sealing:
            left, self._left = self._left, []
        missing = "\n".join(map(encode, (*left, *records)))
        return LedgerError(
            Diagnostic(self._failure, f"These records are missing from it:\n{missing}")
        )


def _header(workspace: str) -> Record:
    # Not needed by those who only read.
    from uuid import uuid4

    return {
        "t": "header",
        "format": FORMAT,
        "lineage": str(uuid4()),
        "workspace": workspace,
        "created": _now(),
    }


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
