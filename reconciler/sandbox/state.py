"""A vendor's objects from outside: where they come from, how they are shown, set and saved."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any

from reconciler.sandbox.generated import generate
from reconciler.sandbox.store import Clock, Collection, Object, Store
from reconciler.sandbox.vendor import Account, Kind, Vendor
from reconciler.sandbox.vendors import package
from reconciler.sandbox.verbs import completed, shown

SAVE_AT_ONCE = 512 * 1024
"""Characters: a file that is no longer is saved at every write, a longer one at the shutdown."""


class InvalidState(ValueError):
    """A state that cannot be put in place; the text says why."""


def account(vendor: Vendor, data: str, clock: Clock, saved: Mapping[str, Any]) -> Account:
    """A vendor's account holding a data set (`docs`, `empty` or a number), or what was saved."""
    load = _loader(vendor, data, clock, saved)
    embedded_in: dict[str, list[str]] = {}
    for kind in vendor.kinds:
        nested = [field.refers for field in kind.fields if field.refers and field.nested]
        for other in (*nested, *kind.embeds):
            embedded_in.setdefault(other, []).append(kind.name)
    store = Store(load, embedded_in, clock)
    store.touched.update(saved)
    return Account(vendor, store, clock, dict(vendor.scopes))


def valid_data(data: str) -> bool:
    """Whether this names a data set."""
    return data in ("docs", "empty") or (data.isascii() and data.isdigit())


def _loader(
    vendor: Vendor, data: str, clock: Clock, saved: Mapping[str, Any]
) -> Callable[[str], Collection]:
    def load(name: str) -> Collection:
        kind = vendor.kind(name)
        if name in saved:
            objects = {int(number): thing for number, thing in saved[name]["objects"].items()}
            return Collection(list(objects), objects.__getitem__, saved[name]["next_id"])
        if data == "empty":
            return _collection(clock, kind, [])
        if data == "docs":
            file = resources.files(package(vendor.name)).joinpath("data.json")
            return _collection(clock, kind, json.loads(file.read_text("utf-8")).get(name, []))
        return Collection(
            range(1, int(data) + 1),
            _maker(kind, vendor.generate.get(name) or partial(generate, kind)),
        )

    return load


def _maker(kind: Kind, made: Callable[[int], Object]) -> Callable[[int], Object]:
    """Generated objects are whole already, but for their id and what is born with them."""
    if not kind.numbered:
        return made
    return lambda number: {"id": number, **made(number), **kind.born(number)}


def _collection(clock: Clock, kind: Kind, things: list[Object]) -> Collection:
    """The objects as given, completed; those without an id get the next ones."""
    following = max((_id(thing) for thing in things), default=0) + 1
    objects: dict[int, Object] = {}
    for thing in things:
        number = _id(thing)
        if not number:
            number, following = following, following + 1
        objects[number] = completed(clock, kind, number, _flat(kind, thing))
    return Collection(list(objects), objects.__getitem__, following)


def _id(thing: Object) -> int:
    number = thing.get("id")
    return number if isinstance(number, int) and not isinstance(number, bool) else 0


def _flat(kind: Kind, thing: Object) -> Object:
    """The object with its nested references as ids, however it was given."""
    flat = dict(thing)
    for field in kind.fields:
        nested = flat.pop(field.name.removesuffix("_id"), None) if field.refers else None
        if isinstance(nested, dict):
            flat[field.name] = nested.get("id")
    return flat


def read(account: Account) -> dict[str, list[Object]]:
    """All objects of the vendor, kind by kind, as the API reads them, hidden fields included."""
    account.vendor.settle(account)
    return {
        kind.name: [
            shown(account, kind, thing) | {name: thing[name] for name in kind.hidden}
            for thing in account.store[kind.name]
        ]
        for kind in account.vendor.kinds
    }


def put(account: Account, given: object) -> None:
    """Replace the objects of the kinds given; InvalidState changes nothing."""
    kinds = {kind.name: kind for kind in account.vendor.kinds}
    if not isinstance(given, Mapping):
        raise InvalidState("the state must be an object: kind names and their lists of objects")
    for name, things in given.items():
        if name not in kinds:
            raise InvalidState(f"{name!r} is not one of {', '.join(kinds)}")
        if not isinstance(things, list) or not all(isinstance(each, dict) for each in things):
            raise InvalidState(f"{name}: must be a list of objects")
        ids = [_id(each) for each in things if _id(each)]
        if len(set(ids)) < len(ids) or any(number < 0 for number in ids):
            raise InvalidState(f"{name}: ids must be positive and different")
    for name, things in given.items():
        account.store.replace(name, _collection(account.clock, kinds[name], things))


class StateFile:
    """Keeps what differs from the data set in a JSON file, replaced as a whole."""

    def __init__(self, path: Path | None, data: str) -> None:
        self.path = path
        self.data = data
        self.saved: Mapping[str, Mapping[str, Any]] = {}
        self._dirty = False
        self._size = 0
        if path is not None and not path.parent.is_dir():
            raise InvalidState(f"there is no folder {path.parent} to keep the data in")
        if path is not None and path.exists():
            try:
                content = json.loads(path.read_text("utf-8"))
                self.data, self.saved = content["data"], content["vendors"]
            except (ValueError, KeyError, TypeError) as error:
                raise InvalidState(f"{path} is not a state file of the sandbox: {error}") from None

    def changed(self, accounts: Mapping[str, Account]) -> None:
        """Note that something changed; saves it now while saving is cheap."""
        self._dirty = True
        if self._size < SAVE_AT_ONCE:
            self.save(accounts)

    def save(self, accounts: Mapping[str, Account]) -> None:
        """Write the file if anything changed since it was written."""
        if self.path is None or not self._dirty:
            return
        vendors = dict(self.saved) | {
            name: {kind: _saved(account.store[kind]) for kind in sorted(account.store.touched)}
            for name, account in accounts.items()
        }
        draft = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        text = json.dumps({"data": self.data, "vendors": vendors})
        draft.write_text(text, encoding="utf-8")
        draft.replace(self.path)
        self._dirty = False
        self._size = len(text)


def _saved(collection: Collection) -> Object:
    return {
        "next_id": collection.next_id,
        "objects": {str(number): collection[number] for number in collection.ids},
    }
