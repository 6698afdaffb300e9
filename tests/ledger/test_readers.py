"""Readers and a writer that share one ledger, through the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reconciler import Workspace

from .races import setting
from .stores import STORES, GitPlace

HOOKS = """\
provider: kobo-plm
webhooks: {a: {name: A, url: 'https://x.example/1', events: [style.created]}}
"""


@pytest.mark.parametrize("store", [name for name in STORES if name not in ("file", "memory")])
def test_readers_take_no_lock(store: str, tmp_path: Path, workspace: Any) -> None:
    """While a run holds the lock, everything that only reads works as ever."""
    place = STORES[store](tmp_path)
    text, _ = setting(place)
    names = ("one", "two") if isinstance(place, GitPlace) else ("a", "b")
    one, two = (workspace(HOOKS, name, ledger=text) for name in names)
    one.apply()
    with Workspace.open(one.root).project.ledger.lock("apply"):
        for command in ("validate", "plan", "drift", "history", "state list", "doctor"):
            assert two.run(*command.split()).code == 0, command
        assert two.run("apply", "--auto-approve").code == 3
