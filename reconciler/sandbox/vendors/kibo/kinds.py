"""What Kibo's platform family holds, as data: kinds with their fields, and who refers to whom."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from reconciler.sandbox.store import Object
from reconciler.sandbox.vendor import Account, Field, Kind

TENANT, SITE, MASTER_CATALOG, CATALOG = 12345, 67890, 1, 1
ACTOR = "sandbox.app"
TENANTS, CATALOGS = "tenant", "catalog"
"""What a request must be about: the tenant only, or a site and its catalogs as well."""
FULFILLMENT_TYPES = {"DS": "Direct Ship", "SP": "In Store Pickup", "DL": "Delivery"}


def audit(moment: str, before: Object | None = None) -> Object:
    """Who made an object and when, and who changed it last."""
    made = before or {"createDate": moment, "createBy": ACTOR}
    return {
        "createDate": made["createDate"],
        "createBy": made["createBy"],
        "updateDate": moment,
        "updateBy": ACTOR,
    }


AUDIT = audit("2024-01-15T10:30:00.000Z")


def _typed(account: Account, location: Object) -> Object:
    """A location with its types and fulfillment types by name, as it is read."""
    types = account.store["location_types"]
    read = dict(location)
    if "locationTypes" in location:
        read["locationTypes"] = [
            next((types[n] for n in types.find("code", each.get("code"))), each)
            for each in location["locationTypes"]
        ]
    if "fulfillmentTypes" in location:
        read["fulfillmentTypes"] = [
            {"name": FULFILLMENT_TYPES.get(str(each.get("code")), "")} | each
            for each in location["fulfillmentTypes"]
        ]
    return read


def _descended(account: Account, price_list: Object) -> Object:
    """A price list with the name of its parent, as it is read."""
    lists = account.store["price_lists"]
    for number in lists.find("priceListCode", price_list.get("parentPriceListCode")):
        return price_list | {"parentPriceListName": lists[number]["name"]}
    return price_list


def _texts(*names: str) -> tuple[Field, ...]:
    return tuple(Field(name, default="") for name in names)


def _flags(*names: str) -> tuple[Field, ...]:
    return tuple(Field(name, "boolean", default=False) for name in names)


def many(kind: str, names: str) -> tuple[Field, ...]:
    """Fields of one type that may be left out."""
    return tuple(Field(name, kind) for name in names.split())


_READ: Mapping[str, tuple[Callable[[Account, Object], Object], tuple[str, ...]]] = {
    "locations": (_typed, ("location_types",)),
    "price_lists": (_descended, ("price_lists",)),
}
_OWN: Mapping[str, Callable[[int], Object]] = {
    "location_groups": lambda number: {"locationGroupId": number},
    "location_group_configurations": lambda number: {
        "tenantId": TENANT,
        "siteId": SITE,
        "locationGroupId": number,
    },
    "price_lists": lambda number: {"priceListSequence": number, "indexedSites": []},
    "price_list_entries": lambda number: {"priceListEntrySequence": number},
    "channels": lambda _: {"tenantId": TENANT},
}


def _nothing(_: int) -> Object:
    return {}


def _kind(name: str, path: str, key: str, verbs: str, *fields: Field, scope: str = TENANTS) -> Kind:
    return Kind(
        name,
        path,
        fields=fields,
        verbs=verbs,
        key=key,
        scope=scope,
        numbered=False,
        sparse=True,
        born=lambda number: _OWN.get(name, _nothing)(number) | {"auditInfo": AUDIT},
        present=_READ.get(name, (None, ()))[0],
        embeds=_READ.get(name, (None, ()))[1],
    )


LOCATION_TYPES = _kind(
    "location_types",
    "/commerce/admin/locationtypes",
    "code",
    "GCUD",
    Field("code", required=True),
    Field("name", required=True),
)

LOCATIONS = _kind(
    "locations",
    "/commerce/admin/locations",
    "code",
    "LGCUP",
    Field("code", required=True),
    Field("name", required=True),
    *_texts("description", "note", "phone", "fax"),
    *many("objects", "locationTypes fulfillmentTypes attributes slaConfigurations"),
    *many("object", "address geo regularHours cutoffTimes shippingOriginContact processingTimes"),
    *many("object", "capacity dropShip"),
    *many("strings", "tags"),
    *_flags("supportsInventory", "allowFulfillmentWithNoStock", "isDisabled", "express"),
    *_flags("transferEnabled", "shipToHomeConsolidation", "deliveryConsolidation"),
    *_flags("includeInInventoryAggregrate", "includeInLocationExport"),
    *_flags("warehouseEnabled", "requiresManifest"),
)

LOCATION_GROUPS = _kind(
    "location_groups",
    "/commerce/admin/locationGroups",
    "locationGroupCode",
    "LGUP",
    Field("locationGroupCode", required=True),
    Field("name", required=True),
    Field("siteIds", "integers", default=()),
    Field("locationCodes", "strings", default=()),
)

CONFIGURATIONS = _kind(
    "location_group_configurations",
    "/commerce/admin/locationGroupConfiguration",
    "locationGroupCode",
    "",
    Field("locationGroupCode"),
    *many("string", "customerFailedToPickupAfterAction pickWavePrintFormat defaultCarrier"),
    *many("string", "defaultReturnCarrier defaultPrinterType"),
    *many("integer", "customerFailedToPickupDeadline sendCustomerPickupReminder"),
    *many("integer", "maximumNumberOfOrdersInPickWave defaultNumberOfOrdersInPickWave"),
    *many("integer", "defaultMaxNumberOfShipmentsInPickWave maxNumberOfPackingSlipsByGroup"),
    *many("number", "defaultReturnRefundReductionAmount maximumReturnRefundReductionAmount"),
    *many("boolean", "enableForSTH enableForISPU enableAdvancedOptionForPickWaveCreation"),
    *many("boolean", "wmsEnabled enableScanningOfUpcForShipToHome allowReturns"),
    *many("boolean", "returnRefundReduction printReturnLabel autoPackingListPopup"),
    *many("boolean", "blockPartialStock blockPartialCancel enablePnp enablePnpForSTH"),
    *many("boolean", "enablePnpForBOPIS enablePnpForDelivery"),
    *many("boolean", "displayProductImagesInPickWaveDetails"),
    *many("objects", "carriers boxTypes attributes bpmConfigurations slaConfigurations"),
    *many("strings", "closePickWavePermissions"),
    *many("object", "packageSettings"),
)

LOCATION_USAGES = _kind(
    "location_usages",
    "/commerce/settings/locationUsages",
    "locationUsageTypeCode",
    "",
    Field("locationUsageTypeCode"),
    Field("locationTypeCodes", "strings", default=()),
    Field("locationCodes", "strings", default=()),
    scope=CATALOGS,
)

INVENTORY_SETTINGS = _kind(
    "inventory_settings",
    "/commerce/settings/inventory/inventorySettings",
    "",
    "",
    Field("inventoryExportJob", "object"),
    Field("locationFulfillmentTypeSettings", "objects"),
    scope=CATALOGS,
)

PRICE_LISTS = _kind(
    "price_lists",
    "/commerce/catalog/admin/pricelists",
    "priceListCode",
    "LGCU",
    Field("priceListCode", required=True),
    Field("name", required=True),
    *many("string", "description parentPriceListCode"),
    Field("parentPriceListName", writable=False),
    Field("enabled", "boolean", default=True),
    Field("filteredInStorefront", "boolean", default=False),
    Field("validForAllSites", "boolean", default=True),
    Field("validSites", "integers", default=()),
    Field("defaultForSites", "integers", default=()),
    Field("mappedCustomerSegments", "strings", default=()),
    Field("rank", "integer"),
    Field("resolvable", "boolean"),
    scope=CATALOGS,
)

ENTRIES = _kind(
    "price_list_entries",
    "/commerce/catalog/admin/pricelists/{list}/entries",
    "",
    "",
    *many("string", "priceListCode"),
    Field("productCode", required=True),
    Field("currencyCode", required=True),
    *many("string", "startDate endDate priceListEntryMode priceListEntryTypeCode"),
    Field("isVariation", "boolean", default=False),
    *many("objects", "options extraEntries"),
    Field("priceEntries", "objects", default=()),
    *many("number", "msrp map cost"),
    *many("string", "msrpMode mapMode costMode mapStartDate mapEndDate"),
    *many("boolean", "discountsRestricted"),
    *many("string", "discountsRestrictedMode discountsRestrictedStartDate"),
    *many("string", "discountsRestrictedEndDate"),
    scope=CATALOGS,
)

CURRENCIES = _kind(
    "currencies",
    "/commerce/catalog/admin/currency",
    "currencyCode",
    "GCU",
    Field("currencyCode", required=True),
    *many("integer", "decimalPlaces roundingStrategy"),
    scope=CATALOGS,
)

RATES = _kind(
    "exchange_rates",
    "/commerce/catalog/admin/currency/{id}/exchangerates",
    "",
    "",
    Field("fromCurrencyCode", required=True),
    Field("toCurrencyCode", required=True),
    Field("rate", "number", required=True),
    Field("multiplier", "number"),
    Field("referenceData"),
    scope=CATALOGS,
)

SAFETY_STOCK = _kind(
    "safety_stock_rules",
    "/commerce/rules/safetystock",
    "code",
    "LGCUD",
    *many("string", "code name description"),
    Field("enabled", "boolean", default=False),
    *many("objects", "productRules"),
    *many("strings", "locationCodes locationGroups"),
    *many("integer", "quantity rank"),
    Field("metaData", "any"),
    *many("string", "startDate endDate"),
    Field("isActive", "boolean", writable=False),
)

CHANNELS = _kind(
    "channels",
    "/commerce/channels",
    "code",
    "LGCUD",
    Field("code", required=True),
    *many("string", "name countryCode groupCode region"),
    Field("siteIds", "integers", default=()),
)

SEGMENTS = Kind(
    "customer_segments",
    "/commerce/customer/segments",
    fields=(Field("code", required=True), Field("name"), Field("description")),
    verbs="LGCUD",
    scope=TENANTS,
    sparse=True,
    born=lambda _: {"auditInfo": AUDIT},
)

KINDS = (
    LOCATION_TYPES,
    LOCATIONS,
    LOCATION_GROUPS,
    CONFIGURATIONS,
    LOCATION_USAGES,
    INVENTORY_SETTINGS,
    SEGMENTS,
    PRICE_LISTS,
    ENTRIES,
    CURRENCIES,
    RATES,
    SAFETY_STOCK,
    CHANNELS,
)
