"""A disabled location keeps its types, and Kibo lets go of no type in use: a plan says so."""

from __future__ import annotations

from typing import Any

import pytest

EMPTY = pytest.mark.parametrize("sandbox", ["empty"], indirect=True)
AT_FIRST = {
    "kibo/location_types": {"WH": {"name": "Warehouse"}, "SHOP": {"name": "Shop"}},
    "kibo/locations": {
        "DEPO": {"name": "Depot", "locationTypes": ["WH"], "supportsInventory": True},
        "AVM": {"name": "Mall", "locationTypes": ["WH"], "supportsInventory": True},
    },
}


@pytest.fixture
def here(workspace: Any, sandbox: Any) -> Any:
    """A workspace that owns two types, and two locations of one of them."""
    made = workspace()
    sandbox.put_state("kibo", {"locations": [], "location_types": []})
    made.declare(AT_FIRST)
    made.apply()
    return made


def by_hand(here: Any, name: str) -> str:
    """The reason of the only entry that is left to a person."""
    (entry,) = (e for e in here.plan() if e["x_action"] == "by-hand")
    assert entry["address"] == name
    reason: str = entry["x_reason"]
    return reason


@EMPTY
def test_removed_together_the_type_is_left_to_a_person(here: Any, sandbox: Any) -> None:
    """The locations are disabled, and the type stays, with the place where to change that; after
    that it is deleted."""
    types = AT_FIRST["kibo/location_types"]
    here.declare({"kibo/location_types": {"SHOP": types["SHOP"]}})
    assert "still refers to it" in by_hand(here, "kibo/location_types/WH")
    shown = here.apply()
    assert shown.last == "Apply complete! Resources: 0 added, 0 changed, 2 destroyed."
    reason = by_hand(here, "kibo/location_types/WH")
    assert "which is disabled, still has this type" in reason
    assert "Kibo Admin → Settings → Locations" in reason
    assert here.apply().last.startswith("Apply complete!")
    stored = sandbox.state("kibo")["locations"]
    sandbox.put_state("kibo", {"locations": [one | {"locationTypes": []} for one in stored]})
    here.apply()
    assert [one["code"] for one in sandbox.state("kibo")["location_types"]] == ["SHOP"]
    assert here.settled()


@EMPTY
def test_beside_locations_in_use_it_is_seen_too(here: Any) -> None:
    """Where one location goes and the other gets another type."""
    here.declare(
        {
            "kibo/location_types": {"SHOP": {"name": "Shop"}},
            "kibo/locations": {
                "AVM": AT_FIRST["kibo/locations"]["AVM"] | {"locationTypes": ["SHOP"]}
            },
        }
    )
    assert "kibo/locations/DEPO still refers to it" in by_hand(here, "kibo/location_types/WH")
    here.apply()
    assert "still refers to it" in by_hand(here, "kibo/location_types/WH")


@EMPTY
def test_a_type_is_not_replaced_half(here: Any, sandbox: Any) -> None:
    """A new code would leave the old type behind: refused before anything is written."""
    kept = {"AVM": AT_FIRST["kibo/locations"]["AVM"]}
    here.declare({"kibo/location_types": AT_FIRST["kibo/location_types"], "kibo/locations": kept})
    here.apply()
    before = sandbox.state("kibo")
    types = AT_FIRST["kibo/location_types"] | {"WH": {"code": "W2", "name": "Warehouse"}}
    here.declare({"kibo/location_types": types, "kibo/locations": kept})
    shown = here.run("apply", "--auto-approve")
    assert shown.code == 3
    assert "cannot be replaced while kibo/locations/DEPO refers to it" in shown.err
    assert sandbox.state("kibo") == before


@EMPTY
def test_a_location_that_comes_back_holds_nothing(here: Any) -> None:
    """Declared again with another type, it no longer has the old one."""
    both = AT_FIRST["kibo/location_types"]
    here.declare({"kibo/location_types": both})
    here.apply()
    again = {n: one | {"locationTypes": ["SHOP"]} for n, one in AT_FIRST["kibo/locations"].items()}
    here.declare({"kibo/location_types": both, "kibo/locations": again})
    here.apply()
    here.declare({"kibo/location_types": {"SHOP": both["SHOP"]}, "kibo/locations": again})
    here.apply()
    assert here.settled()
