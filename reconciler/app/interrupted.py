"""Say what earlier runs left open: creates, updates and deletes whose outcome is not known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from reconciler import planner
from reconciler.errors import Diagnostic, Invalid
from reconciler.identity import key_text, natural_key
from reconciler.kinds import Verb
from reconciler.kinds.resource_types import ResourceTypes
from reconciler.ledger import Intent, State
from reconciler.model import (
    Address,
    BegunCreate,
    BegunUpdate,
    Owned,
    Resource,
    Scope,
    Snapshot,
)
from reconciler.planner.scope import covers
from reconciler.values.text import did_you_mean, printable


def follow_keys(
    resource_types: ResourceTypes, resources: Iterable[Resource], state: State
) -> State:
    """The state in which each open create or update of an object without a row has the address
    under which that is declared now: the resource that names the old key in `$was`, or else has the
    natural key that was sent."""
    if not state.open_intents:
        return state
    declared = {resource.address: resource for resource in resources}
    lost = {
        intent.address
        for intent in state.open_intents
        if intent.verb in (Verb.CREATE, Verb.UPDATE)
        and intent.address not in declared
        and intent.address not in state.owned
        and resource_types.knows(intent.address.scope)
    }
    if not lost:
        return state
    open_now = {intent.address for intent in state.open_intents}
    scopes = {address.scope for address in lost}
    by_was: dict[Address, Address] = {}
    by_key: dict[tuple[Scope, str], Address] = {}
    for address, resource in declared.items():
        if address.scope not in scopes or address in state.owned or address in open_now:
            continue
        if resource.options.was:
            by_was[address.scope.address(resource.options.was)] = address
        key = natural_key(resource_types.of(address.scope), resource.fields)
        if key is not None:
            by_key[address.scope, key_text(key)] = address

    def followed(intent: Intent) -> Intent:
        if intent.address not in lost:
            return intent
        found = by_was.get(intent.address)
        found = found or by_key.get((intent.address.scope, intent.natural_key or ""))
        return replace(intent, address=found) if found else intent

    return replace(state, open_intents=tuple(map(followed, state.open_intents)))


def begun_creates(
    state: State, followed: State, retried: Sequence[str]
) -> Mapping[Address, BegunCreate]:
    """The creates of earlier runs whose outcome is unknown, without those that are retried, by the
    address that they have in `followed`. Raises Invalid for a name that is none of their
    addresses."""
    names: dict[Address, set[Address]] = {}
    begun: dict[Address, BegunCreate] = {}
    for before, intent in zip(state.open_intents, followed.open_intents, strict=True):
        if intent.verb == Verb.CREATE:
            names.setdefault(intent.address, set()).update((before.address, intent.address))
            begun[intent.address] = BegunCreate(
                intent.at,
                intent.natural_key,
                intent.idempotency_key,
                intent.fields,
                intent.refs,
            )
    known = {address for addresses in names.values() for address in addresses}
    for name in retried:
        if not any(covers([name], address) for address in known):
            raise Invalid(
                Diagnostic(
                    f"--retry-unknown {printable(name)}: no creation with an unknown outcome has "
                    "this address",
                    did_you_mean(name, map(str, known)),
                )
            )
    return {
        address: create
        for address, create in begun.items()
        if not any(covers(retried, name) for name in names[address])
    }


def begun_adoptions(state: State) -> Mapping[Address, str]:
    """The ids of the objects without a row that earlier runs began to change, by address: they come
    under management, also where the change has given them another natural key."""
    return {
        intent.address: intent.id
        for intent in state.open_intents
        if intent.verb == Verb.UPDATE and intent.id and intent.address not in state.owned
    }


def begun_deletes(state: State) -> frozenset[Address]:
    """The addresses at which a delete of an earlier run is open, and of the objects that it was to
    delete, where these are others."""
    intents = [intent for intent in state.open_intents if intent.verb == Verb.DELETE]
    if not intents:
        return frozenset()
    objects = {(intent.address.scope, intent.id) for intent in intents}
    rows = (address for address, row in state.owned.items() if (address.scope, row.id) in objects)
    return frozenset((*(intent.address for intent in intents), *rows))


def deleted_objects(state: State, snapshot: Snapshot) -> frozenset[Address]:
    """The addresses at which a delete of an earlier run is open whose object does not exist."""
    found: set[Address] = set()
    for intent in state.open_intents:
        listing = snapshot.listings.get(intent.address.scope)
        if intent.verb != Verb.DELETE or intent.id is None or listing is None:
            continue
        if intent.id not in {live.id for live in listing.objects if not live.archived}:
            found.add(intent.address)
    return frozenset(found)


def uncertain_objects(state: State, owned: Mapping[Address, Owned]) -> frozenset[tuple[Scope, str]]:
    """The kind and id of each owned object with an update whose outcome is not known."""
    updated = {intent.address for intent in state.open_intents if intent.verb == Verb.UPDATE}
    return frozenset((address.scope, owned[address].id) for address in updated & owned.keys())


def begun_objects(resource_types: ResourceTypes, state: State) -> frozenset[tuple[Scope, str]]:
    """The kind and id of each object that an earlier run may have created, where its fields say
    which id it has."""
    found: set[tuple[Scope, str]] = set()
    for intent in state.open_intents:
        scope, fields = intent.address.scope, intent.fields or {}
        if intent.verb != Verb.CREATE or not resource_types.knows(scope):
            continue
        resource_type = resource_types.of(scope)
        names = resource_type.kind.identifier
        references = {path[0] for path, _ in resource_type.targets}
        if names and references.isdisjoint(names) and all(fields.get(name) for name in names):
            found.add((scope, resource_type.kind.id_of(fields)))
    return frozenset(found)


def untold_updates(state: State) -> frozenset[Address]:
    """The addresses with an open update of which the ledger does not say what it wrote."""
    return frozenset(
        intent.address
        for intent in state.open_intents
        if intent.verb == Verb.UPDATE and intent.fields is None
    )


def completed_rows(
    resource_types: ResourceTypes,
    scopes: Iterable[Scope],
    snapshot: Snapshot,
    resources: Sequence[Resource],
    owned: Mapping[Address, Owned],
    state: State,
) -> Mapping[Address, planner.Completed]:
    """The rows that would be different if no earlier run had been interrupted."""
    updates: dict[Address, list[BegunUpdate]] = {}
    for intent in state.open_intents:
        if intent.verb == Verb.UPDATE:
            update = BegunUpdate(intent.fields, intent.refs, intent.natural_key)
            updates.setdefault(intent.address, []).append(update)
    interrupted = planner.Interrupted(updates, state.unread)
    if not interrupted:
        return {}
    types = [resource_types.of(scope) for scope in scopes]
    return planner.completed_rows(types, snapshot, resources, owned, interrupted)
