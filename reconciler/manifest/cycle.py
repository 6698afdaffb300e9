"""Find objects that wait for each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import TypeVar

Node = TypeVar("Node")


def find_cycle(needs: Mapping[Node, Iterable[Node]]) -> tuple[Node, ...]:
    """One cycle of nodes that wait for each other, its first and last node the same; () if there
    is none."""
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        return tuple(reversed(error.args[1]))
    return ()
