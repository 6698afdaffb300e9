"""Kibo's kinds of the platform family that have no calls of their own, and what all kinds share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reconciler.sandbox.describe import Account, Call, Field, Kind, fields
from reconciler.sandbox.samples import CITIES, constant, in_turn, letters
from reconciler.sandbox.store import Clock, Object

TENANT, SITE, MASTER_CATALOG, CATALOG = 12345, 67890, 1, 1
ACTOR = "sandbox.app"
TENANTS, CATALOGS = "tenant", "catalog"
"""What a request must be about: the tenant only, or a site and its catalogs as well."""
FULFILLMENT_TYPES = {"DS": "Direct Ship", "SP": "In Store Pickup", "DL": "Delivery"}
CREATED = "2024-01-15T10:30:00-0000"
"""When generated objects of the inventory family were created."""


def audit(moment: str, before: Object | None = None) -> Object:
    """Who created an object and when, and who changed it last."""
    created = before or {"createDate": moment, "createBy": ACTOR}
    return {
        "createDate": created["createDate"],
        "createBy": created["createBy"],
        "updateDate": moment,
        "updateBy": ACTOR,
    }


AUDIT = audit("2024-01-15T10:30:00.000Z")


def moment(clock: Clock) -> str:
    """The present as the platform family writes it."""
    return f"{clock.now().strftime('%Y-%m-%dT%H:%M:%S.%f')[:-3]}Z"


def kibo_kind(
    name: str,
    path: str,
    key: str,
    verbs: str,
    *fields: Field,
    scope: str = TENANTS,
    numbered: bool = False,
    owned: Callable[[int], Object] = lambda _: {},
    **facts: Any,
) -> Kind:
    """A kind of the platform family; `owned` are fields of the server beside `auditInfo`."""
    return Kind(
        name,
        path,
        fields,
        verbs,
        key,
        scope,
        numbered=numbered,
        sparse=True,
        server_fields=lambda number: owned(number) | {"auditInfo": AUDIT},
        **facts,
    )


def inventory_kind(name: str, path: str, *fields: Field, **facts: Any) -> Kind:
    """A kind of the inventory family."""
    return Kind(name, path, fields, "", scope=TENANTS, numbered=False, sparse=True, **facts)


def codes_of(
    kind: str,
    name: str,
    by: str = "code",
    *,
    prefix: str = "",
    default: tuple[str, ...] | None = (),
) -> Field:
    """A list of codes of another kind; the generated code has this prefix."""
    make = (lambda number: [f"{prefix}-{number:06}"]) if prefix else None
    return Field(name, "strings", default=default, refers=kind, by=by, make=make)


def sites(name: str, generated: bool = True) -> Field:
    """A list of sites."""
    return Field(name, "integers", default=(), make=constant([SITE]) if generated else None)


def code(prefix: str, name: str = "code") -> Field:
    """The code an object is known by; generated ones have this prefix."""
    return Field(name, required=True, unique=True, make=f"{prefix}-{{n:06}}")


def _with_types(account: Account, location: Object) -> Object:
    """A location with its types and fulfillment types by name, as it is read."""
    types = account.store["location_types"]
    read = dict(location)
    if "locationTypes" in location:
        read["locationTypes"] = [
            next((types[n] for n in types.find("code", given.get("code"))), given)
            for given in location["locationTypes"]
        ]
    if "fulfillmentTypes" in location:
        read["fulfillmentTypes"] = [
            {"name": FULFILLMENT_TYPES.get(str(given.get("code")), "")} | given
            for given in location["fulfillmentTypes"]
        ]
    return read


def _types_by_code(_: Call, fields: Object, __: Object | None) -> Object:
    """Types by code only: whatever else was sent of them is known better here."""
    coded = {
        name: [{"code": given["code"]} if "code" in given else given for given in fields[name]]
        for name in ("locationTypes", "fulfillmentTypes")
        if name in fields
    }
    return fields | coded


def _city(number: int) -> tuple[str, str, str, str]:
    cities = (("Austin", "TX", "78701", "US"), *CITIES[1:])
    return cities[number % len(cities)]


def _address(number: int) -> Object:
    city, state, postal_code, country = _city(number)
    return {
        "address1": f"{number} Main St",
        "cityOrTown": city,
        "stateOrProvince": state,
        "postalOrZipCode": postal_code,
        "countryCode": country,
        "addressType": "Commercial",
        "isValidated": False,
    }


def _flags(names: str) -> tuple[Field, ...]:
    return fields("boolean", names, default=False)


LOCATION_TYPES = kibo_kind(
    "location_types",
    "/commerce/admin/locationtypes",
    "code",
    "GCUD",
    code("T"),
    Field("name", required=True, make="Type {n:06}"),
)

LOCATIONS = kibo_kind(
    "locations",
    "/commerce/admin/locations",
    "code",
    "LGCUP",
    code("L"),
    Field("name", required=True, make=lambda n: f"Location {n:06} {_city(n)[0]}"),
    Field("description", default="", make="Generated location {n}"),
    *fields("string", "note phone fax", default=""),
    Field(
        "locationTypes",
        "objects",
        refers="location_types",
        by="code",
        within="code",
        make=lambda n: [{"code": f"T-{n:06}"}],
    ),
    Field("fulfillmentTypes", "objects", make=constant([{"code": "DS"}, {"code": "SP"}])),
    *fields("objects", "attributes slaConfigurations"),
    Field("address", "object", make=_address),
    Field("geo", "object", make=lambda n: {"lat": n % 90 + 0.5, "lng": -(n % 180) - 0.25}),
    *fields("object", "regularHours cutoffTimes shippingOriginContact processingTimes"),
    *fields("object", "capacity dropShip"),
    Field("tags", "strings", make=lambda n: [f"region-{n % 7}"]),
    Field("supportsInventory", "boolean", default=False, make=constant(True)),
    Field("isDisabled", "boolean", default=False, make=lambda n: n % 10 == 0),
    *_flags("allowFulfillmentWithNoStock express transferEnabled shipToHomeConsolidation"),
    *_flags("deliveryConsolidation includeInInventoryAggregrate includeInLocationExport"),
    *_flags("warehouseEnabled requiresManifest"),
    render=_with_types,
    embeds=("location_types",),
    prepare=_types_by_code,
)

LOCATION_GROUPS = kibo_kind(
    "location_groups",
    "/commerce/admin/locationGroups",
    "locationGroupCode",
    "LGUP",
    code("G", "locationGroupCode"),
    Field("name", required=True, make="Group {n:06}"),
    sites("siteIds"),
    codes_of("locations", "locationCodes", prefix="L"),
    owned=lambda number: {"locationGroupId": number},
)

CHANNELS = kibo_kind(
    "channels",
    "/commerce/channels",
    "code",
    "LGCUD",
    code("CH"),
    Field("name", make="Channel {n:06}"),
    *fields("string", "countryCode region", make="US"),
    Field("groupCode"),
    sites("siteIds"),
    owned=lambda _: {"tenantId": TENANT},
)

SEGMENTS = kibo_kind(
    "customer_segments",
    "/commerce/customer/segments",
    "id",
    "LGCUD",
    code("S"),
    Field("name", make="Segment {n:06}"),
    Field("description", make="Generated segment {n}"),
    numbered=True,
)


def _reference(name: str, path: str, *fields: Field) -> Kind:
    path = f"/platform/reference/{path}"
    return Kind(name, path, fields, scope=TENANTS, numbered=False, sparse=True)


REFERENCE = (
    _reference(
        "countries", "countries", Field("code", make="X{n}"), Field("name", make="Country {n}")
    ),
    _reference(
        "reference_currencies",
        "currencies",
        Field("code", make=letters),
        Field("name", make="Currency {n}"),
    ),
    _reference(
        "time_zones",
        "timezones",
        Field("id", make="Zone {n} Standard Time"),
        Field("offset", make=lambda n: n % 25 - 12),
        Field("isDaylightSavingsTime", make=constant(False)),
    ),
    _reference(
        "units_of_measure",
        "unitsofmeasure",
        Field("symbol", make="u{n}"),
        Field("name", make="unit {n}"),
        Field("pluralName", make="units {n}"),
        Field("unitOfMeasureType", make=in_turn("Length", "Weight", "Volume")),
    ),
)
"""Lists of what there is, for everybody to read."""

KINDS = (LOCATION_TYPES, LOCATIONS, LOCATION_GROUPS, CHANNELS, SEGMENTS)
