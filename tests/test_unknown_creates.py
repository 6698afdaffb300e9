"""A create whose answer was lost is looked for by the next run, and never simply sent again."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.kinds import Verb
from reconciler.ledger import open_ledger
from reconciler.model import Action, Address

CONFIG = {"active": True, "postProcessAction": 1, "ftpServer": "ftp.example"}
ADDRESS = "kibo/fetch_file_configs/nightly"
LOST = {"path": "*/config/fetchfile*", "method": "GET", "fault": {"status": 200, "body": []}}


def configs(sandbox: Any) -> list[dict[str, Any]]:
    """The live configurations."""
    found: list[dict[str, Any]] = sandbox.state("kibo")["fetch_file_configs"]
    return found


@pytest.fixture
def here(workspace: Any, sandbox: Any) -> Any:
    """A workspace whose one create was sent, while lists did not show what it made."""
    sandbox.put_state("kibo", {"fetch_file_configs": []})
    made = workspace("provider: kibo\n")
    made.declare({"kibo/fetch_file_configs": {"nightly": CONFIG}})
    sandbox.faults([LOST])
    assert made.run("apply", "--auto-approve").code == 4
    assert len(configs(sandbox)) == 1
    return made


def test_it_is_not_sent_again_before_it_is_found(here: Any, sandbox: Any) -> None:
    """As long as the list does not show it, it is held back, and that is no success."""
    for command in (["apply", "--auto-approve"], ["plan"], ["apply", "--auto-approve"]):
        shown = here.run(*command)
        assert shown.code == 1, shown
        assert "held back" in shown.err
        assert f"--retry-unknown {ADDRESS}" in shown.err
        assert "Apply complete!" not in shown.out
    assert len(configs(sandbox)) == 1


@pytest.mark.parametrize("spelling", ["nightly", "Nightly ", "NIGHTLY"])
def test_it_is_found_however_the_vendor_spells_it(here: Any, sandbox: Any, spelling: str) -> None:
    """What appeared under the vendor's spelling is adopted, in the history too."""
    (made,) = configs(sandbox)
    sandbox.put_state("kibo", {"fetch_file_configs": [{**made, "lockName": spelling}]})
    sandbox.faults([])
    assert "an earlier run created it, and the answer was lost" in here.run("plan").out + str(
        here.plan()
    )
    here.apply()
    assert len(configs(sandbox)) == 1
    assert here.settled()
    details = here.run("history", "--details").out
    assert "found by a later run" in details
    assert f"{ADDRESS}  id=1  created" in here.run("state", "list").out


def test_it_is_sent_again_only_on_request(here: Any, sandbox: Any) -> None:
    """--retry-unknown says that it does not exist; any other address is a mistake."""
    sandbox.put_state("kibo", {"fetch_file_configs": []})
    sandbox.faults([])
    assert here.run("apply", "--auto-approve").code == 1
    assert here.run("plan", "--retry-unknown", "kibo/fetch_file_configs/x").code == 1
    here.apply("--retry-unknown", ADDRESS)
    assert len(configs(sandbox)) == 1
    assert here.settled()


def test_it_is_not_forgotten_when_it_leaves_the_manifests(here: Any, sandbox: Any) -> None:
    """What was created as it was sent and is not declared any more is deleted, with the reason; an
    object of its name that is not as it was sent is only said to exist."""
    sandbox.faults([])
    here.declare({"kibo/fetch_file_configs": {"other": {**CONFIG, "ftpServer": "b.example"}}})
    (made,) = configs(sandbox)
    sandbox.put_state("kibo", {"fetch_file_configs": [{**made, "ftpServer": "c.example"}]})
    shown = here.run("plan")
    assert shown.code == 0
    assert "a live object has its natural key (id 1)" in shown.err
    assert "to destroy" not in shown.out.replace("0 to destroy", "")
    sandbox.put_state("kibo", {"fetch_file_configs": [made]})
    assert "an earlier run created it without learning of it" in here.run("plan").out
    here.apply()
    assert [each["lockName"] for each in configs(sandbox)] == ["other"]
    assert here.settled()


def test_a_vendor_with_idempotency_keys_gets_the_same_key_again(
    workspace: Any, sandbox: Any
) -> None:
    """Where sending twice cannot make two, the create is sent again, with its first key."""
    sandbox.put_state("kobo-plm", {"webhooks": []})
    hook = {"name": "A", "url": "https://x.example/1", "events": ["style.created"]}
    here = workspace("provider: kobo-plm\n")
    here.declare({"kobo-plm/webhooks": {"a": hook}})
    empty = {"status": 200, "body": {"data": [], "meta": {"total": 0}}}
    sandbox.faults(
        [
            {"path": "*/webhooks*", "method": "GET", "fault": empty},
            {"path": "*/webhooks", "method": "POST", "fault": {"reset": "after"}},
        ]
    )
    assert here.run("apply", "--auto-approve").code == 4
    sandbox.faults([{"path": "*/webhooks", "method": "GET", "fault": empty}])
    assert here.run("apply", "--auto-approve").code == 0
    sandbox.faults([])
    assert len(sandbox.state("kobo-plm")["webhooks"]) == 1
    assert here.settled()


def test_an_apply_without_changes_settles_what_was_open(workspace: Any, sandbox: Any) -> None:
    """A write of a killed run whose effect is there is settled, also where nothing is to be done;
    after that an apply leaves the ledger as it is."""
    sandbox.put_state("kobo-plm", {"webhooks": []})
    hook = {"name": "A", "url": "https://x.example/1", "events": ["style.created"]}
    here = workspace("provider: kobo-plm\n")
    here.declare({"kobo-plm/webhooks": {"a": hook}})
    here.apply()
    ledger = open_ledger(".reconciler/ledger.jsonl", here.root, "acme")
    with ledger.lock("apply") as session:
        session.begin("")
        address = Address.parse("kobo-plm/webhooks/a")
        session.intend(address, Action.UPDATE, Verb.UPDATE, "A", None)
    assert ledger.read().open_intents
    here.apply()
    assert not ledger.read().open_intents
    before = (here.root / ".reconciler" / "ledger.jsonl").read_bytes()
    here.apply()
    assert (here.root / ".reconciler" / "ledger.jsonl").read_bytes() == before


def test_an_interrupted_change_of_our_own_is_not_the_vendors(workspace: Any, sandbox: Any) -> None:
    """An object whose new natural key a killed run had written, and that leaves the manifests, is
    deleted: nobody else changed it."""
    sandbox.put_state("kobo-plm", {"webhooks": []})
    hook = {"name": "A", "url": "https://x.example/1", "events": ["style.created"]}
    here = workspace("provider: kobo-plm\n")
    here.declare({"kobo-plm/webhooks": {"a": hook}})
    here.apply()
    ledger = open_ledger(".reconciler/ledger.jsonl", here.root, "acme")
    with ledger.lock("apply") as session:
        session.begin("")
        address = Address.parse("kobo-plm/webhooks/a")
        session.intend(address, Action.UPDATE, Verb.UPDATE, "B", None)
    (live,) = sandbox.state("kobo-plm")["webhooks"]
    sandbox.put_state("kobo-plm", {"webhooks": [{**live, "name": "B"}]})
    here.write("provider: kobo-plm\n")
    here.apply()
    assert sandbox.state("kobo-plm")["webhooks"] == []
