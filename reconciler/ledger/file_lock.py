"""The lock of a ledger file: the kernel's `flock` on a file beside it that is never replaced.

The kernel releases the lock when the process dies, however it dies, so a lock is never stale. What
the lock file holds only tells people who has it.
"""

from __future__ import annotations

import errno
import json
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path

from reconciler.errors import Diagnostic, LedgerError, LockHeld
from reconciler.ledger.store import Holder, lock_held

# A holder needs a moment to write its name, and whoever asks for the holder takes the lock for a
# moment: try this often, this many seconds apart.
_TRIES, _PAUSE = 40, 0.005
# This many bytes must be free where the ledger is before a run may begin.
_ROOM = 64 * 1024

# A holder that has not written its name.
UNNAMED = Holder("", 0, "", "", "")


@contextmanager
def hold(path: Path, holder: Holder) -> Iterator[Holder | None]:
    """Hold the lock in the file `path`, which is created when it is first taken, during the block.

    Gives the process that crashed while it held the lock before. Raises LockHeld at once.
    """
    with ledger_errors(path, "locked"):
        fd = open_regular(path, os.O_RDWR | os.O_CREAT)
    try:
        with ledger_errors(path, "locked"):
            crashed = _take(fd)
            _write_holder(fd, holder)
        try:
            yield crashed
        finally:
            with suppress(OSError):
                os.ftruncate(fd, 0)
    finally:
        os.close(fd)


def holder(path: Path) -> Holder | None:
    """Who holds the lock now."""
    with ledger_errors(path, "read"):
        try:
            fd = open_regular(path, os.O_RDONLY)
        except FileNotFoundError:
            return None
        try:
            return _other_holder(fd)
        finally:
            os.close(fd)


def clear(path: Path) -> Holder | None:
    """Remove the name that a crashed process left; raises LockHeld while that process lives."""
    with ledger_errors(path, "unlocked"):
        try:
            fd = open_regular(path, os.O_RDWR)
        except FileNotFoundError:
            return None
        try:
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
        summary = f"the ledger's file {path} cannot be {action}: {error.strerror or error}"
        raise LedgerError(Diagnostic(summary, _advice(error))) from error


def open_regular(path: Path, flags: int) -> int:
    """Open a file, but no symbolic link, device, folder or pipe; a new one is for us alone."""
    safe = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    fd = os.open(path, flags | safe, 0o600)
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise OSError(errno.EINVAL, "it is not a regular file", str(path))
    return fd


def write_all(fd: int, data: bytes) -> None:
    """Write every byte, or raise OSError."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(fd, rest) :]


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
    if error.errno == errno.ELOOP:
        return "It is a symbolic link. Give the path of the file itself under `ledger:`."
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return "Free some space there. Nothing was written to any vendor."
    return "Check the path under `ledger:` and its permissions. Nothing was written to any vendor."
