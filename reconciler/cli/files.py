"""Files that the user names: saved plans, and secrets that a vendor shows only once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path

from reconciler.app.files import cannot, write_file
from reconciler.errors import Diagnostic, Invalid, Severity
from reconciler.files import open_to_append, read_file
from reconciler.model import Outcome, Plan
from reconciler.values.text import json_text

# in bytes; a plan of 100,000 objects has some 100 MB
LARGEST_PLAN = 512 * 1024 * 1024


def read_plan(path: Path) -> Plan:
    """The plan saved in a file; raises Invalid where it cannot be read or is no plan."""
    from reconciler import planfile
    from reconciler.workspace.keys import plan_key

    return planfile.read(read_text(path), plan_key(os.environ))


def read_text(path: Path, hint: str = "Save a plan with `reconciler plan --out FILE`.") -> str:
    """The text of a file that holds a result; raises Invalid where it cannot be read."""
    with cannot("read", path, hint):
        data = read_file(path, LARGEST_PLAN, ours=True)
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise Invalid(Diagnostic(f"cannot read {path}: it is not UTF-8", hint)) from None


def replaces_yaml(path: Path) -> bool:
    """Whether there is a YAML file at a path, such as a manifest: no command writes YAML where its
    user names a file for something else."""
    return path.suffix.lower() in (".yaml", ".yml") and path.exists()


def save_plan(path: Path, plan: Plan) -> None:
    """Save a plan in a file that only its owner can read; with a seal, where RECONCILER_PLAN_KEY
    is set. Raises Invalid where that cannot be done."""
    from reconciler import planfile
    from reconciler.workspace.keys import plan_key

    if replaces_yaml(path):
        summary = f"cannot save the plan in {path}: that is a YAML file, which it would replace"
        raise Invalid(Diagnostic(summary, "Name another file with --out."))
    text = planfile.write(plan, plan_key(os.environ))
    write_file(path, f"{text}\n", 0o600, "Name another file with --out.")


@contextmanager
def secrets_file(path: Path | None) -> Iterator[FileIO | None]:
    """Open the file for secrets (mode 0600), before anything is written to a vendor; None where
    no path is given. Raises Invalid where it cannot be opened as such."""
    if path is None:
        yield None
        return
    with cannot("save secrets in", path, "Name another file."):
        file = open_to_append(path)
    with file:
        yield file


def save_secrets(outcome: Outcome, file: FileIO | None) -> Iterator[Diagnostic]:
    """Append the secrets of an outcome to the file, one JSON line each, durable on return; yields
    a finding for each that was not saved: an error, or a warning where no file was named."""
    address = str(outcome.change.address)
    for name, secret in outcome.secrets.items():
        if file is None:
            summary = f"the vendor showed its {name} once, and it was not saved"
            hint = "Use --secrets-out FILE next time; change $rotate to get a new one."
            yield Diagnostic(summary, hint, address=address, severity=Severity.WARNING)
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
