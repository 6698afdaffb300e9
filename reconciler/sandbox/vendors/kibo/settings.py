"""Kibo's oddities around locations and settings: membership, singletons, usages."""

from __future__ import annotations

from collections.abc import Callable

from reconciler.sandbox.crud import delete_where, encode_list, find, id_in_path, item, missing
from reconciler.sandbox.describe import Answer, Call, Field, Handler, Kind, Route, fields, of
from reconciler.sandbox.samples import constant
from reconciler.sandbox.store import Object
from reconciler.sandbox.vendors.kibo.checks import checked, taken
from reconciler.sandbox.vendors.kibo.kinds import (
    AUDIT,
    CATALOGS,
    FULFILLMENT_TYPES,
    LOCATION_GROUPS,
    LOCATION_TYPES,
    SITE,
    TENANT,
    codes_of,
    kibo_kind,
)
from reconciler.sandbox.vendors.kibo.lists import listing, selected
from reconciler.sandbox.vendors.kibo.platform import CRUD, add, put, replaced

CONFIGURATIONS = kibo_kind(
    "location_group_configurations",
    "/commerce/admin/locationGroupConfiguration",
    "locationGroupCode",
    "",
    Field("locationGroupCode", make="G-{n:06}"),
    *fields("string", "customerFailedToPickupAfterAction pickWavePrintFormat defaultCarrier"),
    *fields("string", "defaultReturnCarrier defaultPrinterType"),
    *fields("integer", "customerFailedToPickupDeadline sendCustomerPickupReminder"),
    *fields("integer", "maximumNumberOfOrdersInPickWave defaultNumberOfOrdersInPickWave"),
    *fields("integer", "defaultMaxNumberOfShipmentsInPickWave maxNumberOfPackingSlipsByGroup"),
    *fields("number", "defaultReturnRefundReductionAmount maximumReturnRefundReductionAmount"),
    Field("enableForSTH", "boolean", make=constant(True)),
    Field("enableForISPU", "boolean", make=lambda n: n % 2 == 0),
    *fields("boolean", "enableAdvancedOptionForPickWaveCreation wmsEnabled allowReturns"),
    *fields("boolean", "enableScanningOfUpcForShipToHome returnRefundReduction"),
    *fields("boolean", "printReturnLabel autoPackingListPopup blockPartialStock"),
    *fields("boolean", "blockPartialCancel enablePnp enablePnpForSTH enablePnpForBOPIS"),
    *fields("boolean", "enablePnpForDelivery displayProductImagesInPickWaveDetails"),
    *fields("objects", "carriers boxTypes attributes bpmConfigurations slaConfigurations"),
    *fields("strings", "closePickWavePermissions"),
    *fields("object", "packageSettings"),
    owned=lambda number: _owned(number),
)


def _usage_code(number: int) -> str:
    known = [*FULFILLMENT_TYPES]
    return known[number - 1] if number <= len(known) else f"U{number}"


LOCATION_USAGES = kibo_kind(
    "location_usages",
    "/commerce/settings/locationUsages",
    "locationUsageTypeCode",
    "",
    Field("locationUsageTypeCode", make=_usage_code),
    codes_of("location_types", "locationTypeCodes"),
    codes_of("locations", "locationCodes", prefix="L"),
    scope=CATALOGS,
)


def _export_job(number: int) -> Object:
    return {"isEnabled": True, "timesOfDay": [f"{number % 24:02}:00"]}


def _settings(call: Call) -> int:
    ids = call.collection(INVENTORY_SETTINGS).ids
    if not ids:
        raise missing(call, INVENTORY_SETTINGS, SITE)
    return ids[0]


def _created_once(call: Call, fields: Object, before: Object | None) -> Object:
    if before is None and call.collection(INVENTORY_SETTINGS).ids:
        raise taken(INVENTORY_SETTINGS, SITE)
    return fields


INVENTORY_SETTINGS: Kind = kibo_kind(
    "inventory_settings",
    "/commerce/settings/inventory/inventorySettings",
    "",
    "",
    Field("inventoryExportJob", "object", make=_export_job),
    Field("locationFulfillmentTypeSettings", "objects"),
    scope=CATALOGS,
    find=_settings,
    prepare=_created_once,
)
"""The inventory settings of the site, once somebody has created them."""
KINDS = (CONFIGURATIONS, LOCATION_USAGES, INVENTORY_SETTINGS)


def all_types(call: Call) -> Answer:
    """Every location type in a plain array."""
    ids = call.window(selected(call, LOCATION_TYPES), 0, 1_000_000_000)[0]
    return Answer(200, encode_list(call.account, LOCATION_TYPES, ids))


def _owned(group: int) -> Object:
    return {"tenantId": TENANT, "siteId": SITE, "locationGroupId": group}


def add_group(call: Call, kind: Kind) -> Answer:
    """A new location group, and the configuration that every group has."""
    answer = CRUD.create(call, kind)
    code = answer.body["locationGroupCode"]
    add(call, CONFIGURATIONS, _owned(answer.body["locationGroupId"]) | {CONFIGURATIONS.key: code})
    return answer


def delete_group(call: Call, kind: Kind) -> Answer:
    """A location group goes with its configuration."""
    answer = CRUD.delete(call, kind)
    delete_where(call, CONFIGURATIONS, "locationGroupCode", call.params["id"])
    return answer


def join(call: Call) -> Answer:
    """More locations for a group."""
    more = call.json().get("locationCodes") or []
    if not isinstance(more, list):
        more = [more]
    return _regroup(call, lambda codes: [*codes, *(code for code in more if code not in codes)])


def leave(call: Call) -> Answer:
    """Fewer locations in a group: those the (repeated) parameter names."""
    leaving = {value for name, value in call.pairs if name == "locationCodes"}
    return _regroup(call, lambda codes: [code for code in codes if code not in leaving])


def _regroup(call: Call, change: Callable[[list[str]], list[str]]) -> Answer:
    number, group = _group(call)
    body = group | {"locationCodes": change(group["locationCodes"])}
    replaced(call, LOCATION_GROUPS, number, body)
    return Answer(200)


def _group(call: Call) -> tuple[int, Object]:
    number = id_in_path(call, LOCATION_GROUPS)
    return number, call.collection(LOCATION_GROUPS)[number]


def configuration(call: Call) -> Answer:
    """The configuration of a group, which it has from the beginning."""
    return _configuration(call, _group(call)[1])


def configuration_of_location(call: Call) -> Answer:
    """The configuration of the first group a location is in."""
    code = call.params["id"]
    for group in call.collection(LOCATION_GROUPS):
        if code in group.get("locationCodes", ()):
            return _configuration(call, group)
    raise missing(call, CONFIGURATIONS, code)


def _configuration(call: Call, group: Object) -> Answer:
    code = {"locationGroupCode": group["locationGroupCode"]}
    number = find(call, CONFIGURATIONS, "locationGroupCode", group["locationGroupCode"])
    if number is not None:
        return Answer(200, item(call, CONFIGURATIONS, number))
    return Answer(200, _owned(group["locationGroupId"]) | code | {"auditInfo": AUDIT})


def configure(call: Call) -> Answer:
    """The configuration of a group, replaced."""
    group, body = _group(call)[1], call.json()
    code = group["locationGroupCode"]
    number = find(call, CONFIGURATIONS, "locationGroupCode", code)
    if number is not None:
        return replaced(call, CONFIGURATIONS, number, body)
    values = checked(call.account, CONFIGURATIONS, body | {"locationGroupCode": code})
    return _saved(call, CONFIGURATIONS, None, values | _owned(group["locationGroupId"]))


def _saved(call: Call, kind: Kind, number: int | None, values: Object) -> Answer:
    """Store checked fields, in the place of an object or as a new one."""
    if number is None:
        number = add(call, kind, values)
    else:
        put(call, kind, number, values)
    return Answer(200, item(call, kind, number))


def _usages(call: Call) -> dict[str, Object]:
    """Every usage by its code: those the system has, whether anything was set or not."""
    unset = {"locationTypeCodes": [], "locationCodes": [], "auditInfo": AUDIT}
    known = {code: {"locationUsageTypeCode": code} | unset for code in FULFILLMENT_TYPES}
    stored = call.collection(LOCATION_USAGES)
    return known | {usage["locationUsageTypeCode"]: usage for usage in stored}


def usages(call: Call) -> Answer:
    """All location usages of the site."""
    items = list(_usages(call).values())
    return Answer(200, {"totalCount": len(items), "items": items})


def _usage(call: Call) -> Object:
    code = call.params["id"]
    if code.upper() not in (known := _usages(call)):
        raise missing(call, LOCATION_USAGES, code)
    return known[code.upper()]


def usage(call: Call) -> Answer:
    """One location usage, its code in any case."""
    return Answer(200, _usage(call))


def replace_usage(call: Call) -> Answer:
    """One location usage, replaced."""
    code = _usage(call)["locationUsageTypeCode"]
    body = call.json() | {"locationUsageTypeCode": code}
    values = checked(call.account, LOCATION_USAGES, body)
    number = find(call, LOCATION_USAGES, "locationUsageTypeCode", code)
    return _saved(call, LOCATION_USAGES, number, values)


def route(method: str, kind: Kind, tail: str, handle: Handler) -> Route:
    """A route of its own for a kind."""
    return Route(method, kind.path + tail, handle, kind.scope)


def routes() -> list[Route]:
    """What is more than a kind's own verbs; the fixed words before any code."""
    groups, members = LOCATION_GROUPS, "/{id}/locationCodes"
    return [
        route("GET", LOCATION_TYPES, "/withpagination", of(LOCATION_TYPES, listing)),
        route("GET", LOCATION_TYPES, "", all_types),
        route("POST", groups, "", of(groups, add_group)),
        route("DELETE", groups, "/{id}", of(groups, delete_group)),
        route("POST", groups, members, join),
        route("DELETE", groups, members, leave),
        route("GET", CONFIGURATIONS, "/location/{id}", configuration_of_location),
        route("GET", CONFIGURATIONS, "/{id}", configuration),
        route("PUT", CONFIGURATIONS, "/{id}", configure),
        route("GET", LOCATION_USAGES, "", usages),
        route("GET", LOCATION_USAGES, "/{id}", usage),
        route("PUT", LOCATION_USAGES, "/{id}", replace_usage),
        route("GET", INVENTORY_SETTINGS, "", of(INVENTORY_SETTINGS, CRUD.show)),
        route("POST", INVENTORY_SETTINGS, "", of(INVENTORY_SETTINGS, CRUD.create)),
        route("PUT", INVENTORY_SETTINGS, "", of(INVENTORY_SETTINGS, CRUD.update)),
    ]
