"""What a ledger holds instead of secrets: nothing that can be guessed, and no wrong claim."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reconciler.ledger import open_ledger
from reconciler.model import Secret
from reconciler.values.fingerprints import Fingerprints

MANIFEST = (
    "provider: kibo\nfetch_file_configs:\n"
    "  n: {active: true, postProcessAction: 1, ftpServer: f, ftpPassword: '${secret.ftp}'}\n"
)
PASSWORD = "4711-gizli"
KEY = "the key of this test, long enough"
LEDGER = ".reconciler/ledger.jsonl"


@pytest.fixture
def here(workspace: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Any:
    """A workspace that has written a password."""
    monkeypatch.setenv("FTP_PASSWORD", PASSWORD)
    monkeypatch.setenv("RECONCILER_LEDGER_KEY", KEY)
    made = workspace()
    made.configure(secrets={"ftp": "${env.FTP_PASSWORD}"})
    made.write(MANIFEST)
    made.apply()
    assert made.settled()
    made.sandbox.clear_journal()
    return made


def recorded(here: Any) -> str:
    """The fingerprint in the ledger."""
    (row,) = open_ledger(LEDGER, here.root, "acme").read().owned.values()
    found: str = row.fields["ftpPassword"]["$fingerprint"]
    return found


def test_a_fingerprint_cannot_be_guessed(here: Any) -> None:
    """It depends on a key that is in no file of the workspace: the same secret has another one
    elsewhere, so that trying all short secrets finds nothing."""
    assert recorded(here) == Fingerprints(lambda: KEY.encode()).of(Secret(PASSWORD))
    assert recorded(here) != Fingerprints(lambda: b"another key, as long").of(Secret(PASSWORD))
    texts = [path.read_text("utf-8") for path in here.root.rglob("*") if path.is_file()]
    assert not [text for text in texts if KEY in text or PASSWORD in text]


def test_a_changed_secret_is_a_change(here: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the key, what is the same is no change, and what is not is one."""
    monkeypatch.setenv("FTP_PASSWORD", "another-password")
    (entry,) = here.plan()
    (field,) = entry["x_fields"]
    assert field == {
        "path": ["ftpPassword"],
        "after": "(sensitive)",
        "sensitive": True,
    }


def test_with_another_key_a_secret_is_unknown(here: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody claims that it is unchanged: the plan says that it may have changed, and why. Apply
    writes it once more, and from then on it is known."""
    monkeypatch.setenv("RECONCILER_LEDGER_KEY", "another key that is long enough")
    shown = here.run("plan", "--detailed-exitcode")
    assert shown.code == 2, shown
    assert "it may have changed" in shown.out
    assert "cannot be told whether 1 secret has changed" in shown.err
    assert "RECONCILER_LEDGER_KEY" in shown.err
    (entry,) = here.plan()
    assert [field.get("uncertain") for field in entry["x_fields"]] == [True]
    path = str(here.root / "saved.plan")
    assert here.run("plan", "--out", path).code == 0
    assert "1 changed" in here.run("apply", path).out
    assert here.settled()


def test_a_key_is_made_at_first_use(
    workspace: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without a variable the key is in the user's own folder, where only this user can read it."""
    monkeypatch.delenv("RECONCILER_LEDGER_KEY", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    monkeypatch.setenv("FTP_PASSWORD", PASSWORD)
    here = workspace()
    here.configure(secrets={"ftp": "${env.FTP_PASSWORD}"})
    here.write(MANIFEST)
    here.apply()
    path = tmp_path / "settings" / "reconciler" / "ledger.key"
    key = path.read_bytes()
    assert len(key) >= 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert recorded(here) == Fingerprints(lambda: key).of(Secret(PASSWORD))
    assert here.settled()
    os.chmod(path, 0o666)
    result = here.run("plan")
    assert result.code == 1
    assert f"cannot use the key in {path}: others can write to it" in result.err


def test_without_any_key_a_secret_is_unknown(
    here: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Also where no key can be made, such as in a container without a home that can be written."""
    monkeypatch.delenv("RECONCILER_LEDGER_KEY")
    (tmp_path / "file").write_text("no folder", "utf-8")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "file"))
    (entry,) = here.plan()
    assert [field.get("uncertain") for field in entry["x_fields"]] == [True]


def test_a_key_in_the_repository_is_no_key(here: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever changes the repository would choose it, and it would lie beside the ledger: it is
    neither used nor made there."""
    monkeypatch.delenv("RECONCILER_LEDGER_KEY")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(here.root))
    folder = here.root / "reconciler"
    for write in (False, True):
        if write:
            folder.mkdir(0o700)
            (folder / "ledger.key").write_text(KEY, "utf-8")
            (folder / "ledger.key").chmod(0o600)
        (entry,) = here.plan()
        assert [field.get("uncertain") for field in entry["x_fields"]] == [True]
        assert folder.exists() == write


def test_a_short_key_is_refused(here: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that can be guessed protects nothing, and is not quoted."""
    monkeypatch.setenv("RECONCILER_LEDGER_KEY", "short")
    result = here.run("plan")
    assert result.code == 1
    assert "RECONCILER_LEDGER_KEY is too short for a key: it has 5 bytes" in result.err


def test_an_old_fingerprint_is_renewed(here: Any) -> None:
    """What an older version recorded is still compared, and replaced by the next apply; nothing is
    written to the vendor for that."""
    old = hashlib.scrypt(PASSWORD.encode(), salt=b"reconciler/acme", n=2**12, r=8, p=1).hex()[:32]
    with open_ledger(LEDGER, here.root, "acme").lock("test") as session:
        (row,) = session.state.owned.values()
        session.begin("")
        session.own(replace(row, fields={**row.fields, "ftpPassword": {"$fingerprint": old}}))
        session.end({})
    assert recorded(here) == old
    (entry,) = here.plan()
    assert entry["x_action"] == "adopt"
    here.apply()
    assert here.writes() == []
    assert recorded(here).startswith("h1:")
    assert here.settled()


def test_a_manifest_cannot_pretend_that_a_value_is_secret(here: Any) -> None:
    """Plans do not show what has the form of a fingerprint, so no manifest may have that form."""
    here.write(
        "provider: kobo-plm\nworkflows:\n"
        "  w: {name: w, trigger_type: style.created, actions: [{$fingerprint: evil}]}\n"
    )
    result = here.run("validate")
    assert result.code == 1
    assert "actions[0] must not have a member $fingerprint" in result.err
    assert "manifests/main.yaml:3" in result.err
    assert json.loads(here.run("validate", "--format", "json").out)
