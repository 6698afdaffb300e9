"""Read the vendors' own lists of the values that fields may have, for `validate --online`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from reconciler.app.project import Project
from reconciler.errors import Diagnostic, Severity, VendorError
from reconciler.kinds import Call
from reconciler.manifest.enumerations import Lists
from reconciler.model import Manifests, Scope
from reconciler.values.fields import Field

if TYPE_CHECKING:
    from reconciler.rest.account import Account

# The members that may hold the value of an entry which is an object.
MEMBERS = ("event", "code", "value", "name")

ListsNeeded = dict[tuple[str, str], Field]
"""The field that a list is for, by provider and name of the list."""


def lists_needed(project: Project, manifests: Manifests) -> ListsNeeded:
    """The lists against which the declared fields are checked."""
    declared: dict[Scope, set[str]] = {}
    for resource in manifests.resources:
        declared.setdefault(resource.address.scope, set()).update(resource.fields)
    return {
        (scope.provider, field.live or ""): field
        for scope, names in declared.items()
        for path, field in project.resource_types.of(scope).facts.live
        if path[0] in names
    }


def read_lists(
    project: Project, needed: ListsNeeded, accounts: Mapping[str, Account]
) -> tuple[Lists, tuple[Diagnostic, ...]]:
    """The values in each list, read with one request each; a list that cannot be read or
    understood is left out, with a warning."""
    lists: dict[tuple[str, str], frozenset[str]] = {}
    warnings = []
    for (name, enumeration), field in needed.items():
        call = project.resource_types.providers[name].enumerations[enumeration]
        try:
            values = values_in(accounts[name].read(call), call, _members(field))
        except VendorError as error:
            warnings.append(_unread(error.diagnostics[0].summary))
            continue
        if values is None:
            summary = f"{name}: {call.method} {call.path} answered with no list of values"
            warnings.append(_unread(summary))
        elif values:
            lists[name, enumeration] = values
    return lists, tuple(warnings)


def values_in(answer: Any, call: Call, members: Sequence[str]) -> frozenset[str] | None:
    """The values in an answer; None where it cannot be understood.

    It must be a list, bare or in the call's envelope, of texts or of objects; the text of an
    object is in the first of `members` that it has.
    """
    if isinstance(answer, Mapping):
        answer = answer.get(call.envelope or "data")
    if not isinstance(answer, list):
        return None
    values = [_value(entry, members) for entry in answer]
    return frozenset(value for value in values if value) if all(values) else None


def _value(entry: Any, members: Sequence[str]) -> str | None:
    if isinstance(entry, Mapping):
        entry = next((entry[name] for name in members if name in entry), None)
    return entry if isinstance(entry, str) else None


def _members(field: Field) -> tuple[str, ...]:
    """The member with the field's own name; the usual ones only where the schema lists values as
    well, because then the list is one of values and not of objects that have such a value."""
    return (field.name, *MEMBERS) if field.enum else (field.name,)


def _unread(summary: str) -> Diagnostic:
    detail = "Fields with such values were checked against the documentation only."
    return Diagnostic(summary, detail, Severity.WARNING)
