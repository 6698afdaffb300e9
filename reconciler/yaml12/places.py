"""Find the line and column of values in a file, by a slow second parse for messages only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from reconciler.errors import Invalid
from reconciler.model import Path
from reconciler.yaml12.events import MAX_DEPTH, checked, events, spot

_Spot = tuple[int, int]
_At = tuple[int, Path]


class Place(NamedTuple):
    """The positions (line and column, from 1) of a value and of its key, and the text of the value
    where it stands there without quotes: `1.10`, or `*name` for an alias."""

    key: _Spot
    value: _Spot
    text: str | None = None


class _Found(Exception):
    """Ends the parsing: everything that is wanted has been found."""


def locate(data: bytes, document: int, path: Path, key: bool = False) -> tuple[int, int]:
    """Line and column, from 1, of the value (or with `key` of its key) at `path`.

    `document` is the number of the document in the file, from 0. Where there is nothing at `path`,
    the position is that of the nearest key around it. It parses the whole file: use `places` for
    many paths at once.
    """
    place = places(data, [(document, path)])[document, path]
    return place.key if key else place.value


def places(data: bytes, wanted: Iterable[_At]) -> dict[_At, Place]:
    """The positions of many (document, path) pairs, found in one parse; see `locate`."""
    wanted = set(wanted)
    prefixes = {(number, path[:n]) for number, path in wanted for n in range(len(path) + 1)}
    located: dict[_At, Place] = {}
    number = -1
    try:
        get = events(checked(data, ""))
        while type(event := get()) is not StreamEndEvent and len(located) < len(prefixes):
            if type(event) is DocumentStartEvent:
                number += 1
                if (number, ()) in prefixes:
                    _locate_below(get, get(), (number, ()), None, prefixes, located)
                else:
                    _skip(get, get())
    except (yaml.YAMLError, Invalid, _Found):
        pass  # `parse` has already reported what is wrong
    return {at: _nearest(at, located) for at in wanted}


def _nearest(at: _At, located: Mapping[_At, Place]) -> Place:
    number, path = at
    for length in range(len(path), -1, -1):
        place = located.get((number, path[:length]))
        if place:
            return place if length == len(path) else Place(place.key, place.key)
    return Place((1, 1), (1, 1))


def _locate_below(
    get: Callable[[], Any],
    event: Any,
    at: _At,
    key: Any,
    prefixes: set[_At],
    located: dict[_At, Place],
) -> None:
    """Add to `located` the node that begins with `event`, and the nodes inside it whose paths are
    in `prefixes`."""
    start = spot(event.start_mark)
    located[at] = Place(spot(key.start_mark) if key else start, start, _plain_text(event))
    number, path = at
    if type(event) is MappingStartEvent:
        while type(name := get()) is not MappingEndEvent:
            if len(located) == len(prefixes):
                raise _Found
            inner = (number, (*path, name.value if type(name) is ScalarEvent else 0))
            _skip(get, name)
            if inner in prefixes and inner not in located:
                _locate_below(get, get(), inner, name, prefixes, located)
            else:
                _skip(get, get())
    elif type(event) is SequenceStartEvent:
        position = 0
        while type(entry := get()) is not SequenceEndEvent:
            inner = (number, (*path, position))
            position += 1
            if inner in prefixes:
                _locate_below(get, entry, inner, None, prefixes, located)
            else:
                _skip(get, entry)


def _plain_text(event: Any) -> str | None:
    if type(event) is AliasEvent:
        return f"*{event.anchor}"
    return event.value if type(event) is ScalarEvent and not event.style else None


def _skip(get: Callable[[], Any], event: Any) -> None:
    """Read to the end of the node that begins with `event`."""
    depth = 0
    while True:
        if type(event) in (MappingStartEvent, SequenceStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise yaml.YAMLError
        elif type(event) in (MappingEndEvent, SequenceEndEvent):
            depth -= 1
        if not depth:
            return
        event = get()
