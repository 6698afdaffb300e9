"""What keeps location types in use, of which no request can say it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reconciler.kinds import Call, Paging, Requests

LOCATIONS = Call("GET", "/commerce/admin/locations", "items", {"sortBy": "code asc"})
PAGING = Paging("startIndex", "pageSize", 200, total=("totalCount",), by_offset=True)


def types_of_disabled(requests: Requests, ids: Sequence[str]) -> Mapping[str, str]:
    """Why location types with these codes must not be deleted: a disabled location still has them.

    No description of Kibo's has a request that deletes a location, only `isDisabled`; and a type
    in use is refused with a 409.
    """
    used: dict[str, str] = {}
    for location in requests.pages(LOCATIONS, PAGING):
        if not location.get("isDisabled"):
            continue
        for each in location.get("locationTypes") or ():
            used.setdefault(str(each.get("code")), str(location.get("code")))
    return {
        id: f"the location {used[id]}, which is disabled, still has this type: take it off there "
        "in Kibo Admin → Settings → Locations, then it can be deleted"
        for id in ids
        if id in used
    }
