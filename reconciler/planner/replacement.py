"""Plan the replacement of objects that other objects refer to.

Replacing an object leaves a reference to the old one wherever it was used. So the old object gets a
name of its own while planning, and the objects that refer to it are compared once more: they differ
now, and are changed or replaced too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from reconciler.errors import Diagnostic
from reconciler.identity import LiveIndexes, key_in, pointers_in
from reconciler.model import Action, Address, Change, Scope

# The kind and id of each object that is replaced, with the change that does it.
Replaced = Mapping[tuple[Scope, str | None], Change]
REMOVES = frozenset({Action.DELETE, Action.REPLACE})


def replaced_objects(changes: Iterable[Change]) -> Replaced:
    """The objects that these changes replace."""
    return {
        (change.address.scope, change.id): change
        for change in changes
        if change.action is Action.REPLACE
    }


def rename_replaced(indexes: LiveIndexes, replaced: Iterable[tuple[Scope, str | None]]) -> bool:
    """Give replaced objects that others refer to a name of their own, and name the references
    anew. Returns whether there were any that had none yet."""
    fresh = {pair for pair in replaced if pair[1] and not _is_renamed(indexes, *pair)}
    used = {pair for pair in fresh if any(True for _ in _users(indexes, {pair}))} if fresh else {}
    for scope, id in used:
        index = indexes[scope]
        index.names[id or ""] = f"{index.names[id or '']} (replaced)"
    if used:
        for index in indexes.values():
            index.resolve_references(indexes)
    return bool(used)


def _is_renamed(indexes: LiveIndexes, scope: Scope, id: str | None) -> bool:
    return indexes[scope].names.get(id or "", "").endswith(" (replaced)")


def _users(
    indexes: LiveIndexes, wanted: Iterable[tuple[Scope, str | None]]
) -> Iterator[tuple[tuple[Scope, str | None], tuple[Scope, str]]]:
    """Each live object that refers to one of the wanted objects: the wanted one and the user, each
    by kind and id."""
    wanted = set(wanted)
    scopes = {scope for scope, _ in wanted}
    for scope, index in indexes.items():
        if scopes.isdisjoint(target for _, target in index.resource_type.targets):
            continue
        for live in index.by_id.values():
            for target, pointer in pointers_in(index.resource_type, live.fields):
                named = indexes[target].live_named(pointer.key) if pointer.key else None
                pair = (target, named.id if named else pointer.id)
                if pair in wanted and pair != (scope, live.id):
                    yield pair, (scope, live.id)


def with_users(changes: Sequence[Change], indexes: LiveIndexes) -> list[Change]:
    """The changes, in which each replacement of an object that others refer to names the changes
    that end those references, and is made by creating first where the natural key allows it."""
    replaced = replaced_objects(changes)
    if not replaced:
        return list(changes)
    by_object = {(change.address.scope, change.id): change for change in changes if change.id}
    users: dict[Address, dict[Address, None]] = {}
    for pair, user in _users(indexes, replaced):
        if (change := by_object.get(user)) is not None:
            users.setdefault(replaced[pair].address, {})[change.address] = None
    return [
        replace(
            change,
            users=tuple(sorted(users[change.address])),
            create_first=_has_new_key(change, indexes),
        )
        if change.address in users
        else change
        for change in changes
    ]


def _has_new_key(change: Change, indexes: LiveIndexes) -> bool:
    """Whether the natural key of a replaced object changes, so that both can exist at once."""
    index = indexes[change.address.scope]
    live = index.by_id.get(change.id or "")
    if live is None:
        return False
    return index.keys[change.address.key] != key_in(indexes, index.resource_type, live.fields)


def replacement_refusals(changes: Sequence[Change], indexes: LiveIndexes) -> Iterator[Diagnostic]:
    """A refusal for each object that cannot be replaced while another one refers to it: one that
    this plan does not change, or, where the old object must be deleted first, does not remove."""
    replaced = replaced_objects(changes)
    if not replaced:
        return
    by_object = {(change.address.scope, change.id): change for change in changes if change.id}
    refused: set[Address] = set()
    for pair, (scope, id) in _users(indexes, replaced):
        change, user = replaced[pair], by_object.get((scope, id))
        ends = user is not None and (
            user.action in REMOVES or (change.create_first and user.action is Action.UPDATE)
        )
        if ends or change.address in refused:
            continue
        refused.add(change.address)
        name = user.address if user else scope.address(indexes[scope].names[id])
        yield _refusal(change, name)


def _refusal(change: Change, user: Address) -> Diagnostic:
    if change.create_first:
        return Diagnostic(
            f"it cannot be replaced while {user} refers to it, which this plan does not change",
            f"Manage {user} here too, or change its reference in the vendor's screens first.",
            address=str(change.address),
            source=change.source,
        )
    return Diagnostic(
        f"it cannot be replaced while {user} refers to it: replacing deletes it first",
        "Declare the new object under another key, change the references to it, and apply; "
        "then remove this one from the manifests.",
        address=str(change.address),
        source=change.source,
    )
