"""What is between the two halves of a replacement when a run is killed is known to be our own."""

from __future__ import annotations

from typing import Any

import pytest

from .test_interrupted_writes import THEIRS, killed

LOCATIONS = "kibo/locations"
DELETED = "it was deleted at the vendor"


@pytest.fixture
def here(workspace: Any, sandbox: Any) -> Any:
    """A workspace at a vendor that has nothing of what it declares. Its locations have a code that
    cannot change, and are disabled instead of deleted."""
    sandbox.put_state("kibo", {"location_types": [], "locations": []})
    return workspace("provider: kibo\n")


def test_what_we_deleted_is_not_called_deleted_at_the_vendor(here: Any, sandbox: Any) -> None:
    """A run was killed after it had disabled the old object of a replacement, and the object has
    another address since: it is created there, and nobody is said to have deleted it."""
    here.declare({LOCATIONS: {"a": {"code": "A", "name": "Depo"}}})
    here.apply()
    here.declare({LOCATIONS: {"a": {"code": "B", "name": "Depo"}}})
    killed(here, sandbox, "PUT", "/locations")
    here.declare({LOCATIONS: {"b": {"$was": "a", "code": "B", "name": "Depo"}}})
    shown = here.run("plan")
    assert DELETED not in shown.out
    assert "an earlier run deleted it" in shown.out
    # The answer to the creation is lost as well, and it has not been made.
    sandbox.faults([{"method": "POST", "path": "*/locations", "fault": {"reset": "before"}}])
    here.run("apply", "--auto-approve")
    sandbox.faults()
    shown = here.run("plan")
    assert DELETED not in shown.out + shown.err
    here.apply()
    assert here.run("state", "list").out.count("id=") == 1
    here.declare({LOCATIONS: {"b": {"code": "B", "name": "Depo"}}})
    assert here.settled()


def test_a_disabled_object_of_ours_is_restored_without_blame(here: Any, sandbox: Any) -> None:
    """Of two objects that hand on a code, a run was killed when it had disabled both. The one that
    is to have that code has another address since, and takes the disabled object of that code: it
    is not said to have changed at the vendor."""
    here.declare(
        {LOCATIONS: {"a": {"code": "A", "name": "Depo"}, "b": {"code": "B", "name": "Raf"}}}
    )
    here.apply()
    here.declare(
        {LOCATIONS: {"a": {"code": "C", "name": "Depo"}, "b": {"code": "A", "name": "Raf"}}}
    )
    killed(here, sandbox, "PUT", "/locations/B")
    here.declare(
        {
            LOCATIONS: {
                "a": {"code": "C", "name": "Depo"},
                "d": {"$was": "b", "code": "A", "name": "Raf"},
            }
        }
    )
    shown = here.run("plan")
    assert THEIRS not in shown.out
    assert DELETED not in shown.out
    here.apply()
    here.declare(
        {LOCATIONS: {"a": {"code": "C", "name": "Depo"}, "d": {"code": "A", "name": "Raf"}}}
    )
    assert here.settled()


def test_what_a_list_does_not_show_yet_is_asked_for(here: Any, sandbox: Any) -> None:
    """The answer to a creation was lost, the object is not declared any more, and the list does not
    show it yet: it is asked for by the id that it must have, and does not stay behind."""
    here.declare({LOCATIONS: {"a": {"code": "A", "name": "Depo"}}})
    here.apply()
    both = {"a": {"code": "A", "name": "Depo"}, "b": {"code": "B", "name": "Raf"}}
    here.declare({LOCATIONS: both})
    old = {"method": "GET", "path": "*/locations", "fault": {"stale": True}}
    lost = {"method": "POST", "path": "*/locations", "fault": {"reset": "after"}}
    sandbox.faults([lost, old])
    assert here.run("apply", "--auto-approve").code == 4
    here.declare({LOCATIONS: {"a": {"code": "A", "name": "Depo"}}})
    sandbox.faults([old])
    here.run("apply", "--auto-approve")
    sandbox.faults()
    assert here.settled()
    disabled = {one["code"]: one.get("isDisabled") for one in sandbox.state("kibo")["locations"]}
    assert disabled["B"] is True


def test_a_creation_that_was_refused_because_it_is_there_stays_open(
    here: Any, sandbox: Any
) -> None:
    """The answer to a creation was lost, the vendor does not show the object yet, and refuses to
    create it again. It is still known that it may be ours: it does not stay behind when it is not
    declared any more."""
    here.declare({LOCATIONS: {"a": {"code": "A", "name": "Depo"}}})
    lost = {"method": "POST", "path": "*/locations", "fault": {"reset": "after"}}
    sandbox.faults([lost, {"method": "GET", "path": "*/locations", "fault": {"stale": True}}])
    assert here.run("apply", "--auto-approve").code == 4
    sandbox.faults([{"method": "GET", "path": "*/locations*", "fault": {"stale": True}}])
    shown = here.run("apply", "--auto-approve")
    assert "answered 409" in shown.err
    sandbox.faults()
    here.declare({})
    here.apply()
    assert [one["isDisabled"] for one in sandbox.state("kibo")["locations"]] == [True]


def test_what_was_being_created_gives_way_to_another_object(here: Any, sandbox: Any) -> None:
    """A run was killed while it created an object, and its address is that of another one of ours
    in the next run: what was created does not stay behind."""
    here.declare({LOCATIONS: {"b": {"code": "B", "name": "Raf"}}})
    here.apply()
    here.declare(
        {LOCATIONS: {"b": {"code": "B", "name": "Raf"}, "c": {"code": "C", "name": "Depo"}}}
    )
    killed(here, sandbox, "POST", "/locations")
    here.declare(
        {LOCATIONS: {"b": {"code": "D", "name": "Raf"}, "c": {"code": "B", "name": "Depo"}}}
    )
    here.apply()
    here.apply()
    kept = {one["code"] for one in sandbox.state("kibo")["locations"] if not one["isDisabled"]}
    assert kept == {"B", "D"}
    assert here.settled()
