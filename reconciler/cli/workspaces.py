"""Find the workspaces that named files belong to, wherever the command runs."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from reconciler.workspace import NAMES


def workspaces_of(here: Path, files: Sequence[Path]) -> dict[Path | None, list[Path]]:
    """The files by the folder of the workspace that is nearest above each; None for those that
    are in no workspace. The folders are absolute, the files as they were named."""
    found: dict[Path | None, list[Path]] = {}
    for file in files:
        path = Path(os.path.abspath(here / file))
        folders = (path, *path.parents) if path.is_dir() else path.parents
        found.setdefault(next(filter(_is_workspace, folders), None), []).append(file)
    return found


def from_here(here: Path, folder: Path) -> str:
    """The path of a folder from here, with slashes; "" for this folder itself."""
    path = Path(os.path.relpath(folder, here)).as_posix()
    return "" if path == "." else path


def _is_workspace(folder: Path) -> bool:
    return any((folder / name).is_file() for name in NAMES)
