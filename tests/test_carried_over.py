"""A replaced object keeps what the manifest leaves alone: the new one is made with it."""

from __future__ import annotations

from typing import Any

import pytest

TYPES = "provider: kibo\nlocation_types: {WH: {name: Warehouse}}\n"
DEPOT = (
    TYPES
    + """locations:
  DEPO: {%sname: Depot, locationTypes: [WH], supportsInventory: true,
    address: {cityOrTown: Ankara}, note: a%s}
"""
)
TASK = """provider: inventora
tasks:
  Candles: {items: [{product: CANDLE-001, quantity: %d, unitType: pieces}]}
"""


def edit(sandbox: Any, vendor: str, kind: str, **fields: Any) -> None:
    """Change the objects of a kind on screen."""
    state = sandbox.state(vendor)[kind]
    sandbox.put_state(vendor, {kind: [one | fields for one in state]})


def live(sandbox: Any, vendor: str, kind: str, member: str, value: str) -> dict[str, Any]:
    """The only live object with this value."""
    (found,) = (
        one
        for one in sandbox.state(vendor)[kind]
        if one[member] == value and not one.get("deletedAt")
    )
    result: dict[str, Any] = found
    return result


@pytest.mark.parametrize("sandbox", ["empty"], indirect=True)
@pytest.mark.parametrize("used", [False, True], ids=["deleted-first", "created-first"])
def test_unmanaged_and_ignored_fields_go_to_the_new_object(
    workspace: Any, sandbox: Any, used: bool
) -> None:
    """Fields and members that nobody declares, and those that `$ignore` names, as they are live."""
    group = "location_groups: {G: {name: G, locationCodes: [DEPO]}}\n" if used else ""
    here = workspace(DEPOT % ("", "") + group)
    here.apply()
    on_screen = {"tags": ["north"], "note": "b", "phone": "+90 312 555 01 01"}
    address = {"cityOrTown": "Ankara", "postalOrZipCode": "06100"}
    edit(sandbox, "kibo", "locations", **on_screen, address=address)
    here.write(DEPOT % ("code: DEPO2, ", ", $ignore: [note]") + group)
    here.apply()
    new = live(sandbox, "kibo", "locations", "code", "DEPO2")
    assert {name: new[name] for name in on_screen} == on_screen
    assert new["address"].items() >= address.items()
    assert here.settled()


def test_a_task_keeps_its_notes(workspace: Any, sandbox: Any) -> None:
    """Another vendor, where the old object is deleted first."""
    here = workspace(TASK % 5)
    here.apply()
    edit(sandbox, "inventora", "tasks", notes="rush", status="in-progress")
    here.write(TASK % 6)
    here.apply()
    new = live(sandbox, "inventora", "tasks", "name", "Candles")
    assert (new["notes"], new["status"]) == ("rush", "in-progress")
    assert here.settled()


def test_what_the_vendor_refuses_is_left_out(workspace: Any, sandbox: Any) -> None:
    """The declared fields are written without it, and a warning says what is missing."""
    here = workspace(TASK % 5)
    here.apply()
    edit(sandbox, "inventora", "tasks", notes="rush")
    here.write(TASK % 6)
    refusal = {"status": 422, "body": {"error": "notes are set later"}}
    sandbox.faults([{"path": "*/tasks", "method": "POST", "nth": [1], "fault": refusal}])
    shown = here.apply()
    assert "replaced without what the old object had beside the declared fields: " in shown.err
    assert "notes are set later" in shown.err
    assert live(sandbox, "inventora", "tasks", "name", "Candles")["Items"][0]["quantity"] == 6
    assert here.settled()
