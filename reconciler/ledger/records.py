"""The ledger's records, and the state and history that they add up to.

A record is a JSON object whose `t` says what it is:

    header   format, lineage, workspace, created            always the first
    run      run, command, at, user, host, plan             a command begins; and where known
             environment (empty where the workspace has none), commit, uncommitted, pull_request,
             job, person, the run that it reverts, and the number of objects of its plan that had
             changed at the vendor (drift)
    intent   run, op, address, action, verb, key, idempotency_key, at     a write will be sent;
             and where known id, fields and refs, and before, before_refs and archived
    done     run, op, status, id, message                   how the write ended
    own      address, id, fields, origin, at, protect, on_remove, and where known created, stored,
             refs, rotate and file; and run where a run adopted or renamed it without a write, with
             the key that it had (was)
    stored   address, created, stored                      what was read back after a write
    account  provider, type, host, settings, credential     which account a provider's objects have
    files    file, addresses                               these are declared in another file now
    forget   address, reason, released; and run where a run let go of it without a write
    end      run, counts, at                                the command reached its end; and unread,
             the addresses of what was written and could not be read back, where there are any
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import asdict, field, replace
from sys import intern
from types import MappingProxyType
from typing import Any

from reconciler.frozen import frozen
from reconciler.ledger.who import Origin
from reconciler.model import (
    AccountIdentity,
    Action,
    Address,
    Fields,
    Owned,
    Resource,
    Scope,
    Status,
)
from reconciler.values.walk import is_written_alike

Record = dict[str, Any]

_NOTHING: Mapping[Any, Any] = MappingProxyType({})


@frozen
class Intent:
    """A write that was about to be sent.

    `id` is the object's at the vendor, where it existed. `fields` are those that were to be
    written, as rows have them, with the ids of the objects that they refer to in `refs`; None where
    an older version did not record them. `before` is the object as it was, without secrets: of an
    update the values of the fields that were written, and of a deletion all that a manifest can
    declare; None where that is not known, and for a create. `archived` says that it was archived.
    """

    op: str
    run: str
    address: Address
    action: Action
    verb: str
    natural_key: str | None
    idempotency_key: str | None
    at: str
    id: str | None = None
    fields: Fields | None = None
    refs: Mapping[str, str] = field(default_factory=dict)
    before: Fields | None = None
    before_refs: Mapping[str, str] = field(default_factory=dict)
    archived: bool = False


@frozen
class Operation:
    """An intent and how it ended; `status` is None where no end was recorded."""

    intent: Intent
    status: Status | None = None
    id: str | None = None
    message: str = ""


@frozen
class Recorded:
    """What a run recorded of an object without a write: `action` is adopt, rename, forget, or
    record where only what is known of an owned object changed; `was` is the key that a renamed
    object had. `released` says that what was let go still exists."""

    action: str
    address: Address
    id: str | None = None
    was: str = ""
    released: bool = False


@frozen
class Run:
    """One run of a command; `counts` and `ended` are None where it did not reach its end, and
    `origin` is None where an older version did not record it. `reverts` is the run that it undoes,
    or empty; `drift` is how many objects of its plan had changed at the vendor, None where that is
    not known."""

    id: str
    command: str
    at: str
    user: str
    host: str
    plan: str
    operations: tuple[Operation, ...] = ()
    counts: Mapping[str, int] | None = None
    ended: str | None = None
    origin: Origin | None = None
    reverts: str = ""
    recorded: tuple[Recorded, ...] = ()
    drift: int | None = None


@frozen
class State:
    """What is owned, and which writes may or may not have taken effect.

    `open_intents` are the writes without a recorded end and those settled as unknown. `serial`
    counts the records; `lineage` is the id of this ledger, unique in the world. `accounts` are
    those that the objects of each provider belong to. `released` are the kinds and ids of objects
    that were let go while they existed, and not owned again since; `at` is the time of the last
    record that has one, in UTC as ISO 8601. `unread` are the owned objects that were written and
    not read back since, because the run was interrupted: how the vendor stored them is not known.
    """

    lineage: str
    serial: int
    owned: Mapping[Address, Owned]
    open_intents: tuple[Intent, ...]
    accounts: Mapping[str, AccountIdentity] = field(default_factory=dict)
    released: Set[tuple[Scope, str]] = frozenset()
    at: str = ""
    unread: Set[Address] = frozenset()


@frozen
class Around:
    """A run, what was owned before and after it, and the runs after it."""

    run: Run
    before: Mapping[Address, Owned]
    after: Mapping[Address, Owned]
    later: tuple[Run, ...]


EMPTY = State("", 0, MappingProxyType({}), ())


def own_record(owned: Owned) -> Record:
    """The record of an object that is owned."""
    return {
        "t": "own",
        "address": str(owned.address),
        "id": owned.id,
        "fields": owned.fields,
        "origin": owned.origin,
        "at": owned.at,
        "protect": owned.protect,
        "on_remove": owned.on_remove,
        **({"created": owned.created} if owned.created else {}),
        **({"stored": owned.stored} if owned.stored else {}),
        **({"refs": owned.refs} if owned.refs else {}),
        **({} if owned.rotate is None else {"rotate": owned.rotate}),
        **({"file": owned.file} if owned.file else {}),
    }


def stored_record(address: Address, created: str, stored: Fields) -> Record:
    """The record of what was read back of an owned object."""
    return {"t": "stored", "address": str(address), "created": created, "stored": stored}


def files_record(file: str, addresses: Iterable[Address]) -> Record:
    """The record that these owned objects are declared in `file` now."""
    return {"t": "files", "file": file, "addresses": [str(address) for address in addresses]}


def intent_record(intent: Intent) -> Record:
    """The record of a write that is about to be sent."""
    return {
        "t": "intent",
        "run": intent.run,
        "op": intent.op,
        "address": str(intent.address),
        "action": intent.action,
        "verb": intent.verb,
        "key": intent.natural_key,
        "idempotency_key": intent.idempotency_key,
        "at": intent.at,
        **({} if intent.id is None else {"id": intent.id}),
        **({} if intent.fields is None else {"fields": intent.fields}),
        **({"refs": intent.refs} if intent.refs else {}),
        **({} if intent.before is None else {"before": intent.before}),
        **({"before_refs": intent.before_refs} if intent.before_refs else {}),
        **({"archived": True} if intent.archived else {}),
    }


def account_record(provider: str, account: AccountIdentity | None) -> Record:
    """The record of the account that the objects of a provider belong to; None where that is not
    known any more."""
    return {"t": "account", "provider": provider, **(asdict(account) if account else {})}


def address_in(text: str) -> Address:
    """The address in a record."""
    provider, kind, key = text.split("/", 2)
    return Address(intern(provider), intern(kind), key)


def owned_in(record: Record, declared: Mapping[Address, Resource] = _NOTHING) -> Owned:
    """The row in a record of an owned object; what it has exactly as it is declared, it has in
    common with the resource."""
    address, fields = address_in(record["address"]), record["fields"]
    if (resource := declared.get(address)) is not None:
        address = resource.address
        if fields == resource.fields and is_written_alike(fields, resource.fields):
            fields = resource.fields
    return Owned(
        address,
        record["id"],
        fields,
        intern(record["origin"]),
        intern(record["at"]),
        record["protect"],
        intern(record["on_remove"]),
        record.get("created", ""),
        record.get("stored") or _NOTHING,
        record.get("refs") or _NOTHING,
        record.get("rotate"),
        intern(record.get("file", "")),
    )


def intent_in(record: Record) -> Intent:
    """The intent in a record."""
    return Intent(
        record["op"],
        record["run"],
        address_in(record["address"]),
        Action(record["action"]),
        record["verb"],
        record["key"],
        record["idempotency_key"],
        record["at"],
        record.get("id"),
        record.get("fields"),
        record.get("refs") or _NOTHING,
        record.get("before"),
        record.get("before_refs") or _NOTHING,
        record.get("archived", False),
    )


def run_record(run: Run) -> Record:
    """The record of a run that begins."""
    record: Record = {
        "t": "run",
        "run": run.id,
        "command": run.command,
        "at": run.at,
        "user": run.user,
        "host": run.host,
        "plan": run.plan,
    }
    if run.origin is not None:
        known = {name: value for name, value in asdict(run.origin).items() if value}
        record |= {**known, "environment": run.origin.environment or ""}
    record |= {} if run.drift is None else {"drift": run.drift}
    return record | ({"reverts": run.reverts} if run.reverts else {})


def run_in(record: Record) -> Run:
    """The run in a record."""
    names = ("run", "command", "at", "user", "host", "plan")
    made_from: Origin | None = None
    if (environment := record.get("environment")) is not None:
        texts = (record.get(name, "") for name in ("pull_request", "job", "person"))
        commit, uncommitted = record.get("commit", ""), record.get("uncommitted", False)
        made_from = Origin(environment or None, commit, uncommitted, *texts)
    run = Run(*(record[name] for name in names))
    known = {"reverts": record.get("reverts", ""), "drift": record.get("drift")}
    return replace(run, origin=made_from, **known)
