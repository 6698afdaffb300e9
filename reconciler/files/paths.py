"""The same for the path of one file: its folder is opened, and the file in it."""

from __future__ import annotations

import errno
import os
import stat
from io import FileIO
from pathlib import Path

from reconciler.files.checks import UnsafeFile, check_owner, check_path
from reconciler.files.folder import LINK, Entry, Folder, open_folder, outside, write_all

_ANY_WRITER = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


def open_file(path: Path, root: Path | None = None, *, ours: bool = False) -> int:
    """The descriptor of a regular file to read. Links are followed, but never out of `root`, the
    folder of the workspace: UnsafeFile is raised for one that leads out, and with `ours` for a file
    that belongs to somebody else."""
    try:
        return _open(path, root, ours)
    except OSError as error:
        if error.errno not in LINK:
            raise
    return _open(_real(path, root), root, ours)


def _open(path: Path, root: Path | None, ours: bool) -> int:
    """The descriptor of a regular file to read, which is no link."""
    with open_folder(path.parent, root) as folder:
        fd = folder.open(path.name, os.O_RDONLY)
        try:
            if ours:
                check_owner(os.fstat(fd), folder.status(), path)
        except BaseException:
            os.close(fd)
            raise
        return fd


def read_file(path: Path, limit: int, root: Path | None = None, *, ours: bool = False) -> bytes:
    """The bytes of a regular file; see `open_file`. Raises UnsafeFile for one that is longer than
    `limit` bytes."""
    with open(open_file(path, root, ours=ours), "rb") as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise UnsafeFile(
            f"it has more than {limit >> 20} MB", path, "Check whether it is the right file."
        )
    return data


def list_folder(path: Path, root: Path | None = None) -> list[Entry]:
    """What is in a folder, in no order; see `open_folder`."""
    with open_folder(path, root) as folder:
        return folder.entries()


def replace_file(path: Path, data: bytes, mode: int, root: Path | None = None) -> None:
    """Put a new file in the place of the one at `path`, or leave that as it was."""
    with open_folder(path.parent, root) as folder:
        folder.replace(path.name, data, mode)


def create_file(path: Path, data: bytes, mode: int, root: Path | None = None) -> None:
    """Make a new file, and the folders that it needs; raises FileExistsError."""
    with open_folder(path.parent, root, create=0o777) as folder:
        folder.create(path.name, data, mode)


def make_folder(path: Path, root: Path | None = None, mode: int = 0o777) -> None:
    """Make a folder and those above it, where they are missing."""
    with open_folder(path, root, create=mode):
        pass


def remove_file(path: Path, root: Path | None = None) -> None:
    """Remove a file, or a link and not what it leads to."""
    with open_folder(path.parent, root) as folder:
        folder.remove(path.name)


def sync_folder(path: Path, root: Path | None = None) -> None:
    """Wait until the disk has the names of the files in a folder."""
    with open_folder(path, root) as folder:
        folder.sync()


def open_to_append(path: Path) -> FileIO:
    """Open a file that only we can read, new or not, to write at its end."""
    with open_folder(path.parent) as folder:
        fd = folder.open(path.name, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    file = FileIO(fd, "a")
    try:
        os.fchmod(fd, 0o600)
    except BaseException:
        file.close()
        raise
    return file


def append_to_file(path: Path, data: bytes, root: Path | None = None) -> None:
    """Add bytes to the end of an existing file, or leave it as it was. Its permissions, its owner
    and the links to it stay; a file that nobody may write to is refused, to root too."""
    real = _real(path, root)
    with open_folder(real.parent, root) as folder:
        fd = _open_to_write(folder, real.name, path)
    try:
        size = os.fstat(fd).st_size
        try:
            write_all(fd, data)
            os.fsync(fd)
        except BaseException:
            os.ftruncate(fd, size)
            raise
    finally:
        os.close(fd)


def rewrite_file(path: Path, before: bytes, after: bytes, root: Path) -> None:
    """Put other content into an existing file, or leave it as it was. Its permissions and the links
    to it stay. Raises OSError where it is read-only and where its content is no longer `before`:
    of two processes that rewrite a file at once, one is refused."""
    real = _real(path, root)
    with open_folder(real.parent, root) as folder, folder.locked():
        with open(_open_to_write(folder, real.name, path), "rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if file.read(len(before) + 1) != before:
                raise OSError(errno.EBUSY, "it has changed since it was read", str(path))
        folder.replace(real.name, after, mode, exactly=True)


def _open_to_write(folder: Folder, name: str, path: Path) -> int:
    """The descriptor of an existing file to read and to append to; a file that nobody may write to
    is refused, to root too."""
    fd = folder.open(name, os.O_RDONLY)
    try:
        read_only = not os.fstat(fd).st_mode & _ANY_WRITER
    finally:
        os.close(fd)
    if read_only:
        raise OSError(errno.EACCES, "it is read-only", str(path))
    try:
        return folder.open(name, os.O_RDWR | os.O_APPEND)
    except PermissionError:
        raise OSError(errno.EACCES, "it is read-only", str(path)) from None


def is_inside(path: Path, root: Path) -> bool:
    """Whether a path leads, through links too, to `root` or to a place in it."""
    try:
        _real(path, root)
    except OSError:
        return False
    return True


def _real(path: Path, root: Path | None) -> Path:
    """The path without links. What changes after that is noticed where the file is opened."""
    check_path(path)
    real = Path(os.path.realpath(path))
    if root is not None and not real.is_relative_to(os.path.realpath(root)):
        raise outside(path)
    return real
