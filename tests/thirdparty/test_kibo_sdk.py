"""Kibo's own client works against the sandbox, changed in nothing but the host it is given.

The client only speaks TLS, so a small TLS listener in front of the sandbox passes bytes on. The
package is looked for in $RECONCILER_NODE_MODULES, or in node_modules beside this file; get it
with `npm ci --ignore-scripts --prefix tests/thirdparty`, which checks the hashes of the lock file.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from reconciler.sandbox import Options, credentials
from reconciler.sandbox.server import Running

from ..tls import tls
from ..vendors import running

HERE = Path(__file__).parent
MODULES = Path(os.environ.get("RECONCILER_NODE_MODULES") or HERE / "node_modules")
PACKAGE = MODULES / "@kibocommerce" / "rest-sdk" / "package.json"

pytestmark = [
    pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed"),
    pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed"),
    pytest.mark.skipif(
        not PACKAGE.exists(),
        reason=f"no {PACKAGE}: install @kibocommerce/rest-sdk and set RECONCILER_NODE_MODULES",
    ),
]

FTP = {"name": "primary", "ftpServer": "ftp.example.com", "ftpPort": 22, "ftpDirectory": "/in"}
EXPORT = {
    "name": "daily-agg",
    "fileFormat": "CSV",
    "exportType": "AGGREGATE",
    "onlySendAvailable": True,
    "ftpInformation": [FTP | {"ftpUser": "kibo", "ftpPassword": "secret"}],
    "siteIDs": [67890],
}
LOCATION = {"code": "A b/ç", "name": "Slash", "locationTypes": [{"code": "SHOP"}]}
GROUP = {"locationGroupCode": "G1", "name": "One", "siteIds": [67890], "locationCodes": ["ALB"]}
RULE = {"name": "Two", "enabled": True, "locationCodes": ["ALB"], "quantity": 2}
EVENTS = {"applicationEndPoint": "https://hooks.example.com/new", "events": [{"eventName": "x.y"}]}
FETCH = {"active": True, "lockName": "sdk", "postProcessAction": 1, "ftpPassword": "told"}
ENTRY = {"priceListCode": "RETAIL", "productCode": "SKU-1", "currencyCode": "USD"}
QUERY = {
    "type": "ANY",
    "items": [{"upc": "SKU-1", "quantity": 1}],
    "requestLocation": {"locationCode": "WH-01"},
    "pageSize": 200,
    "pageNum": 1,
}
REFRESH = {
    "locationCode": "WH-01",
    "items": [{"upc": "SKU-1", "quantity": 100, "safetyStock": 5, "LTD": 1}],
}
ADJUST = {"locationCode": "WH-01", "items": [{"upc": "SKU-1", "quantity": -10}]}


def call(name: str, client: str, method: str, params: Any = None, **more: Any) -> dict[str, Any]:
    """One call, under a name to find its answer by; `client` is a domain and an API class."""
    domain, api = client.split(".")
    plain = {} if params is None else params
    return {"name": name, "domain": domain, "api": api, "method": method, "params": plain} | more


EXPORTS, FETCHES = "Inventory.ExportInventoryApi", "Inventory.InventoryFetchFileConfigApi"
JOBS, MODIFY = "Inventory.InventoryJobApi", "Inventory.ModifyInventoryApi"
STOCK = "Inventory.InventoryApi"
CATEGORIES, TAGS = "Inventory.InventoryTagCategoryApi", "Inventory.InventoryTagApi"
TYPES, LOCATIONS = "LocationAdmin.LocationTypeApi", "LocationAdmin.LocationAdminApi"
GROUPS = "LocationAdmin.LocationGroupApi"
CONFIGURATIONS = "LocationAdmin.LocationGroupConfigurationApi"
USAGES, SETTINGS = "LocationAdmin.LocationSettingsApi", "Settings.InventorySettingsApi"
LISTS = "CatalogAdministration.PriceListsApi"
ENTRIES = "CatalogAdministration.PriceListEntriesApi"
CURRENCIES = "CatalogAdministration.CurrencyApi"
RULES = "CatalogAdministration.SafetyStockRulesApi"
PUSHED, SUBSCRIPTIONS = "Event.EventSubscriptionApi", "AppDevelopment.AppEventApi"
REFERENCE, CHANNELS = "Reference.ReferenceDataApi", "Commerce.ChannelApi"
SEGMENTS = "Customer.CustomerSegmentApi"


class Sdk:
    """Kibo's client, made to call a sandbox."""

    def __init__(self, sandbox: Running, port: int, certificate: Path) -> None:
        self.sandbox = sandbox
        self._certificate = certificate
        known = credentials()
        self._configuration = {
            "tenantId": 12345,
            "siteId": 67890,
            "masterCatalog": 1,
            "catalog": 1,
            "clientId": known["KIBO_CLIENT_ID"],
            "sharedSecret": known["KIBO_CLIENT_SECRET"],
            "authHost": f"127.0.0.1:{port}",
        }

    def answers(self, *calls: dict[str, Any]) -> dict[str, Any]:
        """What each call was answered, by its name: a value, or an error and its status."""
        result = subprocess.run(
            ["node", str(HERE / "kibo_sdk.cjs")],
            input=json.dumps({"configuration": self._configuration, "calls": calls}),
            env={
                "PATH": os.environ["PATH"],
                "NODE_PATH": str(MODULES),
                "NODE_EXTRA_CA_CERTS": str(self._certificate),
            },
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert result.returncode == 0, result.stderr
        found: dict[str, Any] = json.loads(result.stdout)
        return found

    def values(self, *calls: dict[str, Any]) -> dict[str, Any]:
        """What each call was answered, none of them with an error."""
        answers = self.answers(*calls)
        assert not {name: each for name, each in answers.items() if "error" in each}
        return {name: each["value"] for name, each in answers.items()}

    def requests(self) -> list[tuple[str, str]]:
        """The methods and paths the sandbox has served, oldest first."""
        return [(each["method"], each["path"]) for each in self.sandbox.journal("kibo")]


@pytest.fixture
def sdk(tmp_path: Path) -> Iterator[Sdk]:
    """The client, and a sandbox of Kibo for it alone."""
    with running(Options(port=0, rate=0, vendors=("kibo",))) as sandbox:
        port = httpx.URL(sandbox.urls["kibo"]).port
        assert port is not None
        with tls(port, tmp_path) as (secure, certificate):
            yield Sdk(sandbox, secure, certificate)


def test_token_and_tenant_lead_the_client_back_here(sdk: Sdk) -> None:
    """The client gets a token, looks its tenant up, and goes where that says."""
    values = sdk.values(
        call("types", TYPES, "getLocationTypes"),
        call("countries", REFERENCE, "getCountries"),
    )
    assert [each["code"] for each in values["types"]] == ["WH", "STORE"]
    assert values["countries"]["totalCount"] == 4
    assert sdk.requests() == [
        ("POST", "/api/platform/applications/authtickets/oauth"),
        ("GET", "/api/platform/tenants/12345"),
        ("GET", "/api/commerce/admin/locationtypes"),
        ("GET", "/api/platform/reference/countries"),
    ]


def test_exports(sdk: Sdk) -> None:
    """Export settings and their FTP targets: made, read back without password, run, deleted."""
    second = {"exportSettingsName": "daily-agg", "exportSettingsFTP": FTP | {"name": "second"}}
    changed = {"exportSettings": EXPORT | {"fileFormat": "XML"}}
    name = {"exportSettingsName": "daily-agg"}
    run = name | {"exportSettingsFTPName": "primary"}
    target = name | {"exportSettingsFTPName": "second"}
    values = sdk.values(
        call("none", EXPORTS, "getExportSettings"),
        call(
            "created",
            EXPORTS,
            "createExportSettings",
            {"createExportSettingsRequest": {"exportSettings": EXPORT}},
        ),
        call("updated", EXPORTS, "updateExportSettings", {"updateExportSettingsRequest": changed}),
        call(
            "added", EXPORTS, "createExportSettingsFTP", {"createExportSettingsFTPRequest": second}
        ),
        call(
            "moved", EXPORTS, "updateExportSettingsFTP", {"updateExportSettingsFTPRequest": second}
        ),
        call("read", EXPORTS, "getExportSettings", name),
        call("run", EXPORTS, "runExport", {"exportInventoryRequest": run}),
        call("target", EXPORTS, "deleteExportSettingsFTP", target),
        call("deleted", EXPORTS, "deleteExportSettings", name),
    )
    assert len(values["none"]) == 1
    assert values["created"]["exportSettingsFTPName"] == "primary"
    assert values["updated"]["success"] is True
    settings = values["read"][0]["exportSettings"]
    assert settings["fileFormat"] == "XML"
    assert [each["name"] for each in settings["ftpInformation"]] == ["primary", "second"]
    assert "ftpPassword" not in settings["ftpInformation"][0]
    assert values["run"]["exportInventoryJobResponses"][0]["jobID"]
    assert values["target"] == values["deleted"] == {"deleted": 1}


def test_fetched_files_and_tags(sdk: Sdk) -> None:
    """A configuration is saved, found by its lock and deleted; tags are set in a category."""
    tags = {"tags": [{"tagValue": "web", "percent": 70}]}
    tag = {"tagValue": "app", "percent": 30}
    category = {"tagCategoryName": "channel"}
    values = sdk.values(
        call("saved", FETCHES, "saveFetchConfig", {"fetchFileConfigRequest": FETCH}),
        call("fetched", FETCHES, "getFetchConfig"),
        call("deleted", FETCHES, "deleteFetchConfig", {"fetchFileConfigID": 2}),
        call("updated", CATEGORIES, "updateTagCategory", category | {"tagCategory": tags}),
        call("tag", TAGS, "createTag", category | {"inventoryTag": tag}),
        call("categories", CATEGORIES, "getTagCategoryAll"),
        call("gone", TAGS, "deleteTag", category | {"tagValue": "app"}),
    )
    assert values["saved"]["success"] is True
    assert values["fetched"]["items"][1]["lockName"] == "sdk"
    assert values["deleted"] == {"deleted": True}
    assert values["tag"]["tagValue"] == "app"
    assert [each["tagValue"] for each in values["categories"][0]["tags"]] == ["web", "app"]
    assert values["gone"] == {"deleted": 1}


def test_locations_and_their_types(sdk: Sdk) -> None:
    """Types, and locations with a slash in their code: added, replaced, patched, listed."""
    code = {"locationCode": LOCATION["code"]}
    page = {"startIndex": 0, "pageSize": 200}
    disabled = [{"op": "replace", "path": "/isDisabled", "value": True}]
    narrowed = page | {"sortBy": "code asc", "filter": "isDisabled eq false"}
    shop = {"code": "SHOP", "name": "S"}
    renamed = {"locationTypeCode": "SHOP", "locationType": shop | {"name": "Shop"}}
    values = sdk.values(
        call("type", TYPES, "addLocationTypeAsync", {"locationType": shop}),
        call("paged", TYPES, "getLocationTypesWithPagination", {"startIndex": 0, "pageSize": 20}),
        call("renamed", TYPES, "updateLocationType", renamed),
        call("added", LOCATIONS, "addLocation", {"location": LOCATION}),
        call("put", LOCATIONS, "updateLocation", code | {"location": LOCATION | {"name": "New"}}),
        call("got", LOCATIONS, "getLocation", code),
        call("patched", LOCATIONS, "patchLocation", code | {"operation": disabled}),
        call("listed", LOCATIONS, "getLocations", narrowed),
        call("bare", LOCATIONS, "updateLocation", code | {"location": {"name": "Bare"}}),
        call("untyped", TYPES, "deleteLocationType", {"locationTypeCode": "SHOP"}),
    )
    assert values["paged"]["totalCount"] == 3
    assert values["renamed"]["name"] == values["got"]["locationTypes"][0]["name"] == "Shop"
    assert (values["got"]["code"], values["got"]["name"]) == (LOCATION["code"], "New")
    assert values["patched"]["isDisabled"] is True
    assert [each["code"] for each in values["listed"]["items"]] == ["ALB", "WH-01"]
    assert "locationTypes" not in values["bare"]
    assert values["untyped"] is None


def test_groups_and_usages(sdk: Sdk) -> None:
    """Groups with their configuration, and what the system uses locations for."""
    group = {"locationGroupCode": "G1"}
    wanted = group | {"locationGroupConfiguration": {"enableForSTH": True}}
    usage = {"locationUsageTypeCode": "DS", "locationCodes": ["ALB"]}
    values = sdk.values(
        call("group", GROUPS, "addLocationGroup", {"locationLocationGroup": GROUP}),
        call("groups", GROUPS, "getLocationGroups", {"startIndex": 0, "pageSize": 200}),
        call("config", CONFIGURATIONS, "getLocationGroupConfiguration", group),
        call("set", CONFIGURATIONS, "setLocationGroupConfiguration", wanted),
        call("usages", USAGES, "getLocationUsages"),
        call("usage", USAGES, "updateLocationUsageAsync", {"code": "ds", "locationUsage": usage}),
        call("renamed", GROUPS, "updateLocationGroup", group | {"locationLocationGroup": GROUP}),
        call("ungrouped", GROUPS, "deleteLocationGroup", group),
    )
    assert values["group"]["locationGroupId"] == values["config"]["locationGroupId"] == 2
    assert [each["locationGroupCode"] for each in values["groups"]["items"]] == ["DCS", "G1"]
    assert values["set"]["enableForSTH"] is True
    assert values["usages"]["totalCount"] == 3
    assert values["usage"]["locationCodes"] == ["ALB"]
    assert values["ungrouped"] is None


def test_stock_is_set_by_a_job(sdk: Sdk) -> None:
    """A refresh answers a job; once it has succeeded the stock is what was sent."""
    done = {"until": ["status", "SUCCESS"]}
    narrowed = {"locationCode": "WH-01", "limit": 10, "types": ["REFRESH", "ADJUST"]}
    values = sdk.values(
        call("refresh", MODIFY, "refresh", {"refreshRequest": REFRESH}),
        call("job", JOBS, "getJob", {"jobID": 2}, **done),
        call("set", STOCK, "postQueryInventory", {"inventoryRequest": QUERY}),
        call("adjust", MODIFY, "adjust", {"adjustRequest": ADJUST}),
        call("adjusted", JOBS, "getJob", {"jobID": 3}, **done),
        call("total", STOCK, "aggregate", {"aggregateRequest": {"items": [{"upc": "SKU-1"}]}}),
        call("jobs", JOBS, "getJobs", narrowed),
    )
    assert values["refresh"] == {"jobID": 2}
    assert values["job"]["itemCount"] == 1
    row = values["set"][0]
    assert (row["onHand"], row["safetyStock"], row["available"], row["ltd"]) == (100, 5, 95, 1)
    assert values["total"][0]["onHand"] == 90
    assert [each["jobID"] for each in values["jobs"]] == [3, 2]


def test_catalog(sdk: Sdk) -> None:
    """Price lists with entries, one and many, currencies with rates."""
    price_list = {"priceListCode": "RETAIL", "name": "Retail"}
    code, body = {"priceListCode": "RETAIL"}, "catalogAdminsPriceList"
    listed = {"startIndex": 0, "pageSize": 200, "filter": "enabled eq true"}
    rate = {"fromCurrencyCode": "TRY", "toCurrencyCode": "USD", "rate": 0.03}
    rates = {"currencyCode": "TRY", "catalogAdminsCurrencyExchangeRate": [rate]}
    more = [ENTRY | {"productCode": f"SKU-{number}"} for number in (2, 3)]
    values = sdk.values(
        call("added", LISTS, "addPriceList", {body: price_list}),
        call("put", LISTS, "updatePriceList", code | {body: price_list | {"name": "All"}}),
        call("listed", LISTS, "getPriceLists", listed),
        call("entry", ENTRIES, "addPriceListEntry", code | {"priceListEntry": ENTRY}),
        call("bulk", ENTRIES, "bulkAddPriceListEntries", {"priceListEntry": more}),
        call("entries", ENTRIES, "getPriceListEntries", code),
        call("deleted", LISTS, "deletePriceList", code | {"cascadeDeleteEntries": True}),
        call(
            "currency",
            CURRENCIES,
            "addCurrencyLocalization",
            {"currencyLocalization": {"currencyCode": "TRY", "decimalPlaces": 2}},
        ),
        call("new", CURRENCIES, "addCurrencyExchangeRates", rates),
        call("same", CURRENCIES, "updateCurrencyExchangeRates", rates),
        call("rates", CURRENCIES, "getCurrencyExchangeRates", {"currencyCode": "TRY"}),
        call("currencies", CURRENCIES, "getCurrencyLocalizations"),
    )
    assert values["put"]["name"] == "All"
    assert [each["priceListCode"] for each in values["listed"]["items"]] == ["WHOLESALE", "RETAIL"]
    assert values["bulk"]["successCount"] == 2
    assert values["entries"]["totalCount"] == 3
    assert values["new"] is values["same"] is values["deleted"] is None
    assert values["rates"]["items"][0]["rate"] == 0.03
    assert values["currencies"]["totalCount"] == 3


def test_rules_settings_events_and_the_rest(sdk: Sdk) -> None:
    """Safety stock, inventory settings, subscriptions, channels, segments, reference data."""
    export = {"inventoryExportJob": {"isEnabled": True, "timesOfDay": ["03:00"]}}
    pushed = {"startIndex": 0, "pageSize": 20, "responseGroups": "SubscribingSites"}
    weights = {"filter": "unitOfMeasureType eq Weight"}
    subscription = "createApplicationSubscription"
    values = sdk.values(
        call("rule", RULES, "createSafetyStockRule", {"safetyStockRule": RULE}),
        call("rules", RULES, "getSafetyStockRules", {}),
        call("settings", SETTINGS, "getInventorySettings"),
        call("set", SETTINGS, "updateInventorySettings", {"inventorySettings": export}),
        call("new", SUBSCRIPTIONS, subscription, {"applicationSubscription": EVENTS}),
        call("pushed", PUSHED, "getSubscriptions", pushed),
        call(
            "ended",
            SUBSCRIPTIONS,
            "deleteApplicationSubscription",
            {"applicationSubscriptionId": 2},
        ),
        call("channel", CHANNELS, "createChannel", {"channel": {"code": "app", "name": "App"}}),
        call("segment", SEGMENTS, "addSegment", {"customerCustomerSegment": {"code": "NEW"}}),
        call("weights", REFERENCE, "getUnitsOfMeasure", weights),
        call("currencies", REFERENCE, "getCurrencies"),
    )
    assert (values["rule"]["rank"], values["rule"]["isActive"]) == (2, True)
    assert values["rules"]["totalCount"] == 2
    assert values["set"]["inventoryExportJob"]["timesOfDay"] == ["03:00"]
    assert values["new"]["applicationSubscriptionId"] == 2
    assert values["pushed"]["items"][1]["endpoint"] == EVENTS["applicationEndPoint"]
    assert values["pushed"]["items"][1]["id"] != "2"
    assert values["channel"]["tenantId"] == 12345
    assert values["segment"]["id"] == 2
    assert [each["symbol"] for each in values["weights"]["items"]] == ["lbs", "kg"]
    assert values["currencies"]["totalCount"] == 3


def test_errors_reach_the_client(sdk: Sdk) -> None:
    """Errors carry what the client takes from them: message, status, body, correlation."""
    wrong = {"clientId": "other", "tenantId": 1}
    answers = sdk.answers(
        call("missing", LOCATIONS, "getLocation", {"locationCode": "nope"}),
        call("taken", TYPES, "addLocationTypeAsync", {"locationType": {"code": "WH", "name": "W"}}),
        call("stock", STOCK, "postQueryInventory", {"inventoryRequest": {"type": "SOME"}}),
        call("stranger", TYPES, "getLocationTypes", **{"as": wrong}),
    )
    missing = answers["missing"]
    assert (missing["error"], missing["status"]) == ("ResponseError", 404)
    assert missing["body"]["errorCode"] == "ITEM_NOT_FOUND"
    assert missing["correlation"] == missing["body"]["correlationId"]
    assert answers["taken"]["status"] == 409
    assert answers["stock"]["body"]["error"] == "VALIDATION_ERROR"
    assert answers["stranger"]["message"] == "Invalid client credentials"
