"""Secrets that a vendor shows only once: the plan says so, and a workspace may want them kept."""

from __future__ import annotations

import json
from typing import Any

import pytest

HOOK = "{name: %s, url: 'https://x.example/h', events: [style.created]}"
MANIFEST = f"provider: kobo-plm\nsuppliers: {{S: {{name: S}}}}\nwebhooks: {{a: {HOOK % 'A'}}}\n"
TOLD = "its secret will be shown once: apply with --secrets-out FILE"


@pytest.fixture
def here(workspace: Any, sandbox: Any) -> Any:
    """A workspace that is to create a webhook and a supplier, of which nothing is live."""
    sandbox.put_state("kobo-plm", {"webhooks": [], "suppliers": [], "components": []})
    return workspace(MANIFEST)


def test_a_plan_announces_what_will_be_shown_once(here: Any) -> None:
    """Beside each object whose secret the answer has, in text and in JSON, and beside no other;
    once it exists, nothing is announced."""
    shown = here.run("plan")
    assert [line.split()[:2] for line in shown.out.splitlines() if TOLD in line] == [
        ["+", "kobo-plm/webhooks/a"]
    ]
    entries = json.loads(here.run("plan", "--format", "json").out)["resource_changes"]
    assert [entry["address"] for entry in entries if TOLD in json.dumps(entry)] == [
        "kobo-plm/webhooks/a"
    ]
    here.apply()
    here.write(MANIFEST.replace("/h'", "/other'"))
    assert TOLD not in here.run("plan").out


def test_a_rotation_is_announced(here: Any) -> None:
    """A changed $rotate makes the vendor show a new secret."""
    here.apply()
    here.write(MANIFEST.replace("{name: A", "{$rotate: spring, name: A"))
    assert TOLD in here.run("plan").out


def test_without_a_setting_it_is_only_announced(here: Any) -> None:
    """An apply without a place for the secret creates the object, and warns."""
    shown = here.apply()
    assert "Use --secrets-out FILE next time" in shown.err


@pytest.mark.parametrize("saved", [False, True])
def test_it_is_said_what_became_of_a_secret(here: Any, sandbox: Any, saved: bool) -> None:
    """That it was saved, and where; or, in each report too, that it was not."""
    file, report = here.root / "secrets.jsonl", here.root / "report.md"
    words = ("--secrets-out", str(file)) if saved else ()
    shown = here.run("apply", "--auto-approve", "--report", f"markdown={report}", *words)
    assert shown.code == 0
    lost = "the vendor showed its secret once, and it was not saved"
    assert (f"Saved 1 secret in {file}, which only you can read." in shown.err) is saved
    assert (lost in report.read_text("utf-8")) is not saved
    assert shown.err.count(lost) == (not saved)
    here.write(MANIFEST.replace("/h'", "/other'"))
    assert "secret" not in here.run("apply", "--auto-approve", *words).err


@pytest.mark.parametrize("saved", [False, True])
def test_a_workspace_may_want_secrets_kept(here: Any, sandbox: Any, saved: bool) -> None:
    """With `secrets_out: required` nothing is written without a place for the secret; with one,
    the secret is there afterwards."""
    here.configure(secrets_out="required")
    plan = str(here.root / "x.plan")
    assert here.run("plan", "--out", plan).code == 0
    words = ["apply", plan] if saved else ["apply", "--auto-approve"]
    shown = here.run(*words)
    assert shown.code == 3
    assert "its secret will be shown once, and there is no place for it" in shown.err
    assert "kobo-plm/webhooks/a" in shown.err
    assert "--secrets-out FILE" in shown.err
    assert here.writes() == []
    kept = here.root / "secrets.jsonl"
    assert here.run(*words, "--secrets-out", str(kept)).code == 0
    assert json.loads(kept.read_text("utf-8"))["address"] == "kobo-plm/webhooks/a"
    here.write(MANIFEST.replace("/h'", "/other'"))
    here.apply()


def test_an_environment_may_want_it_alone(here: Any) -> None:
    """The setting may be that of one environment, and another word is an error."""
    path = here.root / "reconciler.yaml"
    document = json.loads(path.read_text("utf-8"))
    document["environments"] = {"live": {"secrets_out": "required"}}
    path.write_text(json.dumps(document), "utf-8")
    assert here.run("--env", "live", "apply", "--auto-approve").code == 3
    here.apply()
    here.configure(secrets_out="maybe")
    shown = here.run("plan")
    assert shown.code == 1
    assert "secrets_out" in shown.err
