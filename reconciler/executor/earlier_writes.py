"""Settle in the ledger what interrupted runs wrote without learning how it ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import field, replace

from reconciler.frozen import frozen
from reconciler.kinds import Verb
from reconciler.ledger import Intent, Session
from reconciler.model import (
    Action,
    Address,
    Change,
    Listing,
    Owned,
    Scope,
    Status,
    replaced_address,
)

SUPERSEDED = "looked for by a later run"
FOUND = "found by a later run"


@frozen
class EarlierWrites:
    """The writes of earlier runs whose outcome is not known (`intents`), and the rows that differ
    from the ledger's because of them (`completed`).

    repeated  the creates and updates whose effect is not there, and that this run makes again
    deleted   the rows of what earlier runs have deleted without learning of it
    """

    session: Session
    intents: Sequence[Intent] = ()
    completed: Mapping[Address, Owned] = field(default_factory=dict)
    repeated: dict[Address, list[str]] = field(init=False, default_factory=dict)
    deleted: set[Address] = field(init=False, default_factory=set)

    def begun_creates(self) -> frozenset[Address]:
        """What they began to create."""
        return frozenset(i.address for i in self.intents if i.action is Action.CREATE)

    def ended(self, address: Address) -> None:
        """Settle those that this run has made again at this address."""
        for op in self.repeated.pop(address, ()):
            self.session.settle(op, Status.FAILED, None, SUPERSEDED)

    def settle(
        self, listings: Mapping[Scope, Listing], changes: Sequence[Change], held: Set[Address]
    ) -> None:
        """Settle the writes of earlier runs whose outcome is unknown, in the kinds that were just
        listed completely: the plan was made from what is live, so it covers their outcome. Those of
        the addresses in `held` stay open.

        What was found is recorded first: the rows of what was created and changed, and that what
        was deleted is owned no longer.
        """
        found = {change.address: change.id for change in changes if change.id is not None}
        updated = {change.address for change in changes if change.action is Action.UPDATE}
        created = {change.address for change in changes if change.action is Action.CREATE}
        again: dict[str, set[Address]] = {Verb.UPDATE: updated, Verb.CREATE: created}
        with self.session.together():
            self.session.own(*self.completed.values())
            for intent in self.intents:
                listing = listings.get(intent.address.scope)
                if listing is None or not listing.complete or intent.address in held:
                    continue
                at = self._address_of_created(intent, found)
                id = self._found(intent, listing, found.get(at))
                if id is None and intent.address in again.get(intent.verb, ()):
                    # An old list may have been read: known once the next write has ended.
                    self.repeated.setdefault(intent.address, []).append(intent.op)
                    continue
                status, owned = Status.APPLIED if id else Status.FAILED, None
                if id and intent.verb == Verb.CREATE and not self._is_owned(at, id):
                    owned = replace(self._created(intent, id), address=at)
                if id and intent.verb == Verb.DELETE:
                    for address, row in self.session.state.owned.items():
                        if (address.scope, row.id) == (intent.address.scope, id):
                            self.session.forget(address, reason=FOUND)
                            self.deleted.add(address)
                message = FOUND if id else SUPERSEDED
                self.session.settle(intent.op, status, id, message, owned)

    def _found(self, intent: Intent, listing: Listing, planned: str | None) -> str | None:
        """The id of the object that an earlier write created, changed or deleted, where its effect
        is there; `planned` is the id of the object for which something is planned there."""
        if intent.verb == Verb.CREATE:
            other = any(
                (address.scope, row.id) == (intent.address.scope, planned)
                for address, row in self.session.state.owned.items()
                if address != intent.address
            )
            return None if other else planned
        if intent.verb == Verb.UPDATE:
            row = self.completed.get(intent.address)
            return row.id if row else None
        present = {live.id for live in listing.objects if not live.archived}
        return intent.id if intent.id not in present else None

    def _address_of_created(self, intent: Intent, planned: Mapping[Address, str]) -> Address:
        """The address of what an earlier run began to create: one of its own, where another object
        has its address now."""
        for address, id in planned.items():
            if address == replaced_address(intent.address, id):
                return address
        return intent.address

    def _is_owned(self, address: Address, id: str) -> bool:
        row = self.session.state.owned.get(address)
        return row is not None and row.id == id

    def _created(self, intent: Intent, id: str) -> Owned:
        """The row of an object that an earlier run created and did not come to record."""
        return Owned(
            intent.address, id, intent.fields or {}, "created", intent.at, refs=intent.refs
        )
