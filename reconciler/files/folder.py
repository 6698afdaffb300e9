"""A folder that is open, and the files in it by name."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fcntl import LOCK_EX, flock
from pathlib import Path

from reconciler.files.checks import (
    NotAFile,
    UnsafeFile,
    check_folder,
    check_links,
    check_owner,
    check_path,
    check_regular,
)
from reconciler.frozen import frozen
from reconciler.timing import Stage, timed

# A pipe would wait for its other end, and a program that we start must not have our files.
_ALWAYS = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
# Enough to go through a folder that may not be listed, where the system can say so.
_PASS = os.O_DIRECTORY | os.O_CLOEXEC | getattr(os, "O_PATH", os.O_RDONLY)
_NO_HARD_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)
LINK = (errno.ELOOP, errno.EMLINK)
"""What systems say for a link where O_NOFOLLOW is given."""
_WRITING = os.O_WRONLY | os.O_RDWR


@frozen
class Entry:
    """Something in a folder; `is_folder` is also true for a link to a folder."""

    name: str
    is_folder: bool
    is_link: bool


@frozen
class Folder:
    """An open folder. Names are those of files in it, never paths, and no link is followed.

    What others may have put there is not written to: see `check_owner` and `check_links`.
    """

    fd: int
    path: Path

    def open(self, name: str, flags: int, mode: int = 0o600) -> int:
        """The descriptor of a regular file; `mode` is for one that is created. With O_TRUNC a file
        would be emptied before it is checked: use `os.ftruncate`."""
        path = self._path(name)
        try:
            fd = os.open(name, flags | _ALWAYS, mode, dir_fd=self.fd)
        except OSError as error:
            if error.errno == errno.ENXIO:  # a pipe that nobody reads
                raise NotAFile(path) from None
            why = "it is a symbolic link" if error.errno in LINK else error.strerror
            raise OSError(error.errno, why, str(path)) from None
        try:
            status = os.fstat(fd)
            check_regular(status, path)
            if flags & _WRITING:
                check_owner(status, self.status(), path)
                check_links(status, self.status(), path)
        except BaseException:
            os.close(fd)
            raise
        return fd

    def create(self, name: str, data: bytes, mode: int = 0o600) -> None:
        """Make a new file, whole from the first moment; raises FileExistsError."""
        path = self._path(name)
        with self._draft(data, mode) as draft:
            try:
                os.link(draft, name, src_dir_fd=self.fd, dst_dir_fd=self.fd, follow_symlinks=False)
            except OSError as error:
                if error.errno not in _NO_HARD_LINKS:
                    raise
                if self.has(name):
                    raise FileExistsError(errno.EEXIST, "it exists", str(path)) from None
                os.rename(draft, name, src_dir_fd=self.fd, dst_dir_fd=self.fd)

    @timed(Stage.WRITE, lambda _: {"written file": 1})
    def replace(
        self,
        name: str,
        data: bytes,
        mode: int = 0o600,
        *,
        exactly: bool = False,
        durable: bool = True,
    ) -> None:
        """Put a new file in the place of the old one, or leave that as it was. A link is replaced
        and not what it leads to. With `exactly` the umask takes nothing from `mode`. Unless it is
        `durable`, a crash of the machine may leave the file damaged."""
        path = self._path(name)
        old = self._replaceable(name, path)
        with self._draft(data, mode, durable) as draft:
            if exactly:
                os.chmod(draft, mode, dir_fd=self.fd)
            if old is not None and os.geteuid() == 0:
                # root works for the user whose file it is, and they must be able to use it
                with suppress(OSError):
                    os.chown(draft, old.st_uid, old.st_gid, dir_fd=self.fd, follow_symlinks=False)
            os.replace(draft, name, src_dir_fd=self.fd, dst_dir_fd=self.fd)

    def remove(self, name: str) -> None:
        """Remove a file, or a link and not what it leads to."""
        os.unlink(name, dir_fd=self.fd)

    def has(self, name: str) -> bool:
        """Whether there is something of this name, be it a link that leads nowhere."""
        try:
            os.stat(name, dir_fd=self.fd, follow_symlinks=False)
        except FileNotFoundError:
            return False
        return True

    def entries(self) -> list[Entry]:
        """What is in the folder, in no order."""
        fd = self._readable()
        try:
            with os.scandir(fd) as entries:
                return [Entry(e.name, e.is_dir(), e.is_symlink()) for e in entries]
        finally:
            os.close(fd)

    def status(self) -> os.stat_result:
        """Owner and permissions of the folder."""
        return os.fstat(self.fd)

    def check_private(self) -> None:
        """Raise UnsafeFile where everybody may replace the files in the folder."""
        check_folder(self.status(), self.path)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Wait for other processes in such a block for this folder, as far as the file system can
        do that, and keep others out until the block ends."""
        fd = self._readable()
        try:
            with suppress(OSError):
                flock(fd, LOCK_EX)
            yield
        finally:
            os.close(fd)

    def sync(self) -> None:
        """Wait until the disk has the names of the files."""
        fd = self._readable()
        try:
            os.fsync(fd)
        except OSError as error:
            # some network file systems cannot do that for a folder
            if error.errno not in (errno.EINVAL, errno.EOPNOTSUPP):
                raise
        finally:
            os.close(fd)

    def _readable(self) -> int:
        """A descriptor of the folder that can do more than lead to what is in it."""
        return os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=self.fd)

    def _path(self, name: str) -> Path:
        """The path of a file in the folder; raises OSError for what is no name of one."""
        path = self.path / name
        check_path(path)
        if name in ("", ".", "..") or os.sep in name:
            raise OSError(errno.EISDIR, "it is a folder", str(path))
        return path

    def _replaceable(self, name: str, path: Path) -> os.stat_result | None:
        """The status of what a new file is to replace; None where there is nothing."""
        try:
            status = os.stat(name, dir_fd=self.fd, follow_symlinks=False)
            if stat.S_ISLNK(status.st_mode):
                with suppress(FileNotFoundError):
                    check_regular(os.stat(name, dir_fd=self.fd), path)
            else:
                check_regular(status, path)
        except FileNotFoundError:
            return None
        check_owner(status, self.status(), path)
        return status

    @contextmanager
    def _draft(self, data: bytes, mode: int, durable: bool = True) -> Iterator[str]:
        """The name of a new file with this content, which the block puts in its place."""
        draft = f".{os.urandom(16).hex()}.new"
        fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _ALWAYS, mode, dir_fd=self.fd)
        try:
            try:
                write_all(fd, data)
                if durable:
                    os.fsync(fd)
            finally:
                os.close(fd)
            yield draft
        finally:
            with suppress(FileNotFoundError):
                os.unlink(draft, dir_fd=self.fd)
        if durable:
            self.sync()


@contextmanager
def open_folder(
    path: Path, root: Path | None = None, create: int | None = None
) -> Iterator[Folder]:
    """The folder at `path`, closed after the block; with `create`, the mode of new folders, it is
    made where it is missing.

    With `root` the folder is inside the workspace: links may lead to it, but UnsafeFile is raised
    where the path or a link leads out of `root`, and OSError where a link is put there meanwhile.
    """
    check_path(path)
    fd = _walk_to(path, root, create)
    try:
        yield Folder(fd, path)
    finally:
        os.close(fd)


def outside(path: Path) -> UnsafeFile:
    """The error of a path that leaves the workspace."""
    return UnsafeFile(
        "it is outside the workspace",
        path,
        "Give a path relative to reconciler.yaml, without `..` and without links that lead out.",
    )


def write_all(fd: int, data: bytes) -> None:
    """Write every byte, or raise OSError."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(fd, rest) :]


def _walk_to(path: Path, root: Path | None, create: int | None) -> int:
    """Open the folder at `path`; see `open_folder`."""
    if root is not None and path.is_relative_to(root) and ".." not in path.parts:
        # nearly always there are no links, which need not be looked for beforehand
        with suppress(NotADirectoryError):
            return _walk(root, path.relative_to(root).parts, create)
    real = Path(os.path.realpath(path))
    if root is None:
        start = real
        while not os.path.isdir(start):
            start = start.parent
    else:
        start = Path(os.path.realpath(root))
        if not real.is_relative_to(start):
            raise outside(path)
    return _walk(start, real.relative_to(start).parts, create)


def _walk(start: Path, names: tuple[str, ...], create: int | None) -> int:
    """Open a folder by the names of the folders that lead to it from `start`, none of them a link;
    raises NotADirectoryError for a link."""
    fd = os.open(start, _PASS)
    try:
        for position, name in enumerate(names):
            inner = _enter(fd, name, create, start.joinpath(*names[: position + 1]))
            os.close(fd)
            fd = inner
    except BaseException:
        os.close(fd)
        raise
    return fd


def _enter(fd: int, name: str, create: int | None, path: Path) -> int:
    """Open the folder `name` in an open folder, where no link is followed."""
    try:
        return os.open(name, _PASS | os.O_NOFOLLOW, dir_fd=fd)
    except FileNotFoundError:
        if create is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path)) from None
        with suppress(FileExistsError):
            os.mkdir(name, create, dir_fd=fd)
        return os.open(name, _PASS | os.O_NOFOLLOW, dir_fd=fd)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None
