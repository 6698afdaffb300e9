"""Check a plan against the guards, and count the requests it needs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from reconciler.errors import Diagnostic
from reconciler.frozen import frozen
from reconciler.identity import LiveIndexes
from reconciler.kinds import Carries, Kind, Verb
from reconciler.model import (
    WRITES,
    Action,
    Address,
    Budget,
    Change,
    Guard,
    Owned,
    Scope,
)

# Each write is one request, and reading the object back afterwards is another.
REQUESTS = {Action.CREATE: 2, Action.UPDATE: 2, Action.DELETE: 2, Action.REPLACE: 3}
DESTROYS = frozenset({Action.DELETE, Action.REPLACE})
COUNTED = DESTROYS | {Action.UPDATE}
WHOLE = "the whole run"
PERCENT_DELETE, PERCENT_UPDATE = "max_delete_percent", "max_update_percent"
VERBS = {Action.CREATE: Verb.CREATE, Action.UPDATE: Verb.UPDATE, Action.DELETE: Verb.DELETE}


def budget(
    changes: Iterable[Change], kinds: Mapping[Scope, Kind], limits: Mapping[str, int]
) -> tuple[Budget, ...]:
    """The requests that the changes need at each provider, with its limit (0: no limit)."""
    counts = Counter((c.address.scope, c.action) for c in changes if c.action in WRITES)
    requests: Counter[str] = Counter()
    for (scope, action), count in counts.items():
        requests[scope.provider] += _requests(kinds[scope], action, count)
    return tuple(Budget(p, n, limits.get(p, 0)) for p, n in sorted(requests.items()))


def _requests(kind: Kind, action: Action, count: int) -> int:
    """The requests for `count` changes of one kind and action; one reads back a batch."""
    bulk, verb = kind.bulk, VERBS.get(action)
    if bulk is not None and verb in bulk.calls and count > 1:
        return 2 * ceil(count / bulk.most)
    call = kind.calls.get(verb) if verb else None
    read_before = call is not None and call.carries is Carries.ALL
    return count * (REQUESTS[action] + read_before)


@dataclass(slots=True)
class _Extent:
    """How much a plan changes in one kind or in the whole run: the changed objects, and how many
    objects there are of which they are a share.

    deleted    owned objects that are deleted or replaced, of the owned ones that exist
    strangers  other objects that are deleted, of the live ones
    updated    objects that are updated, of those that are owned or declared and exist
    """

    deleted: int = 0
    owned: int = 0
    strangers: int = 0
    live: int = 0
    updated: int = 0
    managed: int = 0

    def add(self, other: _Extent) -> None:
        """Add what another kind has; strangers count only where some are deleted."""
        self.deleted += other.deleted
        self.owned += other.owned
        self.strangers += other.strangers
        self.live += other.live if other.strangers else 0
        self.updated += other.updated
        self.managed += other.managed


@frozen
class Allowed:
    """What this one run may do beyond the guards: so many deletes and updates in all, where the
    user gave a number; and with `destroy` any share of deletes."""

    deletes: int | None = None
    updates: int | None = None
    destroy: bool = False


def guard_refusals(
    changes: Sequence[Change],
    indexes: LiveIndexes,
    owned: Mapping[Address, Owned],
    guard: Guard,
    allowed: Allowed,
) -> Iterator[Diagnostic]:
    """A refusal for each guard that these changes exceed, for each kind and for the whole run.

    A share counts from `percent_from` objects on, and never for one change alone.
    """
    counted = [change for change in changes if change.action in COUNTED]
    if not counted:
        return
    extents = _extents(counted, indexes, owned)
    whole = _Extent()
    for extent in extents.values():
        whole.add(extent)
    deletes = whole.deleted + whole.strangers
    check_deletes = allowed.deletes is None or deletes > allowed.deletes
    check_updates = allowed.updates is None or whole.updated > allowed.updates
    for where, extent in (*((str(s), extents[s]) for s in sorted(extents)), (WHOLE, whole)):
        if check_deletes:
            exceeded = _deletes(extent, guard, allowed.destroy)
            yield from (_refusal(where, effect, name, guard, deletes) for effect, name in exceeded)
        if check_updates and _is_too_large(extent.updated, extent.managed, PERCENT_UPDATE, guard):
            effect = f"{extent.updated} of {extent.managed} would be updated"
            yield _refusal(where, effect, PERCENT_UPDATE, guard, whole.updated)


def _extents(
    changes: Iterable[Change], indexes: LiveIndexes, owned: Mapping[Address, Owned]
) -> dict[Scope, _Extent]:
    """The extent of the changes in each kind that has any, or that has owned objects."""
    ids: dict[Scope, set[str]] = {}
    for address, row in owned.items():
        index = indexes.get(address.scope)
        if index is not None and (row.id in index.by_id or row.id in index.declared_ids):
            ids.setdefault(address.scope, set()).add(row.id)
    extents: dict[Scope, _Extent] = {}
    for scope, index in indexes.items():
        mine = ids.get(scope, set())
        live, managed = len(index.by_id), len(mine | index.declared_ids)
        extents[scope] = _Extent(owned=len(mine), live=live, managed=managed)
    for change in changes:
        extent = extents[change.address.scope]
        if change.action is Action.UPDATE:
            extent.updated += 1
        elif change.id in ids.get(change.address.scope, ()):
            extent.deleted += 1
        else:
            extent.strangers += 1
    return extents


def _deletes(extent: _Extent, guard: Guard, destroy: bool) -> Iterator[tuple[str, str]]:
    """Each guard that the deletes of one kind or of the run exceed: the effect and its name."""
    count = extent.deleted + extent.strangers
    if count > guard.max_deletes:
        yield f"{count} would be destroyed", "max_deletes"
        return
    shares = ((extent.deleted, extent.owned), (extent.strangers, extent.live))
    for part, whole in () if destroy else shares:
        if _is_too_large(part, whole, PERCENT_DELETE, guard):
            yield f"{part} of {whole} would be destroyed", PERCENT_DELETE


def _is_too_large(count: int, whole: int, name: str, guard: Guard) -> bool:
    percent: int = getattr(guard, name)
    return whole >= guard.percent_from and count > 1 and count * 100 > percent * whole


def _refusal(where: str, effect: str, name: str, guard: Guard, count: int) -> Diagnostic:
    option = "--allow-updates" if name == PERCENT_UPDATE else "--allow-deletes"
    return Diagnostic(
        f"guard: in {where}, {effect}, and {name} is {getattr(guard, name)}",
        f"If that is intended, allow it for one run with {option} {count}, raise guard.{name} in "
        "reconciler.yaml, or apply it in smaller steps with --target.",
    )
