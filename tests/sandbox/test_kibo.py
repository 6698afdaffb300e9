"""Kibo in the sandbox answers as its client package and API descriptions have it."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from reconciler.sandbox import credentials
from reconciler.sandbox.server import Running

from .conftest import Connect, Start

TOKEN = "/platform/applications/authtickets/oauth"
LOCATIONS, GROUPS = "/commerce/admin/locations", "/commerce/admin/locationGroups"
TYPES, LISTS = "/commerce/admin/locationtypes", "/commerce/catalog/admin/pricelists"
CONFIGURATION = "/commerce/admin/locationGroupConfiguration"
CURRENCY = "/commerce/catalog/admin/currency"
SETTINGS = "/commerce/settings/inventory/inventorySettings"
RULES, SEGMENTS = "/commerce/rules/safetystock", "/commerce/customer/segments"
SUBSCRIPTIONS = "/platform/appdev/appsubscriptions"
EXPORT, FETCH = "/commerce/inventory/v1/export", "/commerce/inventory/v1/config/fetchfile"
TAGS, QUEUE = "/commerce/inventory/v1/tagCategory", "/commerce/inventory/v1/queue"
STOCK = "/commerce/inventory/v5/inventory"
HEADERS = {
    "x-vol-tenant": "12345",
    "x-vol-site": "67890",
    "x-vol-master-catalog": "1",
    "x-vol-catalog": "1",
}
FROZEN = "2026-01-01T00:00:00Z"
FTP = {"name": "primary", "ftpServer": "ftp.example.com", "ftpPort": 22, "ftpDirectory": "/in"}
SETTING = {"name": "daily", "fileFormat": "CSV", "exportType": "AGGREGATE"}


def authorize(client: httpx.Client) -> httpx.Client:
    """The client with a token of its own."""
    known = credentials()
    body = {
        "client_id": known["KIBO_CLIENT_ID"],
        "client_secret": known["KIBO_CLIENT_SECRET"],
        "grant_type": "client_credentials",
    }
    ticket = client.post(TOKEN, json=body).raise_for_status().json()
    client.headers.update({"Authorization": f"Bearer {ticket['access_token']}"} | HEADERS)
    return client


@pytest.fixture
def kibo(sandbox: Running, connect: Connect) -> httpx.Client:
    """A client of Kibo that has a token and says what it is about."""
    return authorize(connect(sandbox, "kibo"))


def read(answer: httpx.Response) -> Any:
    """What a request that succeeded was answered."""
    assert answer.status_code == 200, answer.text
    return answer.json()


def codes(answer: httpx.Response, key: str = "code") -> list[Any]:
    """The codes of the objects in an envelope."""
    return [each[key] for each in read(answer)["items"]]


def test_a_token_lives_an_hour_on_the_sandboxs_clock(sandbox: Running, kibo: httpx.Client) -> None:
    """Just before an hour the token is good, after it is not, and the error says so."""
    sandbox.clock(advance=3590)
    assert kibo.get(TYPES).status_code == 200
    sandbox.clock(advance=20)
    answer = kibo.get(TYPES)
    assert answer.status_code == 401
    assert answer.json()["errorCode"] == "UNAUTHORIZED"
    assert authorize(kibo).get(TYPES).status_code == 200


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"client_secret": "x"}, 401),
        ({"client_id": None}, 401),
        ({"grant_type": "password"}, 400),
    ],
)
def test_only_the_documented_credentials_get_a_token(
    sandbox: Running, connect: Connect, change: dict[str, Any], status: int
) -> None:
    """Anything else is an error with a code and a message, which the real client reads."""
    known = credentials()
    body = {"client_id": known["KIBO_CLIENT_ID"], "client_secret": known["KIBO_CLIENT_SECRET"]}
    right = body | {"grant_type": "client_credentials"}
    ticket = read(connect(sandbox, "kibo").post(TOKEN, json=right))
    assert (ticket["token_type"], ticket["expires_in"]) == ("bearer", 3600)
    answer = connect(sandbox, "kibo").post(TOKEN, json=right | change)
    assert answer.status_code == status
    assert answer.json()["errorCode"]
    assert answer.json()["message"]


def test_the_tenant_is_at_home_on_this_port(sandbox: Running, kibo: httpx.Client) -> None:
    """The look-up needs no header but the token, and leads back to the port that was asked."""
    for name in HEADERS:
        del kibo.headers[name]
    tenant = read(kibo.get("/platform/tenants/12345"))
    assert tenant["domain"] == httpx.URL(sandbox.urls["kibo"]).netloc.decode()
    assert [site["id"] for site in tenant["sites"]] == [67890]
    assert kibo.get("/platform/tenants/1").status_code == 404


def test_requests_say_what_they_are_about(kibo: httpx.Client) -> None:
    """The tenant is always needed, site and catalogs for catalog and settings; others are 403."""
    del kibo.headers["x-vol-site"]
    assert kibo.get(LOCATIONS).status_code == 200
    assert kibo.get(EXPORT).status_code == 200
    assert kibo.get(LISTS).status_code == 400
    assert kibo.get(LISTS, headers={"x-vol-site": "1"}).status_code == 403
    del kibo.headers["x-vol-tenant"]
    answer = kibo.get(LOCATIONS)
    assert answer.status_code == 400
    named = answer.json()["additionalErrorData"]
    assert named == [{"name": "ParameterName", "value": "x-vol-tenant"}]


def test_every_answer_has_a_correlation(kibo: httpx.Client) -> None:
    """Success or not, the header is there; an error's body repeats it."""
    assert kibo.get(TYPES).headers["x-vol-correlation"]
    wrong = kibo.get(f"{TYPES}/nope")
    assert wrong.status_code == 404
    assert wrong.json()["errorCode"] == "ITEM_NOT_FOUND"
    assert wrong.json()["correlationId"] == wrong.headers["x-vol-correlation"]


def test_the_limit_is_an_empty_429(start: Start, connect: Connect) -> None:
    """Over the limit there is no body, and a minute to wait whatever the clock says."""
    sandbox = start(rate=2)
    sandbox.clock("2026-01-01T00:00:40Z")
    client = authorize(connect(sandbox, "kibo"))
    client.get(TYPES)
    answer = client.get(TYPES)
    assert (answer.status_code, answer.content) == (429, b"")
    assert answer.headers["Retry-After"] == "60"
    assert answer.headers["x-vol-correlation"]
    sandbox.clock(advance=60)
    assert client.get(TYPES).status_code == 200


def test_envelopes_page_by_offset(start: Start, connect: Connect) -> None:
    """The envelope says where the page is; pages are 20 and at most 200."""
    client = authorize(connect(start(data="450", rate=0), "kibo"))
    page = read(client.get(f"{LOCATIONS}?startIndex=400&pageSize=1000"))
    counts = {"startIndex": 400, "pageSize": 200, "pageCount": 3, "totalCount": 450}
    assert {name: page[name] for name in counts} == counts
    assert list(page) == [*counts, "items"]
    assert [each["code"] for each in page["items"]][-1] == "L-000450"
    assert len(read(client.get(LOCATIONS))["items"]) == 20
    assert read(client.get(f"{LOCATIONS}?startIndex=450"))["items"] == []
    assert client.get(f"{LOCATIONS}?startIndex=x").status_code == 400


def test_some_lists_have_no_pages(kibo: httpx.Client) -> None:
    """Location types are an array, currencies and reference data items with a count."""
    assert [each["code"] for each in read(kibo.get(TYPES))] == ["WH", "STORE"]
    assert set(read(kibo.get(f"{TYPES}/withpagination"))) >= {"startIndex", "pageCount"}
    assert set(read(kibo.get(CURRENCY))) == {"totalCount", "items"}
    for name in ("countries", "currencies", "timezones", "unitsofmeasure"):
        assert set(read(kibo.get(f"/platform/reference/{name}"))) == {"totalCount", "items"}
        assert kibo.post(f"/platform/reference/{name}", json={}).status_code == 405


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("filter=code eq ALB", ["ALB"]),
        ("filter=code ne ALB", ["WH-01"]),
        ("filter=name sw Main and isDisabled eq false", ["WH-01"]),
        ("filter=name cont quer", ["ALB"]),
        ("filter=address.stateOrProvince eq NM", ["ALB"]),
        ("filter=locationTypes.code eq WH", ["WH-01"]),
        ("filter=name eq Rock and Roll", []),
        ("filter=geo.lat gt 39", ["WH-01"]),
        ("sortBy=code", ["ALB", "WH-01"]),
        ("sortBy=isDisabled asc,code desc", ["WH-01", "ALB"]),
    ],
)
def test_filters_and_sorting(kibo: httpx.Client, query: str, found: list[str]) -> None:
    """Every documented operator filters; conditions are joined; criteria sort in turn."""
    assert codes(kibo.get(f"{LOCATIONS}?{query}")) == found


@pytest.mark.parametrize("query", ["filter=nope eq 1", "filter=code like x", "sortBy=nope"])
def test_what_cannot_be_filtered_is_a_400(kibo: httpx.Client, query: str) -> None:
    """Unknown fields and operators are refused."""
    assert kibo.get(f"{LOCATIONS}?{query}").status_code == 400


def test_put_replaces_the_whole(sandbox: Running, kibo: httpx.Client) -> None:
    """What a PUT leaves out is gone or at its default; what the server owns stays."""
    before = read(kibo.get(f"{LOCATIONS}/ALB"))
    sandbox.clock(FROZEN)
    after = read(kibo.put(f"{LOCATIONS}/ALB", json={"name": "New", "phone": "1"}))
    assert (after["code"], after["name"], after["phone"]) == ("ALB", "New", "1")
    assert (after["supportsInventory"], after["description"]) == (False, "")
    assert not {"address", "locationTypes", "fulfillmentTypes", "tags"} & set(after)
    assert after["auditInfo"]["createDate"] == before["auditInfo"]["createDate"]
    assert after["auditInfo"]["updateDate"] == "2026-01-01T00:00:00.000Z"
    whole = read(kibo.put(f"{LOCATIONS}/ALB", json=before | {"nope": 1}))
    assert whole | {"auditInfo": None} == before | {"auditInfo": None}
    assert kibo.put(f"{LOCATIONS}/ALB", json={"code": "X", "name": "X"}).status_code == 400
    assert kibo.put(f"{LOCATIONS}/nope", json={"name": "X"}).status_code == 404


def test_names_are_filled_in_from_codes(kibo: httpx.Client) -> None:
    """Types come back with name and auditInfo, fulfillment types with the system's names."""
    body = {"code": "N", "name": "N", "locationTypes": [{"code": "WH"}]}
    made = read(kibo.post(LOCATIONS, json=body | {"fulfillmentTypes": [{"code": "DL"}]}))
    assert made["locationTypes"][0]["name"] == "Warehouse"
    assert made["locationTypes"][0]["auditInfo"]
    assert made["fulfillmentTypes"] == [{"code": "DL", "name": "Delivery"}]
    kibo.put(f"{TYPES}/WH", json={"name": "Depot"})
    assert read(kibo.get(f"{LOCATIONS}/N"))["locationTypes"][0]["name"] == "Depot"
    wrong = kibo.post(LOCATIONS, json={"code": "M", "name": "M", "locationTypes": [{"code": "X"}]})
    assert wrong.status_code == 400


def test_nulls_are_dropped(kibo: httpx.Client) -> None:
    """A null is as good as nothing, at every depth, and never comes back."""
    body = {"code": "N", "name": "N", "phone": None, "geo": None, "tags": ["a", None]}
    address = {"address1": "1 Main St", "address2": None}
    made = read(kibo.post(LOCATIONS, json=body | {"address": address}))
    assert made["phone"] == ""
    assert "geo" not in made
    assert (made["tags"], made["address"]) == (["a"], {"address1": "1 Main St"})
    assert "null" not in kibo.get(LOCATIONS).text


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (LOCATIONS, {"code": "ALB", "name": "A"}),
        (TYPES, {"code": "WH", "name": "W"}),
        (GROUPS, {"locationGroupCode": "DCS", "name": "D"}),
        (LISTS, {"priceListCode": "WHOLESALE", "name": "W"}),
        (f"{LISTS}/WHOLESALE/entries", {"productCode": "CampStove_001", "currencyCode": "USD"}),
        (CURRENCY, {"currencyCode": "USD"}),
        (f"{CURRENCY}/USD/exchangerates", [{"toCurrencyCode": "EUR", "rate": 1}]),
        (RULES, {"code": "keep-five", "locationCodes": ["ALB"]}),
        ("/commerce/channels", {"code": "web"}),
        (SEGMENTS, {"code": "VIP"}),
        (SETTINGS, {}),
    ],
)
def test_a_taken_code_is_a_409(kibo: httpx.Client, path: str, body: Any) -> None:
    """Every kind with a key refuses a second object of the same key, in a platform error."""
    answer = kibo.post(path, json=body)
    assert answer.status_code == 409
    assert {"errorCode", "message", "correlationId"} <= set(answer.json())


def test_errors_name_each_parameter(kibo: httpx.Client) -> None:
    """One fault is told at the top, several in `items` besides."""
    one = kibo.post(TYPES, json={"code": "X"}).json()
    assert one["errorCode"] == "MISSING_OR_INVALID_PARAMETER"
    assert one["message"] == "Missing or invalid parameter: name is required"
    assert one["additionalErrorData"] == [{"name": "ParameterName", "value": "name"}]
    two = kibo.post(LOCATIONS, json={"code": 1, "name": "X", "isDisabled": "no"}).json()
    named = [each["additionalErrorData"][0]["value"] for each in two["items"]]
    assert named == ["code", "isDisabled"]
    assert kibo.post(TYPES, content=b"{").status_code == 400
    assert kibo.post(TYPES, json=[1]).status_code == 400


def test_locations_are_disabled_rather_than_deleted(kibo: httpx.Client) -> None:
    """There is no DELETE; a PATCH or a PUT of isDisabled takes a location out of use."""
    assert kibo.delete(f"{LOCATIONS}/ALB").status_code == 405
    off = [{"op": "replace", "path": "/isDisabled", "value": True}]
    assert read(kibo.patch(f"{LOCATIONS}/ALB", json=off))["isDisabled"] is True
    assert codes(kibo.get(f"{LOCATIONS}?filter=isDisabled eq true")) == ["ALB"]
    body = {"type": "ANY", "requestLocation": {"locationCode": "ALB"}}
    answer = kibo.post(STOCK, json=body)
    assert (answer.status_code, answer.json()["error"]) == (404, "LOCATION_NOT_FOUND")
    for wrong in ([{"op": "move", "path": "/name"}], [{"op": "remove", "path": "/nope"}], {}):
        assert kibo.patch(f"{LOCATIONS}/ALB", json=wrong).status_code == 400


def test_a_group_has_one_configuration(kibo: httpx.Client) -> None:
    """It is there with the group, is replaced as a whole, and goes with the group."""
    group = {"locationGroupCode": "G 1/ü", "name": "G", "locationCodes": ["ALB"]}
    number = read(kibo.post(GROUPS, json=group))["locationGroupId"]
    path = f"{CONFIGURATION}/G%201%2F%C3%BC"
    assert read(kibo.get(path))["locationGroupId"] == number
    assert read(kibo.put(path, json={"wmsEnabled": True}))["wmsEnabled"] is True
    assert "wmsEnabled" not in read(kibo.put(path, json={"enableForSTH": True, "siteId": 1}))
    assert read(kibo.get(path))["siteId"] == 67890
    assert read(kibo.get(f"{CONFIGURATION}/location/ALB"))["locationGroupCode"] == "G 1/ü"
    assert kibo.post(CONFIGURATION, json={}).status_code in (404, 405)
    assert kibo.delete(f"{GROUPS}/G%201%2F%C3%BC").status_code == 200
    assert kibo.get(path).status_code == 404


def test_group_membership(kibo: httpx.Client) -> None:
    """Locations join and leave a group without the rest of it."""
    path = f"{GROUPS}/DCS/locationCodes"
    assert kibo.post(path, json={"locationCodes": ["ALB"]}).status_code == 200
    assert read(kibo.get(f"{GROUPS}/DCS"))["locationCodes"] == ["WH-01", "ALB"]
    kibo.delete(f"{path}?locationCodes=ALB&locationCodes=WH-01")
    assert read(kibo.get(f"{GROUPS}/DCS"))["locationCodes"] == []


def test_usages_are_the_systems(start: Start, connect: Connect) -> None:
    """DS, SP and DL are there from the beginning, in any case, to be set and no more."""
    path = "/commerce/settings/locationUsages"
    client = authorize(connect(start(data="empty", rate=0), "kibo"))
    assert codes(client.get(path), "locationUsageTypeCode") == ["DS", "SP", "DL"]
    read(client.post(TYPES, json={"code": "WH", "name": "W"}))
    usage = {"locationUsageTypeCode": "DS", "locationTypeCodes": ["WH"], "locationCodes": []}
    assert read(client.put(f"{path}/ds", json=usage))["locationTypeCodes"] == ["WH"]
    assert read(client.get(f"{path}/DS"))["locationTypeCodes"] == ["WH"]
    assert client.get(f"{path}/XX").status_code == 404
    assert client.post(path, json={}).status_code == 405


def test_inventory_settings_are_made_once(start: Start, connect: Connect) -> None:
    """Nothing at first, then a POST, then PUTs."""
    client = authorize(connect(start(data="empty", rate=0), "kibo"))
    body = {"inventoryExportJob": {"isEnabled": True, "timesOfDay": ["02:00"]}}
    assert client.get(SETTINGS).status_code == 404
    assert client.put(SETTINGS, json=body).status_code == 404
    assert read(client.post(SETTINGS, json=body))["inventoryExportJob"]["isEnabled"] is True
    assert client.post(SETTINGS, json=body).status_code == 409
    assert "inventoryExportJob" not in read(client.put(SETTINGS, json={}))


def test_what_is_used_cannot_be_deleted(kibo: httpx.Client) -> None:
    """Codes that something refers to stay; without the reference they go, and have no body."""
    for path in (f"{TYPES}/WH", f"{LISTS}/WHOLESALE", f"{SEGMENTS}/1"):
        answer = kibo.delete(path)
        assert answer.status_code == 409, path
        assert answer.json()["errorCode"] == "VALIDATION_CONFLICT"
    assert kibo.delete(f"{LISTS}/WHOLESALE-EU").content == b""
    assert kibo.delete(f"{LISTS}/WHOLESALE?cascadeDeleteEntries=true").status_code == 200
    assert kibo.delete(f"{SEGMENTS}/1").status_code == 200
    assert kibo.get(f"{LISTS}/WHOLESALE/entries").status_code == 404


def test_price_lists_have_rules(kibo: httpx.Client) -> None:
    """Codes are short and safe in an address; a parent must exist, and is named when read."""
    child = {"priceListCode": "C", "name": "Child", "parentPriceListCode": "WHOLESALE"}
    made = read(kibo.post(LISTS, json=child))
    assert (made["parentPriceListName"], made["enabled"]) == ("Wholesale", True)
    assert (made["filteredInStorefront"], made["validForAllSites"]) == (False, True)
    for change in (
        {"priceListCode": "a b"},
        {"priceListCode": "x" * 51},
        {"name": "x" * 101},
        {"parentPriceListCode": "NOPE"},
        {"mappedCustomerSegments": ["NOPE"]},
    ):
        assert kibo.post(LISTS, json=child | {"priceListCode": "D"} | change).status_code == 400


def test_entries_are_known_by_product_currency_and_start(kibo: httpx.Client) -> None:
    """Two entries differ by their start; each is reached with it."""
    path = f"{LISTS}/WHOLESALE/entries"
    start = "2026-01-01T00:00:00Z"
    entry = {"productCode": "CampStove_001", "currencyCode": "USD", "startDate": start}
    made = read(kibo.post(path, json=entry | {"msrp": 99.5}))
    assert made["priceListCode"] == "WHOLESALE"
    one = f"{path}/CampStove_001/USD"
    assert "startDate" not in read(kibo.get(one))
    assert read(kibo.get(one, params={"startDate": start}))["msrp"] == 99.5
    assert "msrp" not in read(kibo.put(one, params={"startDate": start}, json=entry))
    assert kibo.delete(one).status_code == 200
    assert [each["startDate"] for each in read(kibo.get(path))["items"]] == [start]
    assert kibo.get(one).status_code == 404


def test_entries_in_bulk(kibo: httpx.Client) -> None:
    """All or nothing, unless partial success is allowed; failures are named."""

    def entry(product: str) -> dict[str, Any]:
        return {"priceListCode": "WHOLESALE", "productCode": product, "currencyCode": "USD"}

    def count() -> int:
        total: int = read(kibo.get(f"{LISTS}/WHOLESALE/entries"))["totalCount"]
        return total

    mixed = [entry("A"), entry("CampStove_001")]
    refused = kibo.post(f"{LISTS}/bulkaddentries", json=mixed)
    assert (refused.status_code, refused.json()["successCount"], count()) == (409, 0, 1)
    partial = kibo.post(f"{LISTS}/bulkaddentries?allowPartialSuccess=true", json=mixed)
    assert partial.status_code == 206
    assert partial.json()["failureDetails"][0]["productCode"] == "CampStove_001"
    assert count() == 2
    changed = [entry("A") | {"msrp": 5}]
    assert read(kibo.post(f"{LISTS}/bulkupdateentries", json=changed))["successCount"] == 1
    assert read(kibo.get(f"{LISTS}/WHOLESALE/entries/A/USD"))["msrp"] == 5
    gone = kibo.post(f"{LISTS}/bulkdeleteentries", json=[entry("A"), entry("B")])
    assert (gone.status_code, count()) == (409, 2)
    assert read(kibo.post(f"{LISTS}/bulkdeleteentries", json=mixed))["failureCount"] == 0
    assert count() == 0
    assert kibo.post(f"{LISTS}/bulkaddentries", json=[entry("A")] * 5001).status_code == 400


def test_exchange_rates_come_and_change_together(kibo: httpx.Client) -> None:
    """Writes take an array and answer nothing; rates go one by one, or with their currency."""
    path = f"{CURRENCY}/USD/exchangerates"
    answer = kibo.put(path, json=[{"toCurrencyCode": "EUR", "rate": 0.9}])
    assert (answer.status_code, answer.content) == (200, b"")
    assert read(kibo.get(f"{path}/EUR"))["rate"] == 0.9
    assert kibo.put(path, json=[{"toCurrencyCode": "GBP", "rate": 1}]).status_code == 404
    assert kibo.post(path, json=[{"toCurrencyCode": "GBP", "rate": 0.8}]).status_code == 200
    assert kibo.post(path, json=[{"toCurrencyCode": "JPY"}]).status_code == 400
    assert kibo.delete(f"{path}/GBP").status_code == 200
    assert read(kibo.get(path))["totalCount"] == 1
    assert kibo.delete(f"{CURRENCY}/USD").status_code == 200
    assert kibo.get(path).status_code == 404


def test_safety_stock_gets_code_and_rank(sandbox: Running, kibo: httpx.Client) -> None:
    """What was not given is assigned; moving a rule moves those in between."""
    body = {"enabled": True, "locationCodes": ["ALB"], "quantity": 1}
    made = read(kibo.post(RULES, json=body))
    assert made["code"]
    assert (made["rank"], made["isActive"]) == (2, True)
    kibo.put(f"{RULES}/{made['code']}/rank", json={"code": made["code"], "newRank": 1})
    assert read(kibo.get(f"{RULES}/keep-five"))["rank"] == 2
    later = read(kibo.put(f"{RULES}/{made['code']}", json=body | {"startDate": "2999-01-01"}))
    assert (later["rank"], later["isActive"]) == (1, False)
    assert kibo.post(RULES, json={"enabled": True}).status_code == 400
    dates = {"startDate": "2026-02-01", "endDate": "2026-01-01"}
    assert kibo.post(RULES, json=body | dates).status_code == 400


def test_subscriptions_have_two_views(kibo: httpx.Client) -> None:
    """The event service lists them under other ids, joined to the application's by endpoint."""
    body = {"applicationEndPoint": "https://a.example.com", "events": [{"eventName": "x.created"}]}
    made = read(kibo.post(f"{SUBSCRIPTIONS}/events", json=body))
    number = made["applicationSubscriptionId"]
    listed = read(kibo.get("/event/push/subscriptions"))["items"]
    assert (listed[-1]["endpoint"], listed[-1]["topics"]) == (
        "https://a.example.com",
        ["x.created"],
    )
    assert "subscribingSites" not in listed[-1]["subscribingTenants"][0]
    assert read(kibo.get(f"{SUBSCRIPTIONS}/{listed[-1]['id']}")) == made
    assert read(kibo.put(f"{SUBSCRIPTIONS}/events", json=made | {"noCallback": True}))["noCallback"]
    assert kibo.delete(f"{SUBSCRIPTIONS}/events/{number}").status_code == 200
    assert kibo.delete(f"{SUBSCRIPTIONS}/events/{number}").status_code == 404


def test_export_settings_are_written_by_name(kibo: httpx.Client) -> None:
    """Create, update and delete go by name; a password is kept but never told."""
    body = {"exportSettings": SETTING | {"ftpInformation": [FTP | {"ftpPassword": "secret"}]}}
    assert read(kibo.post(f"{EXPORT}/create", json=body)) == {
        "exportSettingsName": "daily",
        "exportSettingsFTPName": "primary",
    }
    again = kibo.post(f"{EXPORT}/create", json=body)
    assert (again.status_code, again.json()["error"]) == (409, "JOB_ALREADY_EXISTS")
    found = read(kibo.get(f"{EXPORT}?exportSettingsName=daily"))[0]["exportSettings"]
    assert "ftpPassword" not in found["ftpInformation"][0]
    done = read(kibo.post(f"{EXPORT}/update", json={"exportSettings": found | {"pickup": True}}))
    assert (done["success"], done["name"]) == (True, "daily")
    assert len(read(kibo.get(EXPORT))) == 2
    assert read(kibo.delete(f"{EXPORT}/daily")) == {"deleted": 1}
    assert kibo.get(f"{EXPORT}?exportSettingsName=daily").status_code == 404
    assert kibo.post(f"{EXPORT}/update", json=body).status_code == 404


def test_a_password_left_out_stays(sandbox: Running, kibo: httpx.Client) -> None:
    """What cannot be read cannot be sent back: an update without it does not lose it."""
    found = read(kibo.get(EXPORT))[0]["exportSettings"]
    assert read(kibo.post(f"{EXPORT}/update", json={"exportSettings": found}))["success"]
    target = sandbox.state("kibo")["export_settings"][0]["ftpInformation"][0]
    assert target["ftpPassword"] == "documented-example"
    assert target["exportSettingsFTPID"] == 1001


@pytest.mark.parametrize(
    ("path", "word", "extra"),
    [
        ("ftp", "exportSettingsFTP", {"ftpServer": "x", "ftpPort": 21, "ftpDirectory": "/"}),
        ("s3", "exportSettingsS3", {"region": "us-east-1", "bucket": "b"}),
        ("gcs", "exportSettingsGcs", {"gcsBucket": "b"}),
    ],
)
def test_targets_are_children(
    kibo: httpx.Client, path: str, word: str, extra: dict[str, Any]
) -> None:
    """Each sort of target is added, replaced and taken away by its name."""
    body = {"exportSettingsName": "nightly", word: {"name": "new"} | extra}
    assert read(kibo.post(f"{EXPORT}/{path}/create", json=body))[f"{word}Name"] == "new"
    assert kibo.post(f"{EXPORT}/{path}/create", json=body).status_code == 409
    changed = body | {word: {"name": "new", "active": True} | extra}
    assert read(kibo.post(f"{EXPORT}/{path}/update", json=changed))["success"] is True
    settings = read(kibo.get(EXPORT))[0]["exportSettings"]
    target = settings[f"{path}Information"][-1]
    assert (target["active"], target["exportSettingsID"]) == (True, 1)
    assert target[f"{word}ID"]
    assert read(kibo.delete(f"{EXPORT}/{path}/nightly/new")) == {"deleted": 1}
    assert kibo.delete(f"{EXPORT}/{path}/nightly/new").status_code == 404


def test_inventory_errors_have_their_own_shape(kibo: httpx.Client) -> None:
    """Errors of the inventory family are `error` and `message`, the wrong fields in `items`."""
    answer = kibo.post(f"{EXPORT}/create", json={"exportSettings": SETTING | {"fileFormat": "X"}})
    body = answer.json()
    assert (answer.status_code, body["error"]) == (400, "VALIDATION_ERROR")
    named = [each["additionalErrorData"][0]["value"] for each in body["items"]]
    assert named == ["exportSettings.fileFormat"]
    assert set(kibo.get(f"{QUEUE}/999").json()) == {"error", "message"}
    assert "errorCode" not in kibo.get("/commerce/inventory/v1/nope").json()


def test_fetched_files_are_saved_without_an_answer(kibo: httpx.Client) -> None:
    """A save tells no id, so the list is read again; with an id it replaces; passwords show."""
    body = {"active": True, "lockName": "mine", "postProcessAction": 1, "ftpPassword": "told"}
    assert "fetchFileConfigID" not in read(kibo.post(FETCH, json=body))
    found = read(kibo.get(FETCH))["items"][-1]
    assert (found["lockName"], found["ftpPassword"]) == ("mine", "told")
    key = {"fetchFileConfigID": found["fetchFileConfigID"]}
    del body["ftpPassword"]
    kibo.post(FETCH, json=body | key | {"active": False})
    after = read(kibo.get(FETCH))["items"][-1]
    assert (after["active"], "ftpPassword" in after) == (False, False)
    assert read(kibo.delete(f"{FETCH}/{found['fetchFileConfigID']}")) == {"deleted": True}
    assert kibo.post(FETCH, json=body | key).status_code == 404
    assert kibo.post(FETCH, json={"active": True}).status_code == 400


def test_tags(kibo: httpx.Client) -> None:
    """Categories are made with POST, replaced with PUT; having none is a 404."""
    before = read(kibo.get(f"{TAGS}/channel"))["tags"]
    after = read(kibo.put(f"{TAGS}/channel", json={"tags": [{"tagValue": "web", "percent": 100}]}))
    assert [(each["tagID"], each["percent"]) for each in after["tags"]] == [
        (before[0]["tagID"], 100)
    ]
    made = read(kibo.post(f"{TAGS}/channel/tag", json={"tagValue": "a/b", "percent": 5}))
    assert read(kibo.get(f"{TAGS}/channel/tag/a%2Fb")) == made
    assert read(kibo.put(f"{TAGS}/channel/tag/a%2Fb", json={"percent": 6}))["percent"] == 6
    assert kibo.put(f"{TAGS}/channel/tag/a%2Fb", json={"percent": 101}).status_code == 400
    assert kibo.put(f"{TAGS}/new", json={}).status_code == 404
    assert read(kibo.post(TAGS, json={"name": "new"}))["tags"] == []
    assert kibo.post(TAGS, json={"name": "new"}).status_code == 409
    for name in ("new", "channel"):
        assert read(kibo.delete(f"{TAGS}/{name}")) == {"deleted": 1}
    assert kibo.get(TAGS).status_code == 404


def refresh(kibo: httpx.Client, **item: Any) -> int:
    """A refresh of one item in Albuquerque; the number of its job."""
    body = {"locationCode": "ALB", "items": [{"upc": "CampStove_001"} | item]}
    number: int = read(kibo.post(f"{STOCK}/refresh", json=body))["jobID"]
    return number


def stock(kibo: httpx.Client) -> dict[str, Any]:
    """What there is of one item in Albuquerque."""
    body = {"type": "ANY", "items": [{"upc": "CampStove_001"}]}
    where = {"requestLocation": {"locationCode": "ALB"}}
    found: dict[str, Any] = read(kibo.post(STOCK, json=body | where))[0]
    return found


def test_stock_changes_when_the_job_has_ended(sandbox: Running, kibo: httpx.Client) -> None:
    """A job waits, works and succeeds on the sandbox's clock; only then is the stock another."""
    sandbox.clock(FROZEN)
    number = refresh(kibo, quantity=40, safetyStock=5, LTD=2)
    seen = []
    for _ in range(3):
        seen.append((read(kibo.get(f"{QUEUE}/{number}"))["status"], stock(kibo)["onHand"]))
        sandbox.clock(advance=0.5)
    assert seen == [("PENDING", 1000), ("WORKING", 1000), ("SUCCESS", 40)]
    found = stock(kibo)
    assert (found["available"], found["safetyStock"], found["ltd"]) == (35, 5, 2)
    job = read(kibo.get(f"{QUEUE}/{number}"))
    assert (job["itemCount"], job["success"], "work" in job) == (1, True, False)


def test_a_refresh_leaves_others_alone(sandbox: Running, kibo: httpx.Client) -> None:
    """Items not named keep their stock; what is allocated stays allocated."""
    body = {"locationCode": "WH-01", "items": [{"upc": "NEW", "quantity": 7}]}
    read(kibo.post(f"{STOCK}/refresh", json=body))
    sandbox.clock(advance=2)
    rows = read(
        kibo.post(STOCK, json={"type": "ALL", "requestLocation": {"locationCode": "WH-01"}})
    )
    found = {row["upc"]: (row["onHand"], row["allocated"], row["available"]) for row in rows}
    assert found == {"CampStove_001": (250, 3, 247), "NEW": (7, 0, 7)}


def test_jobs_can_fail(sandbox: Running, kibo: httpx.Client) -> None:
    """A quantity that cannot be is accepted at first; the job says later what was wrong."""
    number = refresh(kibo, quantity=-1)
    sandbox.clock(advance=2)
    job = read(kibo.get(f"{QUEUE}/{number}"))
    assert (job["status"], job["success"], len(job["messages"])) == ("FAILED", False, 1)
    assert stock(kibo)["onHand"] == 1000


def test_an_adjustment_would_be_seen(sandbox: Running, kibo: httpx.Client) -> None:
    """Adjust adds, and stands in the queue and the journal for whoever must never call it."""
    body = {"locationCode": "ALB", "items": [{"upc": "CampStove_001", "quantity": -10}]}
    read(kibo.post(f"{STOCK}/adjust", json=body))
    sandbox.clock(advance=2)
    assert stock(kibo)["onHand"] == 990
    jobs = read(kibo.get(f"{QUEUE}?types=ADJUST&types=DELETE&limit=5&locationCode=ALB"))
    assert [job["type"] for job in jobs] == ["ADJUST"]
    assert any(each["path"].endswith("/adjust") for each in sandbox.journal("kibo"))


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"locationCode": "NOPE", "items": [{"upc": "A", "quantity": 1}]}, 404),
        ({"locationCode": "ALB", "items": []}, 400),
        ({"locationCode": "ALB", "items": [{"quantity": 1}]}, 400),
        ({"locationCode": "ALB", "items": [{"upc": "A"}]}, 400),
        ({"locationCode": "ALB", "items": [{"upc": "A", "quantity": 1}] * 12_001}, 400),
    ],
)
def test_refreshes_that_start_no_job(kibo: httpx.Client, body: Any, status: int) -> None:
    """Unknown locations, nameless or too many items are refused at once."""
    assert kibo.post(f"{STOCK}/refresh", json=body).status_code == status
    assert len(read(kibo.get(QUEUE))) == 1


def test_the_queue_comes_in_pages(sandbox: Running, kibo: httpx.Client) -> None:
    """By the guide's `startIndex` and `pageSize`, and by the client package's `limit`."""
    rows = [{"jobID": n, "type": "REFRESH", "locationCode": "ALB"} for n in range(1, 8)]
    sandbox.put_state("kibo", {"jobs": rows})

    def ids(query: str) -> list[int]:
        return [job["jobID"] for job in read(kibo.get(f"{QUEUE}?{query}"))]

    assert ids("") == [7, 6, 5, 4, 3, 2, 1]
    assert ids("limit=2") == [7, 6]
    assert ids("startIndex=2&pageSize=3") == [5, 4, 3]
    assert ids("startIndex=6&pageSize=3&types=REFRESH") == [1]
    assert ids("startIndex=7&pageSize=3") == []
    assert kibo.get(f"{QUEUE}?startIndex=x").status_code == 400


def test_queries_page_in_the_body(start: Start, connect: Connect) -> None:
    """Pages count from 1; without one, 100 rows for each item; older clients end with a slash."""
    sandbox = start(rate=0)
    client = authorize(connect(sandbox, "kibo"))
    rows = [{"locationCode": "ALB", "upc": f"U{n:03}", "onHand": n} for n in range(250)]
    sandbox.put_state("kibo", {"stock_levels": rows})
    body = {"type": "ANY", "requestLocation": {"locationCode": "ALB"}}
    assert len(read(client.post(f"{STOCK}/", json=body))) == 100
    last = read(client.post(STOCK, json=body | {"pageSize": 200, "pageNum": 2}))
    assert [row["upc"] for row in last][-1] == "U249"
    best = body | {"sortByEnum": "ON_HAND", "sortDescending": True, "limit": 1}
    assert read(client.post(STOCK, json=best))[0]["onHand"] == 249
    assert client.post(STOCK, json={"type": "ANY"}).status_code == 400
    assert client.post(STOCK, json=body | {"type": "MOST"}).status_code == 400


def test_generated_objects_are_valid(start: Start, connect: Connect) -> None:
    """What was generated passes Kibo's own checks when it is written back as it was read."""
    client = authorize(connect(start(data="12", rate=0), "kibo"))
    keys = {
        LOCATIONS: "code",
        GROUPS: "locationGroupCode",
        LISTS: "priceListCode",
        RULES: "code",
        "/commerce/channels": "code",
        SEGMENTS: "id",
    }
    for path, key in keys.items():
        for thing in read(client.get(path))["items"]:
            after = read(client.put(f"{path}/{thing[key]}", json=thing))
            assert after | {"auditInfo": None} == thing | {"auditInfo": None}
    for wrapper in read(client.get(EXPORT)):
        read(client.post(f"{EXPORT}/update", json=wrapper))
    assert read(client.get(f"{LISTS}/PL-000007/entries"))["totalCount"] == 1


def test_jobs_outlive_the_sandbox(tmp_path: Path, start: Start, connect: Connect) -> None:
    """A job that was waiting when the sandbox ended is done by the next one."""
    file = tmp_path / "state.json"
    client = authorize(connect(start(state=file, rate=0), "kibo"))
    refresh(client, quantity=3)
    saved = json.loads(file.read_text())["vendors"]["kibo"]
    assert saved["jobs"]["objects"]["2"]["status"] == "PENDING"
    again = start(state=file, rate=0)
    again.clock(advance=5)
    assert stock(authorize(connect(again, "kibo")))["onHand"] == 3
