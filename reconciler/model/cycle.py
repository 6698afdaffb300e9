"""Find a cycle among objects that depend on each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import TypeVar

Node = TypeVar("Node")


def find_cycle(needs: Mapping[Node, Iterable[Node]]) -> tuple[Node, ...]:
    """One cycle of nodes that need each other, with the same node first and last; () if there is
    none. `needs` gives the nodes that each node needs."""
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        return tuple(reversed(error.args[1]))
    return ()
