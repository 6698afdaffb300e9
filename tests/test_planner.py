"""What a plan decides beyond the golden folders: order, selection, renames, guards, conflicts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from reconciler.errors import Source
from reconciler.kinds.resource_types import ResourceTypes
from reconciler.ledger import open_ledger
from reconciler.model import Address, Listing, Live, Options, Owned, Ref, Resource, Scope, Snapshot
from reconciler.planner import Rules, plan
from reconciler.providers import PROVIDERS

SUPPLIERS = Scope("kobo-plm", "suppliers")
COMPONENTS = Scope("kobo-plm", "components")
PAIR = """
provider: kobo-plm
suppliers:
  S-1: {name: Bir}
  S-2: {name: İki}
components:
  C-1: {name: A, supplier: S-1}
  C-2: {name: B, supplier: S-2}
"""
HOOK = (
    "provider: kobo-plm\nwebhooks:\n"
    "  {key}: {{name: {name}, url: 'https://x.example/{path}', events: [style.created]{more}}}\n"
)


def hook(key: str, name: str = "Çağrı", path: str = "a", more: str = "") -> str:
    """A manifest with one webhook."""
    return HOOK.format(key=key, name=name, path=path, more=more)


def owned(here: Any) -> Mapping[Address, Owned]:
    """What the ledger says is ours."""
    return open_ledger(".reconciler/ledger.jsonl", here.root, "acme").read().owned


def actions(here: Any, *options: str) -> dict[str, str]:
    """The entries of a plan that do something, without the provider's name."""
    return {e["address"].partition("/")[2]: e["x_action"] for e in here.plan(*options)}


def supplier(key: str, **fields: Any) -> Resource:
    """A declared supplier."""
    return Resource(SUPPLIERS.address(key), {"code": key, **fields}, (), Options(), Source("m", 1))


def test_planning_is_a_pure_function_of_its_parts() -> None:
    """The same parts give the same plan, whatever the order in which they come."""
    component = Resource(
        COMPONENTS.address("C"),
        {"code": "C", "name": "x", "supplier": "B"},
        (Ref(("supplier",), SUPPLIERS, "B"),),
        Options(),
        Source("m", 9),
    )
    desired = [supplier("A", name="a"), supplier("B", name="b"), component]
    live = [Live(SUPPLIERS, "1", {"code": "A", "name": "z"}), Live(SUPPLIERS, "2", {"code": "X"})]
    gone = Owned(SUPPLIERS.address("X"), "2", {"code": "X"}, "created", "")
    plans = {
        repr(
            plan(
                order(desired),
                Snapshot({SUPPLIERS: Listing(tuple(order(live))), COMPONENTS: Listing()}),
                {gone.address: gone},
                ResourceTypes(PROVIDERS),
                Rules(),
            )
        )
        for order in (list, lambda one: list(reversed(one)))
    }
    assert len(plans) == 1
    (made,) = plans
    for words in ("UPDATE", "CREATE", "DELETE"):
        assert f"Action.{words}" in made


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ((), {"components/C-1", "components/C-2", "suppliers/S-1", "suppliers/S-2"}),
        (("--target", "kobo-plm/components/C-2"), {"components/C-2", "suppliers/S-2"}),
        (("--target", "kobo-plm/suppliers"), {"suppliers/S-1", "suppliers/S-2"}),
        (("--exclude", "kobo-plm/suppliers/S-1"), {"components/C-2", "suppliers/S-2"}),
        (("--exclude", "kobo-plm/components"), {"suppliers/S-1", "suppliers/S-2"}),
        (
            ("--target", "kobo-plm/components", "--exclude", "kobo-plm/components/C-1"),
            {"components/C-2", "suppliers/S-1", "suppliers/S-2"},
        ),
    ],
)
def test_a_target_brings_its_needs_and_an_exclusion_its_dependants(
    workspace: Any, options: tuple[str, ...], expected: set[str]
) -> None:
    """`--target` takes what the targets need with them; `--exclude` takes out what needs them."""
    assert set(actions(workspace(PAIR), *options)) == expected


def test_a_target_that_is_nothing_is_an_error(workspace: Any) -> None:
    """A misspelt target is not an empty plan."""
    shown = workspace(PAIR).run("plan", "--target", "kobo-plm/suplliers")
    assert shown.code == 1
    assert "nothing declared or owned has this address" in shown.err


def test_a_targeted_apply_leaves_the_rest_for_later(workspace: Any) -> None:
    """What was not targeted is neither written nor forgotten."""
    here = workspace(PAIR)
    here.apply("--target", "kobo-plm/components/C-1")
    assert set(actions(here)) == {"components/C-2", "suppliers/S-2"}
    here.apply()
    here.write("provider: kobo-plm\n")
    here.apply("--target", "kobo-plm/components")
    assert actions(here) == {"suppliers/S-1": "delete", "suppliers/S-2": "delete"}


def test_destroy_takes_all_that_is_owned_and_nothing_else(workspace: Any, sandbox: Any) -> None:
    """`--destroy` removes what we own, dependants first, and no stranger."""
    before = sandbox.state("kobo-plm")
    here = workspace(PAIR)
    here.apply()
    here.apply("--destroy")
    assert sandbox.state("kobo-plm") == before
    assert owned(here) == {}


def test_what_left_is_kept_without_prune(workspace: Any) -> None:
    """`--no-prune` deletes nothing and forgets nothing."""
    here = workspace(PAIR)
    here.apply()
    here.write("provider: kobo-plm\n")
    assert actions(here, "--no-prune") == {}
    here.apply("--no-prune")
    assert len(owned(here)) == 4
    assert set(actions(here).values()) == {"delete"}


def test_a_conflict_is_accepted_or_stays(workspace: Any, sandbox: Any) -> None:
    """What somebody changed is not deleted until the change was accepted."""
    here = workspace(hook("h"))
    here.apply()
    hooks = sandbox.state("kobo-plm")["webhooks"]
    hooks[-1]["url"] = "https://changed.example"
    sandbox.put_state("kobo-plm", {"webhooks": hooks})
    here.write("provider: kobo-plm\n")
    shown = here.run("apply", "--auto-approve")
    assert shown.code == 1  # what was asked for could not be done
    assert "not deleted: url changed at the vendor" in shown.err
    assert len(sandbox.state("kobo-plm")["webhooks"]) == len(hooks)
    here.apply("--refresh-only")
    assert actions(here) == {"webhooks/h": "delete"}
    here.apply()
    assert len(sandbox.state("kobo-plm")["webhooks"]) == len(hooks) - 1


def test_a_rename_moves_the_address_and_nothing_else(workspace: Any, sandbox: Any) -> None:
    """With `$was`, a new key is the same object: no write, and its history stays."""
    here = workspace(hook("old"))
    here.apply()
    sandbox.clear_journal()
    here.write(hook("new", more=", $was: old"))
    here.apply()
    assert here.writes() == []
    (row,) = owned(here).values()
    assert (row.address.key, row.origin) == ("new", "created")
    here.write(hook("new"))
    assert here.settled()


def test_a_rename_that_fails_is_remembered(workspace: Any, sandbox: Any) -> None:
    """A rename with a new name in the same step that fails makes no second object later."""
    here = workspace(hook("old"))
    here.apply()
    here.write(hook("new", name="Yeni", more=", $was: old"))
    sandbox.faults([{"method": "PUT", "path": "*", "nth": 1, "fault": {"status": 422}}])
    assert here.run("apply", "--auto-approve").code == 1
    assert actions(here) == {"webhooks/new": "update"}
    here.apply()
    assert [h["name"] for h in sandbox.state("kobo-plm")["webhooks"]] == ["ERP Sync", "Yeni"]
    assert here.settled()


def test_a_rename_of_what_is_gone_is_a_rename_too(workspace: Any, sandbox: Any) -> None:
    """An object that was renamed here and deleted there is made anew under its new address."""
    here = workspace(hook("old"))
    here.apply()
    sandbox.put_state("kobo-plm", {"webhooks": []})
    here.write(hook("new", more=", $was: old"))
    assert actions(here) == {"webhooks/new": "create"}
    here.apply()
    assert {address.key for address in owned(here)} == {"new"}
    assert here.settled()


def test_an_old_key_can_be_used_again(workspace: Any, sandbox: Any) -> None:
    """After a rename the old key is free for another object, which is owned in its own right,
    and is deleted when it leaves."""
    here = workspace(hook("a"))
    here.apply()
    both = (
        hook("b", more=", $was: a") + hook("a", name="Öbür", path="b").partition("webhooks:\n")[2]
    )
    here.write(both)
    assert actions(here) == {"webhooks/a": "create", "webhooks/b": "adopt"}
    here.apply()
    assert here.settled()
    here.write(both.replace("https://x.example/a", "https://y.example/a"))
    assert actions(here) == {"webhooks/b": "update"}
    here.apply()
    assert here.settled()
    assert {address.key for address in owned(here)} == {"a", "b"}
    here.write(hook("b", more=", $was: a").replace("https://x.example/a", "https://y.example/a"))
    assert actions(here) == {"webhooks/a": "delete"}


def test_what_must_not_exist_is_deleted_with_its_references(workspace: Any, sandbox: Any) -> None:
    """`$absent` deletes an object that refers to another one, and says so in any format."""
    here = workspace(PAIR)
    here.apply()
    here.write(PAIR.replace("{name: A, supplier: S-1}", "{$absent: true}"))
    (entry,) = here.plan()
    assert entry["change"]["before"] == {"code": "C-1", "name": "A", "supplier": "S-1"}
    here.apply()
    assert [c["code"] for c in sandbox.state("kobo-plm")["components"]] == ["FAB-001", "C-2"]
    assert here.settled()


def test_what_is_still_referred_to_is_not_deleted(workspace: Any, sandbox: Any) -> None:
    """A vendor might take along what refers to it: an object that left, or that nobody declares in
    an exclusive kind, stays while a declared one refers to it, and a warning names that one."""
    here = workspace(PAIR)
    here.apply()
    for exclusive in ([], ["kobo-plm/suppliers"]):
        here.configure(exclusive=exclusive)
        here.write("provider: kobo-plm\n" + PAIR[PAIR.index("components:") :])
        shown = here.run("plan", "--format", "json")
        entries = json.loads(shown.out)["resource_changes"]
        assert [e for e in entries if e["address"].endswith("/S-1")] == []
        assert shown.code == 1
        assert "not deleted: kobo-plm/components/C-1 still refers to it" in shown.err
        (here.root / ".reconciler" / "ledger.jsonl").unlink(missing_ok=True)
    here.write("provider: kobo-plm\n")
    assert "kobo-plm/suppliers/S-1" in {e["address"] for e in here.plan()}


KEYED = """
provider: kobo-plm
suppliers:
  iplik: {code: S-1, name: Bir}
components:
  bez: {code: C-1, name: A, supplier: iplik}
"""


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ("provider: kobo-plm\n", {"components/bez": "delete", "suppliers/iplik": "delete"}),
        (
            "provider: kobo-plm\nsuppliers: {yarn: {code: S-1, name: Bir, $was: iplik}}\n",
            {"components/bez": "delete", "suppliers/yarn": "adopt"},
        ),
        (
            "provider: kobo-plm\nsuppliers: {yarn: {code: S-1, name: Bir, $was: iplik}}\n"
            "components: {bez: {code: C-1, name: A, supplier: yarn}}\n",
            {"components/bez": "adopt", "suppliers/yarn": "adopt"},
        ),
    ],
    ids=["both-left", "renamed-and-left", "renamed"],
)
def test_a_reference_under_another_name_is_no_drift(
    workspace: Any, after: str, expected: dict[str, str]
) -> None:
    """What the ledger knew a referred object by is not compared as text: where that object left
    the manifests or has another key, nothing changed at the vendor."""
    here = workspace(KEYED)
    here.apply()
    here.write(after)
    shown = here.run("plan")
    assert shown.err == ""
    assert actions(here) == expected
    assert here.run("drift", "--detailed-exitcode").code == 0
    here.apply()
    assert here.settled()


def test_without_a_ledger_nothing_is_destroyed_or_doubled(workspace: Any, sandbox: Any) -> None:
    """The ledger lost, what is declared is found by its name, and nothing else is touched."""
    here = workspace(PAIR)
    here.apply()
    before = sandbox.state("kobo-plm")
    (here.root / ".reconciler/ledger.jsonl").unlink()
    here.write(PAIR.replace("  C-2: {name: B, supplier: S-2}\n", ""))
    assert set(actions(here).values()) == {"adopt"}
    here.apply()
    assert sandbox.state("kobo-plm") == before
    assert {row.origin for row in owned(here).values()} == {"adopted"}


def test_protection_outlives_the_declaration(workspace: Any, sandbox: Any) -> None:
    """What was protected when it was applied is not destroyed after it left the manifests."""
    here = workspace(hook("h", more=", $protect: true"))
    here.apply()
    here.write("provider: kobo-plm\n")
    for command in (
        ("plan",),
        ("apply", "--auto-approve"),
        ("apply", "--auto-approve", "--destroy"),
    ):
        refused = here.run(*command)
        assert refused.code == 3
        assert "protected" in refused.err
    assert len(sandbox.state("kobo-plm")["webhooks"]) == 2


def test_guards_hold_back_apply_too(workspace: Any, sandbox: Any) -> None:
    """A plan that a guard refuses is not applied, saved or not."""
    here = workspace(PAIR)
    here.apply()
    here.configure(guard={"max_deletes": 3})
    here.write("provider: kobo-plm\n")
    sandbox.clear_journal()
    file = str(here.root / "saved.plan")
    assert here.run("plan", "--out", file).code == 3
    for command in (("apply", "--auto-approve"), ("apply", file)):
        refused = here.run(*command)
        assert refused.code == 3
        assert "max_deletes is 3" in refused.err
    assert here.writes() == []


def test_detailed_exit_codes(workspace: Any) -> None:
    """2 says that apply would do something, and only where that was asked for."""
    here = workspace(PAIR)
    assert here.run("plan").code == 0
    assert here.run("plan", "--detailed-exitcode").code == 2
    assert here.run("plan", "-detailed-exitcode").code == 2
    here.apply()
    assert here.run("plan", "--detailed-exitcode").code == 0
    assert here.run("drift", "--detailed-exitcode").code == 0


def test_drift_is_seen_accepted_or_undone(workspace: Any, sandbox: Any) -> None:
    """What somebody changed is drift; apply undoes it, and `--refresh-only` only notes it."""
    here = workspace(hook("h"))
    here.apply()
    hooks = sandbox.state("kobo-plm")["webhooks"]
    hooks[-1]["url"] = "https://changed.example"
    sandbox.put_state("kobo-plm", {"webhooks": hooks})
    shown = here.run("drift", "--detailed-exitcode")
    assert shown.code == 2
    assert '~ url: "https://x.example/a" -> "https://changed.example"' in shown.out
    here.apply()
    assert sandbox.state("kobo-plm")["webhooks"][-1]["url"] == "https://x.example/a"
    assert here.run("drift", "--detailed-exitcode").code == 0


def test_what_nothing_could_be_planned_for_stops_what_needs_it(
    workspace: Any, sandbox: Any
) -> None:
    """An object that needs one with an error is left out and says so; the others are applied where
    that is allowed."""
    here = workspace(
        "provider: kobo-plm\nsuppliers: {S-8: {}}\n"
        "components: {C-8: {name: A, supplier: S-8}, C-9: {name: B}}\n"
    )
    shown = here.run("apply", "--auto-approve", "--allow-partial")
    assert shown.code == 4
    assert "it needs kobo-plm/suppliers/S-8, which could not be planned" in shown.err
    assert shown.last == "Apply incomplete. Resources: 1 added, 0 changed, 0 destroyed."
    assert {address.key for address in owned(here)} == {"C-9"}
