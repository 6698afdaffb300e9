"""Ids put into paths and queries."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

_PLACE = re.compile(r"\{(\w+)\}")


def fill_path(path: str, parts: Mapping[str, str]) -> str:
    """`path` with each `{name}` of `parts` as it may stand in an address."""

    def part(place: re.Match[str]) -> str:
        name = place.group(1)
        return quote(parts[name], safe="") if name in parts else place.group(0)

    return _PLACE.sub(part, path)


def fill_query(query: Mapping[str, str], parts: Mapping[str, str]) -> dict[str, str]:
    """The query with each `{name}` of `parts`; what comes out empty is left out."""
    values = {
        name: _PLACE.sub(lambda place: parts.get(place.group(1), place.group(0)), value)
        for name, value in query.items()
    }
    return {name: value for name, value in values.items() if value or not query[name]}
