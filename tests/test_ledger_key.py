"""`doctor` says where the key of the ledger's fingerprints comes from, and what to do where it is
another than the ledger was written with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .conftest import MakeWorkspace, Workspace
from .test_history import SFTP

KEY = "the key of this test, long enough"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's configuration folder, which is empty, and no key in the environment."""
    monkeypatch.delenv("RECONCILER_LEDGER_KEY", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SFTP_PASSWORD", "kanarya-0123456789")
    return tmp_path / "home"


@pytest.fixture
def here(home: Path, workspace: MakeWorkspace) -> Workspace:
    """A workspace with a secret in a manifest."""
    return workspace(SFTP, secrets={"sftp": "${env.SFTP_PASSWORD}"})


def ledger(here: Workspace, code: int = 0) -> dict[str, Any]:
    """What the doctor says of the ledger."""
    shown = here.run("doctor", "kibo", "--format", "json")
    assert shown.code == code, shown
    found: dict[str, Any] = shown.json["ledger"]
    return found


def test_where_the_key_comes_from(
    here: Workspace, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of the user, which the doctor does not make; or the variable, which comes first."""
    assert ledger(here)["key"].startswith("none yet: ")
    assert not list(home.rglob("*.key"))
    here.apply()
    (file,) = home.rglob("*.key")
    assert (ledger(here)["key"], ledger(here)["key_is_shared"]) == (str(file), False)
    assert "of this machine only" in " ".join(here.run("doctor", "kibo").out.split())
    monkeypatch.setenv("RECONCILER_LEDGER_KEY", file.read_text("ascii"))
    assert ledger(here)["key"] == "the variable RECONCILER_LEDGER_KEY"
    assert ledger(here)["key_is_shared"] is True
    assert file.read_text("ascii") not in here.run("doctor", "kibo").out


def test_another_key_is_noticed(here: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not well, with the number of secrets and what to do; after an apply with this key it
    is."""
    here.apply()
    monkeypatch.setenv("RECONCILER_LEDGER_KEY", KEY)
    assert ledger(here, code=1)["fingerprints_of_another_key"] == 1
    text = " ".join(here.run("doctor", "kibo").out.split())
    assert "1 fingerprint of secrets cannot be compared" in text
    assert "Set RECONCILER_LEDGER_KEY to the key of the machine or job that applied last" in text
    assert "Not well: 1 of" in text
    here.apply()
    assert ledger(here)["fingerprints_of_another_key"] == 0


def test_a_key_in_the_repository_is_not_used(
    here: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that a change of the repository could write to has no key for it."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(here.root / "config"))
    assert "would be in the repository" in ledger(here)["key"]


def test_a_bad_key_is_said(here: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that is too short is the ledger's problem."""
    monkeypatch.setenv("RECONCILER_LEDGER_KEY", "short")
    assert "too short" in ledger(here, code=1)["problem"]
