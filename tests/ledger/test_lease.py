"""The lock of a store that cannot tell whether a process lives: it expires, and is renewed."""

from __future__ import annotations

import json
import threading
import time
from contextlib import AbstractContextManager
from dataclasses import replace

import pytest

from reconciler.errors import LedgerError, LockHeld
from reconciler.ledger import Ledger
from reconciler.ledger.lease import Terms
from reconciler.ledger.store import Holder
from reconciler.ledger.who import job, this_process
from reconciler.model import Address, Owned

from .memory import MemoryStore, Server

HOOK = Address("kobo", "webhooks", "erp-sync")
OWNED = Owned(HOOK, "7", {}, "created", "2024-01-15T10:00:00Z")
QUICK = Terms(lasts=0.6, renew=0.05)


def crash(server: Server, **changes: object) -> Holder:
    """Leave the lock as a process does that was killed long ago, with these parts of its note."""
    lock = MemoryStore(server, QUICK).lock(this_process("apply"))
    lock.__enter__()
    note = json.loads(server.note.data)
    server.note.put(b"", str(server.note.version))  # the renewal ends here
    lock.__exit__(None, None, None)
    note |= {"until": "2024-01-15T10:00:00Z"} | changes
    assert server.note.put(json.dumps(note).encode(), str(server.note.version))
    return Holder(*(note[name] for name in ("host", "pid", "user", "command", "since", "id")))


def test_a_crash_leaves_a_lock_that_ends() -> None:
    """The next run gets the lock once its time is over and nobody renews it, and is told whose it
    was; nobody holds it in between."""
    server = Server()
    crashed = crash(server)
    ledger = Ledger(MemoryStore(server, QUICK), "acme")
    assert ledger.holder() is None
    with ledger.lock("apply") as session:
        assert session.recovered_from == crashed
    with ledger.lock("apply") as session:
        assert session.recovered_from is None


def test_a_lock_of_a_clock_that_is_ahead_ends_too() -> None:
    """Where the other's clock is years ahead, a run that waits takes the lock when nothing has
    changed it for its whole time, and one that does not wait is told who has it."""
    server = Server()
    crash(server, until="2199-01-01T00:00:00Z")
    ledger = Ledger(MemoryStore(server, QUICK), "acme")
    with pytest.raises(LockHeld, match="`apply`"):
        ledger.lock("apply").__enter__()
    with replace(ledger, lock_timeout=30).lock("apply") as session:
        assert session.recovered_from is not None


def test_a_living_run_keeps_its_lock() -> None:
    """A run that outlasts its lock's time several times renews it: nobody takes it, though they
    look with a clock that is far ahead, and it still writes."""
    server = Server()
    with Ledger(MemoryStore(server, QUICK), "acme").lock("apply") as session:
        versions = {server.note.version}
        end = time.monotonic() + 30
        while len(versions) < 20 and time.monotonic() < end:
            versions.add(server.note.version)
            with pytest.raises(LockHeld):
                Ledger(MemoryStore(server, QUICK), "acme").lock("apply").__enter__()
        assert len(versions) == 20
        session.own(OWNED)
    assert server.note.data == b""


def is_held(store: MemoryStore) -> bool:
    """Whether the store still lets its holder write."""
    try:
        store.lease.check()
    except LedgerError:
        return False
    return True


def test_a_run_that_lost_its_lock_writes_nothing() -> None:
    """Once the holder notices that its lock was broken, its next record is refused and kept in the
    error, though nobody else has written."""
    server = Server()
    store = MemoryStore(server, QUICK)
    with Ledger(store, "acme").lock("apply") as session:
        other = Ledger(MemoryStore(server, QUICK), "acme")
        holder = other.holder()
        assert holder is not None
        assert other.unlock(holder.id) == holder
        before, end = server.ledger.data, time.monotonic() + 30
        while is_held(store) and time.monotonic() < end:
            time.sleep(0)
        with pytest.raises(LedgerError, match="lock was broken") as caught:
            session.own(OWNED)
        assert str(HOOK) in caught.value.diagnostics[0].detail
    assert server.ledger.data == before


def test_a_lock_is_broken_by_its_id_alone() -> None:
    """Another id, or none, breaks no living lock; the error says which id does."""
    server = Server()
    with Ledger(MemoryStore(server), "acme").lock("apply"):
        ledger = Ledger(MemoryStore(server), "acme")
        holder = ledger.holder()
        assert holder is not None
        for id in ("", "0000"):
            with pytest.raises(LockHeld) as caught:
                ledger.unlock(id)
            assert f"state unlock {holder.id}" in caught.value.diagnostics[0].detail
        assert ledger.unlock(holder.id) == holder
        assert ledger.holder() is None


@pytest.mark.parametrize("note", [b"x", b"{}", b"[]", b'{"pid": "x", "until": 1, "lasts": 2}'])
def test_a_note_that_nobody_can_read_is_a_lock(note: bytes) -> None:
    """Something else in the note's place is a lock without a name, and can be broken."""
    server = Server()
    server.note.put(note, "0")
    ledger = Ledger(MemoryStore(server), "acme")
    with pytest.raises(LockHeld, match="gave no name") as caught:
        ledger.lock("apply").__enter__()
    assert "state unlock unreadable" in caught.value.diagnostics[0].detail
    assert ledger.unlock("unreadable") is not None
    with ledger.lock("apply"):
        pass


def test_a_run_waits_for_the_lock_as_long_as_it_may() -> None:
    """With a time to wait, a run gets the lock when the other has ended."""
    server = Server()
    first = Ledger(MemoryStore(server), "acme").lock("apply")
    first.__enter__()
    waiting = Ledger(MemoryStore(server), "acme", lock_timeout=30, stop=Ending(first))
    with waiting.lock("import"):
        holder = waiting.holder()
        assert holder is not None
        assert holder.command == "import"


class Ending(threading.Event):
    """An event whose waits end a lock, as time would."""

    def __init__(self, lock: AbstractContextManager[object]) -> None:
        super().__init__()
        self.lock = lock

    def wait(self, timeout: float | None = None) -> bool:
        """End the lock, and say that nothing was stopped."""
        self.lock.__exit__(None, None, None)
        return False


def test_a_run_that_is_stopped_waits_no_longer() -> None:
    """Ctrl-C ends the wait for a lock with the error that names its holder."""
    server, stop = Server(), threading.Event()
    stop.set()
    with (
        Ledger(MemoryStore(server), "acme").lock("apply"),
        pytest.raises(LockHeld, match="`apply`"),
    ):
        Ledger(MemoryStore(server), "acme", None, 3600, stop).lock("import").__enter__()


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, ""),
        (
            {
                "GITHUB_ACTIONS": "true",
                "GITHUB_REPOSITORY": "acme/shop",
                "GITHUB_RUN_ID": "5",
                "GITHUB_REF": "refs/pull/17/merge",
            },
            "pull request 17, https://github.com/acme/shop/actions/runs/5",
        ),
        (
            {
                "GITHUB_ACTIONS": "true",
                "GITHUB_SERVER_URL": "https://git.acme.example",
                "GITHUB_REPOSITORY": "acme/shop",
                "GITHUB_RUN_ID": "5",
                "GITHUB_REF": "refs/heads/main",
            },
            "https://git.acme.example/acme/shop/actions/runs/5",
        ),
        (
            {"GITLAB_CI": "true", "CI_JOB_URL": "https://gl/j/1", "CI_MERGE_REQUEST_IID": "3"},
            "pull request 3, https://gl/j/1",
        ),
        (
            {
                "TF_BUILD": "True",
                "SYSTEM_COLLECTIONURI": "https://dev.azure.com/acme/",
                "SYSTEM_TEAMPROJECT": "shop",
                "BUILD_BUILDID": "9",
            },
            "https://dev.azure.com/acme/shop/_build/results?buildId=9",
        ),
        (
            {
                "BITBUCKET_BUILD_NUMBER": "8",
                "BITBUCKET_REPO_FULL_NAME": "acme/shop",
                "BITBUCKET_PR_ID": "2",
            },
            "pull request 2, https://bitbucket.org/acme/shop/pipelines/results/8",
        ),
    ],
)
def test_a_holder_names_its_job(environment: dict[str, str], expected: str) -> None:
    """In CI a lock says which job and which pull request hold it."""
    assert job(environment) == expected
    assert str(this_process("apply", environment)).endswith(f" for {expected}" if expected else "Z")
