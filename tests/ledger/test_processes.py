"""Two processes, dying processes, and disks that are full or may not be written."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from reconciler import errors
from reconciler.errors import LockHeld
from reconciler.ledger import EMPTY, open_ledger
from reconciler.model import Action, Address, Owned

FILE = ".reconciler/ledger.jsonl"
HOOK = Address("kobo", "webhooks", "erp-sync")
OWNED = Owned(HOOK, "7", {}, "created", "2024-01-15T10:00:00Z")

PRELUDE = """
import fcntl, getpass  # before rights are dropped: the tool imports them late
import os, resource, sys
from pathlib import Path
from reconciler.errors import LedgerError, LockHeld
from reconciler.ledger import open_ledger
from reconciler.model import Action, Address, Owned, Status

HOOK = Address("kobo", "webhooks", "erp-sync")
OWNED = Owned(HOOK, "7", {}, "created", "2024-01-15T10:00:00Z")
folder = Path(sys.argv[1])
ledger = open_ledger(".reconciler/ledger.jsonl", folder, "acme")

def say(text):
    print(text, flush=True)

def refusal(error):
    return f"{type(error).__name__}: {error}"
"""

HOLD = """
with ledger.lock("apply") as session:
    session.begin("plan-1")
    say(session.intend(HOOK, Action.CREATE, "POST", "ERP Sync", "idem-1"))
    sys.stdin.read()
"""


@contextmanager
def process(script: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Run `script`; it ends at the latest when its input does, at the end of the block."""
    with subprocess.Popen(
        [sys.executable, "-c", PRELUDE + script, str(folder)],
        env=os.environ | {"PYTHONPATH": str(Path(errors.__file__).parents[1])},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        yield child


def said(child: subprocess.Popen[str]) -> str:
    """The next line that the process prints."""
    assert child.stdout is not None
    return child.stdout.readline().strip()


def told(child: subprocess.Popen[str], text: str) -> None:
    """Hand the process some input."""
    assert child.stdin is not None
    child.stdin.write(text)
    child.stdin.flush()


def test_a_held_lock_names_its_holder(tmp_path: Path) -> None:
    """While one process holds the lock others are refused at once, told by whom and since when."""
    ledger = open_ledger(FILE, tmp_path, "acme")
    with process(HOLD, tmp_path) as child:
        said(child)
        holder = ledger.holder()
        assert holder is not None
        assert (holder.pid, holder.command) == (child.pid, "apply")
        with pytest.raises(LockHeld, match=rf"pid {child.pid}, `apply`\) since {holder.since}"):
            ledger.lock("apply").__enter__()
        with pytest.raises(LockHeld, match=f"pid {child.pid}"):
            ledger.unlock()
    assert ledger.holder() is None
    assert ledger.unlock() is None
    with ledger.lock("apply") as session:
        assert session.recovered_from is None


def test_of_two_that_race_one_wins(tmp_path: Path) -> None:
    """Of processes that begin together exactly one gets the lock; the other names it."""
    script = """
say("ready")
while sys.stdin.readline():
    try:
        with ledger.lock("apply"):
            say("won")
            sys.stdin.readline()
    except LockHeld as error:
        say(refusal(error))
        sys.stdin.readline()
    say("ready")
"""
    with process(script, tmp_path) as one, process(script, tmp_path) as two:
        for _ in range(5):
            assert (said(one), said(two)) == ("ready", "ready")
            told(one, "\n")
            told(two, "\n")
            answers = {one.pid: said(one), two.pid: said(two)}
            winner, loser = sorted(answers, key=lambda pid: answers[pid] != "won")
            assert answers[winner] == "won"
            assert answers[loser].startswith("LockHeld")
            assert f"pid {winner}" in answers[loser]
            told(one, "\n")
            told(two, "\n")


def test_deleting_the_lock_file_lets_nobody_in(tmp_path: Path) -> None:
    """The ledger itself is locked as well, so removing the lock file by hand breaks nothing."""
    ledger = open_ledger(FILE, tmp_path, "acme")
    with ledger.lock("apply") as session:
        (tmp_path / f"{FILE}.lock").unlink()
        with pytest.raises(LockHeld):
            ledger.lock("apply").__enter__()
        session.own(OWNED)
    assert ledger.read().owned == {HOOK: OWNED}


@pytest.mark.parametrize("unlock_first", [False, True])
def test_a_killed_run_leaves_an_open_intent_and_a_free_lock(
    tmp_path: Path, unlock_first: bool
) -> None:
    """After kill -9 the ledger is readable, says what was under way, and can be locked."""
    ledger = open_ledger(FILE, tmp_path, "acme")
    with process(HOLD, tmp_path) as child:
        op = said(child)
        child.send_signal(signal.SIGKILL)
        child.wait()
    (intent,) = ledger.read().open_intents
    assert (intent.op, intent.address, intent.action) == (op, HOOK, Action.CREATE)
    assert ledger.history()[0].ended is None
    assert ledger.holder() is None
    if unlock_first:
        left = ledger.unlock()
        assert left is not None
        assert left.pid == child.pid
    with ledger.lock("apply") as session:
        recovered = session.recovered_from
        assert session.state.open_intents == (intent,)
    assert (recovered.pid if recovered else None) == (None if unlock_first else child.pid)


def test_a_full_disk_is_found_before_a_run_begins(tmp_path: Path) -> None:
    """Where nothing more can be written the lock is not given, and no vendor is written to."""
    script = """
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    with ledger.lock("apply"):
        say("locked")
except LedgerError as error:
    say(refusal(error))
"""
    with process(script, tmp_path) as child:
        assert "ledger.jsonl.lock cannot be locked: File too large" in said(child)
    assert open_ledger(FILE, tmp_path, "acme").read() == EMPTY


def test_a_disk_that_fills_up_loses_nothing(tmp_path: Path) -> None:
    """A record that no longer fits is in the error as JSON, and the file ends in a whole line."""
    script = """
with ledger.lock("apply") as session:
    session.begin("plan-1")
    op = session.intend(HOOK, Action.CREATE, "POST", "ERP Sync", None)
    room = (folder / ".reconciler/ledger.jsonl").stat().st_size + 30
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
    for _ in range(2):
        try:
            session.settle(op, Status.APPLIED, "7", "fine", owned=OWNED)
        except LedgerError as error:
            say(error.diagnostics[0].summary)
            for line in error.diagnostics[0].detail.splitlines()[1:]:
                say(line)
"""
    ledger = open_ledger(FILE, tmp_path, "acme")
    with process(script, tmp_path) as child:
        for _ in range(2):
            assert said(child).endswith("ledger.jsonl cannot be written: File too large")
            own, done = json.loads(said(child)), json.loads(said(child))
            assert (own["t"], own["address"], own["id"]) == ("own", str(HOOK), "7")
            assert (done["t"], done["status"], done["message"]) == ("done", "applied", "fine")
    assert (tmp_path / FILE).read_bytes().endswith(b"}\n")
    assert [intent.address for intent in ledger.read().open_intents] == [HOOK]
    assert ledger.read().owned == {}


@pytest.mark.parametrize(
    ("folder_mode", "file_mode", "reads", "locks"),
    [
        (0o555, 0o444, "read 2", "ledger.jsonl.lock cannot be locked: Permission denied"),
        (0o777, 0o444, "read 2", "ledger.jsonl cannot be written: Permission denied"),
        (0o777, 0o000, "cannot be read: Permission denied", "cannot be written"),
        (0o000, 0o666, "cannot be read: Permission denied", "Permission denied"),
    ],
)
def test_rights_that_are_missing_are_named(
    folder_mode: int, file_mode: int, reads: str, locks: str
) -> None:
    """Read-only and unreadable files and folders are errors that name the file and the reason."""
    script = """
if os.getuid() == 0:  # root may do anything
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
try:
    say(f"read {ledger.read().serial}")
except LedgerError as error:
    say(refusal(error))
try:
    with ledger.lock("apply"):
        say("locked")
except LedgerError as error:
    say(refusal(error))
"""
    with TemporaryDirectory() as name:
        folder, inner, file = Path(name), Path(name, ".reconciler"), Path(name, FILE)
        folder.chmod(0o755)
        with open_ledger(FILE, folder, "acme").lock("apply") as session:
            session.own(OWNED)
        Path(f"{file}.lock").unlink()
        file.chmod(file_mode)
        inner.chmod(folder_mode)
        with process(script, folder) as child:
            assert reads in said(child)
            answer = said(child)
            assert answer.startswith("LedgerError")
            assert locks in answer
        inner.chmod(0o700)


def test_a_system_without_flock_is_told_so(tmp_path: Path) -> None:
    """Where the system has no flock (Windows), reading works and locking says what is missing."""
    script = """
sys.modules["fcntl"] = None
say(f"read {ledger.read().serial}")
try:
    with ledger.lock("apply"):
        say("locked")
except LedgerError as error:
    say(refusal(error))
"""
    with process(script, tmp_path) as child:
        assert said(child) == "read 0"
        assert said(child).startswith("LedgerError: a ledger in a file needs flock")
