"""Plan from lists that an earlier run read, and change nothing because of them alone.

Such a list has what the vendor says changed since. If the vendor is wrong there, it may show what
was deleted, lack what was made, or have values as they were. So what a plan would change is asked
for first: an object that is to be updated, or that a change refers to, by its id. Whether an object
is missing, or which one has a name, only the whole list says, and it is read.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from reconciler.app.absence import with_found
from reconciler.app.cache import open_cache
from reconciler.app.options import PlanOptions
from reconciler.app.project import Project
from reconciler.app.snapshot import Wanted, read
from reconciler.errors import Severity
from reconciler.frozen import frozen
from reconciler.kinds import Verb
from reconciler.kinds.resource_types import ResourceTypes
from reconciler.ledger import State
from reconciler.model import (
    NOT_NOW,
    Action,
    Address,
    Change,
    Connection,
    Listing,
    Owned,
    Plan,
    Resource,
    Scope,
    Secret,
    Snapshot,
)

if TYPE_CHECKING:
    from reconciler.rest.account import Account
    from reconciler.rest.incremental import KeptLists

Objects = set[tuple[Scope, str]]
KeptList = tuple[Scope, int, float]
"""A kind, the number of its objects, and when its list was read, in seconds since the epoch."""
_OF_ONE_OBJECT = (Action.UPDATE, Action.BY_HAND)


def kept_lists(project: Project, names: Iterable[str]) -> Mapping[str, KeptLists]:
    """What is kept of the lists of these providers, by provider; nothing where nothing is to be
    kept."""
    cache = open_cache(project)
    if not cache:
        return {}
    from reconciler.rest.incremental import KeptLists

    config = project.config
    place = (config.name, config.environment or "")
    return {
        name: KeptLists(
            cache,
            _account(config.connections[name], place),
            config.cache.from_requests,
            config.cache.max_age_hours * 3600,
        )
        for name in names
    }


def _account(connection: Connection, place: tuple[str, str]) -> bytes:
    """What tells an account from all others. It has credentials: only a keyed hash is kept."""
    settings = {
        name: value.reveal() if isinstance(value, Secret) else str(value)
        for name, value in sorted(connection.settings.items())
    }
    parts = [*place, connection.name, connection.type, connection.base_url, settings]
    return json.dumps(parts).encode()


def kinds_in_full(
    state: State, resources: Iterable[Resource], owned: Owners, options: PlanOptions
) -> frozenset[Scope] | None:
    """The kinds whose lists are read whole, whatever is kept of them: those with objects to create,
    to adopt or to delete by what is declared and owned, with writes of unknown outcome, or with
    objects of which nobody knows how they were stored. None for all."""
    if options.full or options.destroy:
        return None
    declared = {r.address for r in resources if not r.options.absent or r.address in owned}
    begun = {intent.address for intent in state.open_intents} | state.unread
    removed = owned.keys() - declared if options.prune else set[Address]()
    return frozenset(address.scope for address in (declared - owned.keys()) | removed | begun)


@frozen
class Reader:
    """Reads what is live, as `snapshot.read` does, and again what a plan needs to know better."""

    types: ResourceTypes
    scopes: tuple[Scope, ...]
    accounts: Mapping[str, Account]
    wanted: Wanted
    kept: Mapping[str, KeptLists]

    def read(self, seen: Mapping[Scope, Listing] = {}) -> Snapshot:
        """What is live; what was `seen` is not read again."""
        return read(self.types, self.scopes, self.accounts, self.wanted, self.kept, seen)

    def confirmed(
        self, make: Callable[[Snapshot], Plan], live: Snapshot, owned: Owners, asked: Objects
    ) -> tuple[Plan, Snapshot]:
        """The plan that `make` makes and the live objects, after everything that it would change
        was asked for; what was `asked` for already is not, and what is asked for is added."""
        plan, in_full = make(live), set[Scope]()
        while kept := {s for s, listing in live.listings.items() if listing.kept_at is not None}:
            whole, objects = self._doubts(plan, live, owned, kept)
            if whole:
                in_full |= whole
                live = self._read_in_full(frozenset(in_full), live)
            elif objects - asked:
                live = self._ask(objects - asked, live)
                asked |= objects
            else:
                break
            plan = make(live)
        return plan, live

    def _ask(self, objects: Objects, live: Snapshot) -> Snapshot:
        """What is live, with these objects as they are now. What was archived was read just now."""
        ids: dict[Scope, list[str]] = {}
        for scope, id in sorted(objects):
            ids.setdefault(scope, []).append(id)
        listings = dict(live.listings)
        for scope, wanted in ids.items():
            listing, began = listings[scope], time.monotonic()
            archived = {o.id for o in listing.objects if o.archived}
            driver = self.accounts[scope.provider].driver(self.types.of(scope))
            found = with_found(driver, listing, [id for id in wanted if id not in archived])
            # All others that would change were asked for later than the first.
            at = began if listing.at == NOT_NOW else listing.at
            listings[scope] = replace(found, at=at)
        return Snapshot(listings)

    def _read_in_full(self, scopes: frozenset[Scope], live: Snapshot) -> Snapshot:
        """What is live, with these kinds, and those that are read below them, read whole."""
        again = {scope for scope in scopes if live.listings[scope].kept_at is not None}
        size = 0
        while size < len(again):
            size = len(again)
            again |= {s for s in live.listings if self._depends_on(s, again)}
        seen = {s: listing for s, listing in live.listings.items() if s not in again}
        wanted = replace(self.wanted, in_full=self.wanted.in_full | scopes)
        return replace(self, wanted=wanted).read(seen)

    def _depends_on(self, scope: Scope, others: set[Scope]) -> bool:
        """Whether what is read of a kind depends on what is there of one of the others."""
        resource_type = self.types.of(scope)
        if resource_type.kind.nested:
            return resource_type.parent_scope in others
        return _listed_as(self.types, scope) in others

    def _doubts(
        self, plan: Plan, live: Snapshot, owned: Owners, kept: set[Scope]
    ) -> tuple[set[Scope], Objects]:
        """The kinds to read whole, and the objects to ask for, before a plan can be believed."""
        whole: set[Scope] = set()
        objects: Objects = set()
        for change in plan.changes:
            if change.action is Action.NO_OP:
                continue
            if (scope := change.address.scope) in kept:
                if change.id is not None and self._is_of_one_object(change, owned):
                    objects.add((scope, change.id))
                else:
                    whole.add(scope)
            objects |= {
                (ref.target, pointer.id)
                for ref, pointer in change.refs
                if pointer.id is not None and ref.target in kept
            }
        for scope in _scopes_in_question(plan):
            whole |= kept & {scope, *(target for _, target in self.types.of(scope).targets)}
        for scope, count in Counter(scope for scope, _ in objects).items():
            kind = self.types.of(scope).kind
            pages = len(live.listings[scope].objects) / (kind.paging.per_page if kind.paging else 1)
            if count > pages or not kind.can(Verb.GET):
                whole.add(scope)
        return {_listed_as(self.types, scope) for scope in whole}, objects

    def _is_of_one_object(self, change: Change, owned: Owners) -> bool:
        """Whether a change is about an object that is owned, and about no other: not about the one
        that may have the name which this one is to get."""
        scope, was = change.address.scope, change.options.was
        row = owned.get(change.address) or owned.get(scope.address(was or ""))
        renamed = {field.path[0] for field in change.fields} & {
            *self.types.of(scope).kind.natural_key
        }
        same = row is not None and row.id == change.id and not renamed
        return same and change.action in _OF_ONE_OBJECT


Owners = Mapping[Address, Owned]


def _listed_as(types: ResourceTypes, scope: Scope) -> Scope:
    """The kind whose list shows the objects of a kind: mostly its own."""
    within = types.of(scope).kind.within
    return Scope(scope.provider, within.kind) if within else scope


def _scopes_in_question(plan: Plan) -> Iterator[Scope]:
    """The kinds of the objects that could not be planned."""
    errors = (finding for finding in plan.diagnostics if finding.severity is Severity.ERROR)
    for finding in (*errors, *plan.refusals):
        if finding.address:
            yield Address.parse(finding.address).scope


def lists_in(live: Snapshot) -> list[KeptList]:
    """The lists that were kept and not read whole."""
    return [
        (scope, len(listing.objects), listing.kept_at)
        for scope, listing in live.listings.items()
        if listing.kept_at is not None
    ]


def announce(project: Project, lists: Iterable[KeptList]) -> None:
    """Tell the user which lists were kept and not read whole."""
    if project.observer is None:
        return
    for (provider, kind), count, kept_at in lists:
        at = datetime.fromtimestamp(kept_at, UTC)
        day = "" if at.date() == datetime.now(UTC).date() else f"{at:%Y-%m-%d} "
        objects = "1 object" if count == 1 else f"{count:,} objects"
        project.observer.notice(
            f"{provider}/{kind}: {objects} as read at {day}{at:%H:%M} UTC, with what the vendor "
            "says changed since (--full reads all)."
        )
