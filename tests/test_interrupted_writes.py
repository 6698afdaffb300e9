"""What a killed run wrote is known to be its own: the object stays the same one, nothing that it
wrote is called the vendor's change, and nothing that it made is left behind or there twice."""

from __future__ import annotations

import json
from collections.abc import Mapping
from threading import Event
from typing import Any

import pytest

from .campaign.people import People
from .campaign.sorts import TASKS
from .test_interrupted import HELD

SUPPLIER = "kobo-plm/suppliers"
HOOK = {"url": "https://x.example/1", "events": ["style.created"]}
THEIRS = "changed at the vendor"


def killed(
    here: Any,
    sandbox: Any,
    method: str,
    path: str,
    *beside: Mapping[str, Any],
    words: tuple[str, ...] = ("apply", "--auto-approve", "--parallelism", "1"),
) -> None:
    """Apply, and kill the run while the answer to its first such request is withheld, which has had
    its effect."""
    sandbox.clear_journal()
    held = {"method": method, "path": f"*{path}*", "nth": 1, "fault": {"delay": HELD}}
    sandbox.faults([held, *beside])
    run, pause = here.start(*words), Event()
    while not any(
        entry["method"] == method and path in entry["path"]
        for vendor in ("kobo-plm", "kibo", "inventora")
        for entry in sandbox.journal(vendor)
    ):
        assert run.poll() is None, run.communicate()
        pause.wait(0.01)
    run.kill()
    run.communicate()
    sandbox.faults(list(beside))


def keep_as(**forms: str) -> dict[str, Any]:
    """The rule by which the vendor keeps these fields in a form of its own."""
    return {"path": "*", "fault": {"bend": forms}}


def task(quantity: int) -> dict[str, Any]:
    """A task, which has to be replaced where the quantity is another one."""
    item = {"product": "CANDLE", "quantity": quantity, "unitType": "pieces"}
    return {"name": "Mum yap", "items": [item]}


def live(sandbox: Any, kind: str) -> list[dict[str, Any]]:
    """The objects of a kind at Kobo PLM."""
    found: list[dict[str, Any]] = sandbox.state("kobo-plm")[kind]
    return found


@pytest.fixture
def here(workspace: Any, sandbox: Any) -> Any:
    """A workspace at a vendor that has nothing of what it declares."""
    sandbox.put_state(
        "kobo-plm", {"suppliers": [], "webhooks": [], "components": [], "bom_items": []}
    )
    return workspace("provider: kobo-plm\n")


def test_a_killed_rename_with_other_edits_is_the_same_object(here: Any, sandbox: Any) -> None:
    """An object whose name and most other fields a killed run had changed is not taken for another
    one, also when the manifests have been edited since."""
    before = {"code": "A", "name": "Bez", "type": "on", "email": "a@x.example"}
    here.declare({SUPPLIER: {"a": before}})
    here.apply()
    (made,) = live(sandbox, "suppliers")
    changed = {"code": "B", "name": "Şal", "type": "off", "email": "b@x.example"}
    here.declare({SUPPLIER: {"a": changed}})
    killed(here, sandbox, "PUT", "/suppliers/")
    assert THEIRS not in here.run("plan").out
    assert THEIRS not in here.run("drift").out
    here.declare({SUPPLIER: {"a": {**changed, "code": "C", "name": "Yeni"}}})
    assert THEIRS not in here.run("plan").out
    here.apply()
    (now,) = live(sandbox, "suppliers")
    assert (now["id"], now["code"], now["name"]) == (made["id"], "C", "Yeni")
    assert here.settled()


def test_two_killed_changes_are_both_ours(here: Any, sandbox: Any) -> None:
    """What the first of two killed runs wrote is ours also after the second one."""
    here.declare({SUPPLIER: {"a": {"code": "A", "name": "Bez", "type": "on"}}})
    here.apply()
    here.declare({SUPPLIER: {"a": {"code": "A", "name": "Şal", "type": "on"}}})
    killed(here, sandbox, "PUT", "/suppliers/")
    here.declare({SUPPLIER: {"a": {"code": "A", "name": "Şal", "type": "off"}}})
    killed(here, sandbox, "PUT", "/suppliers/")
    here.declare({})
    shown = here.run("apply", "--auto-approve")
    assert (shown.code, THEIRS in shown.err) == (0, False)
    assert live(sandbox, "suppliers") == []


@pytest.mark.parametrize("request_", [("POST", "/suppliers"), ("GET", "/suppliers/")])
def test_a_form_that_nobody_read_back_is_not_a_change(
    here: Any, sandbox: Any, request_: tuple[str, str]
) -> None:
    """Killed before it read back what it made, a run does not know in which form the vendor keeps
    it: no later plan calls that form a change at the vendor, and it is learned in the end."""
    form = keep_as(website="slash", code="lower")
    declared = {"code": "A", "name": "Bez", "website": "https://x.example/"}
    here.declare({SUPPLIER: {"a": declared}})
    killed(here, sandbox, *request_, form)
    assert THEIRS not in here.run("drift").out
    here.declare({SUPPLIER: {"a": {**declared, "website": "https://y.example/"}}})
    assert THEIRS not in here.run("plan").out
    here.apply()
    assert [one["code"] for one in live(sandbox, "suppliers")] == ["a"]
    assert here.settled()


def test_a_change_of_form_by_somebody_else_is_undone(here: Any, sandbox: Any) -> None:
    """What was not read back is written again where it is in another form: it may be somebody
    else's, who is not taken for the vendor."""
    here.declare({SUPPLIER: {"a": {"code": "A", "name": "Bez"}}})
    killed(here, sandbox, "GET", "/suppliers/")
    (made,) = live(sandbox, "suppliers")
    sandbox.put_state("kobo-plm", {"suppliers": [{**made, "name": "bez"}]})
    here.apply()
    assert [one["name"] for one in live(sandbox, "suppliers")] == ["Bez"]
    assert here.settled()


def test_half_a_replacement_stays_ours_when_the_rest_fails_too(
    workspace: Any, sandbox: Any
) -> None:
    """The object that a killed run deleted in order to replace it was not deleted at the vendor,
    also after another run that could not make the new one."""
    product = {"id": "p1", "sku": "CANDLE", "name": "Candle"}
    sandbox.put_state("inventora", {"products": [product], "tasks": []})
    here = workspace("provider: inventora\n")
    here.declare({"inventora/tasks": {"t": task(1)}})
    here.apply()
    here.declare({"inventora/tasks": {"t": task(2)}})
    killed(here, sandbox, "DELETE", "/tasks")
    sandbox.faults([{"method": "POST", "path": "*/tasks", "fault": {"status": 422}}])
    assert here.run("apply", "--auto-approve").code == 1
    sandbox.faults()
    shown = here.run("plan").out
    assert "1 to add, 0 to change, 0 to destroy" in shown
    assert "deleted at the vendor" not in shown
    here.apply()
    assert [one["name"] for one in sandbox.state("inventora")["tasks"] if not one["deletedAt"]] == [
        "Mum yap"
    ]
    assert here.settled()


@pytest.mark.parametrize(
    ("key", "fields"),
    [("b", {"name": "A"}), ("a", {"name": "B"}), ("b", {"name": "B", "$was": "a"})],
    ids=["another-key", "another-name", "both"],
)
def test_a_begun_object_is_found_under_another_key_or_name(
    here: Any, sandbox: Any, key: str, fields: dict[str, str]
) -> None:
    """An object that a killed run was creating is found when its key or its name has been changed
    since: it is not made a second time, and not left behind."""
    here.declare({"kobo-plm/webhooks": {"a": {"name": "A", **HOOK}}})
    killed(here, sandbox, "POST", "/webhooks", keep_as(name="lower"))
    (made,) = live(sandbox, "webhooks")
    here.declare({"kobo-plm/webhooks": {key: {**fields, **HOOK}}})
    here.apply()
    (now,) = live(sandbox, "webhooks")
    assert (now["id"], now["name"]) == (made["id"], fields["name"].lower())
    sandbox.faults()
    here.run("apply", "--auto-approve")
    assert f"kobo-plm/webhooks/{key}  id={made['id']}  created" in here.run("state", "list").out


def test_a_begun_object_that_is_not_declared_any_more_is_deleted(here: Any, sandbox: Any) -> None:
    """What a killed run was creating and what has left the manifests since is deleted, with the
    reason, however the vendor spells it; an object of another name is left alone."""
    here.declare({"kobo-plm/webhooks": {"a": {"name": "A", **HOOK}}})
    killed(here, sandbox, "POST", "/webhooks", keep_as(name="lower"))
    (made,) = live(sandbox, "webhooks")
    sandbox.put_state("kobo-plm", {"webhooks": [made, {**made, "id": made["id"] + 1, "name": "b"}]})
    here.declare({})
    assert "an earlier run created it" in here.run("plan").out
    here.apply()
    assert [one["name"] for one in live(sandbox, "webhooks")] == ["b"]
    assert here.settled()


def test_an_old_list_does_not_rewrite_the_ledger(here: Any, sandbox: Any) -> None:
    """Where a list shows what was before the last write, and the manifests want that again, the
    object is looked at: it is written, and no later plan says that somebody changed it."""
    here.declare({SUPPLIER: {"a": {"code": "A", "name": "Bez"}}})
    here.apply()
    here.declare({SUPPLIER: {"a": {"code": "A", "name": "Şal"}}})
    here.apply()
    here.declare({SUPPLIER: {"a": {"code": "A", "name": "Bez"}}})
    sandbox.faults([{"method": "GET", "path": "*/suppliers", "fault": {"stale": True}}])
    here.apply()
    sandbox.faults()
    assert [one["name"] for one in live(sandbox, "suppliers")] == ["Bez"]
    assert THEIRS not in here.run("plan").out
    assert here.settled()


def test_names_are_exchanged_where_the_vendor_spells_them_otherwise(
    here: Any, sandbox: Any
) -> None:
    """A name is taken in the vendor's spelling, so that a chain is made in its order; and the third
    name in an exchange may be spelled otherwise too."""
    component = "kobo-plm/components"
    sandbox.faults([keep_as(code="lower")])
    here.declare(
        {component: {"e": {"code": "X", "name": "E"}, "f": {"code": "İplik", "name": "F"}}}
    )
    here.apply()
    ids = {one["name"]: one["id"] for one in live(sandbox, "components")}
    here.declare(
        {component: {"e": {"code": "İPLİK", "name": "E"}, "f": {"code": "Y", "name": "F"}}}
    )
    here.apply()
    assert here.settled()
    here.declare(
        {component: {"e": {"code": "Y", "name": "E"}, "f": {"code": "İplik", "name": "F"}}}
    )
    here.apply()
    assert here.settled()
    now = {one["name"]: (one["id"], one["code"]) for one in live(sandbox, "components")}
    assert now == {"E": (ids["E"], "y"), "F": (ids["F"], "İplik".lower())}


def test_a_removed_object_frees_its_name_first_however_it_is_spelled(
    here: Any, sandbox: Any
) -> None:
    """A new object waits for the one that is removed and has its name in the vendor's spelling."""
    component = "kobo-plm/components"
    sandbox.faults([keep_as(code="lower")])
    here.declare({component: {"f": {"code": "Kumaş", "name": "F"}}})
    here.apply()
    here.declare({component: {"a": {"code": "Kumaş", "name": "A"}}})
    shown = here.apply()
    assert "nobody manages" not in shown.err
    assert [one["name"] for one in live(sandbox, "components")] == ["A"]
    assert here.settled()


def test_a_killed_change_is_settled_under_another_key(here: Any, sandbox: Any) -> None:
    """An object whose key was changed after a run was killed in an update of it leaves no write
    open, and nothing else to be done."""
    here.declare({SUPPLIER: {"a": {"code": "A", "name": "Bez"}}})
    here.apply()
    here.declare({SUPPLIER: {"a": {"code": "A", "name": "Şal"}}})
    killed(here, sandbox, "PUT", "/suppliers/")
    here.declare({SUPPLIER: {"b": {"code": "A", "name": "Şal"}}})
    here.apply()
    assert "unknown outcome" not in here.run("state", "list").err
    assert here.settled()


def test_a_killed_delete_is_not_drift(here: Any, sandbox: Any) -> None:
    """What a killed run deleted was not deleted at the vendor, whatever asks for drift."""
    here.declare({SUPPLIER: {"a": {"code": "A", "name": "Bez"}}})
    here.apply()
    here.declare({})
    killed(here, sandbox, "DELETE", "/suppliers/")
    assert THEIRS not in here.run("drift").out
    assert "deleted at the vendor" not in here.run("drift").out
    assert "deleted at the vendor" not in here.run("apply", "--refresh-only", "--auto-approve").out
    assert here.run("state", "list").out == ""
    assert here.settled()


def rename_provider(here: Any, old: str, new: str) -> None:
    """Call a provider otherwise in the settings."""
    path = here.root / "reconciler.yaml"
    settings = json.loads(path.read_text("utf-8"))
    settings["providers"][new] = settings["providers"].pop(old)
    path.write_text(json.dumps(settings), "utf-8")


def test_what_was_begun_moves_along_with_its_provider(here: Any, sandbox: Any) -> None:
    """A create of a killed run is found under the provider's new name: the plan asks for the move,
    nothing is made twice, and no write stays open."""
    here.declare({"kobo-plm/webhooks": {"a": {"name": "A", **HOOK}}})
    killed(here, sandbox, "POST", "/webhooks")
    rename_provider(here, "kobo-plm", "kobo")
    here.declare({"kobo/webhooks": {"a": {"name": "A", **HOOK}}})
    shown = here.run("plan")
    assert shown.code == 1
    assert "state mv" in shown.err
    moved = here.run("state", "mv", "kobo-plm", "kobo")
    assert moved.out == "kobo-plm/webhooks/a -> kobo/webhooks/a\n"
    here.apply()
    assert len(live(sandbox, "webhooks")) == 1
    listed = here.run("state", "list")
    assert "created" in listed.out
    assert "unknown outcome" not in listed.err
    assert here.settled()


def test_what_was_begun_at_a_provider_that_is_gone_can_be_let_go(here: Any, sandbox: Any) -> None:
    """Where the provider is gone for good, `state forget` ends what a killed run left open."""
    here.declare({"kobo-plm/webhooks": {"a": {"name": "A", **HOOK}}})
    killed(here, sandbox, "POST", "/webhooks")
    rename_provider(here, "kobo-plm", "kobo")
    here.declare({})
    assert here.run("plan").code == 1
    assert here.run("state", "forget", "kobo-plm").code == 0
    assert here.run("plan").code == 0
    assert "unknown outcome" not in here.run("state", "list").err


def test_an_object_of_ours_is_not_taken_for_another_one(workspace: Any, sandbox: Any) -> None:
    """Where the answer to a create is lost, and another object of this run has nearly the same
    name, that one is not taken for it: each address has an object of its own."""
    sandbox.put_state("kibo", {"location_types": [], "locations": []})
    here = workspace("provider: kibo\n")
    kind = "kibo/locations"
    here.declare({kind: {"d": {"code": "007", "name": "D"}, "f": {"code": "k-1", "name": "F"}}})
    here.apply()
    here.declare({kind: {"d": {"code": "k-1", "name": "D"}, "f": {"code": "K-1", "name": "F"}}})
    lost = {"method": "POST", "path": "*/locations", "fault": {"reset": "before"}, "nth": [2, 3]}
    sandbox.faults([lost])
    here.run("apply", "--auto-approve")
    sandbox.faults()
    owned = here.run("state", "list").out
    assert owned.count("id=K-1") <= 1


def test_what_somebody_changes_meanwhile_is_not_the_vendors_form(
    workspace: Any, sandbox: Any
) -> None:
    """A field that a run did not write and that somebody changed since the plan was made is not
    taken for the form in which the vendor keeps it: that is said, and the next apply sets it."""
    product = {"id": "p1", "sku": "CANDLE", "name": "Candle"}
    sandbox.put_state("inventora", {"products": [product], "tasks": []})
    here = workspace("provider: inventora\n")
    here.declare({"inventora/tasks": {"t": {**task(1), "notes": "a", "status": "pending"}}})
    here.apply()
    (made,) = sandbox.state("inventora")["tasks"]
    people = People(sandbox)
    people.change(TASKS, made, {"status": "in-progress"})
    people.close()
    here.declare({"inventora/tasks": {"t": {**task(1), "notes": "b", "status": "pending"}}})
    sandbox.faults([{"method": "GET", "path": "*/tasks", "fault": {"stale": True}}])
    shown = here.run("apply", "--auto-approve")
    sandbox.faults()
    assert shown.code == 4
    assert "other fields were changed by somebody else meanwhile: status" in shown.err
    here.apply()
    (now,) = sandbox.state("inventora")["tasks"]
    assert (now["notes"], now["status"]) == ("b", "pending")
    assert here.settled()
