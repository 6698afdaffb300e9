"""Commands that only read write nothing: not to a vendor, not to the ledger, not to manifests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reconciler.cli import COMMANDS

MANIFEST = """
provider: kobo-plm
suppliers:
  SUP-001: {name: Başka}
webhooks:
  h: {name: Çağrı, url: "https://x.example/h", events: [style.created]}
"""
WRITING = {"apply", "demo", "sandbox"}
READING = [
    ("validate",),
    ("plan",),
    ("plan", "--refresh-only"),
    ("plan", "--destroy"),
    ("plan", "--format", "json"),
    ("show", "saved.plan"),
    ("drift",),
    ("import", "--all", "--dry-run"),
    ("state", "list"),
    ("state", "show", "kobo-plm/webhooks/h"),
    ("history",),
    ("graph",),
    ("providers",),
    ("explain", "webhooks"),
    ("schema", "kobo-plm"),
    ("doctor",),
]


def files(folder: Path) -> dict[str, bytes]:
    """Every file of a workspace."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def here(workspace: Any, sandbox: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A workspace that owns something, has drift, and a plan that is saved."""
    made = workspace(MANIFEST)
    made.apply()
    hooks = sandbox.state("kobo-plm")["webhooks"]
    sandbox.put_state("kobo-plm", {"webhooks": [*hooks[:-1], {**hooks[-1], "is_active": False}]})
    made.write(MANIFEST.replace("Başka", "Yine başka"))
    made.run("plan", "--out", str(made.root / "saved.plan"))
    monkeypatch.chdir(made.root)
    sandbox.clear_journal()
    return made


@pytest.mark.parametrize("command", READING, ids=" ".join)
def test_reading_writes_nothing(here: Any, command: tuple[str, ...]) -> None:
    """The command succeeds, the vendors saw nothing but reads and logins, and no file changed."""
    before = files(here.root)
    shown = here.run(*command)
    assert shown.code == 0, shown
    assert here.writes() == []
    assert files(here.root) == before


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - WRITING))
def test_no_other_command_writes_to_a_vendor(here: Any, name: str) -> None:
    """Whatever a command is and however it ends, only `apply` writes to vendors."""
    here.run(name)
    assert here.writes() == []


def test_reading_needs_no_ledger_to_be_writable(here: Any) -> None:
    """A plan takes no lock and makes no file, so it runs where nothing may be written."""
    folder = here.root / ".reconciler"
    folder.chmod(0o500)
    try:
        assert here.run("plan").code == 0
        assert here.run("drift").code == 0
    finally:
        folder.chmod(0o700)
