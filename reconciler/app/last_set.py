"""Say of what drifted when this workspace last set it, and when the vendor says it changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from reconciler.ledger import Run
from reconciler.model import Action, Address, LastSet, Owned, Snapshot, Status

HOW = {Action.CREATE: "created", Action.UPDATE: "updated", Action.REPLACE: "replaced"}


def last_set(
    addresses: Iterable[Address],
    owned: Mapping[Address, Owned],
    history: Iterable[Run],
    snapshot: Snapshot,
) -> dict[Address, LastSet]:
    """The last write of each address that is owned: by the journal, or else by its row."""
    result = {a: LastSet(owned[a].at, owned[a].origin) for a in addresses if a in owned}
    for run in history:
        for operation in run.operations:
            intent = operation.intent
            if operation.status is not Status.APPLIED or intent.address not in result:
                continue
            if how := HOW.get(intent.action):
                set_ = LastSet(intent.at, how, run.id, run.command, run.user, run.host)
                result[intent.address] = set_
    scopes = {address.scope for address in result} & snapshot.listings.keys()
    live = {(s, o.id): o.updated for s in scopes for o in snapshot.listings[s].objects}
    return {
        address: replace(set_, live=live.get((address.scope, owned[address].id), ""))
        for address, set_ in result.items()
    }
