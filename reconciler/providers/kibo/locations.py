"""Kibo's locations: what they are, how they are grouped, and what each site uses them for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconciler.kinds import Archive, Call, Carries, Identity, Kind, Parent, Raw, Verb
from reconciler.model import Pointer
from reconciler.providers.kibo.calls import ITEMS, PAGES, named, naming, pointing

ADMIN = "/commerce/admin"
CONFIGURATION = f"{ADMIN}/locationGroupConfiguration/{{locationGroupCode}}"
USAGES = "/commerce/settings/locationUsages"


def decode_location(raw: Raw) -> Raw:
    """Types and fulfillment types are answered as `[{code, name, …}]` and known by their codes
    (Location, in the API description of location administration)."""
    fields = dict(raw)
    if isinstance(raw.get("locationTypes"), list):
        fields["locationTypes"] = [Pointer(id=str(_code(one))) for one in raw["locationTypes"]]
    if isinstance(raw.get("fulfillmentTypes"), list):
        fields["fulfillmentTypes"] = [_code(one) for one in raw["fulfillmentTypes"]]
    return fields


def encode_location(fields: Raw) -> Raw:
    """Types and fulfillment types are written as `[{code}]`: Kibo knows their names."""
    body = naming("locationTypes")(fields)
    for name in ("locationTypes", "fulfillmentTypes"):
        if body.get(name):
            body[name] = [{"code": code} for code in body[name]]
    return body


def _code(one: Any) -> Any:
    return one["code"] if isinstance(one, Mapping) else one


LOCATION_TYPES = Kind(
    name="location_types",
    title="location type",
    calls={
        **named(f"{ADMIN}/locationtypes"),
        Verb.LIST: Call("GET", f"{ADMIN}/locationtypes"),
    },
    natural_key=("code",),
    screen="Kibo Admin → Settings → Location Types",
    identifier=("code",),
    identity=Identity.ENFORCED,
    notes=("The list comes whole, as a plain array.",),
)

LOCATIONS = Kind(
    name="locations",
    title="location",
    calls={
        **named(f"{ADMIN}/locations"),
        Verb.DELETE: Call(
            "PUT", f"{ADMIN}/locations/{{id}}", carries=Carries.ALL, adds={"isDisabled": True}
        ),
    },
    natural_key=("code",),
    screen="Kibo Admin → Settings → Locations",
    paging=PAGES,
    identifier=("code",),
    identity=Identity.ENFORCED,
    archive=Archive(told=lambda raw: raw.get("isDisabled") is True, field="isDisabled"),
    decode=decode_location,
    encode=encode_location,
    notes=(
        "No current description has a request that deletes a location: removing one disables it "
        "(`isDisabled: true`), and declaring it again brings it back.",
        "`includeInInventoryAggregrate` is spelt as Kibo spells it.",
        "Text that is not set is answered as an empty text, and every yes-or-no as `false`: "
        "unset a text by declaring it empty.",
        "Kibo's own import tool adds a location that ships directly to `location_usages` as well; "
        "this one declares nothing that is not in a manifest.",
        "How opening hours and cut-off times are written is not documented: they are text as it "
        "came.",
        "The definition of an attribute is answered with its values and is no field.",
        "`isValidated` of an address is assumed to be kept as it was sent.",
    ),
)

LOCATION_GROUPS = Kind(
    name="location_groups",
    title="location group",
    calls=named(f"{ADMIN}/locationGroups", sort="locationGroupCode"),
    natural_key=("locationGroupCode",),
    screen="Kibo Admin → Settings → Location Groups",
    paging=PAGES,
    identifier=("locationGroupCode",),
    identity=Identity.ENFORCED,
    decode=pointing("locationCodes"),
    encode=naming("locationCodes"),
    notes=(
        "`locationGroupIDs` of export settings are numbers of the inventory service, not "
        "`locationGroupId`.",
    ),
)

LOCATION_GROUP_CONFIGURATIONS = Kind(
    name="location_group_configurations",
    title="location group configuration",
    calls={
        Verb.GET: Call("GET", CONFIGURATION),
        Verb.CREATE: Call("PUT", CONFIGURATION, carries=Carries.ALL),
        Verb.UPDATE: Call("PUT", CONFIGURATION, carries=Carries.ALL),
    },
    natural_key=("locationGroupCode",),
    screen="Kibo Admin → Settings → Location Groups → the group → Configuration",
    identifier=("locationGroupCode",),
    identity=Identity.ENFORCED,
    parent=Parent("locationGroupCode", "locationGroupCode"),
    undeletable=True,
    decode=pointing("locationGroupCode"),
    encode=naming("locationGroupCode"),
    notes=(
        "A group is assumed to have a configuration from the beginning: making one is changing "
        "it, and it goes with its group.",
        "The entries of `carriers`, `boxTypes`, `bpmConfigurations` and `attributes` are assumed "
        "to be told apart by carrier, name, sort of shipment and attribute.",
        "Deadlines and reminders are whole numbers whose unit no description names.",
    ),
)

LOCATION_USAGES = Kind(
    name="location_usages",
    title="location usage",
    calls={
        Verb.LIST: Call("GET", USAGES, ITEMS),
        Verb.GET: Call("GET", f"{USAGES}/{{id}}"),
        Verb.UPDATE: Call("PUT", f"{USAGES}/{{id}}", carries=Carries.ALL),
    },
    natural_key=("locationUsageTypeCode",),
    screen="Kibo Admin → Settings → Locations → Location Usage",
    identifier=("locationUsageTypeCode",),
    identity=Identity.ENFORCED,
    undeletable=True,
    decode=pointing("locationTypeCodes", "locationCodes"),
    encode=naming("locationTypeCodes", "locationCodes"),
    notes=(
        "They belong to the site and are there from the beginning (DS direct ship, SP in-store "
        "pickup, DL delivery): none is made or removed.",
        "The code is written as the list has it; paths take it in any case.",
    ),
)

KINDS = (
    LOCATION_TYPES,
    LOCATIONS,
    LOCATION_GROUPS,
    LOCATION_GROUP_CONFIGURATIONS,
    LOCATION_USAGES,
)
