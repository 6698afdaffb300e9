"""Find live objects that no manifest declares, and write them as manifest entries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reconciler.app.project import Project
from reconciler.app.snapshot import Wanted, read
from reconciler.errors import Diagnostic, Severity
from reconciler.identity import LiveIndexes, index_live, key_in, key_text, resolve_names
from reconciler.kinds import Kind, Mode, Verb
from reconciler.kinds.resource_types import ResourceType
from reconciler.ledger import State
from reconciler.model import Address, Fields, Live, Manifests, Scope
from reconciler.planner import scopes_needed
from reconciler.values.fields import Field
from reconciler.values.validate import gate
from reconciler.values.walk import DESCEND, map_value, values_at

if TYPE_CHECKING:
    from reconciler.rest.account import Account


@dataclass(frozen=True, slots=True)
class Imported:
    """One live object as a manifest entry: `entry` is what is written, `fields` what is owned."""

    address: Address
    id: str
    entry: Fields
    fields: Fields


@dataclass(frozen=True, slots=True)
class Undeclared:
    """The undeclared objects of each kind, and what stood in the way of finding more.

    `unlisted` are the kinds whose objects the vendor does not list, `volatile` those whose objects
    change by themselves: neither is imported.
    """

    entries: Mapping[Scope, tuple[Imported, ...]]
    problems: tuple[Diagnostic, ...]
    unlisted: tuple[Scope, ...] = ()
    volatile: tuple[Scope, ...] = ()


def find_undeclared(
    project: Project,
    wanted: Sequence[Scope],
    accounts: Mapping[str, Account],
    manifests: Manifests,
    state: State,
) -> Undeclared:
    """Every live object of the wanted kinds that no manifest declares, in the order of keys."""
    unlisted = tuple(s for s in wanted if _unlisted(project.resource_types.of(s).kind))
    volatile = tuple(s for s in wanted if project.resource_types.of(s).moving)
    wanted = [scope for scope in wanted if scope not in (*unlisted, *volatile)]
    scopes = scopes_needed(project.resource_types, manifests.resources, (), wanted)
    everything = Wanted(manifests.resources, state.owned, frozenset(wanted))
    snapshot = read(project.resource_types, scopes, accounts, everything)
    types = {scope: project.resource_types.of(scope) for scope in scopes}
    objects = {scope: listing.objects for scope, listing in snapshot.listings.items()}
    known = index_live(tuple(types.values()), objects, manifests.resources, state.owned)
    problems = [listing.problem for listing in snapshot.listings.values() if listing.problem]
    whole = {scope for scope, listing in snapshot.listings.items() if listing.complete}
    entries = {
        scope: tuple(_entries(types[scope], known, problems))
        for scope in wanted
        if {scope, *(target for _, target in types[scope].targets)} <= whole
    }
    kept = {scope: imported for scope, imported in entries.items() if imported}
    return Undeclared(kept, tuple(problems), unlisted, volatile)


def _unlisted(kind: Kind) -> bool:
    """Whether the vendor has no way to say which objects exist."""
    return not kind.can(Verb.LIST) and not kind.nested and bool(kind.natural_key)


def _entries(
    resource_type: ResourceType, known: LiveIndexes, problems: list[Diagnostic]
) -> Iterator[Imported]:
    index = known[resource_type.scope]
    declared = {live.id for live in index.matched.values() if isinstance(live, Live)}
    valid = gate(resource_type.facts.schema)
    undeclared = [live for id, live in index.by_id.items() if id not in declared]
    for live in sorted(undeclared, key=lambda live: (index.names[live.id], live.id)):
        key = key_in(known, resource_type, live.fields)
        if key is None or (key and not key_text(key)):
            problems.append(_without_key(resource_type, live))
            continue
        text = index.names[live.id]
        options: dict[str, Any] = {}
        name = written = _usable(text)
        if len(index.by_key.get(key, ())) > 1 or text in index.declared:
            options["$id"] = live.id
        if options or name != text:
            written = f"{name} ({live.id})"
        address = resource_type.scope.address(written)
        fields = _declarable(resource_type, resolve_names(resource_type, live.fields, known))
        for name in _dangling(resource_type, fields, known):
            problems.append(_left_out(address, name))
            del fields[name]
        if not valid(fields):
            fields = _without_invalid(resource_type, address, fields, problems)
        implied = written == text and len(resource_type.kind.natural_key) == 1
        left_out = resource_type.kind.natural_key if implied else ()
        entry = {n: _escaped(v) for n, v in fields.items() if n not in left_out}
        yield Imported(address, live.id, {**entry, **options}, fields)


def _usable(name: str) -> str:
    """The name as a manifest key: without control characters and without `${`."""
    seen = "".join(sign if sign.isprintable() else " " for sign in name)
    return " ".join(seen.replace("${", "$ {").split()) if seen != name or "${" in name else name


def _declarable(resource_type: ResourceType, fields: Fields) -> dict[str, Any]:
    """The fields of a live object that a manifest may declare, in the order of the schema, without
    those that are unset."""
    observed = resource_type.kind.mode is Mode.OBSERVED

    def enter(field: Field | None, value: Any) -> Any:
        inner = (field.fields if isinstance(value, dict) else field.items) if field else None
        return value if inner is None else DESCEND

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


def _dangling(resource_type: ResourceType, fields: Fields, known: LiveIndexes) -> list[str]:
    """The fields that refer to an object which a manifest cannot name: it is gone, of another
    kind, or has no natural key."""
    dangling: dict[str, None] = {}
    for path, target in resource_type.targets:
        if path[0] in resource_type.kind.natural_key:
            continue
        for _, name in values_at(fields, path):
            if isinstance(name, str) and not known[target].resource_named(name):
                dangling |= {} if known[target].live_named(name) else {str(path[0]): None}
    return list(dangling)


def _left_out(address: Address, name: str) -> Diagnostic:
    return Diagnostic(
        f"{name} is left out: it refers to an object that a manifest cannot name",
        "The object is gone, of another kind, or has no natural key.",
        Severity.WARNING,
        address=str(address),
    )


def _without_invalid(
    resource_type: ResourceType,
    address: Address,
    fields: dict[str, Any],
    problems: list[Diagnostic],
) -> dict[str, Any]:
    """The fields without those whose live value the schema does not allow."""
    from reconciler.values.text import dotted
    from reconciler.values.validate import explain

    findings = explain(resource_type.facts.schema, fields)
    bad = {str(finding.path[0]) for finding in findings if finding.path}
    problems += [
        Diagnostic(
            f"{dotted(finding.path)} is left out: {finding.summary}",
            "The schema does not allow the value that the vendor has.",
            Severity.WARNING,
            address=str(address),
        )
        for finding in findings
    ]
    return {name: value for name, value in fields.items() if name not in bad}


def _escaped(value: Any) -> Any:
    """The value with `${` escaped, so that it is not read as a variable."""

    def escape(_: Field | None, part: Any) -> Any:
        return part.replace("${", "$${") if isinstance(part, str) else DESCEND

    return map_value(None, value, escape)


def _without_key(resource_type: ResourceType, live: Live) -> Diagnostic:
    names = " or ".join(resource_type.kind.natural_key)
    return Diagnostic(
        f"{resource_type.scope}: the object with id {live.id} is left out: it has no {names}",
        "Give it one in the vendor's screens.",
        Severity.WARNING,
    )
