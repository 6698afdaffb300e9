"""The objects a vendor begins with: the documentation's examples, none, or generated ones.

The n-th generated object of a kind is the same whenever it is asked for.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from importlib import resources
from typing import Any

from reconciler.sandbox.crud import complete
from reconciler.sandbox.describe import Kind, Vendor
from reconciler.sandbox.samples import moment
from reconciler.sandbox.store import Clock, Collection, Object
from reconciler.sandbox.vendors import package


def valid(data: str) -> bool:
    """Whether this names a data set."""
    return data in ("docs", "empty") or (data.isascii() and data.isdigit())


def loader(
    vendor: Vendor, data: str, clock: Clock, saved: Mapping[str, Any]
) -> Callable[[str], Collection]:
    """Loads the collection of a kind by name: as it was saved, or else from the data set."""

    def load(name: str) -> Collection:
        kind = vendor.kind(name)
        if name in saved:
            objects = {int(number): thing for number, thing in saved[name]["objects"].items()}
            return Collection(list(objects), objects.__getitem__, saved[name]["next_id"])
        if data == "empty":
            return collection(clock, kind, [])
        if data == "docs":
            file = resources.files(package(vendor.name)).joinpath("data.json")
            return collection(clock, kind, json.loads(file.read_text("utf-8")).get(name, []))
        return Collection(range(1, int(data) + 1), lambda number: generated(clock, kind, number))

    return load


def generated(clock: Clock, kind: Kind, number: int) -> Object:
    """The generated object of that number: what its fields make, and defaults."""
    fields = {field.name: field.generated(number) for field in kind.fields if field.is_generated}
    if kind.stamped:
        fields |= dict.fromkeys(("created_at", "updated_at"), moment(number))
    return complete(clock, kind, number, fields)


def collection(clock: Clock, kind: Kind, things: list[Object]) -> Collection:
    """The objects as given, completed; those without an id get the next ones."""
    following = max((id_of(thing) for thing in things), default=0) + 1
    objects: dict[int, Object] = {}
    for thing in things:
        number = id_of(thing)
        if not number:
            number, following = following, following + 1
        objects[number] = complete(clock, kind, number, _flat(kind, thing))
    return Collection(list(objects), objects.__getitem__, following)


def id_of(thing: Object) -> int:
    """The integer id of an object, 0 where it has none."""
    number = thing.get("id")
    return number if isinstance(number, int) and not isinstance(number, bool) else 0


def _flat(kind: Kind, thing: Object) -> Object:
    """The object with its nested references as ids, however it was given."""
    flat = dict(thing)
    for field in kind.fields:
        reference = field.refers and not field.by
        nested = flat.pop(field.name.removesuffix("_id"), None) if reference else None
        if isinstance(nested, dict):
            flat[field.name] = nested.get("id")
    return flat
