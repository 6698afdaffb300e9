"""A ledger that is older or shorter than it was is noticed where there is evidence of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

HOOK = "url: 'https://x.example/1', events: [style.created]"
ONE = f"provider: kobo-plm\nwebhooks: {{a: {{name: A, {HOOK}%s}}}}\n"
TWO = f"provider: kobo-plm\nwebhooks: {{a: {{name: A, {HOOK}}}, b: {{name: B, {HOOK}}}}}\n"


@pytest.fixture
def here(workspace: Any, sandbox: Any) -> Any:
    """A workspace that owns a webhook."""
    sandbox.put_state("kobo-plm", {"webhooks": []})
    made = workspace(ONE % "")
    made.apply()
    return made


def ledger(here: Any) -> Any:
    """The file of the ledger."""
    return here.root / ".reconciler" / "ledger.jsonl"


def seen(here: Any) -> Any:
    """The file that remembers its last record."""
    return here.root / ".reconciler" / "ledger.jsonl.seen"


def cut(data: bytes, old: bytes) -> bytes:
    """The ledger without its last line."""
    return b"".join(data.splitlines(keepends=True)[:-1])


def put_back(data: bytes, old: bytes) -> bytes:
    """Yesterday's copy."""
    return old


def emptied(data: bytes, old: bytes) -> bytes:
    """Nothing is left of it."""
    return b""


def torn(data: bytes, old: bytes) -> bytes:
    """The last line is cut in the middle."""
    return data[:-20]


@pytest.mark.parametrize("damage", [cut, put_back, emptied, torn])
@pytest.mark.parametrize(
    "command", ["plan", "drift", "apply --auto-approve", "state list", "state forget kobo-plm"]
)
def test_an_older_ledger_is_refused_until_it_is_accepted(
    here: Any, sandbox: Any, damage: Any, command: str
) -> None:
    """The protection that the last apply recorded is not lost without a word: nothing is written,
    and the message says how to restore the ledger or to accept it as it is."""
    old = ledger(here).read_bytes()
    here.write(ONE % ", $protect: true")
    here.apply()
    before = ledger(here).read_bytes()
    ledger(here).write_bytes(damage(before, old))
    here.write("provider: kobo-plm\n")
    shown = here.run(*command.split())
    assert shown.code == 1
    assert "ledger.jsonl is older than the one of " in shown.err
    assert "Restore the newer ledger" in shown.err
    assert f"remove {seen(here)}" in shown.err
    assert len(sandbox.state("kobo-plm")["webhooks"]) == 1
    ledger(here).write_bytes(before)
    assert here.run("state", "list").code == 0
    ledger(here).write_bytes(damage(before, old))
    seen(here).unlink()
    assert here.run("state", "list").code == 0


def test_a_ledger_with_another_history_is_refused(here: Any) -> None:
    """Two copies of one ledger that went on apart do not replace each other."""
    old = ledger(here).read_bytes()
    here.write(TWO)
    here.apply()
    ours, remembered = ledger(here).read_bytes(), seen(here).read_bytes()
    ledger(here).write_bytes(old)
    seen(here).unlink()
    here.write(ONE % ", $protect: true")
    here.apply()
    here.write(TWO)
    here.apply()
    theirs = ledger(here).read_bytes()
    assert len(theirs.splitlines()) >= len(ours.splitlines())
    seen(here).write_bytes(remembered)
    shown = here.run("plan")
    assert shown.code == 1
    assert "is another one" in shown.err


def test_a_longer_ledger_is_accepted(here: Any) -> None:
    """What another machine has added to it since is no reason to refuse it."""
    remembered = seen(here).read_bytes()
    here.write(TWO)
    here.apply()
    seen(here).write_bytes(remembered)
    assert here.settled()


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"null", b'{"lineage": 1, "serial": "x"}'])
def test_without_evidence_every_ledger_is_accepted(here: Any, content: bytes) -> None:
    """A file that is missing or that nobody can use is no evidence."""
    seen(here).write_bytes(content)
    assert here.settled()
    seen(here).unlink()
    assert here.settled()
    ledger(here).unlink()
    here.apply()
    assert here.settled()
    assert json.loads(seen(here).read_bytes())["serial"] > 1


def test_a_deleted_ledger_is_begun_anew(here: Any) -> None:
    """That there is none is said, and no memory of the old one stands in the way."""
    assert seen(here).exists()
    ledger(here).unlink()
    assert here.run("plan").out.startswith("No ledger yet")
    here.apply()
    assert here.settled()


def test_a_saved_plan_knows_a_newer_ledger(here: Any) -> None:
    """A plan that was made from more records than there are now is refused, and says why."""
    old = ledger(here).read_bytes()
    here.write(TWO)
    here.apply()
    saved = str(here.root / "saved.plan")
    assert here.run("plan", "--out", saved).code == 0
    ledger(here).write_bytes(old)
    seen(here).unlink()
    shown = here.run("apply", saved)
    assert shown.code == 3
    assert "the ledger is older than the plan: it has" in shown.err
    assert "Restore the newer ledger" in shown.err


def test_objects_that_are_younger_than_the_ledger_are_named(here: Any, sandbox: Any) -> None:
    """Where rows are missing of declared objects that were created after the last record, the plan
    says that the ledger may be an older copy; where all rows are there, it does not."""
    old = ledger(here).read_bytes()
    sandbox.clock(advance=24 * 3600)
    here.write(TWO)
    here.apply()
    assert "created after the last record" not in here.run("plan").err
    ledger(here).write_bytes(old)
    seen(here).unlink()
    shown = here.run("plan")
    assert shown.code == 0
    assert "Warning: created after the last record of the ledger (" in shown.err
    assert "kobo-plm/webhooks/b" in shown.err
    assert "restore the newer one" in shown.err


def test_a_run_that_writes_nothing_leaves_every_file_as_it_is(here: Any) -> None:
    """What is remembered already is not written again, not even with another time."""
    seen(here).write_bytes(seen(here).read_bytes().replace(b"T", b"t"))
    folder = here.root / ".reconciler"
    before = {path: path.read_bytes() for path in folder.iterdir()}
    here.apply()
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
