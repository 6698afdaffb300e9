"""Kibo's rules and settings for stock: what is held back, and what a site exports."""

from __future__ import annotations

from reconciler.kinds import Call, Carries, Identity, Kind, Verb
from reconciler.providers.kibo.calls import PAGES, both, named, naming, pointing, timed

SETTINGS = "/commerce/settings/inventory/inventorySettings"

SAFETY_STOCK_RULES = Kind(
    name="safety_stock_rules",
    title="safety stock rule",
    calls=named("/commerce/rules/safetystock"),
    natural_key=("code",),
    screen="Kibo Admin → Settings → Safety Stock Rules",
    paging=PAGES,
    identifier=("code",),
    identity=Identity.ENFORCED,
    decode=both(pointing("locationCodes", "locationGroups"), timed("startDate", "endDate")),
    encode=naming("locationCodes", "locationGroups"),
    notes=(
        "A rule needs an `endDate` that is not before its `startDate`.",
        "Kibo would give a rule without `code` one of its own; here the code is given.",
        "A rule needs products or locations. `locationCodes` must be said to create one, and may "
        "be empty where `productRules` or `locationGroups` say what it is for.",
        "A rule's place is `rank`; left out, Kibo appoints one. That an update honours it is "
        "assumed: there is a request of its own that moves a rule and shifts the others "
        "(`PUT …/rank`), which is not sent, as what it does depends on where the others are.",
        "Whether a rule is in force now (`isActive`) is computed.",
        "What `metaData` holds is not documented, so it is passed as it is.",
    ),
)

INVENTORY_SETTINGS = Kind(
    name="inventory_settings",
    title="inventory settings",
    calls={
        Verb.GET: Call("GET", SETTINGS),
        Verb.CREATE: Call("POST", SETTINGS),
        Verb.UPDATE: Call("PUT", SETTINGS, carries=Carries.ALL),
    },
    natural_key=(),
    screen="Kibo Admin → Settings → Inventory",
    identifier=(),
    identity=Identity.ENFORCED,
    undeletable=True,
    notes=(
        "A site has one of these. The first write makes it; it is changed from then on and never "
        "removed.",
        "How a time of day is written is not documented: `timesOfDay` is text as it came.",
        "This is the only schedule for exports that the API has.",
    ),
)

KINDS = (SAFETY_STOCK_RULES, INVENTORY_SETTINGS)
