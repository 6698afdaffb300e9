"""The state and the history that the records of a ledger add up to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from sys import intern

from reconciler.ledger.records import (
    Operation,
    Record,
    Recorded,
    Run,
    State,
    address_in,
    intent_in,
    owned_in,
    run_in,
)
from reconciler.model import AccountIdentity, Address, Owned, Resource, Scope, Status


def state_of(records: Iterable[Record], resources: Iterable[Resource] = ()) -> State:
    """The state after these records, whose rows have in common with the declared resources what is
    the same; raises ValueError for a record of an unknown type."""
    fold, serial, at = _Fold(declared={each.address: each for each in resources}), 0, ""
    for serial, record in enumerate(records, 1):  # noqa: B007
        change = _CHANGES.get(record["t"])
        if change is None:
            raise ValueError(f"a record of type {record['t']!r}")
        change(fold, record)
        at = record.get("at", at)
    return State(
        fold.lineage,
        serial,
        fold.owned,
        tuple(map(intent_in, fold.intents.values())),
        fold.accounts,
        fold.released,
        at,
        frozenset(a for a in map(address_in, fold.unread) if a in fold.owned),
    )


@dataclass(slots=True)
class _Fold:
    """The state after some of the records. Of the writes it keeps the records, because nearly all
    of them end soon after."""

    lineage: str = ""
    owned: dict[Address, Owned] = field(default_factory=dict)
    intents: dict[str, Record] = field(default_factory=dict)
    accounts: dict[str, AccountIdentity] = field(default_factory=dict)
    released: set[tuple[Scope, str]] = field(default_factory=set)
    unread: list[str] = field(default_factory=list)
    applies: bool = False
    declared: Mapping[Address, Resource] = field(default_factory=dict)

    def begin(self, record: Record) -> None:
        """The header."""
        self.lineage = record["lineage"]

    def own(self, record: Record) -> None:
        """An object is owned from now on."""
        row = owned_in(record, self.declared)
        self.owned[row.address] = row
        if self.released:
            self.released.discard((row.address.scope, row.id))

    def store(self, record: Record) -> None:
        """What was read back of an owned object."""
        address = address_in(record["address"])
        own = {"created": record["created"], "stored": record["stored"]}
        self.owned[address] = replace(self.owned[address], **own)

    def forget(self, record: Record) -> None:
        """An object is owned no longer. Older versions did not record whether it still existed
        then: what they forgot without deleting it may exist."""
        row = self.owned.pop(address_in(record["address"]), None)
        unknown = record["reason"] in ("gone", "forgotten on request")
        if row is not None and record.get("released", unknown):
            self.released.add((row.address.scope, row.id))

    def move_files(self, record: Record) -> None:
        """In which manifest these objects are declared now."""
        for address in map(address_in, record["addresses"]):
            if address in self.owned:
                self.owned[address] = replace(self.owned[address], file=intern(record["file"]))

    def intend(self, record: Record) -> None:
        """A write will be sent."""
        self.intents[record["op"]] = record

    def settle(self, record: Record) -> None:
        """How a write ended."""
        if record["status"] == Status.UNKNOWN:
            return
        intent = self.intents.pop(record["op"], None)
        if intent is not None and record["status"] == Status.APPLIED:
            self.unread.append(intent["address"])

    def identify(self, record: Record) -> None:
        """Which account the objects of a provider belong to."""
        self.accounts.pop(record["provider"], None)
        if "host" in record:
            names = ("type", "host", "settings", "credential")
            identity = AccountIdentity(*(record[name] for name in names))
            self.accounts[record["provider"]] = identity

    def run(self, record: Record) -> None:
        """A command begins."""
        self.applies = record["command"] == "apply"

    def end(self, record: Record) -> None:
        """A command has reached its end: an apply has read back what it wrote before that."""
        if self.applies or "unread" in record:
            self.unread = list(record.get("unread", ()))


_CHANGES: Mapping[str, Callable[[_Fold, Record], None]] = {
    "header": _Fold.begin,
    "own": _Fold.own,
    "stored": _Fold.store,
    "forget": _Fold.forget,
    "files": _Fold.move_files,
    "intent": _Fold.intend,
    "done": _Fold.settle,
    "account": _Fold.identify,
    "run": _Fold.run,
    "end": _Fold.end,
}


def history_of(records: Iterable[Record]) -> tuple[Run, ...]:
    """Every run in order, each with the operations that it began, whichever run ended them, and
    with what it recorded without a write."""
    runs: dict[str, Run] = {}
    operations: dict[str, Operation] = {}
    recorded: dict[str, list[Recorded]] = {}
    owned: set[str] = set()
    for record in records:
        match record["t"]:
            case "run":
                runs[record["run"]] = run_in(record)
            case "intent":
                operations[record["op"]] = Operation(intent_in(record))
            case "done" if record["op"] in operations:
                operations[record["op"]] = replace(
                    operations[record["op"]],
                    status=Status(record["status"]),
                    id=record["id"],
                    message=record["message"],
                )
            case "own" | "forget":
                if "run" in record:
                    row = _recorded_in(record, record["address"] in owned)
                    recorded.setdefault(record["run"], []).append(row)
                (owned.add if record["t"] == "own" else owned.discard)(record["address"])
            case "end":
                run = runs[record["run"]]
                runs[run.id] = replace(run, counts=record["counts"], ended=record["at"])
    begun_by: dict[str, list[Operation]] = {run: [] for run in runs}
    for operation in operations.values():
        begun_by[operation.intent.run].append(operation)
    return tuple(
        replace(run, operations=tuple(begun_by[run.id]), recorded=tuple(recorded.get(run.id, ())))
        for run in runs.values()
    )


def rows_around(
    records: Iterable[Record], run: str
) -> tuple[Mapping[Address, Owned], Mapping[Address, Owned]]:
    """What was owned before the first change of a run, and when the next one began, or is now. What
    a run found out about earlier ones is no change of it."""
    fold = _Fold()
    before: Mapping[Address, Owned] | None = None
    begun = False
    for record in records:
        if record["t"] == "run":
            if begun:
                break
            begun = record["run"] == run
        elif begun and before is None and record["t"] in _OF_A_RUN and record.get("run") == run:
            before = dict(fold.owned)
        _CHANGES[record["t"]](fold, record)
    return fold.owned if before is None else before, fold.owned


_OF_A_RUN = frozenset({"intent", "own", "forget"})


def _recorded_in(record: Record, is_owned: bool) -> Recorded:
    address = address_in(record["address"])
    if record["t"] == "forget":
        return Recorded("forget", address, released=record["released"])
    was = record.get("was", "")
    action = "rename" if was else "record" if is_owned else "adopt"
    return Recorded(action, address, record["id"], was)
