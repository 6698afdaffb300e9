"""After the writes, a look at everything that was touched: what did not stick is named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from reconciler.errors import Diagnostic, VendorError
from reconciler.executor.identity import resolved, same_object
from reconciler.kinds.resource_types import ResourceType
from reconciler.model import (
    Action,
    Address,
    Change,
    FieldChange,
    Fields,
    Live,
    Outcome,
    Pointer,
    Scope,
    Status,
)
from reconciler.rest.driver import Driver
from reconciler.values.compare import differences
from reconciler.values.mask import drop_secrets
from reconciler.values.walk import change_at, value_at


def read_back(
    outcomes: Sequence[Outcome], drivers: Mapping[Scope, Driver]
) -> Iterator[tuple[Outcome, Diagnostic]]:
    """Look at everything that was made or changed, and name what did not stick.

    A kind with many changes is listed once; a few objects are looked at one by one.
    """
    by_scope: dict[Scope, list[Outcome]] = {}
    for outcome in outcomes:
        if outcome.status is Status.APPLIED and outcome.change.action is not Action.DELETE:
            by_scope.setdefault(outcome.change.address.scope, []).append(outcome)
    ended = {outcome.change.address: outcome for outcome in outcomes}
    for scope, done in by_scope.items():
        driver = drivers[scope]
        try:
            live = _look_at(driver, done)
        except VendorError as error:
            finding = replace(error.diagnostics[0], address=str(done[0].change.address))
            yield done[0], finding
            continue
        for outcome in done:
            finding_ = _unstuck(driver, outcome, live.get(outcome.id or ""), ended)
            if finding_ is not None:
                yield outcome, finding_


def _look_at(driver: Driver, done: Sequence[Outcome]) -> dict[str, Live]:
    ids = [outcome.id for outcome in done if outcome.id]
    paging = driver.resource_type.kind.paging
    if len(ids) <= 3 or (paging and len(ids) < 10):
        found = [driver.get(id) for id in ids]
        return {live.id: live for live in found if live is not None}
    listing = driver.list(driver.resource_type.kind.parents_to_list(ids))
    if listing.problem is not None:
        raise VendorError(listing.problem)
    return {live.id: live for live in listing.objects}


def _unstuck(
    driver: Driver, outcome: Outcome, live: Live | None, ended: Mapping[Address, Outcome]
) -> Diagnostic | None:
    change = outcome.change
    if live is None:
        return Diagnostic(
            "written, but it is not there when read back",
            "The vendor may be slow to show it: plan again in a minute.",
            address=str(change.address),
        )
    ignored = change.options.ignore
    wanted = {name: one for name, one in resolved(change, ended).items() if name not in ignored}
    unstuck = missed(driver.resource_type, change, wanted, live)
    if not unstuck:
        return None
    places = (one.place or one.path for one in unstuck)
    names = ", ".join(dict.fromkeys(".".join(map(str, place)) for place in places))
    return Diagnostic(
        f"written, but read back different: {names} did not stick",
        "The vendor keeps another value: correct the manifest, or list the field in $ignore.",
        address=str(change.address),
        source=change.source,
    )


def missed(
    resource_type: ResourceType, change: Change, fields: Fields, live: Live
) -> tuple[FieldChange, ...]:
    """What a live object has otherwise than these fields, references resolved; secrets aside."""
    wanted = drop_secrets(resource_type.facts, fields)
    actual: Any = live.fields
    for ref, _ in change.refs:
        if ref.path[0] in wanted:
            target = value_at(wanted, ref.path)
            actual = change_at(actual, ref.path, partial(_as_wanted, target))
    return differences(resource_type.facts, wanted, actual)


def _as_wanted(wanted: Any, live: Any) -> Any:
    """The wanted pointer where the live one means the same object."""
    both = isinstance(live, Pointer) and isinstance(wanted, Pointer)
    return wanted if both and same_object(live, wanted) else live
