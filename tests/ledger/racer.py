"""A process that appends to a ledger, and dies where it is told to.

    python -m tests.ledger.racer SETTING FOLDER NAME RECORDS DEATH

takes the lock, owns RECORDS objects one by one, and prints the key of each that the ledger has
taken. DEATH is the number of the call to the store's place after which the process kills itself;
before the call where it is negative, and never where it is 0. The lock lasts a moment only, so that
that of a dead process ends soon.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Any

from reconciler.errors import LedgerError, LockHeld
from reconciler.ledger import Ledger, file_lock
from reconciler.ledger.file import FileStore
from reconciler.ledger.git_program import Git
from reconciler.ledger.lease import Terms
from reconciler.ledger.objects import ObjectStore
from reconciler.ledger.postgres import PostgresStore
from reconciler.ledger.stores import open_store
from reconciler.model import Address, Owned

SHORT = Terms(lasts=4, renew=0.4)
# Where each store speaks to its place: a class, and a method of it.
CALLS: tuple[tuple[Any, str], ...] = (
    (FileStore, "append"),
    (FileStore, "_open_or_create"),
    (file_lock, "try_lock"),
    (file_lock, "_write_holder"),
    (os, "fsync"),
    (Git, "ask"),
    (ObjectStore, "_get"),
    (ObjectStore, "_put"),
    (PostgresStore, "_values"),
)


def die_at(number: int) -> None:
    """Kill this process after that call, or before it where the number is negative."""
    calls, counting = [0], Lock()

    def dying(call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*arguments: Any, **options: Any) -> Any:
            with counting:
                calls[0] += 1
                now = calls[0] == abs(number)
            if now and number < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            result = call(*arguments, **options)
            if now:
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        return wrapped

    for owner, name in CALLS:
        setattr(owner, name, dying(getattr(owner, name)))


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(setting: str, folder: str, name: str, records: int, death: int) -> None:
    """Take the lock and write, as often as it takes to write everything."""
    if death:
        die_at(death)
    store: Any = open_store(setting, Path(folder))
    if hasattr(store, "terms"):
        store.terms = SHORT
        store.__post_init__()
    ledger = Ledger(store, "acme", lock_timeout=120)
    with ledger.lock(name) as session:
        for number in range(records):
            key = f"{name}-{number}"
            session.own(Owned(Address("kobo", "webhooks", key), "7", {}, "created", ""))
            say(key)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:4], int(sys.argv[4]), int(sys.argv[5]))  # type: ignore[call-arg]
    except (LedgerError, LockHeld) as error:
        say(f"! {error}")
