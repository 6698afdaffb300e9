"""A ledger in a file of JSON lines."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import field
from pathlib import Path

from reconciler.files import UnsafeFile, make_folder, open_folder, reason, sync_folder, write_all
from reconciler.frozen import frozen
from reconciler.ledger import file_lock
from reconciler.ledger.file_lock import ledger_errors, open_ours
from reconciler.ledger.store import Content, Holder, changed_by_another

# in bytes; a ledger of 100,000 objects has some 20 MB
LARGEST = 1024 * 1024 * 1024


@frozen
class FileStore:
    """A ledger in the file `path`; `Store` says what the methods promise.

    Nothing outside the folder `root` is read or made, where there is one. A version is the file's
    device, inode and size, so a file that was replaced has another one.
    """

    path: Path
    root: Path | None = None
    # The open file of whoever holds the lock.
    _locked: list[int] = field(default_factory=list, init=False, repr=False, compare=False)

    @classmethod
    def at(cls, setting: str, root: Path) -> FileStore:
        """The store of a `ledger:` setting that is a path relative to `root`."""
        return cls(root / setting, root)

    @property
    def place(self) -> str:
        """The path."""
        return str(self.path)

    def read(self) -> Content:
        """What the file holds; no bytes where there is no file."""
        with ledger_errors(self.path, "read"):
            try:
                fd = open_ours(self.path, self.root, os.O_RDONLY)
            except FileNotFoundError:
                return Content(b"", "")
            with open(fd, "rb") as file:
                data = file.read(LARGEST + 1)
                if len(data) > LARGEST:
                    raise UnsafeFile("it has more than 1 GB", self.path, "It is no ledger.")
                return Content(data, _version(os.fstat(fd), len(data)))

    def append(self, lines: bytes, version: str, keep: int) -> str:
        """Append, and wait until the disk has it."""
        with ledger_errors(self.path, "written"), self._opened() as fd:
            status = os.fstat(fd)
            if _version(status, status.st_size) != version:
                raise changed_by_another(self.place)
            if status.st_size > keep:
                os.ftruncate(fd, keep)
            _append(fd, lines, keep)
            os.fsync(fd)
            if not keep:
                sync_folder(self.path.parent, self.root)
            return _version(status, keep + len(lines))

    @contextmanager
    def lock(self, holder: Holder) -> Iterator[Holder | None]:
        """Hold the lock, in a file beside the ledger; the kernel releases it with the process."""
        with ledger_errors(self.path.parent, "created"):
            make_folder(self.path.parent, self.root, 0o700)
        with file_lock.hold(self._lock_path, self.root, holder) as crashed:
            with ledger_errors(self.path, "written"):
                fd = self._open_or_create()
            try:
                # The ledger is locked too, so that deleting the lock file lets nobody else in.
                if not file_lock.try_lock(fd):
                    raise file_lock.held_by(file_lock.UNNAMED)
                self._locked.append(fd)
                yield crashed
            finally:
                self._locked.clear()
                os.close(fd)

    def holder(self) -> Holder | None:
        """Who holds the lock now."""
        return file_lock.holder(self._lock_path, self.root)

    def unlock(self, id: str = "") -> Holder | None:
        """Remove the name that a crashed process left; raises LockHeld while it lives."""
        return file_lock.clear(self._lock_path, self.root)

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
        try:
            with open_folder(folder, self.root) as opened:
                opened.check_private()
        except OSError as error:
            return reason(error)
        return "" if os.access(folder, os.W_OK | os.X_OK) else f"{folder} is read-only"

    @contextmanager
    def _opened(self) -> Iterator[int]:
        """The file, to append to it: the one that is locked, as long as it is at its path."""
        there = os.stat(self.path, follow_symlinks=False)
        for fd in self._locked:
            if os.path.samestat(there, os.fstat(fd)):
                yield fd
                return
        fd = open_ours(self.path, self.root, os.O_WRONLY | os.O_APPEND)
        try:
            yield fd
        finally:
            os.close(fd)

    def _open_or_create(self) -> int:
        """Open the ledger to write to it, where nobody else can put another in its place."""
        try:
            fd = open_ours(self.path, self.root, os.O_RDWR | os.O_APPEND)
        except FileNotFoundError:
            self._check_folder()
            return open_ours(self.path, self.root, os.O_RDWR | os.O_APPEND | os.O_CREAT)
        try:
            self._check_folder()
        except BaseException:
            os.close(fd)
            raise
        return fd

    def _check_folder(self) -> None:
        with open_folder(self.path.parent, self.root) as folder:
            folder.check_private()

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
