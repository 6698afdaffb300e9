"""Look once more for what a list lacks: one list alone does not prove that an object is gone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from reconciler.errors import Diagnostic, VendorError
from reconciler.identity import LiveIndexes
from reconciler.kinds import Verb
from reconciler.kinds.resource_types import ResourceType
from reconciler.model import Address, Listing, Owned, Scope

if TYPE_CHECKING:
    from reconciler.rest.driver import Driver

AT_ONCE = 8
Listings = dict[Scope, Listing]


def lacking(
    types: Mapping[Scope, ResourceType],
    drivers: Mapping[Scope, Driver],
    listings: Listings,
    known: LiveIndexes,
    owned: Mapping[Address, Owned],
    uncertain: Set[tuple[Scope, str]],
    begun: Set[tuple[Scope, str]],
) -> Mapping[Scope, Callable[[], Listing]]:
    """What looks once more for owned objects that their list lacks, and for those that are
    uncertain: by id where the vendor answers that, else by reading the list again. One list alone
    does not prove that an object is gone, nor that a create which was `begun` had no effect."""
    again: dict[Scope, Callable[[], Listing]] = {}
    for scope, resource_type in types.items():
        listing, kind = listings[scope], resource_type.kind
        if not listing.complete or not kind.can(Verb.LIST):
            continue
        ids = {row.id for address, row in owned.items() if address.scope == scope}
        listed = {live.id for live in listing.objects}
        lost = tuple(sorted(ids - listed))
        unsettled = {id for where, id in begun if where == scope} - listed
        unsettled |= {id for where, id in uncertain if where == scope}
        if (lost or unsettled) and kind.can(Verb.GET):
            ids_to_ask = tuple(sorted({*lost, *unsettled}))
            again[scope] = partial(with_found, drivers[scope], listing, ids_to_ask)
        elif lost and not kind.nested:
            again[scope] = partial(_listed_again, drivers[scope], listing, ())
        elif lost and (above := known.get(resource_type.parent_scope)) is not None:
            parents = tuple(id for id in kind.parents_to_list(lost) if id in above.by_id)
            if parents:
                again[scope] = partial(_listed_again, drivers[scope], listing, parents)
    return again


def _listed_again(driver: Driver, listing: Listing, parents: Sequence[str]) -> Listing:
    """The listing with what a second list has, below these parents where there are any. Incomplete
    where even the second one is empty, though the ledger has objects there, and nothing would keep
    the vendor from having them twice."""
    second, kind = driver.list(parents), driver.resource_type.kind
    if not second.complete:
        return second
    seen = {live.id for live in listing.objects}
    objects = (*listing.objects, *(live for live in second.objects if live.id not in seen))
    if objects or kind.unique or not kind.can(Verb.CREATE):
        return replace(listing, objects=objects)
    scope = driver.resource_type.scope
    problem = Diagnostic(
        f"{scope}: the list is empty, though the ledger has objects there, and the vendor does not "
        "answer for one of them alone",
        "Nothing is concluded from it. If they are really gone, let them go: reconciler state "
        f"forget {scope}",
    )
    return Listing((), False, problem, second.at)


def with_found(driver: Driver, listing: Listing, ids: Sequence[str]) -> Listing:
    """The listing with the objects with these ids as they are now, as far as they exist; incomplete
    where one of them cannot be looked up."""
    try:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            found = [live for live in pool.map(driver.get, ids) if live is not None]
    except VendorError as error:
        return replace(listing, complete=False, problem=error.diagnostics[0])
    others = (live for live in listing.objects if live.id not in ids)
    listed = {live.id for live in listing.objects}
    present = (live for live in found if not live.archived or live.id in listed)
    return replace(listing, objects=(*others, *present))
