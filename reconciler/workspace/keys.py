"""The keys that are never in a workspace: from the environment, or from the user's own folder."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from reconciler.errors import Diagnostic, Invalid
from reconciler.files import (
    UnsafeFile,
    advice,
    configuration_folder,
    read_private,
    reason,
    save_private,
)
from reconciler.frozen import frozen
from reconciler.workspace.user_folder import is_in_repository

LEDGER_KEY = "RECONCILER_LEDGER_KEY"
PLAN_KEY = "RECONCILER_PLAN_KEY"
FILE = "ledger.key"
SHORTEST = 16


@frozen
class KeySource:
    """Where a key comes from, as text, and the key; None where there is none, or none yet. `shared`
    says that it is not one of this machine."""

    text: str
    key: bytes | None = None
    shared: bool = False


def ledger_key(environment: Mapping[str, str], root: Path) -> bytes | None:
    """The key of the fingerprints in ledgers: RECONCILER_LEDGER_KEY, or the file `ledger.key` in
    the user's configuration folder, which is made at first use; None where it cannot be made, or
    would be in the repository of the workspace `root`, beside the ledger. Raises Invalid for a key
    that is too short, and for a file that others could have written."""
    if (key := _variable(environment, LEDGER_KEY)) is not None:
        return key
    with _usable_file():
        if is_in_repository(environment, root):
            return None
        return read_private(FILE, environment) or _new_key(environment)
    return None


def ledger_key_source(environment: Mapping[str, str], root: Path) -> KeySource:
    """Where the key of the fingerprints comes from; nothing is made. Raises as `ledger_key`."""
    if (key := _variable(environment, LEDGER_KEY)) is not None:
        return KeySource(f"the variable {LEDGER_KEY}", key, shared=True)
    with _usable_file():
        path = configuration_folder(environment) / FILE
        if is_in_repository(environment, root):
            return KeySource(f"none: {path} would be in the repository, and is not used")
        key = read_private(FILE, environment)
        return KeySource(str(path) if key else f"none yet: {path} is made at first use", key)
    return KeySource("none: there is no folder for it")


@contextmanager
def _usable_file() -> Iterator[None]:
    """Raise Invalid for a file that others could have written; leave the block where there is no
    place for one."""
    try:
        yield
    except UnsafeFile as error:
        summary = f"cannot use the key in {error.filename}: {reason(error)}"
        raise Invalid(Diagnostic(summary, advice(error))) from None
    except OSError:
        pass


def plan_key(environment: Mapping[str, str]) -> bytes | None:
    """The key that seals saved plans, RECONCILER_PLAN_KEY; None where it is not set. Raises Invalid
    for one that is too short."""
    return _variable(environment, PLAN_KEY)


def _variable(environment: Mapping[str, str], name: str) -> bytes | None:
    text = environment.get(name, "").strip()
    if text == f"$({name})":  # what Azure Pipelines makes of a variable that it does not know
        raise Invalid(
            Diagnostic(
                f"{name} is {text}: the pipeline has no variable of that name",
                "Add it to the variable group, or do not pass it to this step.",
            )
        )
    key = text.encode("utf-8", "surrogateescape")
    if key and len(key) < SHORTEST:
        raise Invalid(
            Diagnostic(
                f"{name} is too short for a key: it has {len(key)} bytes",
                f"Use at least {SHORTEST} that nobody can guess, for example those that "
                "`openssl rand -hex 32` prints.",
            )
        )
    return key or None


def _new_key(environment: Mapping[str, str]) -> bytes | None:
    """A new key, or that which another run has made meanwhile."""
    key = secrets.token_hex(32).encode()
    try:
        save_private(FILE, key, environment, new=True)
    except FileExistsError:
        return read_private(FILE, environment)
    return key
