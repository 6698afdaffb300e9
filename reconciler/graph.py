"""References → order: what must be done before what, and which addresses wait in a circle."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import TypeVar

Node = TypeVar("Node")


def ordered(needs: Mapping[Node, Iterable[Node]]) -> tuple[Node, ...]:
    """The nodes, each after all that it needs. Raises `graphlib.CycleError`; see `cycle`."""
    return tuple(TopologicalSorter(needs).static_order())


def cycle(needs: Mapping[Node, Iterable[Node]]) -> tuple[Node, ...]:
    """One circle of nodes that wait for each other, first and last the same; () if none does."""
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        return tuple(reversed(error.args[1]))
    return ()
