"""Read what is live: first the kinds without a parent, then nested kinds and archived objects."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import field, replace
from functools import partial
from typing import TYPE_CHECKING

from reconciler.app.absence import Listings, lacking, with_found
from reconciler.errors import Severity
from reconciler.frozen import frozen
from reconciler.identity import LiveIndex, LiveIndexes, index_live
from reconciler.kinds import Verb
from reconciler.kinds.resource_types import ResourceType, ResourceTypes
from reconciler.model import Address, Fields, Listing, Live, Owned, Resource, Scope, Snapshot
from reconciler.planner import scopes_needed

if TYPE_CHECKING:
    from reconciler.rest.account import Account
    from reconciler.rest.driver import Driver
    from reconciler.rest.incremental import KeptLists

KINDS_AT_ONCE = 32
FEW = 10
"""So many objects of a kind are looked at once more, one by one."""


@frozen
class Wanted:
    """Which objects are needed: those that are declared or owned, and all objects of the `whole`
    kinds. `keys` are further ids to read of kinds that have no list. `uncertain` are the ids of the
    objects that were being changed when a run was interrupted: a list may show them as they were.
    `begun` are the ids of those that were being created, as far as they are known: a list may not
    show them yet. Of the kinds `in_full` all is read, whatever is kept of their lists.
    """

    resources: Sequence[Resource] = ()
    owned: Mapping[Address, Owned] = field(default_factory=dict)
    whole: frozenset[Scope] = frozenset()
    keys: Mapping[Scope, Sequence[str]] = field(default_factory=dict)
    uncertain: frozenset[tuple[Scope, str]] = frozenset()
    begun: frozenset[tuple[Scope, str]] = frozenset()
    in_full: frozenset[Scope] = frozenset()


def read(
    resource_types: ResourceTypes,
    scopes: Iterable[Scope],
    accounts: Mapping[str, Account],
    wanted: Wanted,
    kept: Mapping[str, KeptLists] = {},
    seen: Mapping[Scope, Listing] = {},
) -> Snapshot:
    """The live objects of these kinds, read from all vendors at the same time; of a nested kind,
    those below the parents that are needed. `scopes` include all kinds that these refer to. `kept`
    are the lists of earlier runs, by provider; what was `seen` in this run is not read again."""
    types = {s: resource_types.of(s) for s in scopes if s.provider in accounts}
    drivers = {s: accounts[s.provider].driver(resource_type) for s, resource_type in types.items()}
    _learn_names(drivers, wanted)
    first = {
        s: resource_type
        for s, resource_type in types.items()
        if not resource_type.kind.nested and _holder(resource_type) not in types and s not in seen
    }
    keys = _keys(first.values(), wanted)
    reads = {s: _listing(drivers[s], keys.get(s, ()), _kept_list(s, kept, wanted)) for s in first}
    listings = {**seen, **_concurrently(reads)}
    unseen = {s: resource_type for s, resource_type in types.items() if s not in seen}
    listings |= {
        s: shown_within(resource_type, listings[holder])
        for s, resource_type in unseen.items()
        if (holder := _holder(resource_type)) in listings
    }
    known = _known(resource_types, types, listings, wanted)
    later: dict[Scope, Callable[[], Listing]] = {}
    for scope, resource_type in unseen.items():
        if resource_type.kind.nested:
            later[scope] = _listing(drivers[scope], _parents(resource_type, known, wanted))
        elif scope in known and _may_be_archived(resource_type, known[scope]):
            later[scope] = _with_archive(drivers[scope], listings[scope])
    listings |= _concurrently(later)
    listings |= _concurrently(
        lacking(unseen, drivers, listings, known, wanted.owned, wanted.uncertain, wanted.begun)
    )
    for driver in drivers.values():
        driver.expect(())  # the lists have been read
    return Snapshot({scope: listings[scope] for scope in types})


def _holder(resource_type: ResourceType) -> Scope | None:
    """The kind whose objects show those of this one, where they have no list of their own."""
    within = resource_type.kind.within
    return Scope(resource_type.scope.provider, within.kind) if within else None


def shown_within(resource_type: ResourceType, holders: Listing) -> Listing:
    """The objects of a kind that has no list of its own, each once, as the objects of the kind that
    shows them have them: no request is sent for them."""
    kind, within = resource_type.kind, resource_type.kind.within
    if within is None:
        return holders
    names = resource_type.facts.fields
    shown = {
        kind.id_of(entry): entry
        for holder in holders.objects
        for entry in holder.fields.get(within.field) or ()
    }
    objects = (
        Live(resource_type.scope, id, {name: entry[name] for name in names if name in entry})
        for id, entry in shown.items()
    )
    return replace(holders, objects=tuple(objects), problem=None)


def _learn_names(drivers: Mapping[Scope, Driver], wanted: Wanted) -> None:
    """Tell the drivers what is declared, and what is recorded where that may name objects
    otherwise."""
    declared: dict[Scope, list[Fields]] = {}
    for resource in wanted.resources:
        declared.setdefault(resource.address.scope, []).append(resource.fields)
    for scope, driver in drivers.items():
        driver.expect(declared.get(scope, ()))
        if driver.resource_type.facts.lookups:
            driver.learn_names(declared.get(scope, ()))
            rows = (row.fields for a, row in wanted.owned.items() if a.scope == scope)
            driver.learn_names(rows, declared=False)


def look_again(
    resource_types: ResourceTypes,
    snapshot: Snapshot,
    accounts: Mapping[str, Account],
    objects: Iterable[tuple[Scope, str]],
) -> Snapshot:
    """The snapshot with these objects, given by kind and id, as they are now. Of each kind a few
    are asked for by id; where its list showed one of them as it was, and there are more, that list
    is read again. Kinds without a request for one object stay, and so does what is archived: a
    request for one object may not find it."""
    wanted: dict[Scope, list[str]] = {}
    archived = {
        (scope, live.id)
        for scope, listing in snapshot.listings.items()
        for live in listing.objects
        if live.archived
    }
    for scope, id in sorted(set(objects) - archived):
        if resource_types.of(scope).kind.can(Verb.GET):
            wanted.setdefault(scope, []).append(id)
    again: dict[Scope, Callable[[], Listing]] = {}
    for scope, ids in wanted.items():
        resource_type = resource_types.of(scope)
        driver = accounts[scope.provider].driver(resource_type)
        again[scope] = partial(_looked_at_again, driver, snapshot.listings[scope], ids)
    return Snapshot({**snapshot.listings, **_concurrently(again)})


def _looked_at_again(driver: Driver, listing: Listing, ids: Sequence[str]) -> Listing:
    found = with_found(driver, listing, ids[:FEW])
    before, now = ({o.id: o for o in each.objects} for each in (listing, found))
    if len(ids) <= FEW or driver.resource_type.kind.nested or now == before:
        return found
    new = driver.list(())
    listed = {live.id for live in new.objects}
    # The old list has also what only other requests show.
    return replace(new, objects=(*new.objects, *(o for o in found.objects if o.id not in listed)))


def _concurrently(reads: Mapping[Scope, Callable[[], Listing]]) -> Listings:
    with ThreadPoolExecutor(min(KINDS_AT_ONCE, len(reads) or 1)) as pool:
        return dict(zip(reads, pool.map(lambda read: read(), reads.values()), strict=True))


def _kept_list(scope: Scope, kept: Mapping[str, KeptLists], wanted: Wanted) -> KeptLists | None:
    lists = kept.get(scope.provider)
    return replace(lists, in_full=True) if lists and scope in wanted.in_full else lists


def _listing(
    driver: Driver, keys: Sequence[str], kept: KeptLists | None = None
) -> Callable[[], Listing]:
    return lambda: driver.list(keys, kept)


def _with_archive(driver: Driver, listing: Listing) -> Callable[[], Listing]:
    """The listing with the archived objects; with a warning where those cannot be read."""

    def read_both() -> Listing:
        archive = driver.archive()
        if archive.problem is None:
            return replace(listing, objects=(*listing.objects, *archive.objects))
        problem = replace(archive.problem, severity=Severity.WARNING)
        return replace(listing, problem=problem)

    return read_both


def _may_be_archived(resource_type: ResourceType, index: LiveIndex) -> bool:
    """Whether a declared object is missing from the list that may have been archived."""
    archive = resource_type.kind.archive
    if archive is None or archive.query is None:
        return False
    return any(
        index.matched[key] is None and not resource.options.absent
        for key, resource in index.declared.items()
    )


def _keys(types: Iterable[ResourceType], wanted: Wanted) -> Mapping[Scope, Sequence[str]]:
    """The ids to read of the kinds that have no list: those declared and those owned."""
    unlisted = {
        resource_type.scope: resource_type
        for resource_type in types
        if not resource_type.kind.can(Verb.LIST)
    }
    if not unlisted:
        return {}
    keys = {scope: dict.fromkeys(wanted.keys.get(scope, ())) for scope in unlisted}
    for scope in wanted.whole & unlisted.keys():
        if not unlisted[scope].kind.natural_key:
            keys[scope][unlisted[scope].kind.name] = None
    for resource in wanted.resources:
        if (scope := resource.address.scope) in unlisted:
            key = unlisted[scope].kind.id_of(resource.fields)
            keys[scope][resource.options.id or key] = None
    for address, row in wanted.owned.items():
        if address.scope in unlisted:
            keys[address.scope][row.id] = None
    return {scope: tuple(ids) for scope, ids in keys.items()}


def _known(
    resource_types: ResourceTypes,
    types: Mapping[Scope, ResourceType],
    listings: Listings,
    wanted: Wanted,
) -> LiveIndexes:
    """The live index of the kinds that decide what else is read; empty where nothing else is."""
    watched = {scope for resource_type in types.values() for scope in _watched(resource_type)}
    if not watched:
        return {}
    needed = [s for s in scopes_needed(resource_types, (), (), watched) if s in listings]
    objects = {scope: listings[scope].objects for scope in needed}
    return index_live([types[s] for s in needed], objects, wanted.resources, wanted.owned)


def _watched(resource_type: ResourceType) -> Iterator[Scope]:
    if resource_type.kind.nested:
        yield resource_type.parent_scope
    elif resource_type.kind.archive is not None and resource_type.kind.archive.query is not None:
        yield resource_type.scope


def _parents(resource_type: ResourceType, known: LiveIndexes, wanted: Wanted) -> Sequence[str]:
    """The ids of the live parents whose objects are read."""
    kind, scope = resource_type.kind, resource_type.scope
    above = known.get(resource_type.parent_scope)
    if above is None or kind.parent is None:
        return ()
    if scope in wanted.whole:
        return tuple(above.by_id)
    ids: dict[str, None] = {}
    for resource in wanted.resources:
        if resource.address.scope == scope:
            live = _named(above, resource.fields.get(kind.parent.field))
            ids |= dict.fromkeys(parent.id for parent in live)
            ids |= dict.fromkeys(
                kind.parents_to_list([resource.options.id] if resource.options.id else [])
            )
    ids |= dict.fromkeys(
        kind.parents_to_list(r.id for a, r in wanted.owned.items() if a.scope == scope)
    )
    return tuple(id for id in ids if id in above.by_id)


def _named(index: LiveIndex, name: object) -> tuple[Live, ...]:
    """The live objects that a reference may mean."""
    if not isinstance(name, str):
        return ()
    resource = index.resource_named(name)
    live = index.matched.get(resource.address.key) if resource else index.live_named(name)
    return live if isinstance(live, tuple) else (live,) if live else ()
