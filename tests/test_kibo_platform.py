"""What the declarations of Kibo's platform family promise, against the vendor on loopback."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.kinds import Carries, Kind, Login, Verb
from reconciler.model import Pointer
from reconciler.providers.kibo import KIBO
from reconciler.sandbox.server import Running

from .naming import naming

ADMIN = "/api/commerce/admin"
LISTS = "/api/commerce/catalog/admin/pricelists"


def written(sandbox: Running) -> list[tuple[str, str, str]]:
    """Method, path and query of each write so far."""
    return [
        (entry["method"], entry["path"], entry["query"])
        for entry in sandbox.journal("kibo")
        if entry["method"] != "GET" and not entry["path"].endswith("/oauth")
    ]


def stored(sandbox: Running, kind: str, **key: Any) -> dict[str, Any]:
    """The one object of a kind with these members, as the vendor has it."""
    (found,) = [
        raw for raw in sandbox.state("kibo")[kind] if all(raw.get(n) == v for n, v in key.items())
    ]
    return dict(found)


def test_kibo_is_reached_as_documented() -> None:
    """The home pod, credentials for a token that says how long it lives, and the headers that say
    what a request is about."""
    assert KIBO.base_url == "https://home.mozu.com/api"
    assert isinstance(KIBO.auth, Login)
    assert (KIBO.auth.path, KIBO.auth.token) == (
        "/platform/applications/authtickets/oauth",
        "access_token",
    )
    assert KIBO.auth.adds == {"grant_type": "client_credentials"}
    assert set(KIBO.setting_headers) == {
        "x-vol-tenant",
        "x-vol-site",
        "x-vol-master-catalog",
        "x-vol-catalog",
    }
    assert KIBO.tenancy is not None
    assert (KIBO.tenancy.path, KIBO.tenancy.member) == ("/platform/tenants/{tenant}", "domain")
    assert KIBO.sparse


@pytest.mark.parametrize(
    ("name", "verbs"),
    [
        ("locations", "LGCUD"),
        ("location_types", "LGCUD"),
        ("location_groups", "LGCUD"),
        ("location_group_configurations", "GCU"),
        ("location_usages", "LGU"),
        ("price_lists", "LGCUD"),
        ("price_list_entries", "LGCUD"),
        ("currencies", "LGCUD"),
        ("exchange_rates", "LGCUD"),
        ("safety_stock_rules", "LGCUD"),
        ("inventory_settings", "GCU"),
        ("channels", "LGCUD"),
        ("customer_segments", "LGCUD"),
        ("countries", "L"),
        ("reference_currencies", "L"),
        ("time_zones", "L"),
        ("units_of_measure", "L"),
    ],
)
def test_a_kind_can_what_kibo_can(name: str, verbs: str) -> None:
    """The verbs of each kind; every update replaces, so it carries all there is."""
    kind: Kind = KIBO.kinds[name]
    assert "".join(verb.name[0] for verb in Verb if kind.can(verb)) == verbs
    if kind.can(Verb.UPDATE):
        assert kind.calls[Verb.UPDATE].method == "PUT"
        assert kind.calls[Verb.UPDATE].carries is Carries.ALL


def test_no_request_shifts_what_nobody_declared() -> None:
    """Ranks are not moved, entries go with no list, and no location is deleted."""
    calls = [call for kind in KIBO.kinds.values() for call in kind.calls.values()]
    assert not [call for call in calls if call.path.endswith("/rank") or call.method == "PATCH"]
    delete = KIBO.kinds["price_lists"].calls[Verb.DELETE]
    assert delete.query == {"cascadeDeleteEntries": "false"}
    assert KIBO.kinds["locations"].calls[Verb.DELETE].method == "PUT"


def test_references_are_codes() -> None:
    """What is addressed by its code is pointed at by it, a segment by its natural key; what has
    not been resolved is not sent."""
    lists = naming("kibo", "price_lists")
    fields = {
        "parentPriceListCode": Pointer(id="BASE"),
        "mappedCustomerSegments": [Pointer(key="VIP")],
    }
    body = {"parentPriceListCode": "BASE", "mappedCustomerSegments": ["VIP"]}
    assert lists.decode(dict(body)) == fields
    assert lists.encode({**fields, "mappedCustomerSegments": [Pointer("7", "VIP")]}) == body
    assert lists.encode({"parentPriceListCode": None}) == {"parentPriceListCode": None}
    with pytest.raises(ValueError, match="BASE"):
        lists.encode({"parentPriceListCode": Pointer(key="BASE")})


def test_types_of_a_location_are_their_codes() -> None:
    """Read with their names, written without."""
    kind = naming("kibo", "locations")
    raw = {
        "locationTypes": [{"code": "WH", "name": "Warehouse", "auditInfo": {}}],
        "fulfillmentTypes": [{"code": "DS", "name": "Direct Ship"}],
    }
    fields = {"locationTypes": [Pointer(id="WH")], "fulfillmentTypes": ["DS"]}
    assert kind.decode(raw) == fields
    assert kind.encode(fields) == {
        "locationTypes": [{"code": "WH"}],
        "fulfillmentTypes": [{"code": "DS"}],
    }
    nothing: dict[str, Any] = {"locationTypes": [], "fulfillmentTypes": []}
    assert kind.encode(nothing) == kind.decode(nothing) == nothing


def test_rates_are_sent_in_an_array() -> None:
    """One rate is an array of one."""
    kind = KIBO.kinds["exchange_rates"]
    fields = {"fromCurrencyCode": Pointer("USD"), "toCurrencyCode": "EUR", "rate": 0.92}
    assert kind.join
    assert kind.join([naming("kibo", "exchange_rates").encode(fields)]) == [
        {"fromCurrencyCode": "USD", "toCurrencyCode": "EUR", "rate": 0.92}
    ]


def test_what_is_not_declared_of_a_location_stays(workspace: Any, sandbox: Running) -> None:
    """A member of an address changes alone, although the vendor replaces the whole object."""
    before = stored(sandbox, "locations", code="WH-01")
    here = workspace("provider: kibo\nlocations: {WH-01: {address: {address2: Gate 7}}}\n")
    here.apply()
    after = stored(sandbox, "locations", code="WH-01")
    assert after["address"] == {**before["address"], "address2": "Gate 7"}
    same = before.keys() - {"address", "auditInfo"}
    assert {name: after[name] for name in same} == {name: before[name] for name in same}
    assert here.settled()


def test_a_location_is_disabled_and_brought_back(workspace: Any, sandbox: Running) -> None:
    """Removed, it is out of use with all it was; declared again, it is in use."""
    text = "provider: kibo\nlocations: {NEW-1: {name: New, tags: [pop-up]}}\n"
    here = workspace(text)
    here.apply()
    here.write("provider: kibo\n")
    here.apply()
    gone = stored(sandbox, "locations", code="NEW-1")
    assert (gone["isDisabled"], gone["tags"]) == (True, ["pop-up"])
    assert here.settled()

    here.write(text)
    (entry,) = here.plan()
    assert entry["x_action"] == "update"
    here.apply()
    assert stored(sandbox, "locations", code="NEW-1")["isDisabled"] is False
    assert here.settled()
    assert {method for method, path, _ in written(sandbox) if "NEW-1" in path} == {"PUT"}


def test_a_disabled_location_may_be_declared(workspace: Any, sandbox: Running) -> None:
    """`isDisabled: true` is a state like any other, and nothing is brought back."""
    here = workspace("provider: kibo\nlocations: {ALB: {isDisabled: true}}\n")
    here.apply()
    assert stored(sandbox, "locations", code="ALB")["isDisabled"] is True
    assert here.settled()


def test_a_disabled_location_may_be_referred_to(workspace: Any, sandbox: Running) -> None:
    """A group keeps it: imported and planned, nothing is to be done, and nothing is left out."""
    other = workspace("provider: kibo\nlocations: {WH-01: {isDisabled: true}}\n", name="other")
    other.apply()
    here = workspace()
    done = here.run("import", "--kind", "kibo/location_groups")
    assert (done.code, done.err) == (0, "")
    assert "WH-01" in (here.root / "manifests" / "kibo" / "location_groups.yaml").read_text()
    assert here.settled()


def test_a_price_list_never_takes_its_entries_along(workspace: Any, sandbox: Running) -> None:
    """Deleting one that has entries of somebody else is refused by the vendor."""
    entry = {"priceListCode": "NEW", "productCode": "P-1", "currencyCode": "USD"}
    here, other = workspace(), workspace(name="other")
    here.declare({"kibo/price_lists": {"NEW": {"name": "New"}}})
    here.apply()
    other.declare({"kibo/price_list_entries": {"one": entry}})
    other.apply()
    here.write("provider: kibo\n")
    sandbox.clear_journal()
    refused = here.run("apply", "--auto-approve")
    assert refused.code == 1, refused
    assert "is used by price_list_entries" in refused.err
    assert written(sandbox) == [("DELETE", f"{LISTS}/NEW", "cascadeDeleteEntries=false")]
    assert stored(sandbox, "price_list_entries", priceListCode="NEW")


def test_entries_are_written_together(workspace: Any, sandbox: Running) -> None:
    """Many new, changed or removed entries are one request each; entries that differ in their
    start only are different ones."""
    starts = (None, "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z")

    def entries(price: float) -> dict[str, Any]:
        key = {"priceListCode": "WHOLESALE", "productCode": "Tent_001", "currencyCode": "USD"}
        prices = [{"minQty": 1, "listPriceMode": "Overridden", "listPrice": price}]
        return {
            f"tent-{n}": {
                **key,
                **({"startDate": start} if start else {}),
                "priceEntries": prices,
            }
            for n, start in enumerate(starts)
        }

    here, sent = workspace(), []
    for declared in (entries(200), entries(180.5), {}):
        here.declare({"kibo/price_list_entries": declared})
        sandbox.clear_journal()
        here.apply()
        sent += written(sandbox)
        assert here.settled()
    partly = "allowPartialSuccess=true"
    assert sent == [
        ("POST", f"{LISTS}/bulk{word}entries", partly) for word in ("add", "update", "delete")
    ]
    assert len(sandbox.state("kibo")["price_list_entries"]) == 1


def test_a_configuration_is_born_with_its_group(workspace: Any, sandbox: Running) -> None:
    """Declared with a new group it is changed and not made, and it is let go, not removed."""
    here = workspace()
    group = {"kibo/location_groups": {"NEW": {"name": "New"}}}
    mine = {"locationGroupCode": "NEW", "enableForSTH": True, "defaultCarrier": "UPS"}
    here.declare({**group, "kibo/location_group_configurations": {"NEW": mine}})
    here.apply()
    assert here.settled()
    after = stored(sandbox, "location_group_configurations", locationGroupCode="NEW")
    assert (after["enableForSTH"], after["defaultCarrier"]) == (True, "UPS")

    here.declare(group)
    here.apply()
    assert here.settled()
    assert stored(sandbox, "location_group_configurations", locationGroupCode="NEW") == after
    assert written(sandbox) == [
        ("POST", f"{ADMIN}/locationGroups", ""),
        ("PUT", f"{ADMIN}/locationGroupConfiguration/NEW", ""),
    ]


@pytest.mark.parametrize("sandbox", ["empty"], indirect=True)
def test_settings_are_made_once(workspace: Any, sandbox: Running) -> None:
    """The first write is a POST, later ones replace; what leaves the manifests is let go."""
    here = workspace()
    for times in (["02:00"], ["02:00", "14:00"]):
        job = {"isEnabled": True, "timesOfDay": times}
        here.declare({"kibo/inventory_settings": {"site": {"inventoryExportJob": job}}})
        here.apply()
        assert here.settled()
    here.write("")
    here.apply()
    assert here.settled()
    path = "/api/commerce/settings/inventory/inventorySettings"
    assert written(sandbox) == [("POST", path, ""), ("PUT", path, "")]
    (kept,) = sandbox.state("kibo")["inventory_settings"]
    assert kept["inventoryExportJob"]["timesOfDay"] == ["02:00", "14:00"]


def test_the_numbers_of_a_tenant_may_be_text(workspace: Any, sandbox: Running) -> None:
    """As text they are as good as numbers, and the client's id is no secret."""
    kibo = {
        "type": "kibo",
        "base_url": sandbox.urls["kibo"],
        "client_id": "sandbox.app.1.0.0.Release",
        "client_secret": "${env.KIBO_CLIENT_SECRET}",
        "tenant": "12345",
        "site": "${var.site}",
        "master_catalog": 1,
        "catalog": "1",
    }
    here = workspace(
        "provider: kibo\nlocation_types: {WH: {}}\n",
        providers={"kibo": kibo},
        variables={"site": "67890"},
    )
    assert [entry["x_action"] for entry in here.plan()] == ["adopt"]


def test_a_location_that_leaves_is_said_to_be_disabled(workspace: Any) -> None:
    """Nobody is told that an object will be gone which only gets another mark."""
    here = workspace()
    here.declare({"kibo/locations": {"ALB": {"$absent": True}}})
    assert "the vendor cannot delete it, so isDisabled is set" in here.run("plan").out


def test_a_price_is_called_by_its_quantity(workspace: Any) -> None:
    """The price from 12 pieces is no twelfth price: a plan says what the number is."""
    here = workspace()
    prices = [{"minQty": 12, "listPriceMode": "Overridden", "listPrice": 5}]
    entry = {
        "priceListCode": "WHOLESALE",
        "productCode": "CampStove_001",
        "currencyCode": "USD",
        "priceEntries": prices,
    }
    here.declare({"kibo/price_list_entries": {"stove": entry}})
    assert "+ priceEntries[minQty 12]: {" in here.run("plan").out
