"""Reference data, which is read and never written (section Lookups)."""

from __future__ import annotations

from collections.abc import Sequence

from reconciler.kinds import Raw
from reconciler.providers.kobo_plm.declaring import lookup


def name_units(raws: Sequence[Raw]) -> Sequence[Raw]:
    """A unit without a code is known by its name (section Lookups shows no unit).

    Done for the list and not in decoding, since the code is also the only id a unit has.
    """
    return [
        raw if raw.get("code") or "name" not in raw else {**raw, "code": raw["name"]}
        for raw in raws
    ]


LOOKUPS = (
    lookup(
        "size_ranges",
        "size range",
        "name",
        "That a size range has an `id` and a `name` is assumed (none shown): variants name one "
        "by number.",
        identifier=("id",),
    ),
    lookup("currencies", "currency", "code"),
    lookup(
        "component_categories",
        "component category",
        "name",
        "That a component category has a `name` is assumed (none shown).",
    ),
    lookup(
        "units",
        "unit",
        "code",
        "That a unit has a `code` is assumed (none shown): one without is known by its name.",
        collect=name_units,
    ),
)
