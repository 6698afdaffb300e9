"""Sorts and compares the objects of a list as its query asks, whatever the query looks like."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from reconciler.sandbox.store import Collection

Order = tuple[str, bool]
"""A field to sort by, and whether it descends."""


def sort(collection: Collection, ids: list[int], orders: Sequence[Order]) -> None:
    """Sort ids by these fields, the first one first; objects without a value come first."""
    # Python's sort is stable: the last criterion goes first.
    for name, descending in reversed(orders):
        ids.sort(key=partial(_rank, collection, name), reverse=descending)


def _rank(collection: Collection, name: str, number: int) -> tuple[bool, Any]:
    thing = collection[number]
    value = thing.get(name, number if name == "id" else None)
    simple = isinstance(value, str | int | float)
    return (simple, value if simple else 0)


def as_type_of(value: Any, text: str, true: Sequence[str] = ("true",)) -> Any:
    """The text of a filter as the type of the value it is compared with, `true` being the words
    for that; ValueError where it is not of that type."""
    if isinstance(value, bool):
        return text.lower() in true
    return type(value)(text)
