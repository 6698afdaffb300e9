"""Where in a file a value stands: the slow second reading, for messages only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import yaml
from yaml.events import (
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
    """Line and column, from 1, of a value and of the key that it belongs to."""

    key: _Spot
    value: _Spot


def locate(data: bytes, document: int, path: Path, key: bool = False) -> tuple[int, int]:
    """Line and column, from 1, of the value (or its key) at `path` in the n-th document, from 0.

    A path that is not there gets the place of the nearest key around it. It reads the whole file:
    use `places` for many at once.
    """
    place = places(data, [(document, path)])[document, path]
    return place.key if key else place.value


def places(data: bytes, wanted: Iterable[_At]) -> dict[_At, Place]:
    """The places of many (document, path) pairs in one reading; see `locate`."""
    wanted = set(wanted)
    ways = {(number, path[:n]) for number, path in wanted for n in range(len(path) + 1)}
    found: dict[_At, Place] = {}
    number = -1
    try:
        get = events(checked(data, ""))
        while type(event := get()) is not StreamEndEvent:
            if type(event) is DocumentStartEvent:
                number += 1
                _look(get, get(), (number, ()), None, ways, found)
    except (yaml.YAMLError, Invalid):
        pass  # the reading that builds values has said so already
    return {one: _nearest(one, found) for one in wanted}


def _nearest(one: _At, found: Mapping[_At, Place]) -> Place:
    number, path = one
    for length in range(len(path), -1, -1):
        place = found.get((number, path[:length]))
        if place:
            return place if length == len(path) else Place(place.key, place.key)
    return Place((1, 1), (1, 1))


def _look(
    get: Callable[[], Any], event: Any, at: _At, key: Any, ways: set[_At], found: dict[_At, Place]
) -> None:
    """Note the place of the node that begins with `event`, and those on the `ways` within it."""
    mine = spot(event.start_mark)
    found[at] = Place(spot(key.start_mark) if key else mine, mine)
    number, path = at
    if type(event) is MappingStartEvent:
        while type(name := get()) is not MappingEndEvent:
            inner = (number, (*path, name.value if type(name) is ScalarEvent else 0))
            _skip(get, name)
            if inner in ways and inner not in found:
                _look(get, get(), inner, name, ways, found)
            else:
                _skip(get, get())
    elif type(event) is SequenceStartEvent:
        position = 0
        while type(entry := get()) is not SequenceEndEvent:
            inner = (number, (*path, position))
            position += 1
            if inner in ways:
                _look(get, entry, inner, None, ways, found)
            else:
                _skip(get, entry)


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
