"""The ledger as a file of JSON Lines that only ever grows."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

from reconciler.errors import Diagnostic, LedgerError
from reconciler.ledger.chain import FORMAT, Chain, encode, sealed, unsealed
from reconciler.ledger.lock import (
    UNNAMED,
    Lock,
    explained,
    held,
    locked,
    now,
    open_regular,
    this_process,
    write_all,
)
from reconciler.ledger.records import (
    EMPTY,
    Holder,
    Intent,
    Record,
    Run,
    State,
    history_of,
    intent_record,
    own_record,
    state_of,
)
from reconciler.model import Action, Address, Owned, Status

T = TypeVar("T")


class FileLedger:
    """The ledger in the file `path` of `workspace`; see `Ledger` for what the methods promise."""

    def __init__(self, path: Path, workspace: str) -> None:
        self._path = path
        self._workspace = workspace
        self._lock = Lock(path.with_name(path.name + ".lock"))

    def read(self) -> State:
        """What is owned now and which writes have no known outcome."""
        return self._folded(state_of, EMPTY)

    def history(self) -> tuple[Run, ...]:
        """Every run with its operations, newest last."""
        return self._folded(history_of, ())

    def holder(self) -> Holder | None:
        """Who holds the lock at this moment."""
        return self._lock.holder()

    def unlock(self) -> Holder | None:
        """Clear what a crashed process left and say whose it was; raises LockHeld if it lives."""
        return self._lock.clear()

    @contextmanager
    def lock(self, command: str) -> Iterator[FileSession]:
        """The right to write, for as long as the block lasts; raises LockHeld at once."""
        with explained(self._path.parent, "created"):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        us = this_process(command)
        with self._lock.taken(us) as left_by:
            with explained(self._path, "written"):
                fd = open_regular(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT)
            try:
                session = self._session(fd, us, left_by)
                try:
                    yield session
                finally:
                    session.close()
            finally:
                os.close(fd)

    def _session(self, fd: int, us: Holder, left_by: Holder | None) -> FileSession:
        # Locked too, so that whoever deletes the lock file still cannot write beside us.
        with explained(self._path, "written"):
            if not locked(fd):
                raise held(UNNAMED)
            chain = Chain(str(self._path))
            state = self._fold(fd, state_of, chain)
            if os.fstat(fd).st_size > chain.size:
                os.ftruncate(fd, chain.size)
            if not chain.serial:
                header = _header(self._workspace)
                chain, line = sealed(chain, [header])
                write_all(fd, line)
                os.fsync(fd)
                _sync_folder(self._path.parent)
                state = state_of([header])
        return FileSession(self._path, fd, chain, state, us, left_by)

    def _folded(self, fold: Callable[[Iterable[Record]], T], nothing: T) -> T:
        with explained(self._path, "read"):
            try:
                fd = open_regular(self._path, os.O_RDONLY)
            except FileNotFoundError:
                return nothing
            try:
                return self._fold(fd, fold, Chain(str(self._path)))
            finally:
                os.close(fd)

    def _fold(self, fd: int, fold: Callable[[Iterable[Record]], T], chain: Chain) -> T:
        try:
            with open(fd, "rb", closefd=False) as lines:
                return fold(unsealed(lines, chain, self._workspace))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            # Sealed all right, but not as this version writes it.
            raise chain.corrupt(f"this version does not understand it ({error!r})") from error


class FileSession:
    """A locked file ledger; see `Session` for what the methods promise."""

    def __init__(
        self, path: Path, fd: int, chain: Chain, state: State, us: Holder, left_by: Holder | None
    ) -> None:
        self.state = state
        self.recovered_from = left_by
        self._path = path
        self._fd = fd
        self._chain = chain
        self._us = us
        self._run = ""
        self._numbers = count(1)
        self._writing = threading.Lock()
        self._syncing = threading.Lock()
        self._held: Any = threading.local()
        self._synced = chain.serial
        self._broken = ""
        found = os.fstat(fd)
        self._file = (found.st_dev, found.st_ino)

    def begin(self, plan_fingerprint: str) -> str:
        """Start a run; its id is unique in the world."""
        self._run = os.urandom(6).hex()
        us = self._us
        self._append(
            {
                "t": "run",
                "run": self._run,
                "command": us.command,
                "at": now(),
                "user": us.user,
                "host": us.host,
                "plan": plan_fingerprint,
            }
        )
        return self._run

    def intend(
        self,
        address: Address,
        action: Action,
        verb: str,
        natural_key: str | None,
        idempotency_key: str | None,
    ) -> str:
        """Journal a write that is about to be sent; gives the operation's id."""
        run = self._current_run()
        op = f"{run}.{next(self._numbers)}"
        intent = Intent(op, run, address, action, verb, natural_key, idempotency_key, now())
        self._append(intent_record(intent))
        return op

    def settle(
        self,
        op: str,
        status: Status,
        id: str | None = None,
        message: str = "",
        owned: Owned | None = None,
    ) -> None:
        """Journal how an operation ended, also one of an earlier run, and what is owned by it."""
        done: Record = {"t": "done", "run": self._current_run(), "op": op, "status": status}
        done |= {"id": id, "message": message}
        # Ownership first: where a crash tears the two apart the operation is still open.
        self._append(*([own_record(owned)] if owned else []), done)

    def own(self, *owned: Owned) -> None:
        """Own these from now on, in place of what was known of their addresses."""
        self._append(*map(own_record, owned))

    def forget(self, *addresses: Address, reason: str) -> None:
        """Own these no longer."""
        self._append(
            *({"t": "forget", "address": str(each), "reason": reason} for each in addresses)
        )

    def end(self, counts: Mapping[str, int]) -> None:
        """Close the run."""
        self._append({"t": "end", "run": self._current_run(), "counts": counts, "at": now()})

    @contextmanager
    def together(self) -> Iterator[None]:
        """Within the block, what this thread writes is kept, and is durable when the block ends."""
        kept = self._held.records = []
        try:
            yield
        finally:
            self._held.records = None
            if kept:
                self._append(*kept)

    def close(self) -> None:
        """Write nothing more: the lock is about to go."""
        with self._writing, self._syncing:
            self._broken = self._broken or "its lock was released"

    def _current_run(self) -> str:
        if not self._run:
            raise RuntimeError("begin() starts the run that this belongs to")
        return self._run

    def _append(self, *records: Record) -> None:
        """Append the records and return when they are on the disk."""
        if (kept := getattr(self._held, "records", None)) is not None:
            kept += records
            return
        with self._writing:
            after, lines = sealed(self._chain, records)
            self._check(records)
            try:
                write_all(self._fd, lines)
                self._chain = after
            except BaseException as error:
                # Half a line at the end would hide the next one.
                with suppress(OSError):
                    os.ftruncate(self._fd, self._chain.size)
                if isinstance(error, OSError):
                    raise self._lost(error.strerror or str(error), records) from error
                raise
        self._sync(after.serial, records)

    def _check(self, records: Iterable[Record]) -> None:
        if self._broken:
            raise self._lost(self._broken, records)
        try:
            found = os.stat(self._path, follow_symlinks=False)
        except OSError as error:
            raise self._lost(error.strerror or str(error), records) from error
        if (found.st_dev, found.st_ino, found.st_size) != (*self._file, self._chain.size):
            raise self._lost("it was changed by somebody else while we held the lock", records)

    def _sync(self, serial: int, records: Iterable[Record]) -> None:
        """Wait until the line `serial` is on the disk; threads that wait together share one."""
        with self._syncing:
            if self._synced >= serial:
                return
            if self._broken:
                raise self._lost(self._broken, records)
            written = self._chain.serial
            try:
                os.fsync(self._fd)
            except OSError as error:
                raise self._lost(error.strerror or str(error), records) from error
            self._synced = written

    def _lost(self, why: str, records: Iterable[Record]) -> LedgerError:
        """Give up writing; what could not be kept is in the error."""
        self._broken = why
        return LedgerError(
            Diagnostic(
                f"the ledger {self._path} cannot be written: {why}",
                "These records are missing from it:\n" + "\n".join(map(encode, records)),
            )
        )


def _header(workspace: str) -> Record:
    # Not needed by those who only read.
    from uuid import uuid4

    return {
        "t": "header",
        "format": FORMAT,
        "lineage": str(uuid4()),
        "workspace": workspace,
        "created": now(),
    }


def _sync_folder(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
