"""Check that the members of a record have the types with which they are written.

The sums say that a line is as it was written, not that this tool wrote it: whoever can write the
file can make them.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import NoneType
from typing import Any

_TEXTS = (
    "action address at command commit created credential environment file host job lineage "
    "message on_remove op origin person plan provider pull_request reason reverts run status "
    "type user verb was workspace"
)
_OPTIONAL_TEXTS = "id idempotency_key key rotate"
_MAPPINGS = "before before_refs counts refs settings stored"
_LISTS = "addresses unread"

# The types of each member, whatever the type of the record.
_TYPES: Mapping[str, tuple[type, ...]] = {
    **dict.fromkeys(_TEXTS.split(), (str,)),
    **dict.fromkeys(_OPTIONAL_TEXTS.split(), (str, NoneType)),
    **dict.fromkeys(_MAPPINGS.split(), (dict,)),
    **dict.fromkeys(_LISTS.split(), (list,)),
    "drift": (int,),
    "fields": (dict, NoneType),
    **dict.fromkeys(["archived", "protect", "released", "uncommitted"], (bool,)),
}
# The types of what is in a member.
_INSIDE: Mapping[str, tuple[type, ...]] = {
    "addresses": (str,),
    "before_refs": (str,),
    "counts": (int,),
    "refs": (str,),
    "settings": (str, int),
    "unread": (str,),
}


def check(record: Mapping[str, Any]) -> None:
    """Raise TypeError where a member has another type than those this version writes."""
    for name, value in record.items():
        types = _TYPES.get(name)
        if types is not None and type(value) not in types:
            raise TypeError(f"{name} is not what it should be")
        if value and name in _INSIDE:
            parts = value.values() if isinstance(value, dict) else value
            if any(type(part) not in _INSIDE[name] for part in parts):
                raise TypeError(f"{name} holds what it should not")
    if record["t"] == "own" and (record["id"] is None or record["fields"] is None):
        raise TypeError("an owned object has an id and fields")
