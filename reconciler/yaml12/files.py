"""Find and read the YAML files in a folder; files outside the workspace are never read."""

from __future__ import annotations

from pathlib import Path

from reconciler.errors import Diagnostic, Invalid, Source
from reconciler.files import NotAFile, UnsafeFile, list_folder, open_file, reason
from reconciler.values.text import printable
from reconciler.yaml12.events import MAX_BYTES

# each folder is opened from the root on, and nobody nests manifests so deeply
MAX_FOLDERS = 64
# each costs as much as some ten objects
MAX_FILES = 10_000


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
    pending = [folder]
    while pending:
        current = pending.pop()
        if len(current.relative_to(folder).parts) > MAX_FOLDERS:
            problems.append(_problem(current, root, f"it is in more than {MAX_FOLDERS} folders"))
            continue
        try:
            entries = list_folder(current, root)
        except OSError as error:
            problems.append(_problem(current, root, f"the folder cannot be read: {reason(error)}"))
            continue
        for entry in entries:
            if entry.name.startswith("."):
                continue
            path = current / entry.name
            if entry.is_folder and entry.is_link:
                problems.append(_problem(path, root, "links to folders are not followed"))
            elif entry.is_folder:
                pending.append(path)
            elif path.suffix.lower() in (".yaml", ".yml"):
                files.append(path)
        if len(files) > MAX_FILES:
            hint = "Put the objects of a kind into one file."
            summary = f"there are more than {MAX_FILES:,} manifests"
            problems.append(Diagnostic(summary, hint, source=Source(name_of(folder, root))))
            return [], problems
    return sorted(files, key=lambda path: path.relative_to(folder).as_posix()), problems


def read(path: Path, root: Path) -> bytes:
    """The bytes of a file, at most one more than `yaml12.MAX_BYTES`.

    Raises Invalid where it is a link out of `root`, is not a regular file, or cannot be read.
    """
    try:
        with open(open_file(path, root), "rb") as file:
            return file.read(MAX_BYTES + 1)
    except UnsafeFile:
        summary = "the file is a link to a place outside the workspace"
    except NotAFile:
        summary = "is a pipe, a device or a folder, not a file"
    except OSError as error:
        summary = f"cannot be read: {reason(error)}"
    raise Invalid(_problem(path, root, summary))


def name_of(path: Path, root: Path) -> str:
    """A path as messages show it: relative to `root`, with slashes, safe to print."""
    inside = path.relative_to(root) if path.is_relative_to(root) else path
    return printable(inside.as_posix(), 4096)


def _problem(path: Path, root: Path, summary: str) -> Diagnostic:
    hint = "Replace it with a readable file or folder, or remove it from the manifests folder."
    return Diagnostic(summary, hint, source=Source(name_of(path, root)))
