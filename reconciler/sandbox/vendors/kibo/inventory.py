"""Kibo's inventory family: its words, its errors, and the files it fetches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconciler.sandbox.store import Clock, Object
from reconciler.sandbox.vendor import Answer, Call, Field, Kind, Refused, Route
from reconciler.sandbox.vendors.kibo.checks import TYPES, WORDS, dense
from reconciler.sandbox.vendors.kibo.kinds import TENANT, TENANTS, many

FETCH = "/commerce/inventory/v1/config/fetchfile"
GROUPS_FROM = 7000
"""Added to a group's number, so that nobody takes the one for the other."""
SWAPS = ("SWAP_PART_NUMBER_WITH_UPC", "SWAP_SKU_WITH_UPC")


def required(kind: str, names: str) -> tuple[Field, ...]:
    """Fields of one type that may not."""
    return tuple(Field(name, kind, required=True) for name in names.split())


FETCH_FIELDS = (
    *required("boolean", "active"),
    *required("string", "lockName"),
    *required("integer", "postProcessAction"),
    *many("integer", "ftpPort"),
    *many("string", "ftpServer ftpUsername ftpPassword ftpRemotePath ftpRemotePathArchive"),
    *many("string", "emailList refreshFileDescription updateFileDescription csvDelimiter"),
    *many("string", "gcsBucket gcsPath gcsArchivePath region bucket s3Path archiveBucket"),
    *many("string", "s3ArchivePath"),
    *many("boolean", "refreshEnabled updateEnabled useControlFile multipleFiles"),
    *many("boolean", "zeroOutNegatives testFTPConfigs ignoreExtraFields blankQuantityIsZero"),
    *many("strings", "fieldNameMap"),
    Field("productMapping", "choice", one_of=SWAPS),
)

FETCHES = Kind(
    "fetch_file_configs",
    FETCH,
    fields=FETCH_FIELDS,
    numbered=False,
    sparse=True,
    born=lambda number: {
        "fetchFileConfigID": number,
        "tenantID": TENANT,
        "failedAttempts": 0,
        "lastModified": "2024-01-15T10:30:00-0000",
    },
)


def problem(status: int, error: str, message: str, *wrong: str) -> Refused:
    """An error of the inventory family; `wrong` are the fields that are."""
    items = [
        {
            "errorCode": error,
            "message": f"{name} is missing or invalid",
            "additionalErrorData": [{"name": "ParameterName", "value": name}],
        }
        for name in wrong
    ]
    body: Object = {"error": error, "message": message}
    return Refused(Answer(status, body | ({"items": items} if items else {})))


def malformed(message: str, *wrong: str) -> Refused:
    """The 400 for a body that is not as it should be."""
    return problem(400, "VALIDATION_ERROR", message, *wrong)


def missing(message: str) -> Refused:
    """The 404 for a name that is none."""
    return problem(404, "NOT_FOUND", message)


def done(**more: Any) -> Answer:
    """What the inventory family says to a write: that it succeeded, and this."""
    return Answer(
        200, {"success": True, "messages": [], "numResults": 1, "tenantID": TENANT} | more
    )


def moment(clock: Clock) -> str:
    """The present as the inventory family writes it: no colon in the offset."""
    return clock.now().strftime("%Y-%m-%dT%H:%M:%S-0000")


def checked(fields: tuple[Field, ...], body: object, where: str) -> Object:
    """The known fields of a body; 400 names every one that is missing or wrong."""
    if not isinstance(body, Mapping):
        raise malformed(f"{where} must be an object", where)
    found: Object = {}
    wrong = []
    for each in fields:
        value = dense(body.get(each.name, each.initial()))
        if value is None or value == "":
            wrong += [each] if each.required else []
        elif not TYPES[each.type](each, value):
            wrong.append(each)
        else:
            found[each.name] = value
    if wrong:
        words = ", ".join(f"{each.name} must be {WORDS[each.type]}" for each in wrong)
        raise malformed(words, *(f"{where}.{each.name}" for each in wrong))
    return found


def fetches(call: Call) -> Answer:
    """All configurations for fetched files, passwords and all."""
    return Answer(200, {"items": list(call.account.store[FETCHES.name])})


def save_fetch(call: Call) -> Answer:
    """A configuration for fetched files: a new one, unless it has the id of one."""
    body = call.json()
    fields = checked(FETCH_FIELDS, body, "fetchFileConfig")
    store = call.account.store
    key = body.get("fetchFileConfigID")
    number = store[FETCHES.name].next_id if key is None else _fetch(call, key)
    before = store[FETCHES.name].get(number) or FETCHES.born(number)
    owned = {name: before[name] for name in FETCHES.born(number)}
    if fields | owned != before:
        owned["lastModified"] = moment(call.account.clock)
        store.write(FETCHES.name, number, fields | owned)
    return done()


def delete_fetch(call: Call) -> Answer:
    """A configuration for fetched files taken away."""
    text = call.params["id"]
    number = _fetch(call, int(text) if text.isascii() and text.isdigit() else text)
    call.account.store.write(FETCHES.name, number, None)
    return Answer(200, {"deleted": True})


def connection_of(call: Call) -> Answer:
    """What lies where files are fetched from: nothing."""
    text = call.params["id"]
    _fetch(call, int(text) if text.isascii() and text.isdigit() else text)
    return Answer(200, {"ftpFiles": [], "ftpArchiveFiles": [], "s3Files": []})


def _fetch(call: Call, key: object) -> int:
    if isinstance(key, int):
        for number in call.account.store[FETCHES.name].find("fetchFileConfigID", key):
            return number
    raise missing(f"Fetch file config {key} not found")


def groups(call: Call) -> Answer:
    """The location groups as inventory knows them: under numbers of its own."""
    store = call.account.store["location_groups"]
    return Answer(
        200,
        [
            {
                "locationGroupID": GROUPS_FROM + number,
                "adminLocationGroupID": store[number]["locationGroupId"],
                "locationGroupCode": store[number]["locationGroupCode"],
                "sites": store[number]["siteIds"],
                "locationCodes": store[number]["locationCodes"],
                "tenantID": TENANT,
            }
            for number in store.ids
        ],
    )


def routes() -> list[Route]:
    """Every call about fetched files, and inventory's view of location groups."""
    return [
        Route("GET", "/commerce/inventory/v1/locationGroup", groups, TENANTS),
        Route("GET", FETCH, fetches, TENANTS),
        Route("POST", FETCH, save_fetch, TENANTS),
        Route("DELETE", f"{FETCH}/{{id}}", delete_fetch, TENANTS),
        Route("GET", f"{FETCH}/testConnection/{{id}}", connection_of, TENANTS),
    ]
