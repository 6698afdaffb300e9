"""A changed `$rotate` replaces the secret that a vendor shows once, and nothing else does."""

from __future__ import annotations

import json
from typing import Any

import pytest

HOOK = {"name": "A", "url": "https://x.example/1", "events": ["style.created"]}
ADDRESS = "kobo-plm/webhooks/a"
ROTATE = "POST /api/v1/webhooks/1/rotate-secret 200"


def secret(sandbox: Any) -> str:
    """The signing secret at the vendor."""
    (hook,) = sandbox.state("kobo-plm")["webhooks"]
    return str(hook["secret"])


def declare(here: Any, **fields: Any) -> None:
    """Declare the webhook with these fields beside the usual ones."""
    here.declare({"kobo-plm/webhooks": {"a": {**HOOK, **fields}}})


@pytest.fixture
def here(workspace: Any, sandbox: Any) -> Any:
    """A workspace that owns a webhook, the only one there is."""
    sandbox.put_state("kobo-plm", {"webhooks": []})
    made = workspace()
    declare(made)
    made.apply()
    sandbox.clear_journal()
    return made


def test_a_changed_text_rotates_once(here: Any, sandbox: Any) -> None:
    """The plan says so, apply rotates and saves the new secret, and the next plan is empty."""
    before = secret(sandbox)
    declare(here, **{"$rotate": "2026-11"})
    shown = here.run("plan", "--detailed-exitcode")
    assert (shown.code, shown.last) == (2, "Plan: 0 to add, 1 to change, 0 to destroy.")
    assert "its secret is replaced by a new one" in shown.out
    assert '+ $rotate: "2026-11"' in shown.out
    sandbox.clear_journal()
    out = here.root / "secrets.jsonl"
    here.apply("--secrets-out", str(out))
    assert here.writes() == [ROTATE]
    assert secret(sandbox) != before
    line = json.loads(out.read_text("utf-8"))
    assert line == {"address": ADDRESS, "field": "secret", "value": secret(sandbox)}
    assert here.settled()
    assert "2026-11" in here.run("state", "show", ADDRESS).out

    sandbox.clear_journal()
    declare(here, **{"$rotate": "2026-12"})
    assert '~ $rotate: "2026-11" -> "2026-12"' in here.run("plan").out
    here.apply("--secrets-out", str(out))
    assert here.writes() == [ROTATE]
    assert here.settled()


def test_the_secret_is_nowhere_else(here: Any, sandbox: Any) -> None:
    """Neither the output nor the ledger holds the new secret."""
    declare(here, **{"$rotate": 7})
    shown = here.apply("--secrets-out", str(here.root / "secrets.jsonl"))
    ledger = (here.root / ".reconciler/ledger.jsonl").read_text("utf-8")
    assert secret(sandbox) not in shown.out + shown.err + ledger


def test_fields_are_written_before(here: Any, sandbox: Any) -> None:
    """Where fields changed too, both are done; where the rotation fails, it is due again."""
    declare(here, is_active=False, **{"$rotate": "x"})
    sandbox.faults([{"path": "*/rotate-secret", "nth": 1, "fault": {"status": 422}}])
    shown = here.run("apply", "--auto-approve")
    assert shown.code in (1, 4)
    assert "Apply complete!" not in shown.out
    (entry,) = here.plan()
    assert [field["path"] for field in entry["x_fields"]] == [["$rotate"]]
    before = secret(sandbox)
    here.apply()
    assert secret(sandbox) != before
    assert here.settled()


def test_a_lost_answer_leaves_the_rotation_due(here: Any, sandbox: Any) -> None:
    """The outcome is unknown and the new secret lost, so the next apply rotates once more."""
    declare(here, **{"$rotate": "x"})
    sandbox.faults([{"path": "*/rotate-secret", "nth": 1, "fault": {"reset": "after"}}])
    shown = here.run("apply", "--auto-approve")
    assert shown.code == 4
    assert "the answer with its new secret was lost" in shown.err
    out = here.root / "secrets.jsonl"
    here.apply("--secrets-out", str(out))
    assert json.loads(out.read_text("utf-8"))["value"] == secret(sandbox)
    assert here.settled()


@pytest.mark.parametrize("how", ["created", "adopted", "by command", "removed", "refreshed"])
def test_nothing_else_rotates(here: Any, sandbox: Any, how: str, workspace: Any) -> None:
    """A create and an adoption record the text; that it goes rotates nothing either, and neither
    does accepting what changed at the vendor."""
    declare(here, **{"$rotate": "x"})
    if how == "created":
        sandbox.put_state("kobo-plm", {"webhooks": []})
    elif how in ("adopted", "by command"):
        (here.root / ".reconciler/ledger.jsonl").unlink()
        if how == "by command":
            assert here.run("adopt", ADDRESS).code == 0
    else:
        here.apply()
        (hook,) = sandbox.state("kobo-plm")["webhooks"]
        sandbox.put_state("kobo-plm", {"webhooks": [{**hook, "is_active": False}]})
        declare(here, **({} if how == "removed" else {"$rotate": "x"}))
    sandbox.clear_journal()
    here.apply(*(["--refresh-only"] if how == "refreshed" else []))
    here.apply()
    assert not [write for write in here.writes() if "rotate" in write]
    assert here.settled()


def test_a_saved_plan_rotates(here: Any, sandbox: Any) -> None:
    """What was approved is what is done, and a text that changed since makes the plan stale."""
    before = secret(sandbox)
    declare(here, **{"$rotate": "x"})
    here.run("plan", "--out", "saved.json")
    assert here.run("show", "saved.json").out == here.run("plan").out
    assert here.run("apply", "saved.json").code == 0
    assert secret(sandbox) != before


def test_only_what_has_a_secret_can_be_rotated(workspace: Any) -> None:
    """In a kind without such a secret `$rotate` is an error at its place."""
    here = workspace("provider: kobo-plm\nsuppliers:\n  S: {name: S, $rotate: x}\n")
    shown = here.run("validate")
    assert shown.code == 1
    assert "suppliers have no secret that could be rotated" in shown.err
    assert "manifests/main.yaml:3:" in shown.err
