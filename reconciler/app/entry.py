"""Write a live object as an entry of a manifest that is valid, and say what is left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from reconciler.errors import Diagnostic, Severity, Source
from reconciler.frozen import frozen
from reconciler.identity import LiveIndexes, resolve_names
from reconciler.kinds import Mode
from reconciler.kinds.resource_types import ResourceType
from reconciler.manifest.declaration import declare
from reconciler.manifest.rules import Rules
from reconciler.manifest.substitution import Values
from reconciler.model import Address, Fields, Live, Path, Pointer, Scope
from reconciler.values.compare import in_schema_form
from reconciler.values.fields import Field
from reconciler.values.text import printable, shown
from reconciler.values.validate import Finding
from reconciler.values.walk import DESCEND, map_value, nodes, replace_at, value_at, values_at
from reconciler.yaml12.writer import unwritable

# The key of each object in the manifests, by id; whether the key alone says what its natural key
# is; and whether only its id tells it from another object.
Names = dict[str, tuple[str, bool, bool]]

_NO_VALUES = Values({}, {})


@frozen
class Imported:
    """One live object as a manifest entry: `entry` is what is written, `fields` what is owned, and
    `created` its time of creation, as the vendor writes it."""

    address: Address
    id: str
    entry: Fields
    fields: Fields
    created: str = ""


def make_entry(
    rules: Rules,
    known: LiveIndexes,
    names: Mapping[Scope, Names],
    live: Live,
    problems: list[Diagnostic],
    keep: Callable[[dict[str, Any]], dict[str, Any]] = lambda fields: fields,
) -> Imported | None:
    """The entry of a live object, with the fields that `keep` returns of all it has; None where no
    manifest could declare it. What is left out is added to `problems`."""
    resource_type = rules.resource_type
    name, implied, pinned = names[resource_type.scope][live.id]
    address = resource_type.scope.address(name)
    fields = keep(declarable(resource_type, resolve_names(resource_type, live.fields, known)))
    key_fields = resource_type.kind.natural_key
    obstacles = _unwritable(fields) | _unnamed(resource_type, live.fields, fields, known, names)
    for field, (summary, detail) in obstacles.items():
        problems.append(_left_out(address, field, fields[field], summary, detail))
        del fields[field]
        if field in key_fields:
            problems.append(_object_left_out(address, f"its key needs {field}"))
            return None
    while True:
        hidden = key_fields if implied and len(key_fields) == 1 else ()
        declared = _with_ids(resource_type, live, fields, known)
        entry = {n: escaped(v) for n, v in declared.items() if n not in hidden}
        entry |= {"$id": live.id} if pinned else {}
        values = _NO_VALUES if "${" in str(entry) else None
        _, findings = declare(rules, name, entry, Source(""), values)
        errors = [finding for finding in findings if finding.severity is Severity.ERROR]
        if not errors:
            return Imported(address, live.id, entry, fields, live.created)
        wrong = [
            f for f in errors if f.path and f.path[0] in fields and f.path[0] not in key_fields
        ]
        if not wrong:
            problems.append(_object_left_out(address, errors[0].summary))
            return None
        problems += _leave_out(address, fields, wrong)


def _leave_out(
    address: Address, fields: dict[str, Any], findings: Sequence[Finding]
) -> Iterator[Diagnostic]:
    """Remove the fields that the findings are about, with a warning for each."""
    for field in dict.fromkeys(str(finding.path[0]) for finding in findings):
        summary = "; ".join(f.summary for f in findings if f.path[0] == field)
        hint = "The schema does not allow the value that the vendor has."
        yield _left_out(address, field, fields.pop(field), summary, hint)


def _takes_ids(resource_type: ResourceType, path: Path) -> bool:
    """Whether a manifest may hold the vendor's id there, as a number, in place of a name."""
    field = resource_type.facts.field(path)
    return field is not None and "integer" in field.types


def _with_ids(
    resource_type: ResourceType, live: Live, fields: Fields, known: LiveIndexes
) -> Fields:
    """The fields with the vendor's id in place of each name that does not mean one object, where a
    manifest may hold the id."""
    declared = dict(fields)
    for path, target in resource_type.targets:
        name, pointer = value_at(fields, path), value_at(live.fields, path)
        if not (_takes_ids(resource_type, path) and isinstance(pointer, Pointer) and name):
            continue
        if pointer.id and pointer.id.isdigit() and len(known[target].all_named(name)) != 1:
            declared = dict(replace_at(declared, path, int(pointer.id)))
    return declared


def declarable(resource_type: ResourceType, fields: Fields) -> dict[str, Any]:
    """The fields of a live object that a manifest may declare, in the order of the schema, without
    those that are unset."""
    observed = resource_type.kind.mode is Mode.OBSERVED

    def enter(field: Field | None, value: Any) -> Any:
        inner = (field.fields if isinstance(value, dict) else field.items) if field else None
        if inner is None or not isinstance(value, (dict, list)):
            return in_schema_form(field, value)
        return DESCEND

    def leave(field: Field | None, value: Any) -> Any:
        known = field.fields if field else None
        return _declared_members(known, value, observed) if known else value

    members = _declared_members(resource_type.facts.fields, fields, observed)
    known = resource_type.facts.fields
    return {name: map_value(known[name], value, enter, leave) for name, value in members.items()}


def _declared_members(
    fields: Mapping[str, Field], members: Fields, observed: bool
) -> dict[str, Any]:
    return {
        name: members[name]
        for name, field in fields.items()
        if members.get(name) is not None and _may_be_declared(field, observed)
    }


def _may_be_declared(field: Field, observed: bool) -> bool:
    return (observed or field.writable) and not (field.volatile or field.sensitive)


# The fields that cannot be written, with the reason and what to do.
_Obstacles = dict[str, tuple[str, str]]


def _unwritable(fields: Fields) -> _Obstacles:
    """The fields with a value that no manifest can hold."""
    obstacles: _Obstacles = {}
    for name, value in fields.items():
        for node in nodes(None, value):
            if problem := unwritable(node.value):
                text = f"a manifest cannot hold {printable(str(node.value))}: {problem}"
                obstacles.setdefault(name, (text, "Change it in the vendor's screens."))
    return obstacles


def _unnamed(
    resource_type: ResourceType,
    live: Fields,
    fields: Fields,
    known: LiveIndexes,
    names: Mapping[Scope, Names],
) -> _Obstacles:
    """The fields that refer to an object which no name tells from all others, or which is gone.

    `live` are the fields as they were read, `fields` those with names instead of pointers.
    """
    obstacles: _Obstacles = {}
    for path, target in resource_type.targets:
        index = known[target]
        for _, pointer in values_at(live, path):
            key = pointer.key if isinstance(pointer, Pointer) and pointer.id is None else None
            if key is not None and len(index.all_named(key)) > 1 and path[0] in fields:
                reason = f"it refers to {shown(key)}, and several objects have that name"
                hint = "The vendor names the object by its name only."
                obstacles.setdefault(str(path[0]), (reason, hint))
        written = {name for name, _, _ in names.get(target, {}).values()}
        for _, name in values_at(fields, path):
            if not isinstance(name, str) or name in written or index.resource_named(name):
                continue
            if len(index.all_named(name)) == 1:
                continue
            if name in index.names.values():
                reason = (
                    f"it refers to {shown(name)}, and only its id tells that object from others"
                )
                hint = f"Import {target} too; references then name the objects by their own keys."
                obstacles.setdefault(str(path[0]), (reason, hint))
            elif path[0] not in resource_type.kind.natural_key:
                reason = "it refers to an object that a manifest cannot name"
                hint = "The object is gone, of another kind, or has no natural key."
                obstacles.setdefault(str(path[0]), (reason, hint))
    return obstacles


def _left_out(address: Address, field: str, value: Any, reason: str, hint: str) -> Diagnostic:
    """The warning about a field that is not imported, with all that is in it."""
    members = ""
    if isinstance(value, dict) and value:
        members = f"; all of it is left out: {', '.join(map(printable, value))}"
    elif isinstance(value, list) and len(value) > 1:
        members = f"; all {len(value)} entries are left out"
    return Diagnostic(
        f"{field} is left out: {reason}{members}",
        hint,
        Severity.WARNING,
        address=str(address),
    )


def _object_left_out(address: Address, reason: str) -> Diagnostic:
    return Diagnostic(
        f"the object is left out: {reason}",
        "A manifest cannot declare it like this. Correct it in the vendor's screens.",
        Severity.WARNING,
        address=str(address),
    )


def escaped(value: Any) -> Any:
    """The value with `${` escaped, so that it is not read as a variable."""

    def escape(_: Field | None, part: Any) -> Any:
        return part.replace("${", "$${") if isinstance(part, str) else DESCEND

    return map_value(None, value, escape)
