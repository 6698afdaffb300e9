"""Write files so that a reader sees the old content or the new one, never a part."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

from reconciler.errors import Diagnostic, Invalid

WRITABLE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


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


def append_to_file(path: Path, data: bytes, hint: str = "") -> None:
    """Add bytes to the end of an existing file, or leave it as it was.

    Its permissions, its owner and the links to it stay. Raises Invalid, with `hint` saying what to
    do, where the file is read-only or cannot be written to its end.
    """
    real = os.path.realpath(path)
    try:
        if not os.stat(real).st_mode & WRITABLE or not os.access(real, os.W_OK):
            raise Invalid(Diagnostic(f"cannot write {path}: it is read-only", hint))
        flags = os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        with os.fdopen(os.open(real, flags), "ab", buffering=0) as file:
            size = os.fstat(file.fileno()).st_size
            try:
                rest = memoryview(data)
                while rest:
                    rest = rest[file.write(rest) :]
                os.fsync(file.fileno())
            except BaseException:
                os.ftruncate(file.fileno(), size)
                raise
    except OSError as error:
        raise Invalid(Diagnostic(f"cannot write {path}: {error.strerror}", hint)) from None


def _open_private(path: str, flags: int) -> int:
    """Open a file that nobody else can read; a symbolic link in its place is not followed."""
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)
