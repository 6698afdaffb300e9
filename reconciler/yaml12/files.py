"""Folders → the bytes of the YAML files in them; nothing outside the workspace is ever read."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from reconciler.errors import Diagnostic, Invalid, Source
from reconciler.values.text import printable
from reconciler.yaml12.events import MAX_BYTES


def yaml_files(folder: Path, root: Path) -> tuple[list[Path], list[Diagnostic]]:
    """Every `*.yaml` and `*.yml` under `folder`, sorted; what begins with a dot is skipped.

    And what is wrong with the folders: one that cannot be listed or is a link is never passed
    over in silence, since a manifest that was overlooked reads as a wish to delete.
    """
    found: list[Path] = []
    problems: list[Diagnostic] = []
    if not folder.exists():
        summary = f"there is no folder {name_of(folder, root)}, where the manifests are to be"
        hint = "Make it, or name another one under `manifests` in reconciler.yaml."
        return [], [Diagnostic(summary, hint, source=Source(name_of(folder, root)))]
    if not _inside(folder, root):
        return [], [_problem(folder, root, "the folder lies outside the workspace")]
    ahead = [folder]
    while ahead:
        here = ahead.pop()
        try:
            entries = [entry for entry in os.scandir(here) if not entry.name.startswith(".")]
        except OSError as error:
            problems.append(_problem(here, root, f"the folder cannot be read: {error.strerror}"))
            continue
        for entry in entries:
            path = here / entry.name
            if entry.is_dir() and entry.is_symlink():
                problems.append(_problem(path, root, "a link to a folder is not followed"))
            elif entry.is_dir():
                ahead.append(path)
            elif path.suffix.lower() in (".yaml", ".yml"):
                found.append(path)
    return sorted(found, key=lambda path: path.relative_to(folder).as_posix()), problems


def read(path: Path, root: Path) -> bytes:
    """The bytes of a file, one more than `yaml12.MAX_BYTES` at most.

    Raises Invalid for a link that leaves `root`, for anything but a file, and where it is
    unreadable.
    """
    real = os.path.realpath(path)
    if not _inside(path, root):
        raise Invalid(_problem(path, root, "the file is a link that leaves the workspace"))
    try:
        # a FIFO would block for ever, so its kind is looked at before and after opening
        regular = stat.S_ISREG(os.stat(real).st_mode)
        if regular:
            with os.fdopen(os.open(real, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
                regular = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
                if regular:
                    return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise Invalid(_problem(path, root, f"cannot be read: {error.strerror}")) from None
    raise Invalid(_problem(path, root, "is not a file but a pipe, a device or a folder"))


def name_of(path: Path, root: Path) -> str:
    """The path as messages show it: relative to `root`, with slashes, safe to print."""
    inside = path.relative_to(root) if path.is_relative_to(root) else path
    return printable(inside.as_posix(), 4096)


def _inside(path: Path, root: Path) -> bool:
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root))


def _problem(path: Path, root: Path, summary: str) -> Diagnostic:
    hint = "Put a readable file or folder in its place, or remove it from the manifests' folder."
    return Diagnostic(summary, hint, source=Source(name_of(path, root)))
