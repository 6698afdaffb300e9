"""What a run writes into the ledger: each write before and after it, and what is ours by it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from reconciler.executor import Settle
from reconciler.identity import key_text, natural_key
from reconciler.kinds import Verb
from reconciler.kinds.resource_types import ResourceTypes
from reconciler.ledger import Session
from reconciler.model import Action, Address, Change, Listing, Owned, Scope, Secret, Status
from reconciler.values.mask import seal_secrets

LOOKED_FOR = "looked for by a later run"


@dataclass(frozen=True, slots=True)
class Notes:
    """The ledger of a run that is under way."""

    resource_types: ResourceTypes
    seal: Callable[[Secret], str]
    session: Session
    _begun: frozenset[Address] = field(init=False)
    """What earlier runs began to make, and whose outcome nobody knows."""

    def __post_init__(self) -> None:
        intents = self.session.state.open_intents
        begun = frozenset(one.address for one in intents if one.action is Action.CREATE)
        object.__setattr__(self, "_begun", begun)

    def journal(self, change: Change, verb: Verb, idempotency_key: str | None) -> Settle:
        """Note a write that is about to be sent; the executor's journal."""
        name = self._natural_key(change)
        op = self.session.intend(change.address, change.action, verb, name, idempotency_key)

        def ended(status: Status, id: str | None, message: str) -> None:
            made = status is Status.APPLIED and verb is not Verb.DELETE
            owned = self._owned(change, id or "") if made else None
            self.session.settle(op, status, id, message, owned)
            if status is Status.APPLIED and verb is Verb.DELETE:
                self.session.forget(change.address, reason=change.reason)

        return ended

    def record(self, changes: Sequence[Change]) -> int:
        """What only the ledger has to learn: adoptions, renames, objects that are gone; counts
        all but the renames."""
        adopted = [c for c in changes if c.action is Action.ADOPT]
        owned = self.session.state.owned
        moved = {
            old: change
            for change in changes
            if change.options.was
            and change.address not in owned
            and (old := change.address.scope.address(change.options.was)) in owned
        }
        # At once, so that a write that fails does not lose what is known of the object.
        self.session.own(
            *(replace(owned[old], address=change.address) for old, change in moved.items())
        )
        gone = [c.address for c in changes if c.action is Action.FORGET]
        self.session.own(*(self._owned(change, change.id or "") for change in adopted))
        with self.session.together():
            for address in (*moved, *gone):
                if address in owned:
                    self.session.forget(address, reason="renamed" if address in moved else "gone")
        return len(adopted) + len(gone)

    def settle_leftovers(self, listings: Mapping[Scope, Listing]) -> None:
        """Writes of an earlier run with no known outcome: where this plan looked at what is live,
        it covers whatever came of them."""
        with self.session.together():
            for intent in self.session.state.open_intents:
                listing = listings.get(intent.address.scope)
                if listing is not None and listing.complete:
                    self.session.settle(intent.op, Status.FAILED, message=LOOKED_FOR)

    def _natural_key(self, change: Change) -> str | None:
        fields = change.after or change.before or {}
        key = natural_key(self.resource_types.of(change.address.scope), fields)
        return None if key is None else key_text(key)

    def _owned(self, change: Change, id: str) -> Owned:
        owned, was = self.session.state.owned, change.options.was
        known = owned.get(change.address)
        if known is None and was:
            known = owned.get(change.address.scope.address(was))
        created = change.action in (Action.CREATE, Action.REPLACE) or change.address in self._begun
        origin = "created" if created else known.origin if known else "adopted"
        facts = self.resource_types.of(change.address.scope).facts
        fields = {
            name: value
            for name, value in (change.after or {}).items()
            if name not in change.options.ignore
        }
        return Owned(
            change.address,
            id,
            seal_secrets(facts, fields, self.seal),
            origin,
            datetime.now(UTC).isoformat(timespec="seconds"),
            change.options.protect,
            change.options.on_remove,
        )
