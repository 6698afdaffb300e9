"""The vendors' own lists of the values that fields may have, for `validate --online`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reconciler.app.project import Account, Project
from reconciler.errors import Diagnostic, Severity, VendorError
from reconciler.kinds import Call
from reconciler.manifest.enumerations import Lists
from reconciler.model import Manifests, Scope
from reconciler.values.fields import Field

# What an entry of a list may call its value, where the entry is an object.
MEMBERS = ("event", "code", "value", "name")

Wanted = dict[tuple[str, str], Field]


def wanted(project: Project, manifests: Manifests) -> Wanted:
    """The lists that declared fields are to be held against: provider and list → the field."""
    declared: dict[Scope, set[str]] = {}
    for resource in manifests.resources:
        declared.setdefault(resource.address.scope, set()).update(resource.fields)
    return {
        (scope.provider, field.live or ""): field
        for scope, names in declared.items()
        for path, field in project.resource_types.of(scope).facts.live
        if path[0] in names
    }


def ask(
    project: Project, lists: Wanted, accounts: Mapping[str, Account]
) -> tuple[Lists, tuple[Diagnostic, ...]]:
    """What each list holds, one request for each; a list that cannot be read or understood is
    left out, with a warning that says so."""
    found: dict[tuple[str, str], frozenset[str]] = {}
    warnings = []
    for (name, enumeration), field in lists.items():
        call = project.resource_types.providers[name].enumerations[enumeration]
        try:
            values = values_in(accounts[name].read(call), call, _members(field))
        except VendorError as error:
            warnings.append(_unread(error.diagnostics[0].summary))
            continue
        if values is None:
            summary = f"{name}: {call.method} {call.path} answered no list of values"
            warnings.append(_unread(f"{summary} that can be understood"))
        elif values:
            found[name, enumeration] = values
    return found, tuple(warnings)


def values_in(answer: Any, call: Call, members: Sequence[str]) -> frozenset[str] | None:
    """The values that an answer lists; None where it cannot be understood.

    Understood are a list, bare or in an envelope, of texts or of objects that hold the text in
    the first of `members` that the object has.
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
    """The member of the field's own name; the usual ones only where the list is one of values,
    and not of things that happen to have one."""
    return (field.name, *MEMBERS) if field.enum else (field.name,)


def _unread(summary: str) -> Diagnostic:
    detail = "The fields that it is for were held against the documentation only."
    return Diagnostic(summary, detail, Severity.WARNING)
