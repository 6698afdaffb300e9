"""Kibo's export settings by name, each with the FTP, S3 and GCS targets it goes to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from reconciler.sandbox.crud import by_key, find, with_key
from reconciler.sandbox.describe import Answer, Call, Field, Handler, Refused, Route, fields
from reconciler.sandbox.samples import constant, in_turn
from reconciler.sandbox.store import Object
from reconciler.sandbox.vendors.kibo.checks import inventory_checked, inventory_error
from reconciler.sandbox.vendors.kibo.fetch import PRODUCT_MAPPING, done
from reconciler.sandbox.vendors.kibo.kinds import SITE, TENANTS, inventory_kind

EXPORT = "/commerce/inventory/v1/export"

ACTIVE = Field("active", "boolean", default=False)


@dataclass(frozen=True, slots=True)
class Target:
    """A sort of place an export goes to, with the words its paths and bodies use."""

    path: str
    within: str
    word: str
    fields: tuple[Field, ...]

    @property
    def id(self) -> str:
        """The name of the number each target gets."""
        return f"{self.word}ID"


TARGETS = (
    Target(
        "ftp",
        "ftpInformation",
        "exportSettingsFTP",
        (
            *fields("string", "name ftpServer", required=True),
            Field("ftpPort", "integer", required=True),
            Field("ftpDirectory", required=True),
            *fields("string", "ftpUser ftpPassword ftpDirectoryControlFile"),
            Field("deliveryClass", default="ExportDeliveryDefault"),
            *fields("string", "controlFile controlFileName controlFileEmail remoteFileName"),
            *fields("string", "endpoint environment"),
            ACTIVE,
        ),
    ),
    Target(
        "s3",
        "s3Information",
        "exportSettingsS3",
        (*fields("string", "name region bucket", required=True), ACTIVE),
    ),
    Target(
        "gcs",
        "gcsInformation",
        "exportSettingsGcs",
        (*fields("string", "name gcsBucket", required=True), ACTIVE),
    ),
)


def _ftp(number: int) -> list[Object]:
    return [
        {
            "exportSettingsID": number,
            "exportSettingsFTPID": number * 1000 + 1,
            "name": "primary",
            "ftpServer": f"ftp-{number}.example.com",
            "ftpPort": 22,
            "ftpDirectory": "/out",
            "ftpUser": "kibo",
            "ftpPassword": f"generated-{number}",
            "deliveryClass": "ExportDeliveryDefault",
            "active": True,
        }
    ]


def _choice(name: str, *values: str, **facts: Any) -> Field:
    return Field(name, "choice", one_of=values, **facts)


EXPORTS = inventory_kind(
    "export_settings",
    EXPORT,
    Field("name", required=True, make="export-{n:06}"),
    _choice("fileFormat", "XML", "CSV", required=True, make=in_turn("XML", "CSV")),
    _choice(
        "exportType",
        "AGGREGATE",
        "LOCATION",
        required=True,
        make=in_turn("LOCATION", "AGGREGATE", "AGGREGATE"),
    ),
    Field("ftpInformation", "objects", make=_ftp),
    *fields("objects", "s3Information gcsInformation"),
    Field("onlySendAvailable", "boolean", make=constant(True)),
    *fields("boolean", "onlySendActiveLocations exportSingleFile"),
    *fields("boolean", "shortenFilename includeAttributes zipFiles directShip pickup transfer"),
    *fields("boolean", "isClassic ignoreNegativeInventoryLocations"),
    *fields("string", "fileName zipFileName untransformedFileName untransformedZipFileName"),
    Field("locationGroupIDs", "integers"),
    Field("siteIDs", "integers", make=constant([SITE])),
    *(
        _choice(name, *(f"{prefix}_{amount}" for amount in ("MAX", "MIN", "AVG", "SUM")))
        for name, prefix in (("safetyStock", "SAFETY_STOCK"), ("floor", "FLOOR"), ("ltd", "LTD"))
    ),
    PRODUCT_MAPPING,
    Field("tags", "object"),
    key="name",
    not_found="Export settings {key} not found",
    server_fields=lambda number: {"exportSettingsID": number},
)
KINDS = (EXPORTS,)


def _job_exists(message: str) -> Refused:
    """The guide's error for a name that is taken."""
    return inventory_error(409, "JOB_ALREADY_EXISTS", message)


def _body(call: Call) -> Object:
    """The checked export settings in a request's body."""
    return inventory_checked(EXPORTS.fields, call.json().get("exportSettings"), "exportSettings")


def _numbered(settings: Object, before: Object | None) -> Object:
    """The settings with ids on every target; those of a name that was there keep theirs.

    A password that is not sent again stays, as it is never shown and so cannot be sent back.
    """
    number = settings["exportSettingsID"]
    for target in TARGETS:
        if target.within not in settings:
            continue
        earlier = {old["name"]: old for old in (before or {}).get(target.within, ())}
        last = max((old[target.id] for old in earlier.values()), default=number * 1000)
        numbered = []
        for body in settings[target.within]:
            values = inventory_checked(target.fields, body, target.within)
            old = earlier.get(values["name"], {})
            last += target.id not in old
            kept = {name: old[name] for name in ("ftpPassword",) if name in old}
            ids = {"exportSettingsID": number, target.id: old.get(target.id, last)}
            numbered.append(kept | values | ids)
        if len({values["name"] for values in numbered}) < len(numbered):
            raise _job_exists(f"{target.within} has a name twice")
        settings = settings | {target.within: numbered}
    return settings


def exports(call: Call) -> Answer:
    """All export settings, or those of one name, each in a wrapper; never a password."""
    stored = call.collection(EXPORTS)
    name = call.query.get("exportSettingsName")
    ids = stored.ids if name is None else [with_key(call, EXPORTS, name)]
    return Answer(200, [{"exportSettings": _without_passwords(stored[n])} for n in ids])


def _without_passwords(settings: Object) -> Object:
    return settings | {
        target.within: [
            {name: value for name, value in values.items() if name != "ftpPassword"}
            for values in settings[target.within]
        ]
        for target in TARGETS
        if target.within in settings
    }


def create_export(call: Call) -> Answer:
    """New export settings with their targets; the guide's JOB_ALREADY_EXISTS for a taken name."""
    values = _body(call)
    if find(call, EXPORTS, "name", values["name"]) is not None:
        raise _job_exists(f"Export settings {values['name']} already exist")
    number = call.collection(EXPORTS).next_id
    settings = _numbered(values | {"exportSettingsID": number}, None)
    call.write(EXPORTS, number, settings)
    names = {
        f"{target.word}Name": settings[target.within][0]["name"]
        for target in TARGETS
        if settings.get(target.within)
    }
    return Answer(200, {"exportSettingsName": values["name"]} | names)


def update_export(call: Call) -> Answer:
    """Export settings replaced as a whole, found by the name in the body."""
    values = _body(call)
    number = with_key(call, EXPORTS, values["name"])
    before = call.collection(EXPORTS)[number]
    call.write(EXPORTS, number, _numbered(values | {"exportSettingsID": number}, before))
    return done(name=values["name"])


def delete_export(call: Call) -> Answer:
    """Export settings taken away with their targets."""
    call.write(EXPORTS, by_key(call, EXPORTS, "name"), None)
    return Answer(200, {"deleted": 1})


def run_export(call: Call) -> Answer:
    """An export run at once, by a job of a type the queue does not list."""
    number = with_key(call, EXPORTS, call.json().get("exportSettingsName"))
    job = {"exportSettingsID": number, "jobID": call.account.store["jobs"].next_id}
    return Answer(200, {"exportInventoryJobResponses": [job]})


def write_target(target: Target, new: bool) -> Handler:
    """A target added to export settings, or replaced in them."""

    def answer(call: Call) -> Answer:
        body = call.json()
        number = with_key(call, EXPORTS, body.get("exportSettingsName"))
        before = call.collection(EXPORTS)[number]
        values = inventory_checked(target.fields, body.get(target.word), target.word)
        name, siblings = values["name"], before.get(target.within, [])
        taken = any(sibling["name"] == name for sibling in siblings)
        if taken and new:
            raise _job_exists(f"{name} already exists")
        if not taken and not new:
            raise inventory_error(404, "NOT_FOUND", f"{target.word} {name} not found")
        after = [values if sibling["name"] == name else sibling for sibling in siblings]
        settings = before | {target.within: after if taken else [*siblings, values]}
        call.write(EXPORTS, number, _numbered(settings, before))
        names = {"exportSettingsName": before["name"], f"{target.word}Name": name}
        return Answer(200, names) if new else done(**names)

    return answer


def delete_target(target: Target) -> Handler:
    """A target taken out of export settings."""

    def answer(call: Call) -> Answer:
        number, name = by_key(call, EXPORTS, "name"), call.params["child"]
        before = call.collection(EXPORTS)[number]
        siblings = before.get(target.within, [])
        after = [sibling for sibling in siblings if sibling["name"] != name]
        if len(after) == len(siblings):
            raise inventory_error(404, "NOT_FOUND", f"{target.word} {name} not found")
        call.write(EXPORTS, number, before | {target.within: after})
        return Answer(200, {"deleted": 1})

    return answer


def routes() -> list[Route]:
    """Every call about exports."""
    result = [
        Route("GET", EXPORT, exports, TENANTS),
        Route("POST", EXPORT, run_export, TENANTS),
        Route("POST", f"{EXPORT}/create", create_export, TENANTS),
        Route("POST", f"{EXPORT}/update", update_export, TENANTS),
        Route("DELETE", f"{EXPORT}/{{name}}", delete_export, TENANTS),
    ]
    for target in TARGETS:
        path = f"{EXPORT}/{target.path}"
        result += [
            Route("POST", f"{path}/create", write_target(target, new=True), TENANTS),
            Route("POST", f"{path}/update", write_target(target, new=False), TENANTS),
            Route("DELETE", f"{path}/{{name}}/{{child}}", delete_target(target), TENANTS),
        ]
    return result
