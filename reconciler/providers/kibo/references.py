"""What Kibo knows of the world, to look up and not to change."""

from __future__ import annotations

from reconciler.kinds import Call, Identity, Kind, Verb
from reconciler.providers.kibo.calls import ITEMS


def _reference(name: str, title: str, path: str, key: str, *notes: str) -> Kind:
    """Reference data: one list for everybody, not paged, in `{totalCount, items}` (Reference)."""
    return Kind(
        name=name,
        title=title,
        calls={Verb.LIST: Call("GET", f"/platform/reference/{path}", ITEMS)},
        natural_key=(key,),
        screen="Kibo's own list, which no screen changes: correct the manifest",
        identifier=(key,),
        identity=Identity.ENFORCED,
        notes=notes,
    )


KINDS = (
    _reference("countries", "country", "countries", "code"),
    _reference(
        "reference_currencies",
        "reference currency",
        "currencies",
        "code",
        "All currencies that Kibo knows; those of the catalog are `currencies`.",
    ),
    _reference("time_zones", "time zone", "timezones", "id"),
    _reference(
        "units_of_measure",
        "unit of measure",
        "unitsofmeasure",
        "symbol",
        "Symbols are assumed to be unique over lengths, weights and volumes.",
    ),
)
