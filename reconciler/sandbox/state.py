"""Shows, replaces and saves all objects of a vendor, past its API."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from reconciler.sandbox.crud import as_read
from reconciler.sandbox.dataset import collection, id_of, loader
from reconciler.sandbox.describe import Account, Vendor
from reconciler.sandbox.store import Clock, Collection, Object, Store

SAVE_AT_ONCE = 512 * 1024
"""Characters: a file that is no longer is saved at every write, a longer one at the shutdown."""


class InvalidState(ValueError):
    """A state that cannot be put in place; the text says why."""


def account(vendor: Vendor, data: str, clock: Clock, saved: Mapping[str, Any]) -> Account:
    """A vendor's account holding a data set (`docs`, `empty` or a number), or what was saved."""
    load = loader(vendor, data, clock, saved)
    embedded_in: dict[str, list[str]] = {}
    for kind in vendor.kinds:
        nested = [field.refers for field in kind.fields if field.nests]
        for other in (*nested, *kind.embeds):
            embedded_in.setdefault(other, []).append(kind.name)
    store = Store(load, embedded_in, clock)
    store.touched.update(saved)
    made = Account(vendor, store, clock, dict(vendor.scopes))
    if saved:
        vendor.resume(made)
    return made


def read(account: Account) -> dict[str, list[Object]]:
    """All objects of the vendor, kind by kind, as the API reads them, hidden fields included."""
    account.vendor.advance(account)
    return {
        kind.name: [
            as_read(account, kind, thing) | {name: thing[name] for name in kind.hidden}
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
        if not isinstance(things, list) or not all(isinstance(thing, dict) for thing in things):
            raise InvalidState(f"{name}: must be a list of objects")
        ids = [id_of(thing) for thing in things if id_of(thing)]
        if len(set(ids)) < len(ids) or any(number < 0 for number in ids):
            raise InvalidState(f"{name}: ids must be positive and different")
    for name, things in given.items():
        account.store.replace(name, collection(account.clock, kinds[name], things))
    kept = {key: kind for key, kind in account.revoked.items() if kind not in given}
    account.revoked = kept


class StateFile:
    """Keeps what differs from the data set in a JSON file, replaced as a whole."""

    def __init__(self, path: Path | None, data: str) -> None:
        self.path = path
        self.data = data
        self.saved: Mapping[str, Mapping[str, Any]] = {}
        self.revoked: Mapping[str, Mapping[str, str]] = {}
        """Of each vendor, the `revoked` of its account."""
        self._dirty = False
        self._size = 0
        if path is not None and not path.parent.is_dir():
            raise InvalidState(f"there is no folder {path.parent} to keep the data in")
        if path is not None and path.exists():
            try:
                content = json.loads(_read(path))
                self.data, self.saved = content["data"], content["vendors"]
                self.revoked = content.get("revoked", {})
            except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
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
        revoked = dict(self.revoked) | {name: account.revoked for name, account in accounts.items()}
        text = json.dumps({"data": self.data, "vendors": vendors, "revoked": revoked})
        _replace(self.path, text.encode())
        self._dirty = False
        self._size = len(text)


def _read(path: Path) -> bytes:
    """The content of a regular file: a pipe would be waited for."""
    with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise ValueError("it is not a regular file")
        return file.read()


def _replace(path: Path, data: bytes) -> None:
    """Put a new file in the place of the one at `path`. It is written under a name that nobody can
    guess and have taken before, in the folder that is open."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    draft = f".{os.urandom(16).hex()}.new"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        with open(os.open(draft, flags, 0o600, dir_fd=folder), "wb") as file:
            file.write(data)
        os.replace(draft, path.name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        with suppress(OSError):
            os.unlink(draft, dir_fd=folder)
        raise
    finally:
        os.close(folder)


def _saved(collection: Collection) -> Object:
    return {
        "next_id": collection.next_id,
        "objects": {str(number): collection[number] for number in collection.ids},
    }
