"""Objects that others refer to are replaced without a broken reference, or the plan refuses."""

from __future__ import annotations

from typing import Any

import pytest

KINDS = ("location_types", "locations", "inventory_tag_categories", "location_usages")


@pytest.fixture
def here(workspace: Any, sandbox: Any) -> Any:
    """A workspace; the sandbox's Kibo has none of these kinds' objects."""
    sandbox.put_state("kibo", {kind: [] for kind in KINDS})
    return workspace("provider: kibo\n")


def in_use(code: str = "WH", name: str = "Depo", **more: Any) -> dict[str, Any]:
    """A location type and a location of that type."""
    location = {"name": name, "locationTypes": ["WH"], "supportsInventory": True, **more}
    return {
        "kibo/location_types": {"WH": {"code": code, "name": "Warehouse"}},
        "kibo/locations": {"DEPO": location},
    }


def types_of(sandbox: Any) -> tuple[list[str], list[str]]:
    """The codes of the location types, and those that the one location has."""
    state = sandbox.state("kibo")
    (location,) = state["locations"]
    return [t["code"] for t in state["location_types"]], [
        t["code"] for t in location["locationTypes"]
    ]


@pytest.mark.parametrize("name", ["Depo", "Depo 2"])
def test_the_new_object_comes_before_the_old_one_goes(here: Any, sandbox: Any, name: str) -> None:
    """Create, repoint the users, delete: whether or not the user is edited in the same commit."""
    here.declare(in_use())
    here.apply()
    here.declare(in_use("WHS", name))
    shown = here.run("plan")
    assert "Plan: 1 to add, 1 to change, 1 to destroy." in shown.out
    here.apply()
    assert types_of(sandbox) == (["WHS"], ["WHS"])
    assert here.settled()
    writes = [w for w in here.writes() if "location" in w][-3:]
    assert [w.split()[0] for w in writes] == ["POST", "PUT", "DELETE"]


def test_a_user_that_nobody_manages_refuses_the_replacement(here: Any, sandbox: Any) -> None:
    """An object that is not in the manifests is not changed, so what it uses is not replaced."""
    here.declare(in_use())
    here.apply()
    kinds = in_use("WHS")
    kinds["kibo/locations"] = {"OTHER": {**kinds["kibo/locations"]["DEPO"], "name": "Other"}}
    here.declare(kinds)
    here.run("state", "forget", "kibo/locations/DEPO")
    shown = here.run("apply", "--auto-approve")
    assert shown.code == 3
    assert "kibo/locations/DEPO refers to it" in shown.err
    assert types_of(sandbox) == (["WH"], ["WH"])


def test_when_the_users_change_fails_the_old_object_stays_owned(here: Any, sandbox: Any) -> None:
    """The old object is kept, said to be kept, and deleted by the next apply."""
    here.declare(in_use())
    here.apply()
    here.declare(in_use("WHS"))
    sandbox.faults([{"path": "*/locations/*", "method": "PUT", "fault": {"status": 422}}])
    shown = here.run("apply", "--auto-approve")
    assert shown.code in (1, 4)
    assert "the new object was created (id WHS), and the old one (id WH) was not deleted" in (
        shown.err
    )
    assert types_of(sandbox) == (["WH", "WHS"], ["WH"])
    sandbox.faults([])
    here.apply()
    assert types_of(sandbox) == (["WHS"], ["WHS"])
    assert here.settled()


def test_what_the_vendor_deletes_along_is_planned_and_made_again(here: Any, sandbox: Any) -> None:
    """The tags of a category that is replaced are replaced in the same run."""

    def tags(name: str) -> dict[str, Any]:
        return {
            "kibo/inventory_tag_categories": {"channel": {"name": name}},
            "kibo/inventory_tags": {
                "web": {"category": "channel", "tagValue": "web", "isDefault": True, "percent": 60},
                "shop": {"category": "channel", "tagValue": "shop", "percent": 40},
            },
        }

    here.declare(tags("Channel"))
    here.apply()
    here.declare(tags("Sales Channel"))
    assert "Plan: 3 to add, 0 to change, 3 to destroy." in here.run("plan").out
    here.apply()
    assert here.settled()
    state = sandbox.state("kibo")
    assert [c["name"] for c in state["inventory_tag_categories"]] == ["Sales Channel"]


def codes(**codes: str) -> dict[str, Any]:
    """Customer segments by key with these codes, which the vendor keeps unique."""
    return {"kibo/customer_segments": {k: {"code": c, "name": k} for k, c in codes.items()}}


def test_unique_names_are_passed_on_in_order(here: Any, sandbox: Any) -> None:
    """A chain of unique values is renamed from its end, so that the vendor never sees one twice."""
    sandbox.put_state("kibo", {"customer_segments": []})
    here.declare(codes(a="A", b="B", c="C"))
    here.apply()
    ids = {s["name"]: s["id"] for s in sandbox.state("kibo")["customer_segments"]}
    here.declare(codes(a="B", b="C", c="D"))
    here.apply()
    segments = sandbox.state("kibo")["customer_segments"]
    assert {s["name"]: (s["code"], s["id"]) for s in segments} == {
        "a": ("B", ids["a"]),
        "b": ("C", ids["b"]),
        "c": ("D", ids["c"]),
    }
    assert here.settled()


@pytest.mark.parametrize("after", [{"a": "B", "b": "A"}, {"a": "B", "b": "C", "c": "A"}])
def test_unique_names_are_exchanged_through_a_third_value(
    here: Any, sandbox: Any, after: dict[str, str]
) -> None:
    """The vendor never sees one of them twice; the plan says so, and each keeps its object."""
    sandbox.put_state("kibo", {"customer_segments": []})
    here.declare(codes(**{key: key.upper() for key in after}))
    here.apply()
    ids = {s["name"]: s["id"] for s in sandbox.state("kibo")["customer_segments"]}
    here.declare(codes(**after))
    assert here.run("plan").out.count("in between, it has the code") == 1
    here.apply()
    segments = sandbox.state("kibo")["customer_segments"]
    assert {s["name"]: (s["code"], s["id"]) for s in segments} == {
        key: (code, ids[key]) for key, code in after.items()
    }
    assert here.settled()


def test_an_exchange_that_is_cut_short_is_ended_by_the_next_run(here: Any, sandbox: Any) -> None:
    """The object with the temporary value is still known, and gets its final one."""
    sandbox.put_state("kibo", {"customer_segments": []})
    here.declare(codes(a="A", b="B"))
    here.apply()
    here.declare(codes(a="B", b="A"))
    refused = {"path": "*/segments/*", "method": "PUT", "nth": [2], "fault": {"status": 422}}
    sandbox.faults([refused])
    shown = here.run("apply", "--auto-approve")
    assert shown.code in (1, 4)
    sandbox.faults([])
    here.apply()
    segments = sandbox.state("kibo")["customer_segments"]
    assert {s["name"]: s["code"] for s in segments} == {"a": "B", "b": "A"}
    assert here.settled()


def test_a_swap_of_names_that_cannot_change_is_refused(here: Any) -> None:
    """Objects that can only be replaced do not exchange their codes; the plan says what to do."""
    types = {"a": {"code": "A", "name": "a"}, "b": {"code": "B", "name": "b"}}
    here.declare({"kibo/location_types": types})
    here.apply()
    types["a"]["code"], types["b"]["code"] = "B", "A"
    here.declare({"kibo/location_types": types})
    shown = here.run("apply", "--auto-approve")
    assert shown.code == 3
    assert "exchange their code" in shown.err
    assert "no other has" in shown.err


def test_the_advice_for_a_name_that_is_still_in_use_leads_out(here: Any, sandbox: Any) -> None:
    """Where an object is to have the code of one that others still use, and these are to use the
    first one, no order is possible: the plan names the object that needs another code meanwhile,
    and with that code all is done in two applies."""

    def declare(a: str, c: str, used: str) -> None:
        location = {"name": "Depo", "locationTypes": [used], "supportsInventory": True}
        types = {"a": {"code": a, "name": "a"}, "c": {"code": c, "name": "c"}}
        here.declare({"kibo/location_types": types, "kibo/locations": {"DEPO": location}})

    declare("K-1", "K-2", "c")
    here.apply()
    declare("K-2", "K-3", "a")
    shown = here.run("apply", "--auto-approve")
    assert shown.code == 3
    assert "these changes depend on each other" in shown.err
    assert "kibo/location_types/a is to have the code of kibo/location_types/c" in shown.err
    declare("K-9", "K-3", "a")
    here.apply()
    declare("K-2", "K-3", "a")
    here.apply()
    assert sorted(types_of(sandbox)[0]) == ["K-2", "K-3"]
    assert types_of(sandbox)[1] == ["K-2"]
    assert here.settled()
