"""Find and read the YAML files in a folder; files outside the workspace are never read."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from reconciler.errors import Diagnostic, Invalid, Source
from reconciler.values.text import printable
from reconciler.yaml12.events import MAX_BYTES


def yaml_files(folder: Path, root: Path) -> tuple[list[Path], list[Diagnostic]]:
    """The paths of all `*.yaml` and `*.yml` files under `folder`, sorted, and the problems found.

    Names that begin with a dot are skipped. A folder that cannot be listed or is a link is always
    reported: if its manifests were ignored, their objects would be planned for deletion.
    """
    files: list[Path] = []
    problems: list[Diagnostic] = []
    if not folder.exists():
        summary = f"the manifests folder {name_of(folder, root)} does not exist"
        hint = "Create it, or set `manifests` in reconciler.yaml to another folder."
        return [], [Diagnostic(summary, hint, source=Source(name_of(folder, root)))]
    if not _inside(folder, root):
        return [], [_problem(folder, root, "the folder is outside the workspace")]
    pending = [folder]
    while pending:
        current = pending.pop()
        try:
            entries = [entry for entry in os.scandir(current) if not entry.name.startswith(".")]
        except OSError as error:
            problems.append(_problem(current, root, f"the folder cannot be read: {error.strerror}"))
            continue
        for entry in entries:
            path = current / entry.name
            if entry.is_dir() and entry.is_symlink():
                problems.append(_problem(path, root, "links to folders are not followed"))
            elif entry.is_dir():
                pending.append(path)
            elif path.suffix.lower() in (".yaml", ".yml"):
                files.append(path)
    return sorted(files, key=lambda path: path.relative_to(folder).as_posix()), problems


def read(path: Path, root: Path) -> bytes:
    """The bytes of a file, at most one more than `yaml12.MAX_BYTES`.

    Raises Invalid where it is a link out of `root`, is not a regular file, or cannot be read.
    """
    real = os.path.realpath(path)
    if not _inside(path, root):
        raise Invalid(_problem(path, root, "the file is a link to a place outside the workspace"))
    try:
        # a FIFO would block for ever, so the type is checked before and after opening
        regular = stat.S_ISREG(os.stat(real).st_mode)
        if regular:
            with os.fdopen(os.open(real, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
                regular = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
                if regular:
                    return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise Invalid(_problem(path, root, f"cannot be read: {error.strerror}")) from None
    raise Invalid(_problem(path, root, "is a pipe, a device or a folder, not a file"))


def name_of(path: Path, root: Path) -> str:
    """A path as messages show it: relative to `root`, with slashes, safe to print."""
    inside = path.relative_to(root) if path.is_relative_to(root) else path
    return printable(inside.as_posix(), 4096)


def _inside(path: Path, root: Path) -> bool:
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root))


def _problem(path: Path, root: Path, summary: str) -> Diagnostic:
    hint = "Replace it with a readable file or folder, or remove it from the manifests folder."
    return Diagnostic(summary, hint, source=Source(name_of(path, root)))
