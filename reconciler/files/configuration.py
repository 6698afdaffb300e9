"""The user's own folder for keys and decisions that no repository may make."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from reconciler.files.checks import UnsafeFile
from reconciler.files.folder import Folder, open_folder

NAME = "reconciler"
LIMIT = 1024 * 1024
_OTHERS = stat.S_IWGRP | stat.S_IWOTH


def configuration_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """`$XDG_CONFIG_HOME/reconciler`, or `~/.config/reconciler`; it may not exist yet. Raises
    OSError for a user without a home."""
    base = environment.get("XDG_CONFIG_HOME", "")
    if os.path.isabs(base):
        return Path(base) / NAME
    home = environment.get("HOME", "")
    if not os.path.isabs(home):
        home = os.path.expanduser("~")
    if not os.path.isabs(home):
        raise UnsafeFile(
            "this user has no home folder",
            Path("~"),
            "Set XDG_CONFIG_HOME to a folder that only this user can write to.",
        )
    return Path(home) / ".config" / NAME


def read_private(name: str, environment: Mapping[str, str] = os.environ) -> bytes | None:
    """What the file `name` in the configuration folder holds; None where there is none that this
    user may read. Raises UnsafeFile where somebody else could have written it."""
    path = configuration_folder(environment)
    try:
        with open_folder(path) as folder:
            _check(folder)
            fd = folder.open(name, os.O_RDONLY)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return None
    with open(fd, "rb") as file:
        status = os.fstat(fd)
        if status.st_uid not in (os.geteuid(), 0) or status.st_mode & _OTHERS:
            raise UnsafeFile(
                "others can write to it",
                path / name,
                f"Look at what is in it, and run: chown {os.geteuid()} {path / name} && "
                f"chmod 600 {path / name}",
            )
        data = file.read(LIMIT + 1)
    if len(data) > LIMIT:
        raise UnsafeFile("it has more than 1 MB", path / name, "It is not ours: remove it.")
    return data


def save_private(
    name: str, data: bytes, environment: Mapping[str, str] = os.environ, *, new: bool = False
) -> None:
    """Write the file `name` in the configuration folder, which is made where it is missing; only
    this user can read either. With `new` raises FileExistsError where there is such a file, so
    that of two runs that make a key both can use the same."""
    with open_folder(configuration_folder(environment), create=0o700) as folder:
        _check(folder)
        if new:
            folder.create(name, data, 0o600)
        else:
            folder.replace(name, data, 0o600)


def _check(folder: Folder) -> None:
    """Raise UnsafeFile where others could put files into the folder."""
    status = folder.status()
    if status.st_uid not in (os.geteuid(), 0) or status.st_mode & _OTHERS:
        raise UnsafeFile(
            f"others can write to the folder {folder.path}",
            folder.path,
            "Set XDG_CONFIG_HOME to a folder of your own, or make this one yours alone: "
            f"chown {os.geteuid()} {folder.path} && chmod 700 {folder.path}",
        )
