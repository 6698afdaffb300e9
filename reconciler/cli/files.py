"""Files that the user names: saved plans, and secrets that a vendor shows only once."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path

from reconciler import planfile
from reconciler.cli.terminal import note
from reconciler.errors import Diagnostic, Invalid
from reconciler.model import Outcome, Plan
from reconciler.values.text import json_text, printable


def read_plan(path: Path) -> Plan:
    """The plan saved in a file; raises Invalid where it cannot be read or is no plan."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        hint = "Save a plan with `reconciler plan --out FILE`."
        raise Invalid(Diagnostic(f"cannot read {path}: {why}", hint)) from None
    return planfile.read(text)


@contextmanager
def secrets_file(path: Path | None) -> Iterator[FileIO | None]:
    """Open the file for secrets (mode 0600), before anything is written to a vendor; None where
    no path is given. Raises Invalid where it cannot be opened as such."""
    if path is None:
        yield None
        return
    try:
        # A pipe would wait for a reader, and a device's mode is not ours to change.
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK
        file = FileIO(os.open(path, flags, 0o600), "a")
    except OSError as error:
        raise _cannot_write(path, error.strerror) from None
    with file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise _cannot_write(path, "it is not a regular file")
        try:
            os.fchmod(file.fileno(), 0o600)
        except OSError as error:
            raise _cannot_write(path, error.strerror) from None
        yield file


def save_secrets(outcome: Outcome, file: FileIO | None) -> Iterator[Diagnostic]:
    """Append the secrets of an outcome to the file, one JSON line each, durable on return; yields
    a finding for each that could not be saved."""
    address = str(outcome.change.address)
    for name, secret in outcome.secrets.items():
        if file is None:
            note(
                f"Warning: the vendor showed the {name} of {printable(address, 400)} once, and it "
                "was not saved. Use --secrets-out FILE next time; change $rotate to get a new one."
            )
            continue
        line = {"address": address, "field": name, "value": secret.reveal()}
        data = f"{json_text(line)}\n".encode()
        try:
            while data:
                data = data[file.write(data) :]
            os.fsync(file.fileno())
        except OSError as error:
            summary = f"the {name} that the vendor showed could not be saved: {error.strerror}"
            yield Diagnostic(summary, "Rotate it to get a new one.", address=address)


def _cannot_write(path: Path, why: str | None) -> Invalid:
    return Invalid(Diagnostic(f"cannot save secrets in {path}: {why}", "Name another file."))
