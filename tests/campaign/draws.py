"""What a sequence may choose from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from typing import Any, TypeVar

from hypothesis import strategies as st

from .sorts import Sort
from .world import World

KEYS = ("a", "b", "c", "d", "e", "f")

T = TypeVar("T")


def draw(
    data: st.DataObject, options: Sequence[T], label: str, named: Callable[[T], Any] = repr
) -> T:
    """One of these, which the report of a failure calls by its name."""
    names = {str(named(option)): option for option in options}
    return names[data.draw(st.sampled_from(list(names)), label)]


def declare(world: World, data: st.DataObject, sort: Sort) -> None:
    """Declare another object of a kind, if a key and a name are free."""
    objects = world.declared[sort.scope]
    free = [k for k in KEYS if k not in objects and (sort.scope, k) not in world.formerly()]
    if not sort.makes:
        names = [name for name in sort.names if name not in world.names(sort)]
        name = data.draw(st.sampled_from(names), "name") if names else None
    else:
        name = free_name(world, data, sort)
    if free and name is not None:
        key = data.draw(st.sampled_from(free), "key")
        objects[key] = {sort.key: name, **fields(world, data, sort, {})}
        world.stays.pop(world.address(sort, key), None)


def fields(
    world: World, data: st.DataObject, sort: Sort, before: Mapping[str, Any], owned: bool = False
) -> dict[str, Any]:
    """Fields for an object that had `before`; what cannot be changed only where it is `owned`."""
    optional = sorted({*sort.fields, *sort.refs} - set(sort.needed))
    chosen = data.draw(st.sets(st.sampled_from(optional)), "fields") if optional else set()
    found: dict[str, Any] = {}
    for name in (*sort.needed, *sorted(chosen)):
        if name in sort.refs:
            keys = sorted(world.declared[f"{sort.vendor}/{sort.refs[name]}"])
            many = name.endswith("s")
            if many:
                found[name] = sorted(data.draw(st.sets(st.sampled_from(keys)))) if keys else []
            else:
                found[name] = data.draw(st.sampled_from([None, *keys]), name)
        elif name == "items" and before and not (owned and data.draw(st.booleans())):
            found[name] = before[name]
        else:
            found[name] = deepcopy(data.draw(st.sampled_from(sort.fields[name]), name))
    if "items" in found and found["items"] != before.get("items"):
        # Items cannot be changed: another object takes its place.
        for key, fields in world.declared[sort.scope].items():
            if fields is before:
                world.stays.pop(world.address(sort, key), None)
    return found


def free_name(world: World, data: st.DataObject, sort: Sort, new: bool = False) -> str | None:
    """A name that nobody else's object has, and that nothing declared has."""
    owned = {row.id for a, row in world.owned().items() if str(a.scope) == sort.scope}
    taken = world.names(sort) | {
        raw[sort.key] for raw in world.raws(sort) if new or sort.id_of(raw) not in owned
    }
    spelled = str.lower if sort.key in world.bends.get(sort.scope, ()) else str
    taken = {spelled(name) for name in taken}
    free = [name for name in sort.names if spelled(name) not in taken]
    return data.draw(st.sampled_from(free), "name") if free else None


def chosen(world: World, data: st.DataObject) -> tuple[Sort, str] | None:
    """Any declared object, if there is one."""
    every = [(sort, key) for sort in world.sorts for key in sorted(world.declared[sort.scope])]
    return draw(data, every, "object") if every else None


def pair(world: World, data: st.DataObject) -> tuple[Sort, str, str] | None:
    """Two owned objects of a kind that may have other names, if there are two."""
    pairs = [
        (sort, one, two)
        for sort in world.sorts
        for one in sorted(world.declared[sort.scope])
        for two in sorted(world.declared[sort.scope])
        if one != two and sort.moves
        if all(renames(world, sort, key) and world.is_owned(sort, key) for key in (one, two))
    ]
    return draw(data, pairs, "two objects") if pairs else None


def renames(world: World, sort: Sort, key: str) -> bool:
    """Whether its natural key may be changed."""
    if not sort.moves:
        world.stays.pop(world.address(sort, key), None)
    return sort.makes and sort.deletes
