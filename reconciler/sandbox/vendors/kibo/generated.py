"""Kibo's objects by number: the n-th of each kind, referring to others of the same number."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from reconciler.sandbox.store import Object
from reconciler.sandbox.vendor import Kind
from reconciler.sandbox.vendors.kibo.exports import EXPORTS
from reconciler.sandbox.vendors.kibo.inventory import FETCHES
from reconciler.sandbox.vendors.kibo.kinds import AUDIT, FULFILLMENT_TYPES, KINDS, SITE, TENANT
from reconciler.sandbox.vendors.kibo.tags import CATEGORIES

CITIES = (
    ("Austin", "TX", "78701", "US"),
    ("İstanbul", "", "34000", "TR"),
    ("Porto", "", "4000-001", "PT"),
    ("Ahmedabad", "GJ", "380001", "IN"),
)
MOMENT = "2024-01-15T10:30:00Z"


def _location(number: int) -> Object:
    city, state, postal_code, country = CITIES[number % len(CITIES)]
    return {
        "code": f"L-{number:06}",
        "name": f"Location {number:06} {city}",
        "description": f"Generated location {number}",
        "locationTypes": [{"code": f"T-{number:06}"}],
        "fulfillmentTypes": [{"code": "DS"}, {"code": "SP"}],
        "address": {
            "address1": f"{number} Main St",
            "cityOrTown": city,
            "stateOrProvince": state,
            "postalOrZipCode": postal_code,
            "countryCode": country,
            "addressType": "Commercial",
            "isValidated": False,
        },
        "geo": {"lat": number % 90 + 0.5, "lng": -(number % 180) - 0.25},
        "supportsInventory": True,
        "isDisabled": number % 10 == 0,
        "tags": [f"region-{number % 7}"],
    }


def _price_list(number: int) -> Object:
    return {
        "priceListCode": f"PL-{number:06}",
        "name": f"Price list {number:06}",
        "description": f"Generated price list {number}",
        "enabled": number % 5 != 0,
        "mappedCustomerSegments": [f"S-{number:06}"],
        "rank": number,
    }


def _entry(number: int) -> Object:
    return {
        "priceListCode": f"PL-{number:06}",
        "productCode": f"SKU-{number:06}",
        "currencyCode": "USD",
        "priceListEntryMode": "Simple",
        "priceEntries": [
            {
                "minQty": 1,
                "listPriceMode": "Overridden",
                "listPrice": 10 + number % 90 + 0.95,
                "salePriceMode": "UseCatalog",
            }
        ],
    }


def _rule(number: int) -> Object:
    return {
        "code": f"SSR-{number:06}",
        "name": f"Rule {number:06}",
        "enabled": True,
        "locationCodes": [f"L-{number:06}"],
        "quantity": 1 + number % 20,
        "rank": number,
        "isActive": True,
    }


def _export(number: int) -> Object:
    ids = {"exportSettingsID": number, "exportSettingsFTPID": number * 1000 + 1}
    ftp = {
        "name": "primary",
        "ftpServer": f"ftp-{number}.example.com",
        "ftpPort": 22,
        "ftpDirectory": "/out",
        "ftpUser": "kibo",
        "ftpPassword": f"generated-{number}",
        "deliveryClass": "ExportDeliveryDefault",
        "active": True,
    }
    return {
        "name": f"export-{number:06}",
        "fileFormat": "CSV" if number % 2 else "XML",
        "exportType": "AGGREGATE" if number % 3 else "LOCATION",
        "ftpInformation": [ftp | ids],
        "onlySendAvailable": True,
        "siteIDs": [SITE],
    }


def _fetch(number: int) -> Object:
    return {
        "active": True,
        "lockName": f"fetch-{number:06}",
        "postProcessAction": 1,
        "refreshEnabled": True,
        "ftpServer": f"ftp-{number}.example.com",
        "ftpPort": 22,
        "ftpUsername": "kibo",
        "ftpPassword": f"generated-{number}",
        "ftpRemotePath": "/in",
    }


def _category(number: int) -> Object:
    made = {"created": "2024-01-15T10:30:00-0000", "updated": "2024-01-15T10:30:00-0000"}
    values = (("online", 80, True), ("marketplace", 20, False))
    tags = [
        {"tagID": number * 1000 + place, "tagValue": value, "isDefault": default, "percent": share}
        for place, (value, share, default) in enumerate(values, 1)
    ]
    return {"name": f"category-{number:06}", "tags": [tag | made for tag in tags]}


def _subscription(number: int) -> Object:
    event = {"eventId": 1, "eventName": "pricelist.updated", "eventCategory": "pricelist"}
    return {
        "applicationEndPoint": f"https://hooks.example.com/kibo/{number}",
        "events": [event | {"apiVersionNumber": "1"}],
        "packageId": 1,
        "noCallback": False,
        "applicationSubscriptionId": number,
        "auditInfo": AUDIT,
    }


def _stock(number: int) -> Object:
    return {
        "locationCode": f"L-{number:06}",
        "upc": f"SKU-{number:06}",
        "onHand": number % 1000,
        "allocated": 0,
        "pending": 0,
        "ltd": 0,
        "floor": 0,
        "safetyStock": 0,
        "blockAssignment": False,
    }


def _job(number: int) -> Object:
    return {
        "type": "REFRESH",
        "status": "SUCCESS",
        "locationCode": f"L-{number:06}",
        "added": MOMENT,
        "started": MOMENT,
        "finished": MOMENT,
        "itemCount": 1,
        "hasData": True,
        "success": True,
        "messages": [],
        "jobID": number,
        "tenantID": TENANT,
        "work": {},
    }


def _usage(number: int) -> Object:
    codes = [*FULFILLMENT_TYPES]
    code = codes[number - 1] if number <= len(codes) else f"U{number}"
    return {"locationUsageTypeCode": code, "locationCodes": [f"L-{number:06}"]}


def _group(number: int) -> Object:
    return {
        "locationGroupCode": f"G-{number:06}",
        "name": f"Group {number:06}",
        "siteIds": [SITE],
        "locationCodes": [f"L-{number:06}"],
    }


def _currency(number: int) -> str:
    """A code of three letters, in the order of the alphabet; there are 17,576 of them."""
    letters = (chr(ord("A") + number // 26**place % 26) for place in (2, 1, 0))
    return "".join(letters)


def _rate(number: int) -> Object:
    one, other = _currency(number), _currency(number + 1)
    return {"fromCurrencyCode": one, "toCurrencyCode": other, "rate": 1 + number % 100 / 100}


PLATFORM: Mapping[str, Callable[[int], Object]] = {
    "location_types": lambda number: {"code": f"T-{number:06}", "name": f"Type {number:06}"},
    "locations": _location,
    "location_groups": _group,
    "location_group_configurations": lambda number: {
        "locationGroupCode": f"G-{number:06}",
        "enableForSTH": True,
        "enableForISPU": number % 2 == 0,
    },
    "location_usages": _usage,
    "inventory_settings": lambda number: {
        "inventoryExportJob": {"isEnabled": True, "timesOfDay": [f"{number % 24:02}:00"]}
    },
    "customer_segments": lambda number: {
        "code": f"S-{number:06}",
        "name": f"Segment {number:06}",
        "description": f"Generated segment {number}",
    },
    "price_lists": _price_list,
    "price_list_entries": _entry,
    "currencies": lambda number: {"currencyCode": _currency(number), "decimalPlaces": 2},
    "exchange_rates": _rate,
    "safety_stock_rules": _rule,
    "channels": lambda number: {
        "code": f"CH-{number:06}",
        "name": f"Channel {number:06}",
        "region": "US",
        "countryCode": "US",
        "siteIds": [SITE],
    },
}


def _whole(kind: Kind, generate: Callable[[int], Object]) -> Callable[[int], Object]:
    """A generated object with the fields it would have if a client had made it."""
    defaults = {each.name: each.default for each in kind.fields if each.default is not None}

    def make(number: int) -> Object:
        thing = {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in defaults.items()
        }
        return thing | generate(number) | kind.born(number)

    return make


KIBO: Mapping[str, Callable[[int], Object]] = {
    **{kind.name: _whole(kind, PLATFORM[kind.name]) for kind in KINDS},
    "export_settings": _whole(EXPORTS, _export),
    "fetch_file_configs": _whole(FETCHES, _fetch),
    "inventory_tag_categories": _whole(CATEGORIES, _category),
    "event_subscriptions": _subscription,
    "stock_levels": _stock,
    "jobs": _job,
    "countries": lambda number: {"code": f"X{number}", "name": f"Country {number}"},
    "reference_currencies": lambda number: {
        "code": _currency(number),
        "name": f"Currency {number}",
    },
    "time_zones": lambda number: {
        "id": f"Zone {number} Standard Time",
        "offset": number % 25 - 12,
        "isDaylightSavingsTime": False,
    },
    "units_of_measure": lambda number: {
        "symbol": f"u{number}",
        "name": f"unit {number}",
        "pluralName": f"units {number}",
        "unitOfMeasureType": ("Length", "Weight", "Volume")[number % 3],
    },
}
