"""What a plan that promotes, and others of an environment, say of themselves is so."""

from __future__ import annotations

from typing import Any

import pytest

from .test_history import SFTP
from .test_promote import HOOK, Two, two  # noqa: F401


def test_the_reason_is_the_other_environment(two: Two) -> None:  # noqa: F811
    """No manifest changed; and the command that is named for the plan applies it, as it does for a
    plan that undoes it."""
    two.put(two.staging, "webhooks", "ERP", url="https://erp.example.com/new")
    planned = two.promote(HOOK)
    assert f"~ {HOOK}  (as in staging)" in planned.out
    assert "the manifest changed" not in planned.out
    named = f"reconciler --env production apply {two.plan}"
    assert f"To apply exactly this plan: {named}" in planned.err
    assert two.apply().code == 0
    undone = two.here.run("--env", "production", "revert", "last", "--out", str(two.plan))
    assert f"To apply exactly this plan: {named}" in undone.err
    assert two.apply().code == 0


def test_a_secret_of_the_manifests_is_said_to_be_theirs(
    workspace: Any, sandbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It does not stay as it is where the plan writes it."""
    monkeypatch.setenv("SFTP_PASSWORD", "kanarya-0123456789")
    sandbox.put_state("kibo", {"fetch_file_configs": []})
    here = workspace(SFTP, secrets={"sftp": "${env.SFTP_PASSWORD}"}, environments={"b": {}})
    here.apply()
    shown = here.run("promote", "-", "b", "kibo/fetch_file_configs/gece")
    assert "ftpPassword: (sensitive) -> (sensitive)" in shown.out
    assert "The manifests of b say what it is." in shown.err
    assert "stays as it is" not in shown.err


def test_a_name_with_a_wildcard_is_one_object(two: Two) -> None:  # noqa: F811
    """What the manifests have not applied yet, of another object that its name would match, is not
    planned."""
    rows = two.staging.state("kobo-plm")["suppliers"]
    two.staging.put_state("kobo-plm", {"suppliers": [*rows, rows[0] | {"id": 90, "code": "S*"}]})
    path = two.here.root / "production" / "main.yaml"
    path.write_text(path.read_text().replace("{name: Firma}", "{name: Later}"))
    planned = two.promote("kobo-plm/suppliers/S[*]")
    assert planned.out.splitlines()[-1] == "Plan: 1 to add, 0 to change, 0 to destroy."
    assert two.apply().code == 0
    assert two.row(two.production, "suppliers", "Later") is None


def test_nothing_to_do_is_said_of_what_was_asked(two: Two) -> None:  # noqa: F811
    """Not that the manifests are matched: they say something else, and nobody has looked."""
    path = two.here.root / "production" / "main.yaml"
    path.write_text(path.read_text().replace("example.com/hook", "example.com/later"))
    put_back = two.here.run("--env", "production", "drift", "--revert")
    assert put_back.last == "No changes. Your vendors are as they were last applied."
    path.write_text(path.read_text().replace("example.com/later", "example.com/hook"))
    assert two.promote(HOOK).last == "No changes. It is as it is in staging."
