"""Kibo's configurations for fetched files, and inventory's view of location groups."""

from __future__ import annotations

from typing import Any

from reconciler.sandbox.crud import id_in_path, with_key
from reconciler.sandbox.describe import Answer, Call, Field, Route, fields
from reconciler.sandbox.samples import constant
from reconciler.sandbox.store import Clock
from reconciler.sandbox.vendors.kibo.checks import inventory_checked
from reconciler.sandbox.vendors.kibo.kinds import (
    CREATED,
    LOCATION_GROUPS,
    TENANT,
    TENANTS,
    inventory_kind,
)

GROUPS_FROM = 7000
"""Added to a group's number, so that nobody takes the one for the other."""
SWAPS = ("SWAP_PART_NUMBER_WITH_UPC", "SWAP_SKU_WITH_UPC")
PRODUCT_MAPPING = Field("productMapping", "choice", one_of=SWAPS)

FETCHES = inventory_kind(
    "fetch_file_configs",
    "/commerce/inventory/v1/config/fetchfile",
    Field("active", "boolean", required=True, make=constant(True)),
    Field("lockName", required=True, make="fetch-{n:06}"),
    Field("postProcessAction", "integer", required=True, make=constant(1)),
    Field("ftpPort", "integer", make=constant(22)),
    Field("ftpServer", make="ftp-{n}.example.com"),
    Field("ftpUsername", make="kibo"),
    Field("ftpPassword", make="generated-{n}"),
    Field("ftpRemotePath", make="/in"),
    *fields("string", "ftpRemotePathArchive emailList refreshFileDescription"),
    *fields("string", "updateFileDescription csvDelimiter gcsBucket gcsPath gcsArchivePath"),
    *fields("string", "region bucket s3Path archiveBucket s3ArchivePath"),
    Field("refreshEnabled", "boolean", make=constant(True)),
    *fields("boolean", "updateEnabled useControlFile multipleFiles"),
    *fields("boolean", "zeroOutNegatives testFTPConfigs ignoreExtraFields blankQuantityIsZero"),
    *fields("strings", "fieldNameMap"),
    PRODUCT_MAPPING,
    key="fetchFileConfigID",
    not_found="Fetch file config {key} not found",
    server_fields=lambda number: {
        "fetchFileConfigID": number,
        "tenantID": TENANT,
        "failedAttempts": 0,
        "lastModified": CREATED,
    },
)
KINDS = (FETCHES,)


def done(**more: Any) -> Answer:
    """The inventory family's answer to a write that succeeded."""
    success = {"success": True, "messages": [], "numResults": 1, "tenantID": TENANT}
    return Answer(200, success | more)


def moment(clock: Clock) -> str:
    """The present as the inventory family writes it: no colon in the offset."""
    return clock.now().strftime("%Y-%m-%dT%H:%M:%S-0000")


def fetches(call: Call) -> Answer:
    """All configurations for fetched files, passwords and all."""
    return Answer(200, {"items": list(call.collection(FETCHES))})


def save_fetch(call: Call) -> Answer:
    """A configuration for fetched files: a new one, unless it has the id of one."""
    body, stored = call.json(), call.collection(FETCHES)
    values = inventory_checked(FETCHES.fields, body, "fetchFileConfig")
    key = body.get(FETCHES.key)
    number = stored.next_id if key is None else with_key(call, FETCHES, key)
    before = stored.get(number) or FETCHES.server_fields(number)
    owned = {name: before[name] for name in FETCHES.server_fields(number)}
    if values | owned != before:
        owned["lastModified"] = moment(call.account.clock)
        call.write(FETCHES, number, values | owned)
    return done()


def delete_fetch(call: Call) -> Answer:
    """A configuration for fetched files taken away."""
    call.write(FETCHES, id_in_path(call, FETCHES), None)
    return Answer(200, {"deleted": True})


def connection_of(call: Call) -> Answer:
    """What lies where files are fetched from: nothing."""
    id_in_path(call, FETCHES)
    return Answer(200, {"ftpFiles": [], "ftpArchiveFiles": [], "s3Files": []})


def groups(call: Call) -> Answer:
    """The location groups as inventory knows them: under numbers of its own."""
    stored = call.collection(LOCATION_GROUPS)
    return Answer(
        200,
        [
            {
                "locationGroupID": GROUPS_FROM + number,
                "adminLocationGroupID": stored[number]["locationGroupId"],
                "locationGroupCode": stored[number]["locationGroupCode"],
                "sites": stored[number]["siteIds"],
                "locationCodes": stored[number]["locationCodes"],
                "tenantID": TENANT,
            }
            for number in stored.ids
        ],
    )


def routes() -> list[Route]:
    """Every call about fetched files, and inventory's view of location groups."""
    path = FETCHES.path
    return [
        Route("GET", "/commerce/inventory/v1/locationGroup", groups, TENANTS),
        Route("GET", path, fetches, TENANTS),
        Route("POST", path, save_fetch, TENANTS),
        Route("DELETE", f"{path}/{{id}}", delete_fetch, TENANTS),
        Route("GET", f"{path}/testConnection/{{id}}", connection_of, TENANTS),
    ]
