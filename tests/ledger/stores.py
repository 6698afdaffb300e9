"""The stores that every promise of a ledger is tested with. Another store is one more row."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Protocol

from reconciler.ledger import Ledger, open_ledger

from .memory import MemoryStore, Server

FILE = "ledger.jsonl"


class Place(Protocol):
    """One ledger in one store, as a test sees it. What a test tries very often, it tries in a store
    that is `slow` only now and then."""

    @property
    def slow(self) -> bool:
        """Whether an access takes more than a few milliseconds."""

    def ledger(self, workspace: str = "acme") -> Ledger:
        """The ledger, opened anew as another process would."""

    def content(self) -> bytes:
        """The bytes that the store holds."""

    def replace(self, data: bytes) -> None:
        """Put other bytes in the store, past the ledger."""

    def break_lock(self) -> None:
        """Let somebody else take the lock, though it is held."""


@dataclass(frozen=True)
class FilePlace:
    """A ledger in a file."""

    folder: Path
    slow: bool = False

    @property
    def path(self) -> Path:
        """The file."""
        return self.folder / FILE

    def ledger(self, workspace: str = "acme") -> Ledger:
        """The ledger in the file."""
        return open_ledger(FILE, self.folder, workspace)

    def content(self) -> bytes:
        """The file's bytes; none where there is no file."""
        return self.path.read_bytes() if self.path.exists() else b""

    def replace(self, data: bytes) -> None:
        """Write the file."""
        self.path.write_bytes(data)

    def break_lock(self) -> None:
        """The kernel's lock cannot be broken, so put a copy of the ledger in its place."""
        self.path.with_name(f"{FILE}.lock").unlink()
        copy = self.path.with_name("copy")
        shutil.copy(self.path, copy)
        copy.replace(self.path)


@dataclass(frozen=True)
class MemoryPlace:
    """A ledger in memory; it needs no folder."""

    folder: Path
    server: Server = field(default_factory=Server)
    slow: bool = False

    def ledger(self, workspace: str = "acme") -> Ledger:
        """The ledger, with a connection of its own."""
        return Ledger(MemoryStore(self.server), workspace)

    def content(self) -> bytes:
        """The server's object."""
        return self.server.ledger.data

    def replace(self, data: bytes) -> None:
        """Put another object there."""
        self.server.ledger.put(data, str(self.server.ledger.version))

    def break_lock(self) -> None:
        """Remove the lock by its id."""
        break_by_id(self.ledger())


def git(folder: Path, *arguments: str, data: bytes = b"") -> bytes:
    """What git prints there."""
    who = {
        f"GIT_{role}_{what}": "x" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    command = ["git", "-C", str(folder), *arguments]
    done = subprocess.run(
        command, input=data, capture_output=True, check=True, env=os.environ | who
    )
    return done.stdout


@dataclass(frozen=True)
class GitPlace:
    """A ledger on a branch: two clones of a bare repository, opened in turn."""

    folder: Path
    clones: Iterator[str] = field(default_factory=lambda: cycle(("one", "two")))
    slow: bool = True

    def __post_init__(self) -> None:
        git(self.folder, "init", "-q", "--bare", "-b", "main", "origin.git")
        for name in ("one", "two"):
            git(self.folder, "init", "-q", "-b", "main", name)
            git(self.folder / name, "remote", "add", "origin", "../origin.git")

    @property
    def origin(self) -> Path:
        """The repository that all share."""
        return self.folder / "origin.git"

    def ledger(self, workspace: str = "acme") -> Ledger:
        """The ledger, from the other clone each time."""
        return open_ledger("git:ledger", self.folder / next(self.clones), workspace)

    def content(self) -> bytes:
        """The file on the branch."""
        if not git(self.origin, "branch", "--list", "ledger"):
            return b""
        return git(self.origin, "cat-file", "blob", "ledger:ledger.jsonl")

    def replace(self, data: bytes) -> None:
        """Commit other bytes."""
        blob = git(self.origin, "hash-object", "-w", "--stdin", data=data).strip()
        tree = git(self.origin, "mktree", data=b"100644 blob %s\tledger.jsonl\n" % blob).strip()
        commit = git(self.origin, "commit-tree", "-m", "x", tree.decode()).strip().decode()
        git(self.origin, "update-ref", "refs/heads/ledger", commit)

    def break_lock(self) -> None:
        """Remove the lock by its id."""
        break_by_id(self.ledger())


def break_by_id(ledger: Ledger) -> None:
    """Break the lock that is held by its id."""
    holder = ledger.holder()
    assert holder is not None
    assert ledger.unlock(holder.id) == holder


def some(place: Place, numbers: range) -> range:
    """All of the numbers, or a few of them where the store is slow."""
    return numbers[:: max(1, len(numbers) // 7)] if place.slow else numbers


STORES: Mapping[str, Callable[[Path], Place]] = {
    "file": FilePlace,
    "memory": MemoryPlace,
    "git": GitPlace,
}
