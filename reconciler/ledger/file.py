"""A ledger in a file of JSON lines."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from reconciler.ledger import file_lock
from reconciler.ledger.file_lock import ledger_errors, open_regular, write_all
from reconciler.ledger.store import Content, Holder, changed_by_another


@dataclass(frozen=True, slots=True)
class FileStore:
    """A ledger in the file `path`; `Store` says what the methods promise.

    A version is the file's device, inode and size, so a file that was replaced has another one.
    """

    path: Path

    @classmethod
    def at(cls, setting: str, root: Path) -> FileStore:
        """The store of a `ledger:` setting that is a path relative to `root`."""
        return cls(root / setting)

    @property
    def place(self) -> str:
        """The path."""
        return str(self.path)

    def read(self) -> Content:
        """What the file holds; no bytes where there is no file."""
        with ledger_errors(self.path, "read"):
            try:
                fd = open_regular(self.path, os.O_RDONLY)
            except FileNotFoundError:
                return Content(b"", "")
            with open(fd, "rb") as file:
                data = file.read()
                return Content(data, _version(os.fstat(fd), len(data)))

    def append(self, lines: bytes, version: str, keep: int) -> str:
        """Append, and wait until the disk has it."""
        with ledger_errors(self.path, "written"):
            fd = open_regular(self.path, os.O_WRONLY | os.O_APPEND)
            try:
                status = os.fstat(fd)
                if _version(status, status.st_size) != version:
                    raise changed_by_another(self.place)
                if status.st_size > keep:
                    os.ftruncate(fd, keep)
                _append(fd, lines, keep)
                os.fsync(fd)
                if not keep:
                    _sync_folder(self.path.parent)
                return _version(status, keep + len(lines))
            finally:
                os.close(fd)

    @contextmanager
    def lock(self, holder: Holder) -> Iterator[Holder | None]:
        """Hold the lock, in a file beside the ledger; the kernel releases it with the process."""
        with ledger_errors(self.path.parent, "created"):
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with file_lock.hold(self._lock_path, holder) as crashed:
            with ledger_errors(self.path, "written"):
                fd = open_regular(self.path, os.O_RDWR | os.O_CREAT)
            try:
                # The ledger is locked too, so that deleting the lock file lets nobody else in.
                if not file_lock.try_lock(fd):
                    raise file_lock.held_by(file_lock.UNNAMED)
                yield crashed
            finally:
                os.close(fd)

    def holder(self) -> Holder | None:
        """Who holds the lock now."""
        return file_lock.holder(self._lock_path)

    def unlock(self, id: str = "") -> Holder | None:
        """Remove the name that a crashed process left; raises LockHeld while it lives."""
        return file_lock.clear(self._lock_path)

    def obstacle(self) -> str:
        """Why the file, its lock or a folder that is still missing cannot be written."""
        if self.path.exists() and not os.access(self.path, os.W_OK):
            return f"{self.path} is read-only"
        if self.path.exists() and self._lock_path.exists():
            writable = os.access(self._lock_path, os.W_OK)
            return "" if writable else f"{self._lock_path} is read-only"
        folder = self.path.parent
        while not folder.exists() and folder != folder.parent:
            folder = folder.parent
        if not folder.is_dir():
            return f"{folder} is not a folder"
        return "" if os.access(folder, os.W_OK | os.X_OK) else f"{folder} is read-only"

    @property
    def _lock_path(self) -> Path:
        return self.path.with_name(f"{self.path.name}.lock")


def _version(status: os.stat_result, size: int) -> str:
    return f"{status.st_dev}:{status.st_ino}:{size}"


def _append(fd: int, lines: bytes, keep: int) -> None:
    """Append to a file of `keep` bytes; where that fails, leave it as it was."""
    try:
        write_all(fd, lines)
    except BaseException:
        # Half a line at the end would be taken for damage once another line follows.
        with suppress(OSError):
            os.ftruncate(fd, keep)
        raise


def _sync_folder(path: Path) -> None:
    """Wait until the disk has the name of a new file."""
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
