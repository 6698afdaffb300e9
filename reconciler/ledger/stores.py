"""The table of stores: which one a `ledger:` setting means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from reconciler.errors import Diagnostic, Invalid
from reconciler.ledger.file import FileStore
from reconciler.ledger.store import Store

# What stands before the first colon of a setting → what opens the store, given the whole setting
# and the folder of the workspace. A setting without one of these words is the path of a file.
SCHEMES: Mapping[str, Callable[[str, Path], Store]] = {"": FileStore.at}


def is_path(setting: str) -> bool:
    """Whether a `ledger:` setting is the path of a file."""
    scheme, colon, rest = setting.partition(":")
    return not (colon and (scheme in SCHEMES or rest.startswith("//")))


def open_store(setting: str, root: Path) -> Store:
    """The store that `setting` names; nothing is read or created yet.

    Raises Invalid for a URL of an unknown scheme; the rest of the URL may hold a password, and is
    not shown.
    """
    scheme, colon, rest = setting.partition(":")
    if colon and scheme in SCHEMES:
        return SCHEMES[scheme](setting, root)
    if rest.startswith("//"):
        raise Invalid(
            Diagnostic(
                f"a ledger at {scheme}:// is not supported in this version",
                "Give the path of a file under `ledger:` in reconciler.yaml, "
                "such as .reconciler/ledger.jsonl.",
            )
        )
    return SCHEMES[""](setting, root)
