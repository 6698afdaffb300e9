"""The ledger's objects are looked for in the account that they belong to, and in no other."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from reconciler.ledger import open_ledger
from reconciler.sandbox import Options

from .vendors import running

HOOK = {"name": "A", "url": "https://x.example/1", "events": ["style.created"]}
DECLARED = {"kobo-plm/webhooks": {"a": HOOK}}


@pytest.fixture
def here(workspace: Any, sandbox: Any) -> Any:
    """A workspace that owns one webhook."""
    sandbox.put_state("kobo-plm", {"webhooks": []})
    made = workspace("provider: kobo-plm\n")
    made.declare(DECLARED)
    made.apply()
    return made


def move(here: Any, url: str) -> None:
    """Have the provider's base_url be another one."""
    providers = json.loads((here.root / "reconciler.yaml").read_text())["providers"]
    providers["kobo-plm"]["base_url"] = url
    here.configure(providers=providers)


def test_another_host_is_another_account(
    here: Any, sandbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A provider that moved to another host is refused with both named, before anything is read
    there, until it is said to be the same account."""
    monkeypatch.setenv("RECONCILER_ALLOWED_HOSTS", "kobo.example")
    ours = sandbox.urls["kobo-plm"]
    move(here, "https://kobo.example/api")
    for command in (["plan"], ["apply", "--auto-approve"], ["drift"], ["plan", "--destroy"]):
        shown = here.run(*command)
        assert shown.code == 3, shown
        assert ours.split("/")[2] in shown.err
        assert "kobo.example" in shown.err
    assert here.run("state", "account", "kobo-plm").code == 0
    move(here, ours)
    assert here.run("plan").code == 3
    assert here.run("state", "account", "kobo-plm").code == 0
    assert here.settled()


def test_another_sandbox_is_another_account(here: Any) -> None:
    """On this machine a port may change; a sandbox that has none of the objects is refused."""
    with running(Options(port=0, data="empty", rate=0, vendors=("kobo-plm",))) as other:
        move(here, other.urls["kobo-plm"])
        shown = here.run("apply", "--auto-approve")
        assert shown.code == 3
        assert "it may be another account" in shown.err
        assert other.state("kobo-plm")["webhooks"] == []
        assert here.run("state", "account", "kobo-plm").code == 0
        assert "it was deleted at the vendor" in here.run("plan").out


def test_a_rotated_key_keeps_the_account(here: Any, sandbox: Any) -> None:
    """With another key the owned objects show that it is the same account; without any of them it
    may be another one, and nothing is planned to be made again."""
    text = (here.root / ".reconciler" / "ledger.jsonl").read_text()
    assert '"t":"account"' in text
    assert "sandbox-kobo-key" not in text
    with open_ledger(".reconciler/ledger.jsonl", here.root, "acme").lock("apply") as session:
        before = replace(session.state.accounts["kobo-plm"], credential="of another key")
        session.record_account("kobo-plm", before)
    assert here.settled()
    sandbox.put_state("kobo-plm", {"webhooks": []})
    shown = here.run("apply", "--auto-approve")
    assert shown.code == 3
    assert "it may be another account" in shown.err
    assert sandbox.state("kobo-plm")["webhooks"] == []


def test_the_key_that_is_recorded_proves_the_account(here: Any, sandbox: Any) -> None:
    """With the recorded key, an object that is gone was deleted, and is made again."""
    sandbox.put_state("kobo-plm", {"webhooks": []})
    here.apply()
    assert [each["name"] for each in sandbox.state("kobo-plm")["webhooks"]] == ["A"]


def test_what_exists_is_adopted_without_a_change(workspace: Any, sandbox: Any) -> None:
    """`adopt` owns a live object as it is, by natural key or by id, and the plan shows the rest."""
    live = [{**HOOK, "id": id, "name": name} for id, name in ((7, "A"), (8, "B"), (9, "B"))]
    sandbox.put_state("kobo-plm", {"webhooks": live})
    here = workspace("provider: kobo-plm\n")
    url = "https://x.example/2"
    here.declare({"kobo-plm/webhooks": {"a": {**HOOK, "url": url}, "b": {**HOOK, "name": "B"}}})
    before = sandbox.state("kobo-plm")
    shown = here.run("adopt", "kobo-plm/webhooks/a")
    assert (shown.code, shown.out) == (0, "adopted kobo-plm/webhooks/a [id=7]\n")
    assert "2 live objects have its natural key" in here.run("adopt", "kobo-plm/webhooks/b").err
    assert here.run("adopt", "kobo-plm/webhooks/b", "--id", "9").code == 0
    assert here.run("adopt", "kobo-plm/webhooks/c").code == 1
    assert sandbox.state("kobo-plm") == before
    (entry,) = here.plan()
    assert (entry["address"], entry["x_action"]) == ("kobo-plm/webhooks/a", "update")
    assert "the manifest changed" in here.run("plan").out


def test_a_moved_provider_takes_its_account_along(here: Any) -> None:
    """What the old name had belongs to the new name, and the old name has no account any more."""
    here.run("state", "mv", "kobo-plm", "x")
    ledger = open_ledger(".reconciler/ledger.jsonl", here.root, "acme")
    assert list(ledger.read().accounts) == ["x"]
    here.run("state", "mv", "x", "kobo-plm")
    assert list(ledger.read().accounts) == ["kobo-plm"]
    assert here.settled()


def test_a_name_that_two_accounts_have_shows_nothing(workspace: Any) -> None:
    """Where the id is the natural key, an object of that key in another account is not evidence
    that it is the same account: its other fields say that it is another one."""

    def account(data: str) -> Options:
        return Options(port=0, rate=0, data=data, vendors=("kobiks",))

    with running(account("2")) as ours, running(account("docs")) as other:
        here = workspace("provider: kobiks\n")
        mine = replace(here, sandbox=ours)
        assert mine.run("import", "--kind", "products").code == 0
        assert "kobiks/products/00000001" in mine.run("state", "list").out
        shown = replace(here, sandbox=other).run("apply", "--auto-approve")
        assert shown.code == 3
        assert "it may be another account" in shown.err
        assert replace(here, sandbox=ours).run("plan").code == 0
