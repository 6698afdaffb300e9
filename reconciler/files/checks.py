"""Say what makes a file or a folder unsafe to use."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path


class UnsafeFile(OSError):
    """A file that is not used, because somebody else could decide what is in it. `strerror` says
    why and `advice` what to do."""

    def __init__(self, why: str, path: Path, advice: str) -> None:
        super().__init__(errno.EPERM, why, str(path))
        self.advice = advice


class NotAFile(OSError):
    """A folder, a pipe, a device or a socket where a file should be."""

    def __init__(self, path: Path) -> None:
        super().__init__(errno.EINVAL, "it is not a regular file", str(path))


def reason(error: OSError) -> str:
    """What is wrong, as the end of a sentence: "it is a symbolic link"."""
    return error.strerror or str(error)


def advice(error: OSError, otherwise: str = "") -> str:
    """What to do about an error; `otherwise` where the error itself does not say it."""
    return error.advice if isinstance(error, UnsafeFile) else otherwise


def check_path(path: Path) -> None:
    """Raise OSError for a path that no file can have, for which Python raises ValueError."""
    try:
        impossible = b"\0" in os.fsencode(path)
    except UnicodeEncodeError:
        impossible = True
    if impossible:
        raise OSError(errno.EINVAL, "no file can have this name", ascii(str(path)))


def check_regular(status: os.stat_result, path: Path) -> None:
    """Raise NotAFile for a folder, a pipe, a device or a socket."""
    if not stat.S_ISREG(status.st_mode):
        raise NotAFile(path)


def check_owner(status: os.stat_result, folder: os.stat_result, path: Path) -> None:
    """Raise UnsafeFile for a file of somebody else: what is in it would be theirs to change.

    The owner of the folder is trusted as its files are, and so is root. That holds for root too,
    who in a container often works in the checkout of another user.
    """
    if status.st_uid not in (os.geteuid(), 0, folder.st_uid):
        raise UnsafeFile(
            f"it belongs to another user (uid {status.st_uid}), who could change it",
            path,
            f"Find out who made it. To use it, take it over: chown {os.geteuid()} {path}",
        )


def check_links(status: os.stat_result, folder: os.stat_result, path: Path) -> None:
    """Raise UnsafeFile for a file with a second name in a folder where everybody may make names:
    the other name may be that of any file of ours."""
    if status.st_nlink > 1 and folder.st_mode & stat.S_IWOTH:
        raise UnsafeFile(
            "it is a hard link, in a folder where everybody may make one",
            path,
            "Remove it, or use a folder that only you can write to.",
        )


def check_folder(status: os.stat_result, path: Path) -> None:
    """Raise UnsafeFile for a folder in which everybody may replace the files of others."""
    if status.st_mode & stat.S_IWOTH and not status.st_mode & stat.S_ISVTX:
        raise UnsafeFile(
            f"everybody may replace the files in the folder {path}",
            path,
            f"Take that right away: chmod o-w {path}",
        )
