"""Exclusive kinds: what is undeclared is deleted, save what is excepted or was let go."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.ledger import open_ledger
from reconciler.ledger.chain import Chain, seal
from reconciler.ledger.records import own_record
from reconciler.model import Address, Owned

FIELDS = {"url": "https://x.example/1", "events": ["style.created"]}
HOOK = "url: 'https://x.example/1', events: [style.created]"
A = f"provider: kobo-plm\nwebhooks: {{a: {{name: A, {HOOK}%s}}}}\n"
NOTHING = "provider: kobo-plm\n"
EXCLUSIVE = {"exclusive": ["kobo-plm/webhooks"]}


def live(sandbox: Any, *names: str) -> None:
    """Let these webhooks be all that is live."""
    rows = [{"id": 90 + at, "name": name, **FIELDS} for at, name in enumerate(names)]
    sandbox.put_state("kobo-plm", {"webhooks": rows})


def hooks(sandbox: Any) -> list[str]:
    """The names of the live webhooks."""
    return sorted(row["name"] for row in sandbox.state("kobo-plm")["webhooks"])


@pytest.mark.parametrize(
    ("patterns", "left"),
    [
        (["partner-*"], ["partner-1", "partner-2"]),
        (["CRM", "91"], ["CRM", "partner-1"]),
        (["crm"], []),
        ([], []),
    ],
)
def test_excepted_objects_are_left_alone(
    workspace: Any, sandbox: Any, patterns: list[str], left: list[str]
) -> None:
    """A pattern is matched against the name and the id of the whole object; everything else that
    is undeclared is deleted."""
    live(sandbox, "CRM", "partner-1", "partner-2")
    here = workspace(NOTHING, exclusive=[{"kind": "kobo-plm/webhooks", "except": patterns}])
    here.apply()
    assert hooks(sandbox) == left
    assert here.settled()


def test_an_exception_without_its_kind_is_refused_with_its_place(workspace: Any) -> None:
    """A mapping needs its kind, and nothing else but the exceptions may be in it."""
    here = workspace(NOTHING, exclusive=[{"except": ["x"], "only": True}])
    shown = here.run("validate")
    assert shown.code == 1
    assert '"kind" is missing in exclusive[0]' in shown.err
    assert 'there is no field "only" in exclusive[0]' in shown.err


@pytest.mark.parametrize("how", ["keep", "forget", "imported"])
def test_what_was_let_go_stays_in_an_exclusive_kind(workspace: Any, sandbox: Any, how: str) -> None:
    """An object that the last apply, `state forget` or the end of an import let go is not deleted
    by the next apply, nor by any after it, until it is declared and applied again."""
    live(sandbox, *(["A"] if how == "imported" else []))
    here = workspace(NOTHING if how == "imported" else A % ", $on_remove: keep", **EXCLUSIVE)
    if how == "imported":
        assert here.run("import", "--kind", "webhooks").code == 0
        (here.root / "manifests" / "kobo-plm" / "webhooks.yaml").unlink()
    else:
        here.apply()
    if how == "forget":
        assert here.run("state", "forget", "kobo-plm/webhooks/a").code == 0
    here.write(NOTHING)
    here.apply()
    assert here.settled()
    assert hooks(sandbox) == ["A"]
    here.write(A % "")
    here.apply()
    here.write(NOTHING)
    here.apply()
    assert hooks(sandbox) == []


def test_what_others_make_is_deleted_beside_what_was_let_go(workspace: Any, sandbox: Any) -> None:
    """Letting one object go changes nothing for the others of its kind."""
    live(sandbox)
    here = workspace(A % ", $on_remove: keep", **EXCLUSIVE)
    here.apply()
    here.write(NOTHING)
    here.apply()
    rows = sandbox.state("kobo-plm")["webhooks"]
    sandbox.put_state("kobo-plm", {"webhooks": [*rows, {"id": 99, "name": "CRM", **FIELDS}]})
    here.apply()
    assert hooks(sandbox) == ["A"]


@pytest.mark.parametrize(
    ("reason", "left"), [("gone", ["A"]), ("forgotten on request", ["A"]), ("renamed", [])]
)
def test_a_ledger_that_does_not_know_releases_keeps_what_it_forgot(
    workspace: Any, sandbox: Any, reason: str, left: list[str]
) -> None:
    """An older ledger did not say whether what it forgot still existed: when in doubt it stays."""
    live(sandbox, "A")
    here = workspace(NOTHING, **EXCLUSIVE)
    row = Owned(
        Address.parse("kobo-plm/webhooks/a"), "90", {"name": "A"}, "created", "2026-01-02T03:04:05Z"
    )
    with open_ledger(".reconciler/ledger.jsonl", here.root, "acme").lock("apply"):
        pass
    path = here.root / ".reconciler" / "ledger.jsonl"
    header = path.read_bytes()
    chain = Chain("x", 1, header.rpartition(b'"sum":"')[2][:16], len(header))
    forget = {"t": "forget", "address": "kobo-plm/webhooks/a", "reason": reason}
    path.write_bytes(header + seal(chain, [own_record(row), forget])[1])
    here.apply()
    assert hooks(sandbox) == left
