"""Look for an object by its natural key, right before and right after it is created."""

from __future__ import annotations

import threading
from collections.abc import Callable, Set
from dataclasses import dataclass, field

from reconciler.errors import VendorError
from reconciler.executor.references import parent_ids
from reconciler.identity import NaturalKey, finder, natural_key
from reconciler.kinds import Verb
from reconciler.kinds.resource_types import ResourceType
from reconciler.model import Fields, Listing, Live, Scope
from reconciler.rest.driver import Driver
from reconciler.values.normal_form import loose_form

AT_MOST = 20
"""A kind is listed again once so many times longer has passed as listing it took."""

Find = Callable[[Fields], Live | None]
# Whether an object of this kind and id existed when the plan was made, or the run has made it.
IsKnown = Callable[[Scope, str], bool]


def find_created(
    driver: Driver, fields: Fields, is_known: IsKnown, keys: Set[NaturalKey]
) -> Live | None:
    """The live object with the natural key of these fields, from a new list; else the only one that
    `is_known` does not know by id, and whose natural key the vendor may have made of theirs and is
    not one of the `keys` that others are to have. Raises VendorError where the list cannot be read.
    """
    listing = _listed(driver, fields)
    exact = finder(driver.resource_type, listing.objects)(fields)
    return exact or _appeared(driver.resource_type, listing, fields, is_known, keys)


def _listed(driver: Driver, fields: Fields) -> Listing:
    listing = driver.list(parent_ids(driver.resource_type.kind, fields))
    if listing.problem is not None:
        raise VendorError(listing.problem)
    return listing


def _appeared(
    resource_type: ResourceType,
    listing: Listing,
    fields: Fields,
    is_known: IsKnown,
    keys: Set[NaturalKey],
) -> Live | None:
    """The only new object whose natural key differs from these fields in no more than case, blanks
    or a slash."""
    names = resource_type.kind.natural_key
    wanted = [loose_form(str(fields.get(name))) for name in names]
    found = [
        live
        for live in listing.objects
        if not is_known(resource_type.scope, live.id)
        and not live.archived
        and names
        and wanted == [loose_form(str(live.fields.get(name))) for name in names]
        and natural_key(resource_type, live.fields) not in keys
    ]
    return found[0] if len(found) == 1 else None


@dataclass(slots=True)
class _List:
    """A list of one kind: when it was read, how long that took, and how to find an object in it."""

    at: float = float("-inf")
    seconds: float = 0.0
    find: Find = lambda _fields: None
    reading: threading.Lock = field(default_factory=threading.Lock)


@dataclass(slots=True)
class Lookups:
    """The lists in which a run looks for natural keys before it creates objects of kinds in which
    the vendor accepts two with the same one; `clock` gives monotonic seconds."""

    clock: Callable[[], float]
    lists: dict[tuple[Scope, tuple[str, ...]], _List] = field(default_factory=dict)
    adding: threading.Lock = field(default_factory=threading.Lock)

    def appeared(self, driver: Driver, fields: Fields, is_known: IsKnown) -> Live | None:
        """The live object with the natural key of these fields whose id `is_known` does not know:
        another program has made it since the plan. None also where that cannot be told.

        Reading takes at most a twentieth of the time: an object that appears in between is missed.
        """
        kind = driver.resource_type.kind
        if kind.unique or not kind.can(Verb.LIST) or not kind.natural_key:
            return None
        parents = parent_ids(kind, fields)
        with self.adding:
            recent = self.lists.setdefault((driver.resource_type.scope, parents), _List())
        with recent.reading:
            started = self.clock()
            if started - recent.at > AT_MOST * recent.seconds:
                try:
                    listing = _listed(driver, fields)
                except VendorError:
                    return None
                recent.at = self.clock()
                recent.seconds = recent.at - started
                recent.find = finder(driver.resource_type, listing.objects)
        live = recent.find(fields)
        known = live is None or is_known(driver.resource_type.scope, live.id)
        return None if known else live
