"""Objects are followed by the id that the ledger has, and references by the object they mean."""

from __future__ import annotations

from typing import Any

import pytest

EMPTY = {"webhooks": [], "suppliers": [], "components": []}


def hooks(**named: str) -> dict[str, dict[str, dict[str, Any]]]:
    """Webhooks by key with these names; each has the URL of its key."""
    return {
        "kobo-plm/webhooks": {
            key: {"name": name, "url": f"https://x.example/{key}", "events": ["style.created"]}
            for key, name in named.items()
        }
    }


def live(sandbox: Any) -> dict[int, tuple[str, str]]:
    """The name and the URL's end of each live webhook, by id."""
    found = sandbox.state("kobo-plm")["webhooks"]
    return {each["id"]: (each["name"], each["url"].rpartition("/")[2]) for each in found}


@pytest.fixture
def here(workspace: Any, sandbox: Any) -> Any:
    """A workspace that owns the webhooks A and B of the keys a and b; nothing else is live."""
    sandbox.put_state("kobo-plm", EMPTY)
    made = workspace("provider: kobo-plm\n")
    made.declare(hooks(a="A", b="B"))
    made.apply()
    return made


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ({"a": "B"}, {1: ("B", "a")}),
        ({"a": "B", "b": "C"}, {1: ("B", "a"), 2: ("C", "b")}),
        ({"a": "B", "b": "A"}, {1: ("B", "a"), 2: ("A", "b")}),
        ({"a": "Z", "c": "A"}, {1: ("Z", "a"), 3: ("A", "c")}),
        ({"c": "A", "b": "B"}, {1: ("A", "c"), 2: ("B", "b")}),
        ({"a": "B", "b": "C", "c": "A"}, {1: ("B", "a"), 2: ("C", "b"), 3: ("A", "c")}),
    ],
    ids=["over-a-removed-one", "chain", "swap", "free-name-used-again", "another-key", "ring"],
)
def test_a_rename_changes_the_same_object(
    here: Any, sandbox: Any, now: dict[str, str], then: dict[int, tuple[str, str]]
) -> None:
    """Whatever names change hands, each key keeps its object, what is no longer declared is
    destroyed, and nothing is left behind."""
    numbers = {url: id for id, (_, url) in live(sandbox).items()}
    here.declare(hooks(**now))
    here.apply()
    after = {url: (id, name) for id, (name, url) in live(sandbox).items()}
    assert {url: name for url, (_, name) in after.items()} == {url: n for n, url in then.values()}
    for id, (_, url) in then.items():
        assert after[url][0] == numbers.get("ab"[id - 1] if id < 3 else "", max(after.values())[0])
    assert here.settled()


def test_a_name_that_a_stranger_has_is_not_given_twice(here: Any, sandbox: Any) -> None:
    """An object is not renamed to the name of a live one that nobody here declares or owns."""
    state = sandbox.state("kobo-plm")["webhooks"]
    stranger = {**state[0], "id": 99, "name": "C", "url": "https://stranger.example"}
    sandbox.put_state("kobo-plm", {"webhooks": [*state, stranger]})
    here.declare(hooks(a="C", b="B"))
    shown = here.run("apply", "--auto-approve")
    assert shown.code == 1
    assert "another live object has (id 99)" in shown.err
    assert sandbox.state("kobo-plm")["webhooks"] == [*state, stranger]


def test_another_object_of_the_same_id_is_not_touched(here: Any, sandbox: Any) -> None:
    """Where the recorded ids belong to other objects now, nothing at all is written."""
    ids = [each["id"] for each in sandbox.state("kobo-plm")["webhooks"]]
    strangers = [
        {"id": id, "name": f"S{id}", "url": "https://s.example", "events": ["style.created"]}
        for id in ids
    ]
    sandbox.put_state("kobo-plm", {"webhooks": strangers})
    before = sandbox.state("kobo-plm")["webhooks"]
    for command in (["plan"], ["apply", "--auto-approve"], ["drift"]):
        shown = here.run(*command)
        assert shown.code == 3, shown
        assert "is not the one that was recorded" in shown.err
    here.declare(hooks(a="A"))
    assert here.run("apply", "--auto-approve").code == 3
    assert sandbox.state("kobo-plm")["webhooks"] == before


def test_an_object_renamed_on_screen_is_still_the_same(here: Any, sandbox: Any) -> None:
    """An object with the recorded id and time of creation, and most of its fields, is the same."""
    state = sandbox.state("kobo-plm")["webhooks"]
    changed = {**state[0], "name": "On screen"}
    sandbox.put_state("kobo-plm", {"webhooks": [changed, state[1]]})
    (entry,) = here.plan()
    assert (entry["x_action"], entry["x_id"]) == ("update", str(state[0]["id"]))


SUPPLIERS = [{"id": 1, "code": "SUP", "name": "Legacy"}, {"id": 2, "code": "ACME", "name": "Acme"}]


def test_objects_of_one_name_are_told_apart(workspace: Any, sandbox: Any) -> None:
    """A reference to an object is not equal to one to another object that has the same name."""
    component = {"id": 1, "code": "C1", "name": "c", "supplier_id": 1}
    sandbox.put_state("kobo-plm", {**EMPTY, "suppliers": SUPPLIERS, "components": [component]})
    here = workspace("provider: kobo-plm\n")
    here.declare(
        {
            "kobo-plm/suppliers": {"SUP": {"code": "ACME", "name": "Acme"}},
            "kobo-plm/components": {"C1": {"name": "c", "supplier": "SUP"}},
        }
    )
    assert '~ supplier: "SUP (id 1)" -> "SUP"' in here.run("plan").out
    here.apply()
    (changed,) = sandbox.state("kobo-plm")["components"]
    assert changed["supplier"]["id"] == 2
    assert here.settled()


def test_an_ambiguous_reference_is_an_error(workspace: Any, sandbox: Any) -> None:
    """A reference by a natural key that two live objects have is never resolved by chance."""
    twice = [{**supplier, "code": "SUP"} for supplier in SUPPLIERS]
    sandbox.put_state("kobo-plm", {**EMPTY, "suppliers": twice})
    here = workspace("provider: kobo-plm\ncomponents: {C1: {name: c, supplier: SUP}}\n")
    shown = here.run("plan")
    assert shown.code == 1
    assert "2 objects of kobo-plm/suppliers have that name: ids 1 and 2" in shown.err


@pytest.mark.parametrize("change", [{"code": "NEW"}, {"$absent": True}])
def test_a_reference_by_a_name_that_goes_is_an_error(
    workspace: Any, sandbox: Any, change: dict[str, Any]
) -> None:
    """A reference by a natural key that this plan changes or removes is found when planning."""
    sandbox.put_state("kobo-plm", EMPTY)
    here = workspace("provider: kobo-plm\n")
    kinds = {
        "kobo-plm/suppliers": {"acme": {"code": "SUP", "name": "Acme"}},
        "kobo-plm/components": {"C1": {"name": "c", "supplier": "SUP"}},
    }
    here.declare(kinds)
    here.apply()
    kinds["kobo-plm/suppliers"]["acme"] |= change
    here.declare(kinds)
    shown = here.run("plan")
    assert shown.code == 1
    assert 'names "SUP"' in shown.err


def test_a_reference_is_known_by_id_when_its_object_was_let_go(
    workspace: Any, sandbox: Any
) -> None:
    """Letting go of what an object refers to is no change at the vendor."""
    sandbox.put_state("kobo-plm", EMPTY)
    here = workspace("provider: kobo-plm\n")
    kinds = {
        "kobo-plm/suppliers": {"acme": {"code": "SUP", "name": "Acme"}},
        "kobo-plm/components": {"C1": {"name": "c", "supplier": "acme"}},
    }
    here.declare(kinds)
    here.apply()
    here.declare({"kobo-plm/suppliers": {}, "kobo-plm/components": {}})
    assert here.run("state", "forget", "kobo-plm/suppliers/acme").code == 0
    assert "No drift" in here.run("drift").out
    (entry,) = here.plan()
    assert (entry["address"], entry["x_action"]) == ("kobo-plm/components/C1", "delete")


def test_an_option_without_effect_is_reported(here: Any) -> None:
    """A `$was` that names nothing, or has done its work, is pointed out; a missing one too."""
    here.declare(
        {"kobo-plm/webhooks": {"c": {**hooks(c="C")["kobo-plm/webhooks"]["c"], "$was": "x"}}}
    )
    assert "`$was: x` has no effect: the ledger has no kobo-plm/webhooks/x" in here.run("plan").err
    moved = {**hooks(c="A")["kobo-plm/webhooks"]["c"], "url": "https://x.example/a"}
    here.declare(
        {"kobo-plm/webhooks": {"c": {**moved, "$was": "a"}, **hooks(b="B")["kobo-plm/webhooks"]}}
    )
    assert here.run("plan").err == ""
    here.apply()
    assert "under its new address already" in here.run("plan").err
    here.declare(
        {"kobo-plm/webhooks": {"d": {**moved, "name": "D"}, **hooks(b="B")["kobo-plm/webhooks"]}}
    )
    assert "write `$was: c`" in here.run("plan").err


def test_what_the_ledger_will_record_is_named_with_its_reason(here: Any) -> None:
    """No entry of the plan is only counted."""
    here.run("state", "forget", "kobo-plm/webhooks/a")
    assert "  kobo-plm/webhooks/a  (it exists already)" in here.run("plan").out


def test_a_key_that_moves_without_an_option_keeps_its_row(here: Any, sandbox: Any) -> None:
    """The object that a new key declares by the same natural key stays owned as ours."""
    here.declare(hooks(c="A", b="B"))
    (rename,) = [e for e in here.plan() if e["address"].endswith("/c")]
    assert "renamed from kobo-plm/webhooks/a" in rename["x_reason"]
    here.apply()
    assert "kobo-plm/webhooks/c" in here.run("state", "list").out
    assert "created" in here.run("state", "list", "kobo-plm/webhooks/c").out
    assert "kobo-plm/webhooks/a" not in here.run("state", "list").out


@pytest.mark.parametrize(
    ("kind", "key"), [("kobiks/products", "sku"), ("kibo/location_types", "code")]
)
def test_a_key_used_again_takes_no_object_with_it(
    workspace: Any, sandbox: Any, kind: str, key: str
) -> None:
    """Where natural keys cannot change, the object of a key that was given to another one stays
    with its natural key: nothing is replaced, and nothing is left to be done by hand."""
    provider, name = kind.split("/")
    sandbox.put_state(provider, {name: []})
    made = workspace(f"provider: {provider}\n")
    made.declare({kind: {"c": {key: "K-1", "name": "n"}}})
    made.apply()
    made.declare({kind: {"a": {key: "K-1", "name": "n"}, "c": {key: "K-2", "name": "m"}}})
    assert "Plan: 1 to add, 0 to change, 0 to destroy." in made.run("plan").out
    made.apply()
    owned = made.run("state", "list").out
    assert f"{kind}/a  id=K-1  created" in owned
    assert f"{kind}/c  id=K-2  created" in owned
    assert made.settled()


def test_an_adopted_reference_is_known_under_a_new_key(workspace: Any, sandbox: Any) -> None:
    """A reference that was recorded by its natural key means the same object once that is declared
    under a key of its own: nobody changed it."""
    product = {"id": "p1", "sku": "CANDLE", "name": "Candle"}
    task = {"id": "t1", "name": "T", "Items": [{"ResourceId": "p1", "quantity": 50}]}
    sandbox.put_state("inventora", {"products": [product], "tasks": [task]})
    item = {"product": "CANDLE", "quantity": 50, "unitType": "pieces"}
    made = workspace("provider: inventora\n")
    made.declare({"inventora/tasks": {"t": {"name": "T", "items": [item]}}})
    assert made.run("adopt", "inventora/tasks/t").code == 0
    declared = {"inventora/products": {"b": {"sku": "CANDLE"}}}
    declared["inventora/tasks"] = {"t": {"name": "T", "items": [item], "notes": "n"}}
    made.declare(declared)
    shown = made.run("plan")
    assert "the manifest changed" in shown.out
    assert "at the vendor" not in shown.out
    assert "at the vendor" not in made.run("drift").out
