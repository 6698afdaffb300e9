"""Kibo's fetched files: where inventory is picked up from, and what is done with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from reconciler.errors import Diagnostic, Incomplete
from reconciler.kinds import Call, Carries, Kind, Raw, Requests, Verb

FETCH = "/commerce/inventory/v1/config/fetchfile"
ID = "fetchFileConfigID"


def configurations(requests: Requests, parents: Sequence[str]) -> Iterable[Raw]:
    """All configurations, in whichever of three forms they are answered.

    The API description has `{"items": [...]}`, the client package one object; a bare array is what
    the rest of this family answers. Raises Incomplete for anything else.
    """
    data = _several(requests.read(FETCH))
    if not isinstance(data, list) or not all(isinstance(one, dict) for one in data):
        raise Incomplete(
            Diagnostic(
                f"GET {FETCH} answered something else than fetch file configurations",
                "The vendor may have changed its API.",
            )
        )
    return data


def _several(data: Any) -> Any:
    if not isinstance(data, dict):
        return data
    if ID in data:
        return [data]
    # What is not set is left out, and so may be a list of nothing.
    nothing = not data or data.get("numResults") == 0
    return data.get("items", [] if nothing else None)


FETCH_FILE_CONFIGS = Kind(
    name="fetch_file_configs",
    title="fetch file configuration",
    calls={
        Verb.LIST: Call("GET", FETCH),
        Verb.CREATE: Call("POST", FETCH),
        # The id in what is read again makes this a change and not a new configuration.
        Verb.UPDATE: Call("POST", FETCH, carries=Carries.ALL),
        Verb.DELETE: Call("DELETE", f"{FETCH}/{{id}}"),
    },
    natural_key=("lockName",),
    identifier=(ID,),
    screen="Kibo Admin → System → Settings → Inventory → Imports",
    lister=configurations,
    notes=(
        "Nothing documents that `lockName` is unique: two configurations of one name cannot be "
        "told apart.",
        "One request saves: with `fetchFileConfigID` it is assumed to change a configuration, "
        "without to make one. It does not answer the id, which is looked up afterwards.",
        "A configuration is assumed to be replaced as a whole: it is read anew and sent back with "
        "the changes. The password is answered by the vendor, never read into plans, and sent back "
        "as it was answered unless it is declared: declare it where the vendor hides it.",
        'Descriptions differ on what the list looks like: an array, `{"items": [...]}` and one '
        "object are all understood, and anything else is read as nothing that could be planned "
        "from.",
        "When files are fetched is set up by Kibo Engineering and no field here.",
        "What the numbers of `postProcessAction` mean is not published; Kibo's example has 1. "
        "`fieldNameMap` is assumed to be in the order of the columns.",
        "Only names and types of most fields are published: what they mean is read off their "
        "names.",
    ),
)

KINDS: tuple[Kind, ...] = (FETCH_FILE_CONFIGS,)
