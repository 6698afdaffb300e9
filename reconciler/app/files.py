"""Write the files that a user asked for, or say as a finding why they cannot be written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reconciler import files
from reconciler.errors import Diagnostic, Invalid
from reconciler.frozen import frozen


def write_file(path: Path, text: str, mode: int, hint: str = "", root: Path | None = None) -> None:
    """Replace the file at `path`, or leave it as it was; with `root`, only inside that folder.

    Raises Invalid, with `hint` saying what to do, where the file cannot be written.
    """
    with cannot("write", path, hint):
        files.replace_file(path, text.encode(), mode, root)


def append_to_file(path: Path, data: bytes, hint: str = "", root: Path | None = None) -> None:
    """Add bytes to the end of an existing file, or leave it as it was.

    Its permissions, its owner and the links to it stay. Raises Invalid, with `hint` saying what to
    do, where the file is read-only, leads out of `root` or cannot be written to its end.
    """
    with cannot("write", path, hint):
        files.append_to_file(path, data, root)


@frozen
class EditedFile:
    """A file that gets another content: its name as messages show it, and its bytes before and
    after."""

    name: str
    path: Path
    before: bytes
    after: bytes


def rewrite_file(file: EditedFile, hint: str, root: Path) -> None:
    """Replace the content of a file of the workspace that has not changed since it was read; see
    `files.rewrite_file`. Raises Invalid, with `hint` saying what to do."""
    with cannot("write", file.path, hint):
        files.rewrite_file(file.path, file.before, file.after, root)


@contextmanager
def cannot(action: str, path: Path, hint: str = "") -> Iterator[None]:
    """Turn an OSError about `path` into Invalid: cannot `action` ("write") it."""
    try:
        yield
    except OSError as error:
        summary = f"cannot {action} {path}: {files.reason(error)}"
        raise Invalid(Diagnostic(summary, files.advice(error, hint))) from None
