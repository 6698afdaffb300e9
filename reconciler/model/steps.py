"""The steps in which the changes of a plan are made, and which steps each must wait for.

Most changes are one step. A replacement takes two where other objects refer to the old or the new
one: its creation and its deletion, in either order (`Change.create_first`). An update takes two
where it goes through temporary values (`Change.detour`): the first frees its natural key, as the
deletion of a replacement does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

from reconciler.model.address import Address
from reconciler.model.plan import WRITES, Action, Change


class Phase(StrEnum):
    """Which part of a change a step makes."""

    WHOLE = "whole"
    CREATE = "create"
    DELETE = "delete"


class Step(NamedTuple):
    """One step: the change with this address, or one part of it."""

    address: Address
    phase: Phase


def steps_of(changes: Iterable[Change]) -> dict[Step, tuple[Step, ...]]:
    """Each step of the changes that write, with the steps that must come before it."""
    writes = {change.address: change for change in changes if change.action in WRITES}
    split = _split(writes)
    steps: dict[Step, tuple[Step, ...]] = {}
    for address, change in writes.items():
        first = _before(change, writes, split)
        if address not in split:
            steps[Step(address, Phase.WHOLE)] = first
            continue
        created, deleted = Step(address, Phase.CREATE), Step(address, Phase.DELETE)
        users = tuple(_release(user, split) for user in change.users if user in writes)
        steps[created] = first if change.create_first else (*first, deleted)
        steps[deleted] = (*users, created) if change.create_first else users
    return steps


def _split(writes: Mapping[Address, Change]) -> frozenset[Address]:
    """The replacements and updates that are made in two steps."""
    users = {user for change in writes.values() for user in change.users}
    return frozenset(
        address
        for address, change in writes.items()
        if change.detour or (change.action is Action.REPLACE and (change.users or address in users))
    )


def _before(
    change: Change, writes: Mapping[Address, Change], split: frozenset[Address]
) -> tuple[Step, ...]:
    """The steps before the creation or the only step of a change: those of `needs`, and changes to
    the objects that it refers to."""
    targets = {ref.target.address(ref.name) for ref, _ in change.refs}
    needed = dict.fromkeys(need for need in change.needs if need in writes)
    if change.action is Action.UPDATE:
        updates = (t for t in sorted(targets) if t in writes and t != change.address)
        needed |= dict.fromkeys(t for t in updates if writes[t].action is Action.UPDATE)
    return tuple(
        _release(need, split)
        if need not in targets
        else Step(need, Phase.CREATE if need in split else Phase.WHOLE)
        for need in needed
    )


def _release(address: Address, split: frozenset[Address]) -> Step:
    """The step after which an object no longer has its old natural key or its old references."""
    return Step(address, Phase.DELETE if address in split else Phase.WHOLE)
