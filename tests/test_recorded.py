"""What an earlier version wrote is understood by this one; tests/recorded/README.md says how the
files were made."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from reconciler.sandbox import Options

from .vendors import running

FIRST = Path(__file__).parent / "recorded" / "first"
LEDGER = Path("workspace", ".reconciler", "ledger.jsonl")
OWNED = {
    "kibo/fetch_file_configs/gece": ("2", "created"),
    "plm/components/IPL-014": ("2", "created"),
    "plm/suppliers/SUP-001": ("1", "adopted"),
    "plm/suppliers/SUP-010": ("2", "created"),
    "plm/suppliers/SUP-011": ("3", "created"),
    "plm/webhooks/erp-sync": ("1", "adopted"),
}

Command = Callable[..., Any]


@pytest.fixture
def command(tmp_path: Path, run: Command, monkeypatch: pytest.MonkeyPatch) -> Iterator[Command]:
    """Runs a command in a copy of the recorded workspace, on a sandbox with the recorded state."""
    copy = tmp_path / "first"
    shutil.copytree(FIRST, copy)
    with running(Options(port=0, rate=0, job_seconds=0, state=copy / "state.json")) as sandbox:
        # an address came from the environment then, which is refused today
        file = copy / "workspace" / "reconciler.yaml"
        text = file.read_text("utf-8")
        for variable, vendor in (("KOBO_URL", "kobo-plm"), ("KIBO_URL", "kibo")):
            text = text.replace(f"${{env.{variable}}}", sandbox.urls[vendor])
        file.write_text(text, "utf-8")
        monkeypatch.setenv("SFTP_PASSWORD", "recorded-password")
        yield lambda *words: run("-C", str(copy / "workspace"), *words)


def owned(command: Command) -> dict[str, tuple[str, str]]:
    """What `state list` says is owned: ids and origins."""
    rows = command("state", "list", "--format", "json").json["resources"]
    return {row["address"]: (row["id"], row["origin"]) for row in rows}


def test_a_recorded_ledger_is_read(command: Command) -> None:
    """Who owns what, the flags of each object, every run and the write whose outcome is unknown."""
    assert owned(command) == OWNED
    listed = command("state", "list", "--format", "json").json
    assert listed["unknown_outcomes"] == ["plm/suppliers/SUP-013"]
    kept = command("state", "show", "plm/suppliers/SUP-011", "--format", "json").json
    assert (kept["protect"], kept["on_remove"]) == (True, "keep")
    runs = command("history", "--format", "json").json["runs"]
    assert [(len(run["operations"]), run["complete"]) for run in runs] == [
        (6, True),
        (1, True),
        (1, False),
    ]
    assert [run["counts"] for run in runs] == [{"applied": 6}, {"applied": 1}, {"unknown": 1}]


def test_a_recorded_secret_is_known_by_its_fingerprint(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The password that was applied is no change, another one is."""

    def changed() -> bool:
        planned = command("plan", "--target", "kibo/fetch_file_configs/gece", "--format", "json")
        (entry,) = (
            change
            for change in planned.json["resource_changes"]
            if change["address"] == "kibo/fetch_file_configs/gece"
        )
        return bool(entry["x_action"] == "update")

    assert not changed()
    monkeypatch.setenv("SFTP_PASSWORD", "another-password")
    assert changed()


def test_a_recorded_plan_is_applied(command: Command, tmp_path: Path) -> None:
    """The saved plan is not stale and does what it says; it names the process that crashed, appends
    to the recorded ledger, and leaves nothing to do. Applied a second time it is stale."""
    plan = str(tmp_path / "first" / "saved.plan")
    applied = command("apply", plan)
    assert applied.code == 0, applied
    assert applied.last == "Apply complete! Resources: 4 added, 3 changed, 0 destroyed."
    assert "2 objects recorded in the ledger." in applied.out
    assert "The last run crashed while it held the ledger's lock" in applied.err
    assert owned(command).items() > OWNED.items()
    assert owned(command)["plm/suppliers/SUP-013"][1] == "created"
    written = (tmp_path / "first" / LEDGER).read_bytes()
    assert written.startswith((FIRST / LEDGER).read_bytes())
    assert command("state", "list", "--format", "json").json["unknown_outcomes"] == []
    assert command("plan").last == "No changes. Your vendors match the manifests."
    assert command("apply", plan).code == 3
