"""Kibo's inventory exports: what a file holds, and the targets it is delivered to."""

from __future__ import annotations

from collections.abc import Sequence

from reconciler.kinds import Call, Carries, Identity, Kind, Raw, Verb

EXPORT = "/commerce/inventory/v1/export"
WRAPPER = "exportSettings"


def unwrapped(raws: Sequence[Raw]) -> Sequence[Raw]:
    """Answers hold `{"exportSettings": {...}}` for each (client package, ExportSettings)."""
    return [raw.get(WRAPPER, raw) for raw in raws]


def wrapped(body: Raw) -> Raw:
    """Both writes want the wrapper too (client package, CreateExportSettingsRequest)."""
    return {WRAPPER: body}


EXPORT_SETTINGS = Kind(
    name="export_settings",
    title="export settings",
    calls={
        Verb.LIST: Call("GET", EXPORT),
        Verb.GET: Call("GET", EXPORT, WRAPPER, query={"exportSettingsName": "{id}"}),
        Verb.CREATE: Call("POST", f"{EXPORT}/create"),
        Verb.UPDATE: Call("POST", f"{EXPORT}/update", carries=Carries.ALL),
        Verb.DELETE: Call("DELETE", f"{EXPORT}/{{id}}"),
    },
    natural_key=("name",),
    identifier=("name",),
    identity=Identity.ENFORCED,
    screen="Kibo Admin → System → Settings → Inventory → Exports",
    collect=unwrapped,
    wrap=wrapped,
    notes=(
        "An update replaces the settings with their targets: the settings are read anew, and what "
        "nobody declares is sent back as it was read.",
        "The password of a target is never read into plans or compared with what the vendor has. "
        "One that is not declared is sent back where the vendor answers it, and otherwise assumed "
        "to stay when it is not sent: declare it to be sure.",
        "When files are exported is not said here: `inventory_settings` has the times, Kibo "
        "Engineering sets up everything else.",
        "That a taken name is refused is said by the guide (`JOB_ALREADY_EXISTS`).",
        "`locationGroupIDs` are inventory's own numbers of location groups "
        "(`GET /commerce/inventory/v1/locationGroup`), which are not those of `location_groups`.",
        "Only names and types of most fields are published: what they mean is read off their "
        "names.",
    ),
)

KINDS: tuple[Kind, ...] = (EXPORT_SETTINGS,)
