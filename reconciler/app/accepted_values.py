"""Say how a manifest must change so that it declares what is live."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reconciler.errors import Diagnostic, Severity, Source
from reconciler.frozen import frozen
from reconciler.kinds.resource_types import ResourceType
from reconciler.manifest.declaration import declare
from reconciler.manifest.rules import Rules
from reconciler.manifest.substitution import Values
from reconciler.model import (
    ABSENT,
    ROTATE,
    Action,
    Change,
    Fields,
    Path,
    Pointer,
    Resource,
    is_secret,
)
from reconciler.values.compare import equal, in_schema_form
from reconciler.values.fields import Field
from reconciler.values.text import dotted
from reconciler.values.walk import (
    DESCEND,
    map_value,
    nodes,
    overlap,
    replace_at,
    value_at,
    zip_value,
)

BY_HAND = "Edit the manifest by hand."
AT_VENDOR = "Correct it at the vendor, or put it back with `reconciler drift --revert`."
_NO_VALUES = Values({}, {})


@frozen
class NewValue:
    """The value that a manifest is to have at a path of an object, and the declared one. ABSENT
    stands for a field that is not, or no longer, declared."""

    path: Path
    old: Any
    new: Any


def new_values(
    rules: Rules, resource: Resource, drifted: Change, planned: Change
) -> Iterator[NewValue | Diagnostic]:
    """What to write for each field that changed at the vendor and is declared otherwise, or why it
    cannot be written.

    `drifted` says what changed since the last apply, and `planned` what an apply would change now.
    What differs because the manifest was edited since is left as it is.
    """
    done: set[Path] = set()
    for change in planned.fields:
        path = _named(change.path)
        if path in done or change.path == ROTATE or not _has_drifted(path, drifted):
            continue
        done.add(path)
        if change.sensitive or is_secret(value_at(resource.fields, path)):
            yield _finding(resource, path, "it is a secret, which no manifest holds", BY_HAND)
            continue
        found = _new_value(rules.resource_type, resource, path, planned.before or {})
        wrong = _objection(rules, resource, found) if isinstance(found, NewValue) else ""
        if wrong:
            yield _finding(resource, path, f"no manifest may have it: {wrong}", AT_VENDOR)
        else:
            yield found


def _named(path: Path) -> Path:
    """A path up to the first list: positions in two lists need not mean the same item."""
    numbers = [at for at, part in enumerate(path) if isinstance(part, int)]
    return path[: numbers[0]] if numbers else path


def _has_drifted(path: Path, drifted: Change) -> bool:
    """Whether something at the path changed at the vendor; all of what only a person can change
    and was never applied."""
    if drifted.action is Action.BY_HAND:
        return True
    paths = (_named(change.path) for change in drifted.fields)
    return any(overlap(path, other) for other in paths)


def _new_value(
    resource_type: ResourceType, resource: Resource, path: Path, live: Fields
) -> NewValue | Diagnostic:
    field = resource_type.facts.field(path)
    old, now = value_at(resource.fields, path), value_at(live, path)
    if now is ABSENT or now is None:
        if field is not None and "null" in field.types:
            return NewValue(path, old, None)
        if (field is not None and field.required) or path[0] in resource_type.kind.natural_key:
            reason = "the object does not have it any more, and it must be declared"
            return _finding(resource, path, reason, BY_HAND)
        return NewValue(path, old, ABSENT)
    return NewValue(path, old, zip_value(field, old, now, _merged))


def _objection(rules: Rules, resource: Resource, value: NewValue) -> str:
    """Why the schema does not allow a value in its field; empty where it does."""
    name = str(value.path[0])
    if value.new is ABSENT or any(isinstance(n.value, Pointer) for n in nodes(None, value.new)):
        return ""
    whole = replace_at(resource.fields.get(name), value.path[1:], value.new)
    values = _NO_VALUES if "${" in str(whole) else None
    _, findings = declare(rules, resource.address.key, {name: whole}, Source(""), values)
    errors = (f for f in findings if f.severity is Severity.ERROR and f.path[:1] == (name,))
    return "; ".join(finding.summary for finding in errors)


def _merged(field: Field | None, old: Any, live: Any) -> Any:
    """The declared value where the live one equals it, so that it stays as it is written; else the
    live one as a manifest has it."""
    if live is ABSENT:
        return None if old is None or (field and "null" in field.types) else ABSENT
    if old is ABSENT:
        return _as_written(field, live)
    if is_secret(old) or equal(field, old, live):
        return old
    if isinstance(old, dict) and isinstance(live, dict):
        return DESCEND
    if isinstance(old, list) and isinstance(live, list):
        return _in_declared_order(field, old, live) if field and field.unordered else DESCEND
    return _as_written(field, live)


def _in_declared_order(field: Field, old: list[Any], live: list[Any]) -> Any:
    """The items of a set: those that are still there in the order of the manifest, then new ones. A
    set of mappings is merged item by item."""
    if any(isinstance(item, (dict, list)) for item in (*old, *live)):
        return DESCEND
    kept = [item for item in old if any(equal(field.items, item, other) for other in live)]
    new = [item for item in live if not any(equal(field.items, item, other) for other in old)]
    return [*kept, *(_as_written(field.items, item) for item in new)]


def _as_written(field: Field | None, value: Any) -> Any:
    """A live value as a manifest has it: in the form of the schema, and with `${` escaped."""

    def enter(inner: Field | None, part: Any) -> Any:
        if isinstance(part, (dict, list)) and part:
            return DESCEND
        formed = in_schema_form(inner, part)
        return formed.replace("${", "$${") if isinstance(formed, str) else formed

    return map_value(field, value, enter)


def _finding(resource: Resource, path: Path, reason: str, hint: str) -> Diagnostic:
    summary = f"{dotted(path)} is not accepted: {reason}"
    return Diagnostic(summary, hint, address=str(resource.address), source=resource.source)
