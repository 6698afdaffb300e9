"""What people see of the ledger's lock: waiting for it, and breaking it."""

from __future__ import annotations

import threading
from pathlib import Path

from reconciler.ledger import open_ledger

from .conftest import run

WORKSPACE = """\
name: acme
providers:
  plm: {type: kobo-plm, api_key: "${env.KOBO_API_KEY}"}
"""


def workspace(root: Path) -> Path:
    """A workspace without manifests, whose ledger is in a file."""
    (root / "manifests").mkdir()
    (root / "reconciler.yaml").write_text(WORKSPACE)
    return root


def test_a_command_waits_for_the_lock(tmp_path: Path) -> None:
    """With --lock-timeout a command goes on once the other run has ended; without it is refused
    with the exit code 3 and told who has the lock."""
    root = workspace(tmp_path)
    arguments = ("-C", str(root), "state", "mv", "plm", "kobo")
    ledger = open_ledger(".reconciler/ledger.jsonl", root, "acme")
    lock = ledger.lock("apply")
    lock.__enter__()
    refused = run(*arguments)
    assert refused.code == 3
    assert "`apply`" in refused.err
    short = run(*arguments, "--lock-timeout", "0.2")
    assert short.code == 3
    timer = threading.Timer(0.3, lock.__exit__, (None, None, None))
    timer.start()
    waited = run(*arguments, "--lock-timeout", "60")
    timer.join()
    assert waited.code == 1
    assert "the ledger has nothing at" in waited.err


def test_no_id_breaks_the_lock_of_a_file(tmp_path: Path) -> None:
    """The lock of a file ends with its process, so an id breaks it as little as none does."""
    root = workspace(tmp_path)
    with open_ledger(".reconciler/ledger.jsonl", root, "acme").lock("apply"):
        result = run("-C", str(root), "state", "unlock", "3f9a62c1")
        assert result.code == 3
    assert run("-C", str(root), "state", "unlock", "3f9a62c1").code == 0
