"""The lock of a file ledger: the kernel's `flock` on a file that is never replaced.

The kernel lets go when the process dies, however it dies, so a lock is never stale. What the file
holds only tells people who has it.
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
from reconciler.ledger.records import Holder

# A holder needs a moment to write its name, and somebody who asks for the holder takes the lock
# for a moment: look again this often, this many seconds apart.
_LOOKS, _PAUSE = 40, 0.005
# This much room must be left where the ledger lies before a run may begin.
_ROOM = 64 * 1024

# Whoever holds the lock without having signed it.
UNNAMED = Holder("", 0, "", "", "")


@contextmanager
def explained(path: Path, doing: str) -> Iterator[None]:
    """Turn what the system says about `path` into a LedgerError."""
    try:
        yield
    except OSError as error:
        what = f"the ledger's file {path} cannot be {doing}: {error.strerror or error}"
        raise LedgerError(Diagnostic(what, _advice(error))) from error


def open_regular(path: Path, flags: int) -> int:
    """Open a file, but no symbolic link, device, folder or pipe; a new one is for us alone."""
    careful = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    fd = os.open(path, flags | careful, 0o600)
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise OSError(errno.EINVAL, "it is not a regular file", str(path))
    return fd


def write_all(fd: int, data: bytes) -> None:
    """Write every byte, or raise OSError."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(fd, rest) :]


def now() -> str:
    """The time, as the ledger writes it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def this_process(command: str) -> Holder:
    """Who we are."""
    from getpass import getuser

    try:
        user = getuser()
    except (KeyError, OSError):  # a container's user often has no name
        user = str(os.getuid())
    return Holder(os.uname().nodename, os.getpid(), user, command, now())


def locked(fd: int) -> bool:
    """Take the kernel's lock on an open file, if nobody has it."""
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


def held(by: Holder) -> LockHeld:
    """The refusal that says who holds the lock and what to do."""
    return LockHeld(
        Diagnostic(
            f"the ledger is locked by {by}",
            "Wait for that run to end, or stop it: the lock ends with its process.",
        )
    )


class Lock:
    """The lock on the file `path`, which is created when the lock is first taken."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def taken(self, us: Holder) -> Iterator[Holder | None]:
        """Hold the lock as `us`; gives whom a crash kept from releasing it. May raise LockHeld."""
        with explained(self._path, "locked"):
            fd = open_regular(self._path, os.O_RDWR | os.O_CREAT)
        try:
            with explained(self._path, "locked"):
                left_by = _take(fd)
                _sign(fd, us)
            try:
                yield left_by
            finally:
                with suppress(OSError):
                    os.ftruncate(fd, 0)
        finally:
            os.close(fd)

    def holder(self) -> Holder | None:
        """Who holds the lock at this moment."""
        with explained(self._path, "read"):
            try:
                fd = open_regular(self._path, os.O_RDONLY)
            except FileNotFoundError:
                return None
            try:
                return _rival(fd)
            finally:
                os.close(fd)

    def clear(self) -> Holder | None:
        """Remove the name that a crashed process left; raises LockHeld while its owner lives."""
        with explained(self._path, "unlocked"):
            try:
                fd = open_regular(self._path, os.O_RDWR)
            except FileNotFoundError:
                return None
            try:
                left_by = _take(fd)
                os.ftruncate(fd, 0)
                return left_by
            finally:
                os.close(fd)


def _take(fd: int) -> Holder | None:
    """Take the lock, and read the name that a crash left in it."""
    rival = _rival(fd)
    if rival:
        raise held(rival)
    return _read(fd)


def _rival(fd: int) -> Holder | None:
    """Take the lock, or say who has it."""
    name = None
    for _ in range(_LOOKS):
        if locked(fd):
            return None
        name = _read(fd)
        if name and _lives(name):
            break
        time.sleep(_PAUSE)
    return name or UNNAMED


def _lives(holder: Holder) -> bool:
    """Whether the process may be alive; on another host nobody here can tell."""
    if holder.host != os.uname().nodename:
        return True
    try:
        os.kill(holder.pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass
    return True


def _sign(fd: int, holder: Holder) -> None:
    """Write who we are, and for a moment so much more that a full disk shows now."""
    name = json.dumps(asdict(holder)).encode("ascii") + b"\n"
    os.ftruncate(fd, 0)
    write_all(fd, name.ljust(_ROOM))
    os.fsync(fd)
    os.ftruncate(fd, len(name))


def _read(fd: int) -> Holder | None:
    try:
        holder = Holder(**json.loads(os.pread(fd, _ROOM, 0)))
    except (ValueError, TypeError):
        return None
    return holder if isinstance(holder.pid, int) else None


def _advice(error: OSError) -> str:
    if error.errno == errno.ELOOP:
        return "It is a symbolic link. Give the path of the file itself under `ledger:`."
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return "Make room there. No vendor was written to."
    return "Check the path under `ledger:`, and the rights. No vendor was written to."
