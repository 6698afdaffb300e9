"""Find the objects that cannot be deleted because an archived object still refers to them.

Where deleting an object only archives it, its references stay, and the vendor does not let go of
what it refers to. Only a person can change that, in the vendor's screens.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from reconciler.errors import Diagnostic
from reconciler.identity import LiveIndex, LiveIndexes, pointers_in
from reconciler.model import Action, Address, Change, Live, Scope

Removed = tuple[Scope, str | None]


def archived_users(changes: Sequence[Change], indexes: LiveIndexes) -> Mapping[Removed, Address]:
    """The objects that these changes delete or replace while an object refers to them that is
    archived, or that these changes archive; each with the first one that does."""
    removes = (Action.DELETE, Action.REPLACE)
    removed = {(c.address.scope, c.id) for c in changes if c.action in removes}
    users: dict[Removed, Address] = {}
    if not removed:
        return users
    scopes = {scope for scope, _ in removed}
    for scope, index in indexes.items():
        targets = {target for _, target in index.resource_type.targets}
        if index.resource_type.kind.archive is None or scopes.isdisjoint(targets):
            continue
        leaving = {c.id for c in changes if c.address.scope == scope and c.action is Action.DELETE}
        for live in _archived(index, leaving):
            for target, pointer in pointers_in(index.resource_type, live.fields):
                named = indexes[target].live_named(pointer.key) if pointer.key else None
                pair = (target, named.id if named else pointer.id)
                if pair in removed:
                    users.setdefault(pair, scope.address(index.names.get(live.id, live.id)))
    return users


def held_by_archived(
    users: Mapping[Removed, Address], indexes: LiveIndexes
) -> dict[tuple[Scope, str], str]:
    """Why each object must not be deleted that an archived one refers to."""
    return {
        (scope, id): f"{user} still refers to it, also when it is archived: change that in "
        f"{indexes[user.scope].resource_type.kind.screen}, then it can be deleted"
        for (scope, id), user in users.items()
        if id is not None
    }


def archived_refusals(
    changes: Iterable[Change], users: Mapping[Removed, Address], indexes: LiveIndexes
) -> Iterator[Diagnostic]:
    """A refusal for each object that is to be replaced and that an archived one refers to."""
    for change in changes if users else ():
        user = users.get((change.address.scope, change.id))
        if change.action is Action.REPLACE and user is not None:
            screen = indexes[user.scope].resource_type.kind.screen
            yield Diagnostic(
                f"it cannot be replaced while {user} refers to it, also when it is archived",
                f"Change its reference in {screen} first; or declare the new object under another "
                "key, change the other references to it, and keep this one.",
                address=str(change.address),
                source=change.source,
            )


def _archived(index: LiveIndex, leaving: Iterable[str | None]) -> Iterator[Live]:
    """The archived objects that no manifest declares, and those that are being archived."""
    restored = {live.id for live in index.matched.values() if isinstance(live, Live)}
    for group in index.archived_by_key.values():
        yield from (live for live in group if live.id not in restored)
    for id in leaving:
        if id is not None and (live := index.by_id.get(id)) is not None:
            yield live
