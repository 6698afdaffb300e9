"""Find out whether a vendor adds a quantity that it should set, and stop at the first addition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from reconciler.errors import VendorError
from reconciler.executor.freshness import ChangeFailed
from reconciler.kinds.resource_types import ResourceType
from reconciler.model import Action, Address, Change, Fields, Live, Scope, Status, Step
from reconciler.rest.driver import Driver


class Added(ChangeFailed):
    """The vendor added a quantity to the one that was there. The object is not as it was before,
    and not as it is declared."""


@dataclass(slots=True)
class Additions:
    """What a run has learnt about the kinds whose quantities a vendor may add (`x-may-add`).

    `setting` are the scopes in which a quantity was seen to be set, `adding` those in which one
    was seen to be added: nothing more is written there.
    """

    setting: set[Scope] = field(default_factory=set)
    adding: set[Scope] = field(default_factory=set)

    def stop(self, change: Change) -> bool:
        """Whether the change is not to be made, because its kind was seen to add."""
        return change.address.scope in self.adding and change.action is not Action.DELETE

    def check(self, driver: Driver, live: Live, fields: Fields) -> None:
        """Read the object back after an update, until a quantity was seen to be set. `live` is the
        object before and `fields` what was written.

        Raises Added where a quantity was added, and ChangeFailed with an unknown outcome where the
        object cannot be read.
        """
        resource_type = driver.resource_type
        if resource_type.scope not in self.setting and _telling(resource_type, live, fields):
            self.judge(resource_type, live, fields, _read(driver, live.id))

    def judge(
        self, resource_type: ResourceType, live: Live, fields: Fields, now: Live | None
    ) -> None:
        """Learn from the object `now` whether its quantities were set; raises Added where one was
        added. `live` is the object before and `fields` what was written."""
        for name in _telling(resource_type, live, fields) if now else ():
            before, written, after = (
                _number(part.get(name)) for part in (live.fields, fields, now.fields if now else {})
            )
            if abs(after - before - written) < abs(after - written):
                self.adding.add(resource_type.scope)
                raise _added(resource_type, name, (before, written, after))
            if after == written:
                self.setting.add(resource_type.scope)


def _telling(resource_type: ResourceType, live: Live, fields: Fields) -> list[str]:
    """The quantities by which adding can be told from setting: not where there was nothing before,
    or nothing was written."""
    names = resource_type.facts.may_add
    return [n for n in names if _number(fields.get(n)) and _number(live.fields.get(n))]


def one_by_one(
    steps: Mapping[Step, tuple[Step, ...]],
    writes: Mapping[Address, Change],
    drivers: Mapping[Scope, Driver],
) -> dict[Step, tuple[Step, ...]]:
    """The steps of a run, each with those that come before it. Those that write a quantity which a
    vendor may add come one after the other, so that an addition is seen before the next is sent."""
    ordered = dict(steps)
    last: dict[Scope, Step] = {}
    for step, before in steps.items():
        change, scope = writes[step.address], step.address.scope
        names = drivers[scope].resource_type.facts.may_add
        if any(part.path[0] in names for part in change.fields):
            if scope in last:
                ordered[step] = (*before, last[scope])
            last[scope] = step
    return ordered


def _read(driver: Driver, id: str) -> Live:
    try:
        live = driver.get(id)
    except VendorError as error:
        summary = error.diagnostics[0].summary
    else:
        if live is not None:
            return live
        summary = "it does not exist"
    raise ChangeFailed(
        Status.UNKNOWN, f"written, but it could not be read back: {summary}", "Plan again."
    )


def _added(
    resource_type: ResourceType, name: str, numbers: tuple[Decimal, Decimal, Decimal]
) -> Added:
    kind = resource_type.kind
    before, written, after = (f"{number.normalize():f}" for number in numbers)
    return Added(
        Status.FAILED,
        f"the vendor added {written} to {before} instead of setting {written}: {name} is {after} "
        "now",
        f"No more {kind.name} are written in this run. Correct it in {kind.screen}, and leave "
        f"{name} out of the manifests until the vendor sets it.",
    )


def _number(value: Any) -> Decimal:
    """A quantity as a number; 0 where there is none."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return Decimal(0)
    return number if number.is_finite() else Decimal(0)
