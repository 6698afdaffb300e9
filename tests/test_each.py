"""Kinds that no vendor lists: each declared object is asked for, and nothing else is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from reconciler.errors import Unauthorized, VendorError
from reconciler.http.client import Client
from reconciler.providers import PROVIDERS
from reconciler.sandbox.server import Running

Make = Callable[..., Any]
OMS = "kibo-oms/products"
PATH = "/api/snap/v1/product/"


def product(number: int) -> dict[str, Any]:
    """The n-th product, alike in the manifest and at the retailer's endpoint."""
    return {"productID": f"VRX{number:05}", "name": f"Saat {number}", "price": 100.0 + number}


@pytest.fixture
def here(workspace: Make, sandbox: Running) -> Any:
    """A workspace that declares two of three products."""
    sandbox.put_state("kibo-oms", {"products": [product(n) for n in range(3)]})
    made = workspace()
    made.declare({OMS: {one["productID"]: one for one in map(product, range(2))}})
    return made


def asked(here: Any) -> Counter[str]:
    """What was asked of the endpoint since it was last looked at."""
    entries = here.sandbox.journal("kibo-oms")
    here.sandbox.clear_journal()
    return Counter(f"{one['method']} {one['path']}" for one in entries)


def each(*names: str) -> Counter[str]:
    """One GET for each of these products."""
    return Counter(f"GET {PATH}{name}" for name in names)


def test_a_plan_sends_one_get_for_each_declared_product(here: Any) -> None:
    """No search, no list and nothing twice: without a ledger and with one."""
    asked(here)
    assert here.plan() != []
    assert asked(here) == each("VRX00000", "VRX00001")
    here.apply()
    asked(here)
    assert here.settled()
    assert asked(here) == each("VRX00000", "VRX00001")


def test_products_come_in_the_order_asked_for(driver: Callable[..., Any], sandbox: Running) -> None:
    """Whichever answer is there first, and however many are under way at once."""
    names = [f"VRX{number:05}" for number in range(8)]
    sandbox.put_state("kibo-oms", {"products": [product(n) for n in range(8)]})
    sandbox.faults([{"vendor": "kibo-oms", "path": f"{PATH}VRX00000", "fault": {"delay": 0.2}}])
    listing = driver(OMS).list(names)
    assert listing.complete
    assert [live.id for live in listing.objects] == names


def test_one_that_cannot_be_read_holds_up_its_kind_alone(here: Any, sandbox: Running) -> None:
    """Nothing is concluded of products of which one is not known; other kinds go on."""
    sandbox.faults([{"vendor": "kibo-oms", "path": f"{PATH}VRX00001", "fault": {"status": 500}}])
    here.declare({OMS: {"VRX00000": {"price": 1}, "VRX00001": {}}, "kobiks/brands": {"Mavi": {}}})
    result = here.run("plan", "--format", "json")
    assert result.code == 1
    assert [e["address"] for e in result.json["resource_changes"]] == ["kobiks/brands/Mavi"]


def test_what_is_owned_is_asked_for_until_it_is_let_go(here: Any) -> None:
    """A product that left the manifests is looked at once more, and then forgotten."""
    here.apply()
    here.declare({OMS: {"VRX00000": product(0)}})
    asked(here)
    assert [entry["x_action"] for entry in here.plan()] == ["forget"]
    assert asked(here) == each("VRX00000", "VRX00001")
    here.apply()
    asked(here)
    assert here.settled()
    assert asked(here) == each("VRX00000")


def test_a_product_pinned_by_id_is_asked_for_by_that(here: Any) -> None:
    """`$id` decides alone."""
    here.declare({OMS: {"watch": {**product(2), "$id": "VRX00002"}}})
    assert [entry["x_action"] for entry in here.plan()] == ["adopt"]
    assert asked(here) == each("VRX00002")


def test_what_customer_care_must_see_is_by_hand(here: Any, sandbox: Running) -> None:
    """Another answer than declared is drift for a person, and nothing is ever written."""
    here.apply()
    sandbox.put_state("kibo-oms", {"products": [product(0), {**product(1), "price": 90.0}]})
    (entry,) = here.plan()
    assert (entry["address"], entry["x_action"]) == (f"{OMS}/VRX00001", "by-hand")
    assert here.run("drift", "--detailed-exitcode").code == 2
    here.apply()
    assert here.writes() == []


@pytest.mark.parametrize("body", [{"message": "no such product"}, [], {"productID": "X"}])
def test_an_answer_that_is_not_the_product_is_an_error(
    here: Any, sandbox: Running, body: Any
) -> None:
    """Errors are not documented, so nothing is concluded from a body that is something else."""
    sandbox.faults(
        [{"vendor": "kibo-oms", "path": f"{PATH}*", "fault": {"status": 200, "body": body}}]
    )
    result = here.run("plan")
    assert result.code == 1
    assert "VRX0000" in result.err


def test_import_passes_by_what_nobody_lists(here: Any) -> None:
    """One note, the other kinds are imported, and the endpoint is not asked."""
    (here.root / "manifests" / "main.yaml").unlink()
    result = here.run("import", "--all")
    assert result.code == 0
    assert result.err.count("Not imported: kibo-oms/products. The vendor has no list") == 1
    assert "wrote manifests/inventora/tasks.yaml" in result.out
    assert asked(here) == Counter()
    assert here.settled()
    alone = here.run("import", "--kind", OMS)
    assert (alone.code, alone.out) == (0, "")
    assert "Not imported" in alone.err
    assert "Nothing to import" not in alone.err


@pytest.mark.parametrize(
    ("header", "setting"), PROVIDERS["kibo-oms"].setting_headers.items(), ids=lambda word: word
)
def test_every_request_says_whose_catalog_is_meant(
    client: Callable[..., Client], header: str, setting: str
) -> None:
    """Each of the four headers carries its setting: the endpoint names the one it cannot take."""
    assert client("kibo-oms").read(f"{PATH}VRX33151").data["productID"] == "VRX33151"
    with pytest.raises(VendorError, match=f"400.*{header}"):
        client("kibo-oms", settings={setting: "?"}).read(f"{PATH}VRX33151")


def test_another_user_is_refused(client: Callable[..., Client]) -> None:
    """The credentials are those of the workspace."""
    with pytest.raises(Unauthorized):
        client("kibo-oms", settings={"username": "somebody"}).read(f"{PATH}VRX33151")
