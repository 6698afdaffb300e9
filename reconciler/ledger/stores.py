"""The table of stores: which one a `ledger:` setting means. Only that one is imported."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from reconciler.errors import Diagnostic, Invalid
from reconciler.ledger.file import FileStore
from reconciler.ledger.store import Store
from reconciler.values.text import shown

Allow = Callable[[str, int], None]
"""Raises Refused for a host and port that must not have credentials."""


def allow_all(_host: str, _port: int) -> None:
    """Allow every host."""


def _file(setting: str, root: Path, _allow: Allow) -> Store:
    return FileStore.at(setting, root)


def _git(setting: str, root: Path, _allow: Allow) -> Store:
    from reconciler.ledger.git import GitStore

    return GitStore.at(setting, root)


def _object(setting: str, _root: Path, _allow: Allow) -> Store:
    from reconciler.ledger.objects import ObjectStore

    return ObjectStore.at(setting)


def _postgres(setting: str, _root: Path, allow: Allow) -> Store:
    from reconciler.ledger.postgres import PostgresStore
    from reconciler.ledger.postgres_setting import Database

    return PostgresStore(Database.of(setting, allow))


# What stands before the first colon of a setting → what opens the store, given the whole setting,
# the folder of the workspace and what to ask before a host is given credentials. A setting without
# one of these words is the path of a file.
SCHEMES: Mapping[str, Callable[[str, Path, Allow], Store]] = {
    "": _file,
    "git": _git,
    "s3": _object,
    "gs": _object,
    "az": _object,
    "postgresql": _postgres,
}


def is_path(setting: str) -> bool:
    """Whether a `ledger:` setting is the path of a file."""
    scheme, colon, rest = setting.partition(":")
    return not (colon and (scheme in SCHEMES or rest.startswith("//")))


def open_store(setting: str, root: Path, allow: Allow = allow_all) -> Store:
    """The store that `setting` names; nothing is read or created yet.

    Raises Invalid for a URL of an unknown scheme and one that its store does not understand; the
    URL may hold a password, and is not shown.
    """
    scheme, colon, rest = setting.partition(":")
    if colon and scheme in SCHEMES:
        return SCHEMES[scheme](setting, root, allow)
    if rest.startswith("//"):
        known = ", ".join(f"{name}:" for name in SCHEMES if name)
        raise Invalid(
            Diagnostic(
                f"there is no ledger at {shown(scheme)}://",
                "Give the path of a file under `ledger:` in reconciler.yaml, such as "
                f".reconciler/ledger.jsonl, or one of these: {known}.",
            )
        )
    return SCHEMES[""](setting, root, allow)
