"""The ledger's records, and the state and history that they add up to.

A record is a JSON object whose `t` says what it is:

    header   format, lineage, workspace, created            always the first
    run      run, command, at, user, host, plan             a command begins
    intent   run, op, address, action, verb, key, idempotency_key, at     a write will be sent
    done     run, op, status, id, message                   how the write ended
    own      address, id, fields, origin, at, protect, on_remove, and where known created, stored,
             refs, rotate and file
    stored   address, created, stored                      what was read back after a write
    account  provider, type, host, settings, credential     which account a provider's objects have
    files    file, addresses                               these are declared in another file now
    forget   address, reason, released
    end      run, counts, at                                the command reached its end
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field, replace
from sys import intern
from types import MappingProxyType
from typing import Any

from reconciler.model import AccountIdentity, Action, Address, Fields, Owned, Scope, Status

Record = dict[str, Any]

_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Intent:
    """A write that was about to be sent."""

    op: str
    run: str
    address: Address
    action: Action
    verb: str
    natural_key: str | None
    idempotency_key: str | None
    at: str


@dataclass(frozen=True, slots=True)
class Operation:
    """An intent and how it ended; `status` is None where no end was recorded."""

    intent: Intent
    status: Status | None = None
    id: str | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a command; `counts` and `ended` are None where it did not reach its end."""

    id: str
    command: str
    at: str
    user: str
    host: str
    plan: str
    operations: tuple[Operation, ...] = ()
    counts: Mapping[str, int] | None = None
    ended: str | None = None


@dataclass(frozen=True, slots=True)
class State:
    """What is owned, and which writes may or may not have taken effect.

    `open_intents` are the writes without a recorded end and those settled as unknown. `serial`
    counts the records; `lineage` is the id of this ledger, unique in the world. `accounts` are
    those that the objects of each provider belong to. `released` are the kinds and ids of objects
    that were let go while they existed, and not owned again since.
    """

    lineage: str
    serial: int
    owned: Mapping[Address, Owned]
    open_intents: tuple[Intent, ...]
    accounts: Mapping[str, AccountIdentity] = field(default_factory=dict)
    released: Set[tuple[Scope, str]] = frozenset()


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
    }


def account_record(provider: str, account: AccountIdentity) -> Record:
    """The record of the account that the objects of a provider belong to."""
    return {
        "t": "account",
        "provider": provider,
        "type": account.type,
        "host": account.host,
        "settings": dict(account.settings),
        "credential": account.credential,
    }


def state_of(records: Iterable[Record]) -> State:
    """The state after these records; raises ValueError for a record of an unknown type."""
    lineage, serial = "", 0
    owned: dict[Address, Owned] = {}
    intents: dict[str, Intent] = {}
    accounts: dict[str, AccountIdentity] = {}
    released: set[tuple[Scope, str]] = set()
    for serial, record in enumerate(records, 1):  # noqa: B007
        match record["t"]:
            case "own":
                entry = _owned(record)
                owned[entry.address] = entry
                if released:
                    released.discard((entry.address.scope, entry.id))
            case "intent":
                intents[record["op"]] = _intent(record)
            case "done":
                if record["status"] != Status.UNKNOWN:
                    intents.pop(record["op"], None)
            case "stored":
                address = _address(record["address"])
                own = {"created": record["created"], "stored": record["stored"]}
                owned[address] = replace(owned[address], **own)
            case "forget":
                _forget(record, owned, released)
            case "account":
                names = ("type", "host", "settings", "credential")
                identity = AccountIdentity(*(record[name] for name in names))
                accounts[record["provider"]] = identity
            case "header":
                lineage = record["lineage"]
            case "files":
                _move_files(record, owned)
            case "run" | "end":
                pass
            case unknown:
                raise ValueError(f"a record of type {unknown!r}")
    return State(lineage, serial, owned, tuple(intents.values()), accounts, released)


def history_of(records: Iterable[Record]) -> tuple[Run, ...]:
    """Every run in order, each with the operations that it began, whichever run ended them."""
    runs: dict[str, Run] = {}
    operations: dict[str, Operation] = {}
    for record in records:
        match record["t"]:
            case "run":
                names = ("command", "at", "user", "host", "plan")
                runs[record["run"]] = Run(record["run"], *(record[name] for name in names))
            case "intent":
                operations[record["op"]] = Operation(_intent(record))
            case "done" if record["op"] in operations:
                operations[record["op"]] = replace(
                    operations[record["op"]],
                    status=Status(record["status"]),
                    id=record["id"],
                    message=record["message"],
                )
            case "end":
                run = runs[record["run"]]
                runs[run.id] = replace(run, counts=record["counts"], ended=record["at"])
    begun_by: dict[str, list[Operation]] = {run: [] for run in runs}
    for operation in operations.values():
        begun_by[operation.intent.run].append(operation)
    return tuple(replace(run, operations=tuple(begun_by[run.id])) for run in runs.values())


def _address(text: str) -> Address:
    provider, kind, key = text.split("/", 2)
    return Address(intern(provider), intern(kind), key)


def _forget(record: Record, owned: dict[Address, Owned], released: set[tuple[Scope, str]]) -> None:
    """Remove a row. Older versions did not record whether the object still existed then: what they
    forgot without deleting it may exist."""
    row = owned.pop(_address(record["address"]), None)
    unknown = record["reason"] in ("gone", "forgotten on request")
    if row is not None and record.get("released", unknown):
        released.add((row.address.scope, row.id))


def _move_files(record: Record, owned: dict[Address, Owned]) -> None:
    """Note in which manifest these objects are declared now."""
    for address in map(_address, record["addresses"]):
        if address in owned:
            owned[address] = replace(owned[address], file=intern(record["file"]))


def _owned(record: Record) -> Owned:
    return Owned(
        _address(record["address"]),
        record["id"],
        record["fields"],
        intern(record["origin"]),
        record["at"],
        record["protect"],
        intern(record["on_remove"]),
        record.get("created", ""),
        record.get("stored") or _NOTHING,
        record.get("refs") or _NOTHING,
        record.get("rotate"),
        intern(record.get("file", "")),
    )


def _intent(record: Record) -> Intent:
    return Intent(
        record["op"],
        record["run"],
        _address(record["address"]),
        Action(record["action"]),
        record["verb"],
        record["key"],
        record["idempotency_key"],
        record["at"],
    )
