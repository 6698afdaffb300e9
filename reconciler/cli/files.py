"""What a vendor shows only once, kept where the user said: mode 0600, JSON lines."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path

from reconciler.cli.terminal import note
from reconciler.errors import Diagnostic, Invalid
from reconciler.model import Outcome
from reconciler.values.text import json_text, printable


@contextmanager
def secrets_file(path: Path | None) -> Iterator[FileIO | None]:
    """The file for secrets, opened before anything is written to a vendor. Raises Invalid."""
    if path is None:
        yield None
        return
    try:
        # A pipe would wait for a reader, and a device's mode is not ours to change.
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK
        file = FileIO(os.open(path, flags, 0o600), "a")
    except OSError as error:
        raise _cannot(path, error.strerror) from None
    with file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise _cannot(path, "it is not a file")
        try:
            os.fchmod(file.fileno(), 0o600)
        except OSError as error:
            raise _cannot(path, error.strerror) from None
        yield file


def keep(outcome: Outcome, file: FileIO | None) -> Iterator[Diagnostic]:
    """Put what the vendor shows once into the file, at once; gives what could not be kept."""
    address = str(outcome.change.address)
    for name, secret in outcome.secrets.items():
        if file is None:
            note(
                f"Warning: the vendor showed the {name} of {printable(address, 400)}, "
                "and it was not kept. Use --secrets-out FILE next time; rotate it to see a new one."
            )
            continue
        line = {"address": address, "field": name, "value": secret.reveal()}
        data = f"{json_text(line)}\n".encode()
        try:
            while data:
                data = data[file.write(data) :]
            os.fsync(file.fileno())
        except OSError as error:
            summary = f"the {name} that the vendor showed could not be kept: {error.strerror}"
            yield Diagnostic(summary, "Rotate it to see a new one.", address=address)


def _cannot(path: Path, why: str | None) -> Invalid:
    return Invalid(Diagnostic(f"cannot keep secrets in {path}: {why}", "Name another file."))
