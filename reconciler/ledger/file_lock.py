"""The lock of a ledger file: the kernel's `flock` on a file beside it that is never replaced.

The kernel releases the lock when the process dies, however it dies, so a lock is never stale. What
the lock file holds only tells people who has it.
"""

from __future__ import annotations

import errno
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path

from reconciler.errors import Diagnostic, LedgerError, LockHeld
from reconciler.files import UnsafeFile, open_folder, reason, write_all
from reconciler.ledger.store import Holder, lock_held

# A holder needs a moment to write its name, and whoever asks for the holder takes the lock for a
# moment: try this often, this many seconds apart.
_TRIES, _PAUSE = 40, 0.005
# This many bytes must be free where the ledger is before a run may begin.
_ROOM = 64 * 1024

# How the line in a lock file begins.
_BEGIN = b'{"host": '

# A holder that has not written its name.
UNNAMED = Holder("", 0, "", "", "")


@contextmanager
def hold(path: Path, root: Path | None, holder: Holder) -> Iterator[Holder | None]:
    """Hold the lock in the file `path`, which is created when it is first taken, during the block.

    Gives the process that crashed while it held the lock before. Raises LockHeld at once, and
    LedgerError where the file is not inside `root`, or is the lock of something else.
    """
    with ledger_errors(path, "locked"):
        fd = open_ours(path, root, os.O_RDWR | os.O_CREAT)
    try:
        with ledger_errors(path, "locked"):
            _check_lock(fd, path)
            crashed = _take(fd)
            _write_holder(fd, holder)
        try:
            yield crashed
        finally:
            with suppress(OSError):
                os.ftruncate(fd, 0)
    finally:
        os.close(fd)


def holder(path: Path, root: Path | None) -> Holder | None:
    """Who holds the lock now."""
    with ledger_errors(path, "read"):
        try:
            fd = open_ours(path, root, os.O_RDONLY)
        except FileNotFoundError:
            return None
        try:
            return _other_holder(fd)
        finally:
            os.close(fd)


def clear(path: Path, root: Path | None) -> Holder | None:
    """Remove the name that a crashed process left; raises LockHeld while that process lives."""
    with ledger_errors(path, "unlocked"):
        try:
            fd = open_ours(path, root, os.O_RDWR)
        except FileNotFoundError:
            return None
        try:
            _check_lock(fd, path)
            crashed = _take(fd)
            os.ftruncate(fd, 0)
            return crashed
        finally:
            os.close(fd)


def held_by(holder: Holder) -> LockHeld:
    """The error that says who holds the lock."""
    return lock_held(
        holder, "Wait for that run to end, or stop it: the lock ends with its process."
    )


def try_lock(fd: int) -> bool:
    """Take the kernel's lock on an open file; returns whether it was free."""
    try:
        import fcntl
    except ImportError:
        raise LedgerError(
            Diagnostic(
                "a ledger in a file needs flock, which this operating system does not have",
                "Run reconciler on Linux or macOS, or in WSL.",
            )
        ) from None
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def ledger_errors(path: Path, action: str) -> Iterator[None]:
    """Turn an OSError about `path` into a LedgerError: it cannot be `action` ("read")."""
    try:
        yield
    except OSError as error:
        summary = f"the ledger's file {path} cannot be {action}: {reason(error)}"
        raise LedgerError(Diagnostic(summary, _advice(error))) from error


def open_ours(path: Path, root: Path | None, flags: int) -> int:
    """Open a file of the ledger, but no symbolic link, device, folder or pipe, and nobody else's to
    write to; a new one is for us alone."""
    with open_folder(path.parent, root) as folder:
        return folder.open(path.name, flags)


def _check_lock(fd: int, path: Path) -> None:
    """Raise UnsafeFile where the file holds what no lock of a ledger holds: a package manager's
    lock has the same ending. What a run wrote when the machine stopped may be cut, or zeros."""
    begin = os.pread(fd, _ROOM, 0).strip(b"\0 \n")
    if begin and not (begin.startswith(_BEGIN) or _BEGIN.startswith(begin)):
        raise UnsafeFile(
            "it is not the lock of a ledger",
            path,
            "It is left as it is. Give another path under `ledger:` in reconciler.yaml.",
        )


def _take(fd: int) -> Holder | None:
    """Take the lock, and return the name that a crash left in it."""
    other = _other_holder(fd)
    if other:
        raise held_by(other)
    return _read_holder(fd)


def _other_holder(fd: int) -> Holder | None:
    """Take the lock and return None, or return who has it."""
    name = None
    for _ in range(_TRIES):
        if try_lock(fd):
            return None
        name = _read_holder(fd)
        if name and _may_live(name):
            break
        time.sleep(_PAUSE)
    return name or UNNAMED


def _may_live(holder: Holder) -> bool:
    """Whether the process may be alive; that of another host cannot be looked up here."""
    if holder.host != os.uname().nodename:
        return True
    try:
        os.kill(holder.pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass
    return True


def _write_holder(fd: int, holder: Holder) -> None:
    """Write the name, and for a moment so many bytes more that a full disk is noticed now."""
    fields = asdict(holder)
    # This lock cannot be taken away, so it needs no id, and older versions know of none.
    del fields["id"]
    if not holder.job:  # older versions know of none
        del fields["job"]
    line = json.dumps(fields).encode("ascii") + b"\n"
    os.ftruncate(fd, 0)
    write_all(fd, line.ljust(_ROOM))
    os.fsync(fd)
    os.ftruncate(fd, len(line))


def _read_holder(fd: int) -> Holder | None:
    try:
        holder = Holder(**json.loads(os.pread(fd, _ROOM, 0)))
    except (ValueError, TypeError):
        return None
    return holder if isinstance(holder.pid, int) else None


def _advice(error: OSError) -> str:
    if isinstance(error, UnsafeFile):
        return error.advice
    if error.errno == errno.ELOOP:
        return "Give the path of the file itself under `ledger:`."
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return "Free some space there. Nothing was written to any vendor."
    return "Check the path under `ledger:` and its permissions. Nothing was written to any vendor."
