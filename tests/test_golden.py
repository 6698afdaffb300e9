"""The planner's story in small workspaces: manifests, live state, ledger, and the plan expected.

A folder `tests/golden/NNN-name/` holds `manifests/*.yaml` and `expected.txt`, and where it needs
them `live.yaml` (each vendor's objects), `ledger.yaml` (what is owned), `workspace.yaml`
(settings) and `command.txt` (instead of `plan`). `REWRITE_GOLDEN=1 pytest tests/test_golden.py`
writes what is expected anew: read the difference before it is committed.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from reconciler.ledger import open_ledger
from reconciler.model import Address, Owned

FOLDERS = sorted(path for path in (Path(__file__).parent / "golden").iterdir() if path.is_dir())


def said(folder: Path, name: str) -> Any:
    """A file of the folder; nothing where it has none."""
    path = folder / name
    return (yaml.safe_load(path.read_text("utf-8")) if path.exists() else None) or {}


@pytest.mark.parametrize("sandbox", ["empty"], indirect=True)
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_plan_is_as_expected(folder: Path, workspace: Any, sandbox: Any) -> None:
    """The plan of these manifests against this live state and ledger is this text, with this exit
    code, and making it writes nothing."""
    here = workspace(**said(folder, "workspace.yaml"))
    shutil.copytree(folder / "manifests", here.root / "manifests", dirs_exist_ok=True)
    for vendor, kinds in said(folder, "live.yaml").items():
        sandbox.put_state(vendor, kinds)
    rows = [
        Owned(
            Address.parse(address),
            str(row["id"]),
            row["fields"],
            row.get("origin", "created"),
            "2026-01-15T10:00:00+00:00",
            row.get("protect", False),
            row.get("on_remove", "delete"),
        )
        for address, row in said(folder, "ledger.yaml").items()
    ]
    if rows:
        with open_ledger(".reconciler/ledger.jsonl", here.root, "acme").lock("apply") as session:
            session.own(*rows)
    command = folder / "command.txt"
    words = command.read_text("utf-8").split() if command.exists() else ["plan"]
    shown = here.run(*words)
    text = f"$ reconciler {' '.join(words)}\n{shown.out}[exit {shown.code}]\n{shown.err}"
    expected = folder / "expected.txt"
    if os.environ.get("REWRITE_GOLDEN"):
        expected.write_text(text, "utf-8")
    assert text == expected.read_text("utf-8")
    assert here.writes() == []
