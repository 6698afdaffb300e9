"""Read back everything that was written, and report the fields that the vendor did not keep."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from reconciler.errors import Diagnostic, VendorError
from reconciler.executor.references import resolve_references
from reconciler.identity import same_object
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
    """Read back every object that was created or changed; yield each outcome whose object differs
    from what was written, with the finding.

    A kind with many changes is listed once; a few objects are read one by one.
    """
    by_scope: dict[Scope, list[Outcome]] = {}
    for outcome in outcomes:
        if outcome.status is Status.APPLIED and outcome.change.action is not Action.DELETE:
            by_scope.setdefault(outcome.change.address.scope, []).append(outcome)
    ended = {outcome.change.address: outcome for outcome in outcomes}
    for scope, applied in by_scope.items():
        driver = drivers[scope]
        try:
            live = _read_live(driver, applied)
        except VendorError as error:
            finding = replace(error.diagnostics[0], address=str(applied[0].change.address))
            yield applied[0], finding
            continue
        for outcome in applied:
            difference = _verify(driver, outcome, live.get(outcome.id or ""), ended)
            if difference is not None:
                yield outcome, difference


def _read_live(driver: Driver, applied: Sequence[Outcome]) -> dict[str, Live]:
    """The live objects of the outcomes, by id; raises VendorError where they cannot be read."""
    ids = [outcome.id for outcome in applied if outcome.id]
    paging = driver.resource_type.kind.paging
    if len(ids) <= 3 or (paging and len(ids) < 10):
        objects = [driver.get(id) for id in ids]
        return {live.id: live for live in objects if live is not None}
    listing = driver.list(driver.resource_type.kind.parents_to_list(ids))
    if listing.problem is not None:
        raise VendorError(listing.problem)
    return {live.id: live for live in listing.objects}


def _verify(
    driver: Driver, outcome: Outcome, live: Live | None, ended: Mapping[Address, Outcome]
) -> Diagnostic | None:
    """A finding where the live object differs from what was written; None where it does not."""
    change = outcome.change
    if live is None:
        return Diagnostic(
            "written, but the object does not exist when read back",
            "The vendor may show it with a delay: plan again in a minute.",
            address=str(change.address),
        )
    ignored = change.options.ignore
    wanted = {
        name: value
        for name, value in resolve_references(change, ended).items()
        if name not in ignored
    }
    differing = differing_fields(driver.resource_type, change, wanted, live)
    if not differing:
        return None
    places = (field.place or field.path for field in differing)
    names = ", ".join(dict.fromkeys(".".join(map(str, place)) for place in places))
    return Diagnostic(
        f"written, but the vendor kept other values: {names}",
        "Correct the manifest, or list the fields in $ignore.",
        address=str(change.address),
        source=change.source,
    )


def differing_fields(
    resource_type: ResourceType, change: Change, fields: Fields, live: Live
) -> tuple[FieldChange, ...]:
    """The fields of a live object that differ from the given ones, with references resolved and
    without secrets."""
    wanted = drop_secrets(resource_type.facts, fields)
    actual: Any = live.fields
    for ref, _ in change.refs:
        if ref.path[0] in wanted:
            target = value_at(wanted, ref.path)
            actual = change_at(actual, ref.path, partial(_same_pointer, target))
    return differences(resource_type.facts, wanted, actual)


def _same_pointer(wanted: Any, live: Any) -> Any:
    """The wanted pointer where the live one refers to the same object; otherwise the live one."""
    pointers = isinstance(live, Pointer) and isinstance(wanted, Pointer)
    return wanted if pointers and same_object(live, wanted) else live
