"""Kibo's oddities around locations and settings: membership, singletons, usages, ranks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconciler.sandbox import verbs
from reconciler.sandbox.store import Object
from reconciler.sandbox.vendor import Answer, Call, Kind, Route
from reconciler.sandbox.vendors.kibo.checks import checked, invalid, missing, taken
from reconciler.sandbox.vendors.kibo.kinds import (
    AUDIT,
    CONFIGURATIONS,
    FULFILLMENT_TYPES,
    INVENTORY_SETTINGS,
    LOCATION_GROUPS,
    LOCATION_TYPES,
    LOCATION_USAGES,
    SAFETY_STOCK,
    SITE,
    TENANT,
)
from reconciler.sandbox.vendors.kibo.lists import selected
from reconciler.sandbox.vendors.kibo.platform import add, create, delete, located, put, replaced


def all_types(call: Call) -> Answer:
    """Every location type in a plain array."""
    ids = call.window(selected(call, LOCATION_TYPES), 0, 1_000_000_000)[0]
    return Answer(200, verbs.encoded(call.account, LOCATION_TYPES, ids))


def add_group(call: Call) -> Answer:
    """A new location group, and the configuration that every group has."""
    answer = create(call, LOCATION_GROUPS)
    group = answer.body
    add(call, CONFIGURATIONS, _owned(group) | {"locationGroupCode": group["locationGroupCode"]})
    return answer


def delete_group(call: Call) -> Answer:
    """A location group goes with its configuration."""
    answer = delete(call, LOCATION_GROUPS)
    store = call.account.store
    for number in list(store[CONFIGURATIONS.name].find("locationGroupCode", call.params["id"])):
        store.write(CONFIGURATIONS.name, number, None)
    return answer


def join(call: Call) -> Answer:
    """More locations for a group."""
    more = call.json().get("locationCodes") or []
    return _regroup(call, lambda codes: [*codes, *(code for code in more if code not in codes)])


def leave(call: Call) -> Answer:
    """Fewer locations in a group: those the (repeated) parameter names."""
    gone = {code for name, value in call.pairs if name == "locationCodes" for code in [value]}
    return _regroup(call, lambda codes: [code for code in codes if code not in gone])


def _regroup(call: Call, change: Any) -> Answer:
    number = located(call, LOCATION_GROUPS)
    group = call.account.store[LOCATION_GROUPS.name][number]
    replaced(
        call, LOCATION_GROUPS, number, group | {"locationCodes": change(group["locationCodes"])}
    )
    return Answer(200)


def configuration(call: Call) -> Answer:
    """The configuration of a group, which it has from the beginning."""
    return _configuration(call, call.account.store[LOCATION_GROUPS.name][_group(call)])


def configuration_of_location(call: Call) -> Answer:
    """The configuration of the first group a location is in."""
    code = call.params["id"]
    for group in call.account.store[LOCATION_GROUPS.name]:
        if code in group.get("locationCodes", ()):
            return _configuration(call, group)
    raise missing(CONFIGURATIONS, code)


def _configuration(call: Call, group: Object) -> Answer:
    for number in _configurations(call, group):
        return Answer(200, verbs.item(call, CONFIGURATIONS, number))
    code = group["locationGroupCode"]
    return Answer(200, _owned(group) | {"locationGroupCode": code, "auditInfo": AUDIT})


def _configurations(call: Call, group: Object) -> set[int]:
    store = call.account.store[CONFIGURATIONS.name]
    return store.find("locationGroupCode", group["locationGroupCode"])


def _group(call: Call) -> int:
    return located(call, LOCATION_GROUPS)


def _owned(group: Object) -> Object:
    return {"tenantId": TENANT, "siteId": SITE, "locationGroupId": group["locationGroupId"]}


def configure(call: Call) -> Answer:
    """The configuration of a group, replaced."""
    group = call.account.store[LOCATION_GROUPS.name][_group(call)]
    for number in _configurations(call, group):
        return replaced(call, CONFIGURATIONS, number, call.json())
    body = call.json() | {"locationGroupCode": group["locationGroupCode"]}
    number = add(call, CONFIGURATIONS, checked(call.account, CONFIGURATIONS, body) | _owned(group))
    return Answer(200, verbs.item(call, CONFIGURATIONS, number))


def _usages(call: Call) -> dict[str, Object]:
    """Every usage by its code: those the system has, whether anything was set or not."""
    bare = {"locationTypeCodes": [], "locationCodes": [], "auditInfo": AUDIT}
    found = {code: {"locationUsageTypeCode": code} | bare for code in FULFILLMENT_TYPES}
    stored = call.account.store[LOCATION_USAGES.name]
    return found | {each["locationUsageTypeCode"]: each for each in stored}


def usages(call: Call) -> Answer:
    """All location usages of the site."""
    items = list(_usages(call).values())
    return Answer(200, {"totalCount": len(items), "items": items})


def _usage(call: Call) -> Object:
    found: Mapping[str, Object] = _usages(call)
    code = call.params["id"]
    if code.upper() not in found:
        raise missing(LOCATION_USAGES, code)
    return found[code.upper()]


def usage(call: Call) -> Answer:
    """One location usage, its code in any case."""
    return Answer(200, _usage(call))


def use(call: Call) -> Answer:
    """One location usage, replaced."""
    before = _usage(call)
    code = before["locationUsageTypeCode"]
    body = call.json() | {"locationUsageTypeCode": code}
    fields = checked(call.account, LOCATION_USAGES, body)
    for number in call.account.store[LOCATION_USAGES.name].find("locationUsageTypeCode", code):
        put(call, LOCATION_USAGES, number, fields)
        return Answer(200, verbs.item(call, LOCATION_USAGES, number))
    number = add(call, LOCATION_USAGES, fields)
    return Answer(200, verbs.item(call, LOCATION_USAGES, number))


def settings(call: Call) -> Answer:
    """The inventory settings of the site, once somebody has made them."""
    return Answer(200, verbs.item(call, INVENTORY_SETTINGS, _settings(call)))


def make_settings(call: Call) -> Answer:
    """The site's inventory settings for the first time."""
    fields = checked(call.account, INVENTORY_SETTINGS, call.json())
    if call.account.store[INVENTORY_SETTINGS.name].ids:
        raise taken(INVENTORY_SETTINGS, SITE)
    return Answer(200, verbs.item(call, INVENTORY_SETTINGS, add(call, INVENTORY_SETTINGS, fields)))


def change_settings(call: Call) -> Answer:
    """The site's inventory settings, replaced."""
    number = _settings(call)
    put(call, INVENTORY_SETTINGS, number, checked(call.account, INVENTORY_SETTINGS, call.json()))
    return Answer(200, verbs.item(call, INVENTORY_SETTINGS, number))


def _settings(call: Call) -> int:
    ids = call.account.store[INVENTORY_SETTINGS.name].ids
    if not ids:
        raise missing(INVENTORY_SETTINGS, SITE)
    return ids[0]


def rank(call: Call) -> Answer:
    """Moves a safety stock rule to another rank, and those in between by one."""
    number = located(call, SAFETY_STOCK)
    store = call.account.store
    old, new = store[SAFETY_STOCK.name][number]["rank"], call.json().get("newRank")
    if not isinstance(new, int) or isinstance(new, bool) or new < 1:
        raise invalid(("newRank", "must be a whole number from 1"))
    step = 1 if new < old else -1
    for each in list(store[SAFETY_STOCK.name].ids):
        rule = store[SAFETY_STOCK.name][each]
        between = min(old, new) <= rule["rank"] <= max(old, new)
        if each == number or between:
            moved = new if each == number else rule["rank"] + step
            store.write(SAFETY_STOCK.name, each, rule | {"rank": moved})
    return Answer(200)


def route(method: str, kind: Kind, tail: str, handle: Any) -> Route:
    """A route of its own for a kind."""
    return Route(method, kind.path + tail, handle, kind.scope)


def routes() -> list[Route]:
    """What is more than a kind's own verbs; the fixed words before any code."""
    groups, members = LOCATION_GROUPS, "/{id}/locationCodes"
    return [
        route("GET", LOCATION_TYPES, "", all_types),
        route("POST", groups, "", add_group),
        route("DELETE", groups, "/{id}", delete_group),
        route("POST", groups, members, join),
        route("DELETE", groups, members, leave),
        route("GET", CONFIGURATIONS, "/location/{id}", configuration_of_location),
        route("GET", CONFIGURATIONS, "/{id}", configuration),
        route("PUT", CONFIGURATIONS, "/{id}", configure),
        route("GET", LOCATION_USAGES, "", usages),
        route("GET", LOCATION_USAGES, "/{id}", usage),
        route("PUT", LOCATION_USAGES, "/{id}", use),
        route("GET", INVENTORY_SETTINGS, "", settings),
        route("POST", INVENTORY_SETTINGS, "", make_settings),
        route("PUT", INVENTORY_SETTINGS, "", change_settings),
        route("PUT", SAFETY_STOCK, "/{id}/rank", rank),
    ]
