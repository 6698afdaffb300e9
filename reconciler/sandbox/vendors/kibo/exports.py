"""Kibo's export settings by name, each with the FTP, S3 and GCS targets it goes to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from reconciler.sandbox.store import Object
from reconciler.sandbox.vendor import Answer, Call, Field, Kind, Route
from reconciler.sandbox.vendors.kibo.inventory import (
    SWAPS,
    checked,
    done,
    missing,
    problem,
    required,
)
from reconciler.sandbox.vendors.kibo.kinds import TENANTS, many

EXPORT = "/commerce/inventory/v1/export"
_AMOUNTS = ("MAX", "MIN", "AVG", "SUM")

EXPORT_FIELDS = (
    Field("name", required=True),
    Field("fileFormat", "choice", required=True, one_of=("XML", "CSV")),
    Field("exportType", "choice", required=True, one_of=("AGGREGATE", "LOCATION")),
    *many("objects", "ftpInformation s3Information gcsInformation"),
    *many("boolean", "onlySendAvailable onlySendActiveLocations exportSingleFile"),
    *many("boolean", "shortenFilename includeAttributes zipFiles directShip pickup transfer"),
    *many("boolean", "isClassic ignoreNegativeInventoryLocations"),
    *many("string", "fileName zipFileName untransformedFileName untransformedZipFileName"),
    *many("integers", "locationGroupIDs siteIDs"),
    *(
        Field(name, "choice", one_of=tuple(f"{prefix}_{amount}" for amount in _AMOUNTS))
        for name, prefix in (("safetyStock", "SAFETY_STOCK"), ("floor", "FLOOR"), ("ltd", "LTD"))
    ),
    Field("productMapping", "choice", one_of=SWAPS),
    Field("tags", "object"),
)


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
            *required("string", "name ftpServer"),
            *required("integer", "ftpPort"),
            *required("string", "ftpDirectory"),
            *many("string", "ftpUser ftpPassword ftpDirectoryControlFile"),
            Field("deliveryClass", default="ExportDeliveryDefault"),
            *many("string", "controlFile controlFileName controlFileEmail remoteFileName"),
            *many("string", "endpoint environment"),
            Field("active", "boolean", default=False),
        ),
    ),
    Target(
        "s3",
        "s3Information",
        "exportSettingsS3",
        (*required("string", "name region bucket"), Field("active", "boolean", default=False)),
    ),
    Target(
        "gcs",
        "gcsInformation",
        "exportSettingsGcs",
        (*required("string", "name gcsBucket"), Field("active", "boolean", default=False)),
    ),
)

EXPORTS = Kind(
    "export_settings",
    EXPORT,
    fields=EXPORT_FIELDS,
    numbered=False,
    sparse=True,
    born=lambda number: {"exportSettingsID": number},
)


def _export(call: Call, name: object) -> int:
    if isinstance(name, str):
        for number in call.account.store[EXPORTS.name].find("name", name):
            return number
    raise missing(f"Export settings {name} not found")


def _numbered(settings: Object, before: Object | None) -> Object:
    """The settings with ids on every target; those of a name that was there keep theirs.

    A password that is not sent again stays, as it is never told and so cannot be sent back.
    """
    number = settings["exportSettingsID"]
    for target in TARGETS:
        earlier = {each["name"]: each for each in (before or {}).get(target.within, ())}
        following = max((each[target.id] for each in earlier.values()), default=number * 1000)
        numbered = []
        for given in settings.get(target.within, ()):
            each = checked(target.fields, given, target.within)
            old = earlier.get(each["name"], {})
            if target.id not in old:
                following += 1
            kept = {name: old[name] for name in ("ftpPassword",) if name in old}
            ids = {"exportSettingsID": number, target.id: old.get(target.id, following)}
            numbered.append(kept | each | ids)
        if len({each["name"] for each in numbered}) < len(numbered):
            raise problem(409, "JOB_ALREADY_EXISTS", f"{target.within} has a name twice")
        if target.within in settings:
            settings = settings | {target.within: numbered}
    return settings


def exports(call: Call) -> Answer:
    """All export settings, or those of one name, each in a wrapper; never a password."""
    store = call.account.store[EXPORTS.name]
    name = call.query.get("exportSettingsName")
    ids = list(store.ids) if name is None else [_export(call, name)]
    return Answer(200, [{"exportSettings": _told(store[number])} for number in ids])


def _told(settings: Object) -> Object:
    return settings | {
        target.within: [
            {name: value for name, value in each.items() if name != "ftpPassword"}
            for each in settings[target.within]
        ]
        for target in TARGETS
        if target.within in settings
    }


def create_export(call: Call) -> Answer:
    """New export settings with their targets; the guide's JOB_ALREADY_EXISTS for a taken name."""
    fields = checked(EXPORT_FIELDS, call.json().get("exportSettings"), "exportSettings")
    store = call.account.store
    if store[EXPORTS.name].find("name", fields["name"]):
        raise problem(409, "JOB_ALREADY_EXISTS", f"Export settings {fields['name']} already exist")
    number = store[EXPORTS.name].next_id
    settings = _numbered(fields | {"exportSettingsID": number}, None)
    store.write(EXPORTS.name, number, settings)
    names = {
        f"{target.word}Name": settings[target.within][0]["name"]
        for target in TARGETS
        if settings.get(target.within)
    }
    return Answer(200, {"exportSettingsName": fields["name"]} | names)


def update_export(call: Call) -> Answer:
    """Export settings replaced as a whole, found by the name in the body."""
    fields = checked(EXPORT_FIELDS, call.json().get("exportSettings"), "exportSettings")
    number = _export(call, fields["name"])
    before = call.account.store[EXPORTS.name][number]
    settings = _numbered(fields | {"exportSettingsID": number}, before)
    call.account.store.write(EXPORTS.name, number, settings)
    return done(name=fields["name"])


def delete_export(call: Call) -> Answer:
    """Export settings taken away with their targets."""
    call.account.store.write(EXPORTS.name, _export(call, call.params["name"]), None)
    return Answer(200, {"deleted": 1})


def run_export(call: Call) -> Answer:
    """An export run at once, by a job of a type the queue does not list."""
    number = _export(call, call.json().get("exportSettingsName"))
    job = {"exportSettingsID": number, "jobID": call.account.store["jobs"].next_id}
    return Answer(200, {"exportInventoryJobResponses": [job]})


def write_target(target: Target, new: bool) -> Callable[[Call], Answer]:
    """A target added to export settings, or replaced in them."""

    def answer(call: Call) -> Answer:
        body = call.json()
        number = _export(call, body.get("exportSettingsName"))
        before = call.account.store[EXPORTS.name][number]
        given = checked(target.fields, body.get(target.word), target.word)
        siblings = before.get(target.within, [])
        taken = any(each["name"] == given["name"] for each in siblings)
        if taken and new:
            raise problem(409, "JOB_ALREADY_EXISTS", f"{given['name']} already exists")
        if not taken and not new:
            raise missing(f"{target.word} {given['name']} not found")
        after = [given if each["name"] == given["name"] else each for each in siblings]
        settings = before | {target.within: after if taken else [*siblings, given]}
        call.account.store.write(EXPORTS.name, number, _numbered(settings, before))
        names = {"exportSettingsName": before["name"], f"{target.word}Name": given["name"]}
        return Answer(200, names) if new else done(**names)

    return answer


def delete_target(target: Target) -> Callable[[Call], Answer]:
    """A target taken out of export settings."""

    def answer(call: Call) -> Answer:
        number = _export(call, call.params["name"])
        before = call.account.store[EXPORTS.name][number]
        siblings = before.get(target.within, [])
        after = [each for each in siblings if each["name"] != call.params["child"]]
        if len(after) == len(siblings):
            raise missing(f"{target.word} {call.params['child']} not found")
        call.account.store.write(EXPORTS.name, number, before | {target.within: after})
        return Answer(200, {"deleted": 1})

    return answer


def routes() -> list[Route]:
    """Every call about exports."""
    found = [
        Route("GET", EXPORT, exports, TENANTS),
        Route("POST", EXPORT, run_export, TENANTS),
        Route("POST", f"{EXPORT}/create", create_export, TENANTS),
        Route("POST", f"{EXPORT}/update", update_export, TENANTS),
        Route("DELETE", f"{EXPORT}/{{name}}", delete_export, TENANTS),
    ]
    for target in TARGETS:
        path = f"{EXPORT}/{target.path}"
        found += [
            Route("POST", f"{path}/create", write_target(target, new=True), TENANTS),
            Route("POST", f"{path}/update", write_target(target, new=False), TENANTS),
            Route("DELETE", f"{path}/{{name}}/{{child}}", delete_target(target), TENANTS),
        ]
    return found
