"""Find live objects that no manifest declares, and choose the keys by which manifests name them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from typing import TYPE_CHECKING

from reconciler.app.entry import Imported, Names, make_entry
from reconciler.app.import_choice import EVERYTHING, ImportChoice, KindChoice, check_addresses
from reconciler.app.project import Project
from reconciler.app.snapshot import Wanted, read
from reconciler.errors import Diagnostic, Severity
from reconciler.frozen import frozen
from reconciler.identity import LiveIndex, LiveIndexes, index_live, key_in, key_text
from reconciler.kinds import Kind, Verb
from reconciler.kinds.resource_types import ResourceType
from reconciler.ledger import State
from reconciler.manifest.rules import rules_of
from reconciler.model import Live, Manifests, Resource, Scope
from reconciler.planner import scopes_needed
from reconciler.values.text import shown

if TYPE_CHECKING:
    from reconciler.rest.account import Account


@frozen
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
    choice: ImportChoice = EVERYTHING,
) -> Undeclared:
    """The live objects of the wanted kinds that are chosen and that no manifest declares, in the
    order of keys. Raises Invalid for an address to which there is no such object."""
    unlisted = tuple(s for s in wanted if _unlisted(project.resource_types.of(s).kind))
    volatile = tuple(s for s in wanted if project.resource_types.of(s).moving)
    wanted = [scope for scope in wanted if scope not in (*unlisted, *volatile)]
    resources = [r for r in manifests.resources if r.address.provider in accounts]
    scopes = scopes_needed(project.resource_types, resources, (), wanted)
    whole = Wanted(resources, state.owned, frozenset(wanted))
    snapshot = read(project.resource_types, scopes, accounts, whole)
    types = {scope: project.resource_types.of(scope) for scope in scopes}
    objects = {scope: listing.objects for scope, listing in snapshot.listings.items()}
    known = index_live(tuple(types.values()), objects, resources, state.owned)
    problems = [listing.problem for listing in snapshot.listings.values() if listing.problem]
    unread = {scope for scope in scopes if not snapshot.listings[scope].complete}
    complete = _with_targets([types[scope] for scope in wanted], unread, problems)
    chosen = {scope: choice.of(types[scope]) for scope in complete}
    if not unread:
        skipped = [str(scope.address("")) for scope in (*unlisted, *volatile)]
        check_addresses(choice.addresses, _addresses(complete, known), skipped)
    # referenced kinds come first, because a reference may be part of a key
    names = {s: _choose_names(types[s], known, chosen[s], problems) for s in scopes if s in chosen}
    entries = {}
    for scope in complete:
        rules, keep = rules_of(project.resource_types, scope), chosen[scope].keep
        objects_of = (known[scope].by_id[id] for id in names[scope])
        made = (make_entry(rules, known, names, live, problems, keep) for live in objects_of)
        if imported := tuple(filter(None, made)):
            entries[scope] = imported
    return Undeclared(entries, tuple(problems), unlisted, volatile)


def _with_targets(
    types: Sequence[ResourceType], unread: Set[Scope], problems: list[Diagnostic]
) -> list[Scope]:
    """The kinds that were read completely, with all kinds that they refer to; a kind that lacks
    only one of those is added to `problems`."""
    complete = []
    for resource_type in types:
        scope = resource_type.scope
        missing = set(unread & {target for _, target in resource_type.targets})
        if scope not in unread and missing:
            problems.append(_without_targets(scope, missing))
        if scope not in unread and not missing:
            complete.append(scope)
    return complete


def _unlisted(kind: Kind) -> bool:
    """Whether the vendor has no way to say which objects exist."""
    return not kind.can(Verb.LIST) and not kind.nested and bool(kind.natural_key)


def _choose_names(
    resource_type: ResourceType,
    known: LiveIndexes,
    chosen: KindChoice,
    problems: list[Diagnostic],
) -> Names:
    """The keys in manifests for the chosen undeclared objects of a kind, by id and in the order of
    keys.

    An object whose natural key is not its own gets a key with its id, also in references to it.
    """
    index = known[resource_type.scope]
    keys = {id: key_in(known, resource_type, live.fields) for id, live in index.by_id.items()}
    counts = Counter(keys.values())
    taken = set(index.declared)
    names: Names = {}
    for live in _undeclared(index, keys):
        key = keys[live.id]
        text = key_text(key or ()) or live.id
        other = index.declared_by_key.get(key) if key is not None else None
        wrong: Diagnostic | None = None
        if key is None or (key and not key_text(key)):
            wrong = _without_key(resource_type, live)
        elif other is not None and other.options.id is None:
            wrong = _same_key(resource_type, live, other, index)
        if wrong is not None:
            problems += [wrong] if chosen.wants(index.live_fields(live), text) else []
            continue
        name = written = _usable(text)
        pinned = counts[key] > 1 or other is not None or text in index.declared
        if pinned or name != text:
            written = f"{name} ({live.id})"
        while written in taken:
            written = f"{written} ({live.id})"
        taken.add(written)
        index.names[live.id] = written
        if chosen.wants(index.live_fields(live), text, written):
            names[live.id] = (written, written == text, pinned)
    return names


def _addresses(scopes: Sequence[Scope], known: LiveIndexes) -> dict[str, Resource | None]:
    """The addresses by which live objects may be chosen, with the resource that declares all that
    has one; None where something that nobody declares has it."""
    addresses: dict[str, Resource | None] = {}
    for scope in scopes:
        index = known[scope]
        for live in index.by_id.values():
            text = key_text(key_in(known, index.resource_type, live.fields) or ()) or live.id
            resource = index.resource_of(live)
            for name in (text, f"{text} ({live.id})"):
                address = str(scope.address(name))
                addresses[address] = resource and addresses.get(address, resource)
        for resource in index.declared.values():
            addresses.setdefault(str(resource.address), resource)
    return addresses


def _undeclared(index: LiveIndex, keys: Mapping[str, tuple[str | None, ...] | None]) -> list[Live]:
    live = [live for id, live in index.by_id.items() if id not in index.declared_ids]
    return sorted(live, key=lambda live: (key_text(keys[live.id] or ()) or live.id, live.id))


def _usable(name: str) -> str:
    """The name as a manifest key: without control characters and without `${`."""
    seen = "".join(sign if sign.isprintable() else " " for sign in name)
    return " ".join(seen.replace("${", "$ {").split()) if seen != name or "${" in name else name


def _without_key(resource_type: ResourceType, live: Live) -> Diagnostic:
    names = " or ".join(resource_type.kind.natural_key)
    return Diagnostic(
        f"{resource_type.scope}: the object with id {live.id} is left out: it has no {names}",
        "Give it one in the vendor's screens.",
        Severity.WARNING,
    )


def _same_key(
    resource_type: ResourceType, live: Live, other: Resource, index: LiveIndex
) -> Diagnostic:
    names = " and ".join(resource_type.kind.natural_key)
    match = index.matched.get(other.address.key)
    pin = f" (`$id: {match.id}`)" if isinstance(match, Live) else ""
    return Diagnostic(
        f"{resource_type.scope}: the object with id {live.id} is left out: it has the same {names} "
        f"as {shown(str(other.address))}, which has no $id",
        f"Give that resource the $id of the object that it means{pin}, and import again.",
        Severity.WARNING,
        source=other.source,
    )


def _without_targets(scope: Scope, missing: set[Scope]) -> Diagnostic:
    return Diagnostic(
        f"{scope} is left out: it refers to {', '.join(sorted(map(str, missing)))}, which could "
        "not be read",
        "Solve that problem first, and import again.",
        Severity.WARNING,
    )
