"""No report of any command holds a secret, whatever the vendor says back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from reconciler.report.formats import formats_of
from tools.reports_page import COMMANDS

from ..conftest import MakeWorkspace
from ..test_secrets_hidden import KEY, hidden

GIVEN = "sftp-hunter2-correct-horse"
CONFIG = {
    "active": True, "postProcessAction": 1, "ftpServer": "f", "ftpPassword": "${secret.sftp}",
}  # fmt: skip
FILES = {"kibo/fetch_file_configs": {"nightly": CONFIG}}
HOOKS = {"kobo-plm/webhooks": {"erp": {"url": "https://x.example/1", "events": ["style.created"]}}}


def reported(here: Any, command: str, *words: str) -> Any:
    """Run a command with every report that it has; how it ended."""
    names = formats_of(COMMANDS[command])
    return here.run(command, *words, *(f"--report={name}=report.{name}" for name in names))


def read(here: Any) -> list[str]:
    """The reports."""
    return [path.read_text("utf-8") for path in here.root.glob("report.*")]


def test_no_secret_is_in_a_report(
    workspace: MakeWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that a manifest gives, one that a vendor makes, and the key that it echoes: in a plan, an
    apply that fails and one that does not, drift and a validation."""
    monkeypatch.setenv("SFTP", GIVEN)
    here = workspace(secrets={"sftp": "${env.SFTP}"})
    here.declare(FILES | HOOKS)
    texts: list[str] = []
    told = json.dumps({"message": f"bad {GIVEN} from {KEY}", "errors": {KEY: [GIVEN]}})
    refuse = {"method": "POST", "path": "*", "fault": {"status": 422, "body": told}}
    for command, words, faults, code in (
        ("validate", (), [], 0),
        ("plan", (), [], 0),
        ("apply", ("--auto-approve",), [refuse], 1),
        ("apply", ("--auto-approve", "--secrets-out", "kept.secrets"), [], 0),
        ("drift", (), [], 0),
        ("plan", ("--destroy",), [], 0),
        ("plan", (), [refuse | {"method": "GET"}], 1),
    ):
        here.sandbox.faults(faults)
        shown = reported(here, command, *words)
        assert shown.code == code, shown
        texts += [*read(here), shown.out, shown.err]
    made = [row["secret"] for row in here.sandbox.state("kobo-plm")["webhooks"]]
    assert made
    assert any("ftpPassword" in text for text in texts)
    hidden([GIVEN, KEY, *made], *texts)
