"""Read back everything that was written, and find the fields that the vendor stored differently."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

from reconciler.errors import Diagnostic, NotAttempted, Severity, VendorError
from reconciler.executor.references import resolve_references
from reconciler.identity import same_object
from reconciler.kinds import Verb
from reconciler.kinds.resource_types import ResourceType
from reconciler.model import (
    Action,
    Address,
    Change,
    FieldChange,
    Fields,
    Live,
    Outcome,
    Path,
    Pointer,
    Scope,
    Status,
)
from reconciler.rest.driver import Driver
from reconciler.values.compare import differences, equal, same
from reconciler.values.fields import Facts
from reconciler.values.ignored import without_ignored
from reconciler.values.mask import drop_secrets
from reconciler.values.normal_form import is_normal_form, stored_differently
from reconciler.values.text import dotted
from reconciler.values.walk import DESCEND, change_at, map_value, value_at


class ReadBack(NamedTuple):
    """An object as it was read back after it was written.

    `live` is None where it could not be read; `stored` holds the live values of the fields, other
    than references, that the vendor stored differently; `finding` says what is wrong or worth
    knowing, None for nothing.
    """

    outcome: Outcome
    live: Live | None
    stored: Fields
    finding: Diagnostic | None


def read_back(
    outcomes: Sequence[Outcome],
    drivers: Mapping[Scope, Driver],
    known: Callable[[Change, Fields, Live], Fields],
) -> Iterator[ReadBack]:
    """Read back every object that was created or changed.

    A kind with many changes is listed once; a few objects are read one by one. `known` replaces, in
    the fields of a live object, what the ledger knows as the vendor's form by what was declared.
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
        except NotAttempted:  # the run was stopped, or the vendor given up: nothing more is read
            continue
        except VendorError as error:
            finding = replace(error.diagnostics[0], address=str(applied[0].change.address))
            yield ReadBack(applied[0], None, {}, finding)
            continue
        for outcome in applied:
            yield _verify(driver, outcome, live.get(outcome.id or ""), ended, known)


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
    driver: Driver,
    outcome: Outcome,
    live: Live | None,
    ended: Mapping[Address, Outcome],
    known: Callable[[Change, Fields, Live], Fields],
) -> ReadBack:
    """Compare the live object with what was written."""
    change, facts = outcome.change, driver.resource_type.facts
    if live is None:
        finding = Diagnostic(
            "written, but the object does not exist when read back",
            "The vendor may show it with a delay: plan again in a minute.",
            address=str(change.address),
        )
        return ReadBack(outcome, None, {}, finding)
    ignored = change.options.ignore
    wanted = drop_secrets(facts, without_ignored(facts, resolve_references(change, ended), ignored))
    actual = without_ignored(facts, _with_wanted_pointers(change, wanted, live.fields), ignored)
    if same(facts, wanted, actual):
        return ReadBack(outcome, live, {}, None)
    named = partial(_with_names, _names_of(change, wanted))
    declared, found = named(wanted), named(actual)
    references = {str(ref.path[0]) for ref, _ in change.refs if _is_whole_field(ref.path)}
    values = {name: value for name, value in declared.items() if name not in references}
    new = differences(facts, declared, known(change, found, live))
    written = _written(driver.resource_type, change, declared, new)
    kept = stored_differently(facts, values, found)
    stored = _without_unchanged(facts, change, kept, new, written)
    return ReadBack(outcome, live, stored, _finding(change, new, written))


def _is_whole_field(path: Path) -> bool:
    """Whether a reference is all that its field holds, alone or as one of a list."""
    return all(isinstance(part, int) for part in path[1:])


def _names_of(change: Change, wanted: Fields) -> Mapping[Pointer, Any]:
    """The names in the manifest by the pointers that they became."""
    declared = change.after or {}
    pointers = ((value_at(wanted, r.path), value_at(declared, r.path)) for r, _ in change.refs)
    return {pointer: name for pointer, name in pointers if isinstance(pointer, Pointer)}


def _with_names(names: Mapping[Pointer, Any], fields: Fields) -> Fields:
    """The fields with a name in place of each pointer, as the ledger holds them and plans compare
    them: that of the manifest; the vendor's for other objects, with the id where it is the same."""
    taken = {*names.values(), *(pointer.key for pointer in names)}

    def named(_: object, part: Any) -> Any:
        if not isinstance(part, Pointer):
            return DESCEND
        if part in names:
            return names[part]
        text = part.key or part.id
        return f"{text} (id {part.id})" if text in taken else text

    result: Fields = map_value(None, fields, named)
    return result


def _without_unchanged(
    facts: Facts,
    change: Change,
    stored: Fields,
    differing: Sequence[FieldChange],
    written: Set[Any],
) -> Fields:
    """What the vendor stored differently, without other values that were there before the write:
    the vendor ignored it, or does not show it yet, and neither is a form of what was written. What
    differs and was not `written` is nothing that the vendor made of it."""
    unwritten = {f.path[0] for f in differing} - written
    others = {f.path[0] for f in differing if not is_normal_form(f.after, f.before)}
    before = change.before or {}
    return {
        name: value
        for name, value in stored.items()
        if name not in unwritten
        and (
            name not in others
            or name not in before
            or not equal(facts.fields.get(name), value, before[name])
        )
    }


def _written(
    resource_type: ResourceType, change: Change, fields: Fields, differing: Sequence[FieldChange]
) -> Set[Any]:
    """The names of the fields that a change has written: of an update, those that it changes. Where
    the whole object was sent, also those that say the same as what was sent, in another form:
    another value in a field that was to stay is somebody else's."""
    if change.action is not Action.UPDATE or not change.fields:
        return fields.keys()
    changed = {field.path[0] for field in change.fields}
    if not resource_type.kind.calls[Verb.UPDATE].sends_whole:
        return changed
    found = {field.path[0] for field in differing}
    others = {f.path[0] for f in differing if not is_normal_form(f.after, f.before)}
    return changed | (found - others)


def _finding(
    change: Change, differing: Sequence[FieldChange], written: Set[Any]
) -> Diagnostic | None:
    """What to say of the fields that the vendor stored differently: a warning for a normal form, an
    error for another value."""
    if not differing:
        return None
    others = [
        field
        for field in differing
        if field.path[0] not in written or not is_normal_form(field.after, field.before)
    ]
    ours = [field for field in others if field.path[0] in written]
    names = ", ".join(dict.fromkeys(dotted(f.path, f.place) for f in ours or others or differing))
    if others and not ours:
        return Diagnostic(
            f"written, but other fields were changed by somebody else meanwhile: {names}",
            "Plan again.",
            address=str(change.address),
            source=change.source,
        )
    if not others:
        return Diagnostic(
            f"the vendor stores it in its own form: {names}",
            "The two forms count as equal from now on. To see them: "
            f"reconciler explain {change.address}",
            Severity.WARNING,
            address=str(change.address),
            source=change.source,
        )
    return Diagnostic(
        f"written, but the vendor kept other values: {names}",
        "Correct the manifest, or list the fields in $ignore. To see both values: "
        f"reconciler explain {change.address}",
        address=str(change.address),
        source=change.source,
    )


def differing_fields(
    resource_type: ResourceType, change: Change, fields: Fields, live: Live
) -> tuple[FieldChange, ...]:
    """The fields of a live object that differ from the given ones, with references resolved and
    without secrets."""
    wanted = drop_secrets(resource_type.facts, fields)
    actual = _with_wanted_pointers(change, wanted, live.fields)
    facts, ignored = resource_type.facts, change.options.ignore
    return differences(
        facts, without_ignored(facts, wanted, ignored), without_ignored(facts, actual, ignored)
    )


def _with_wanted_pointers(change: Change, wanted: Fields, live: Fields) -> Fields:
    """The live fields with the wanted pointer in place of each that refers to the same object."""
    for ref, _ in change.refs:
        if ref.path[0] in wanted:
            target = value_at(wanted, ref.path)
            live = change_at(live, ref.path, partial(_same_pointer, target))
    return live


def _same_pointer(wanted: Any, live: Any) -> Any:
    """The wanted pointer where the live one refers to the same object; otherwise the live one."""
    pointers = isinstance(live, Pointer) and isinstance(wanted, Pointer)
    return wanted if pointers and same_object(live, wanted) else live
