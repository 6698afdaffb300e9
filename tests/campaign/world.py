"""Everything a sequence has declared and knows: manifests, ledger and vendors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from reconciler import Workspace
from reconciler.errors import Refused
from reconciler.ledger import State, open_ledger
from reconciler.model import Address, Applied, Owned
from reconciler.sandbox.faults import BENDS
from reconciler.sandbox.server import Running

from .people import People
from .sorts import SORTS, Raw, Sort
from .watcher import Watcher

QUICK = "/dev/shm" if Path("/dev/shm").is_dir() else None
"""Where workspaces are: in memory if they can be, so that a sequence does not wait for a disk."""

Ident = tuple[str, str]
"""A scope and a vendor's id."""


@dataclass(frozen=True)
class Place:
    """Where sequences happen: two sandboxes, other people at the first, what its vendors hold at
    the beginning, and a function that makes a workspace in a folder on a sandbox."""

    sandbox: Running
    other: Running
    people: People
    beginning: Mapping[str, Mapping[str, Any]]
    make: Callable[[Path, Running], Any]


class World:
    """A workspace on a sandbox, what is declared in it, and what is known of the vendors.

    declared   {scope: {key: fields}}; a reference is the key of another object
    moved      the keys that objects had before: {(scope, new key): old key}, until it is settled
    ours       what the ledger owned when it was last looked at
    stays      the id that an address must keep
    released   what was let go of on purpose
    imported   what was imported and may not have been applied since
    meddled    the fields that somebody changed at a vendor since everything was settled; "" where
               the object was deleted
    known      everything that was ever seen at a vendor
    bends      how vendors keep fields otherwise than they were written, by scope
    rules      the faults of the next apply, which has old lists where it is `lagging`, and is
               killed after so many writes with `kill`
    bereft     whether the ledger was lost and nothing was applied since
    """

    def __init__(self, place: Place, vendors: Sequence[str]) -> None:
        self.place = place
        self.sandbox = place.sandbox
        self.vendors = tuple(vendors)
        self.sorts = [sort for sort in SORTS.values() if sort.vendor in vendors]
        self.folder = TemporaryDirectory(dir=QUICK)
        self.here = place.make(Path(self.folder.name), place.sandbox)
        self.declared: dict[str, dict[str, dict[str, Any]]] = {s.scope: {} for s in self.sorts}
        self.moved: dict[tuple[str, str], str] = {}
        self.ours: dict[Address, Owned] = {}
        self.stays: dict[Address, str] = {}
        self.released: set[Ident] = set()
        self.imported: set[Ident] = set()
        self.meddled: dict[Ident, set[str]] = {}
        self.known: set[Ident] = set()
        self.bends: dict[str, dict[str, str]] = {}
        self.rules: list[dict[str, Any]] = []
        self.kill = 0
        self.lagging = False
        self.bereft = False
        self.watcher = Watcher()
        self._read: tuple[Any, State] | None = None
        self._opened: tuple[bytes, Workspace] | None = None
        self.sandbox.faults()
        for vendor in vendors:
            self.sandbox.put_state(vendor, place.beginning[vendor])
        self.known |= set(self.live())

    def close(self) -> None:
        """Leave nothing behind."""
        self.sandbox.faults()
        self.folder.cleanup()

    def open(self) -> Workspace:
        """The workspace as it is configured now."""
        settings = (self.here.root / "reconciler.yaml").read_bytes()
        if self._opened is None or self._opened[0] != settings:
            self._opened = settings, Workspace.open(self.here.root, observer=self.watcher)
        return self._opened[1]

    def live(self) -> dict[Ident, Raw]:
        """Every object of the kinds of this sequence."""
        return {
            (sort.scope, sort.id_of(raw)): raw
            for vendor in self.vendors
            for state in [self.sandbox.state(vendor)]
            for sort in SORTS.values()
            if sort.vendor == vendor
            for raw in state[sort.kind]
        }

    def owned(self) -> Mapping[Address, Owned]:
        """What the ledger says is ours."""
        return self.ledger().owned

    def ledger(self) -> State:
        """The ledger as it is now."""
        path = self.here.root / ".reconciler" / "ledger.jsonl"
        status = path.stat() if path.exists() else None
        version = status and (status.st_ino, status.st_size, status.st_mtime_ns)
        if self._read is None or self._read[0] != version:
            ledger = open_ledger(".reconciler/ledger.jsonl", self.here.root, "acme")
            self._read = version, ledger.read()
        return self._read[1]

    def idents(self) -> set[Ident]:
        """What the ledger owns, by its id."""
        return {(str(address.scope), row.id) for address, row in self.owned().items()}

    def look(self) -> None:
        """Remember what is owned, and what was let go of because it was only imported, also by a
        run that was killed; whatever was owned once must be accounted for."""
        self.ours |= self.owned()
        let_go = {(str(scope), id) for scope, id in self.ledger().released}
        self.released |= self.imported & let_go

    def is_owned(self, sort: Sort, key: str) -> bool:
        """Whether the ledger owns an object of this key, or of the one that it had before."""
        return self.address(sort, self.moved.get((sort.scope, key), key)) in self.owned()

    def raws(self, sort: Sort) -> list[Raw]:
        """The objects of a kind as its vendor has them."""
        return [raw for (scope, _), raw in self.live().items() if scope == sort.scope]

    def address(self, sort: Sort, key: str) -> Address:
        """The address of a key."""
        return Address(sort.vendor, sort.kind, key)

    def names(self, sort: Sort) -> set[str]:
        """The declared natural keys of a kind."""
        return {fields[sort.key] for fields in self.declared[sort.scope].values()}

    def formerly(self) -> set[tuple[str, str]]:
        """The keys that `$was` names."""
        return {(scope, old) for (scope, _), old in self.moved.items()}

    def only(self, sort: Sort, name: str) -> bool:
        """Whether exactly one object has this name."""
        return sum(raw[sort.key] == name and not sort.gone(raw) for raw in self.raws(sort)) == 1

    def pending(self, sort: Sort) -> bool:
        """Whether anything declared or owned differs from the other: an import would see it."""
        owned = {a.key for a in self.owned() if str(a.scope) == sort.scope}
        rows = {a.key: r.id for a, r in self.owned().items() if str(a.scope) == sort.scope}
        live = self.live()
        return owned != set(self.declared[sort.scope]) or any(
            (raw := live.get((sort.scope, rows[key]))) is None
            or sort.gone(raw)
            or raw[sort.key] != fields[sort.key]
            for key, fields in self.declared[sort.scope].items()
        )

    def expected(self, sort: Sort, name: str, value: Any) -> list[Any]:
        """A declared value as the vendor may have it: as it is declared, or in its own form."""
        if name in sort.refs:
            target = SORTS[f"{sort.vendor}/{sort.refs[name]}"]
            owned = self.owned()
            ids = [owned[self.address(target, k)].id for k in listed(value)]
            return [sorted(ids) if isinstance(value, list) else next(iter(ids), None)]
        if name in sort.observed:
            others = self.sandbox.state(sort.vendor)[sort.observed[name]]
            return [one["id"] for one in others if one["name"] == value]
        how = self.bends.get(sort.scope, {}).get(name)
        bent = BENDS[how](value) if how and isinstance(value, str) else value
        return [sort.form(name, value), sort.form(name, bent)]

    def targets(self) -> set[Ident]:
        """What any object at a vendor refers to, or what is declared to be referred to."""
        found = set()
        for sort in self.sorts:
            for name, target in sort.refs.items():
                scope = f"{sort.vendor}/{target}"
                for raw in self.raws(sort):
                    found |= {(scope, id) for id in listed(sort.value(raw, name))}
        return found

    def used(self, sort: Sort, key: str) -> bool:
        """Whether a declared object refers to this one."""
        return any(
            f"{other.vendor}/{target}" == sort.scope and key in listed(fields.get(name))
            for other in self.sorts
            for name, target in other.refs.items()
            for fields in self.declared[other.scope].values()
        )

    def keeps_name(self, sort: Sort, key: str) -> bool:
        """Whether it was only imported, so that it stays at the vendor when it is removed, and has
        the name that another one is to have."""
        row = self.owned().get(self.address(sort, self.moved.get((sort.scope, key), key)))
        raw = self.live().get((sort.scope, row.id)) if row else None
        if row is None or raw is None or row.origin != "imported":
            return False
        others = self.names(sort) - {self.declared[sort.scope][key][sort.key]}
        return raw[sort.key] in others

    def drop(self, sort: Sort, key: str) -> None:
        """Take an object out of the manifests."""
        del self.declared[sort.scope][key]
        self.moved.pop((sort.scope, key), None)
        self.stays.pop(self.address(sort, key), None)

    def give_way(self) -> None:
        """Strangers, and objects of ours whose manifest leaves the reference open, stop referring
        to what is ours and may have to go: no vendor would let it go."""
        mine = self.idents()
        rows = {(str(address.scope), row.id): address for address, row in self.owned().items()}
        for sort in self.sorts:
            for name, target in sort.refs.items():
                scope = f"{sort.vendor}/{target}"
                for raw in self.raws(sort):
                    ident = (sort.scope, sort.id_of(raw))
                    declared = self.declared_at(rows[ident]) if ident in rows else {}
                    if ident in rows and (declared is None or name in declared):
                        continue
                    if any((scope, id) in mine for id in listed(sort.value(raw, name))):
                        written = "supplier_id" if name == "supplier" else name
                        empty = [] if isinstance(raw[name], list) else None
                        self.place.people.change(sort, raw, {written: empty})
                        self.meddled.setdefault(ident, set()).add(name)

    def declared_at(self, address: Address) -> Mapping[str, Any] | None:
        """What the manifests say of an owned object, under this key or the next; None where they
        say nothing."""
        scope = str(address.scope)
        keys = [
            new for (where, new), old in self.moved.items() if (where, old) == (scope, address.key)
        ]
        return self.declared[scope].get(keys[0] if keys else address.key)

    def exchanges(self, applied: Applied | BaseException) -> bool:
        """Whether objects were to take each other's names in a way that is refused, with the advice
        to give one of them another name first."""
        return isinstance(applied, Refused) and any(
            "that no other has, and apply" in finding.detail for finding in applied.diagnostics
        )

    def take_back(self) -> None:
        """Names were to be exchanged, which the vendor or the plan refused: they stay."""
        live, owned = self.live(), self.owned()
        for sort in self.sorts:
            for key, fields in self.declared[sort.scope].items():
                row = owned.get(self.address(sort, self.moved.get((sort.scope, key), key)))
                raw = live.get((sort.scope, row.id)) if row else None
                if raw is not None and not sort.moves:
                    fields[sort.key] = raw[sort.key]

    def write(self) -> None:
        """Write the manifests."""
        document = {
            scope: {key: self.entry(SORTS[scope], key, fields) for key, fields in objects.items()}
            for scope, objects in self.declared.items()
            if objects
        }
        self.here.declare(document)

    def entry(self, sort: Sort, key: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """What the manifests say of an object."""
        was = self.moved.get((sort.scope, key))
        return {**fields, "$was": was} if was else dict(fields)


def listed(value: Any) -> Iterator[Any]:
    """The keys in a reference, of which there may be several."""
    if isinstance(value, list):
        yield from value
    elif value is not None:
        yield value
