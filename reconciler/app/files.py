"""Write files so that a reader sees the old content or the new one, never a part."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from reconciler.errors import Diagnostic, Invalid


def write_file(path: Path, text: str, mode: int, hint: str = "") -> None:
    """Replace the file at `path`, or leave it as it was; its permissions become `mode`.

    The text is written to a new file that only its owner can read, which then takes the place of
    the old one. Raises Invalid, with `hint` saying what to do, where the file cannot be written.
    """
    if path.exists() and not path.is_file():
        raise Invalid(Diagnostic(f"cannot write {path}: it is not a file", hint))
    new = path.with_name(f"{path.name}.new")
    try:
        with open(new, "w", encoding="utf-8", opener=_open_private) as file:
            file.write(text)
        new.chmod(mode)
        os.replace(new, path)
    except OSError as error:
        with suppress(OSError):
            new.unlink()
        raise Invalid(Diagnostic(f"cannot write {path}: {error.strerror}", hint)) from None


def _open_private(path: str, flags: int) -> int:
    """Open a file that nobody else can read; a symbolic link in its place is not followed."""
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)
