"""A ledger in a row of a PostgreSQL table.

The lock is an advisory lock of one connection, which the server releases when the connection ends,
however it ends. A write names the version that it follows on, and is refused on another; it is also
refused where its connection does not hold the lock. A pooler would hand the lock to others, so the
connection must be direct.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from typing import Any

from reconciler.errors import LedgerError, LockHeld
from reconciler.ledger.postgres_setting import Database, import_psycopg
from reconciler.ledger.store import Content, Holder, changed_by_another, lock_held

_UNNAMED = Holder("", 0, "", "", "")
# Two 32-bit halves of the lock's key, as the server lists them.
_LOCKS = (
    "pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND "
    "((classid::bigint << 32) | objid::bigint) = %(key)s AND "
    "database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
_CREATE = (
    "CREATE TABLE IF NOT EXISTS reconciler_ledgers "
    "(name text PRIMARY KEY, version text NOT NULL, data bytea NOT NULL, holder text)"
)
_INSERT = (
    "INSERT INTO reconciler_ledgers VALUES (%(name)s, '', '', NULL) ON CONFLICT (name) DO NOTHING"
)
_APPEND = (
    "UPDATE reconciler_ledgers SET version = %(new)s, "
    "data = substring(data FROM 1 FOR %(keep)s) || %(lines)s "
    "WHERE name = %(name)s AND version = %(version)s "
    f"AND EXISTS (SELECT FROM {_LOCKS} AND pid = pg_backend_pid())"
)
_HOLDER = (
    f"SELECT holder, (SELECT max(pid) FROM {_LOCKS}) FROM reconciler_ledgers WHERE name = %(name)s"
)
_FREE = "UPDATE reconciler_ledgers SET holder = NULL WHERE name = %(name)s AND holder = %(holder)s"
_RIGHTS = (
    "SELECT current_setting('transaction_read_only'), CASE "
    "WHEN to_regclass('reconciler_ledgers') IS NULL "
    "THEN has_schema_privilege(current_schema(), 'CREATE') "
    "ELSE has_table_privilege(to_regclass('reconciler_ledgers'), 'INSERT') "
    "AND has_table_privilege(to_regclass('reconciler_ledgers'), 'UPDATE') END"
)
# In seconds: how long a broken lock may take to end.
_PATIENCE = 10.0


@dataclass
class PostgresStore:
    """A ledger in a database; `Store` says what the methods promise. A version is a random text."""

    database: Database
    _held: Any = field(default=None, repr=False)

    @property
    def place(self) -> str:
        """The setting; it has no password."""
        return self.database.place

    def read(self) -> Content:
        """The row's content; no bytes where there is no row."""
        row = self._row("SELECT data, version FROM reconciler_ledgers WHERE name = %(name)s")
        return Content(bytes(row[0]), row[1]) if row else Content(b"", "")

    def append(self, lines: bytes, version: str, keep: int) -> str:
        """Append to the content, where it still has this version and we have the lock."""
        new = os.urandom(8).hex()
        values = self._values(new=new, keep=keep, lines=lines, version=version)
        try:
            with self.database.errors():
                if self._held is not None and self._held.execute(_APPEND, values).rowcount == 1:
                    return new
        except LedgerError:
            # The connection is lost, and the lock with it. Say it where that has let others in.
            self._held = None
            if self._version_now() not in ("", version, new):
                raise changed_by_another(self.place) from None
            raise
        if self.read().version != version:
            raise changed_by_another(self.place)
        raise LedgerError(f"the ledger {self.place} cannot be written: its lock is lost")

    @contextmanager
    def lock(self, holder: Holder) -> Iterator[Holder | None]:
        """Hold the lock of one connection, which stays open during the block."""
        note = json.dumps(asdict(holder))
        with self.database.connection() as connection:
            with self.database.errors():
                self.database.check_direct(connection)
                self._take(connection)
                crashed = self._name(connection, note)
            self._held = connection
            try:
                yield crashed
            finally:
                self._held = None
                with suppress(LedgerError), self.database.errors():
                    connection.execute(_FREE, self._values(holder=note))
                    connection.execute("SELECT pg_advisory_unlock(%(key)s)", self._values())

    def holder(self) -> Holder | None:
        """Who holds the lock now."""
        row = self._row(_HOLDER)
        return _holder(row[0]) if row and row[1] is not None else None

    def unlock(self, id: str = "") -> Holder | None:
        """End the connection that holds the lock with this id, or clear the name that a crash left;
        returns whose it was."""
        row = self._row(_HOLDER)
        if row is None or (row[0] is None and row[1] is None):
            return None
        other = _holder(row[0])
        if row[1] is not None:
            if not other.id or id != other.id:
                raise _held_by(other)
            self._row("SELECT pg_terminate_backend(%(pid)s)", pid=row[1])
            self._wait_until_free(row[1])
        with self.database.connection() as connection, self.database.errors():
            connection.execute(_FREE, self._values(holder=row[0]))
        return other

    def obstacle(self) -> str:
        """Whether a pooler is in between, the server takes no writes, or rights are missing."""
        try:
            with self.database.connection() as connection, self.database.errors():
                self.database.check_direct(connection)
                read_only, allowed = connection.execute(_RIGHTS).fetchone()
        except LedgerError as error:
            return error.diagnostics[0].summary
        if read_only == "on":
            return "the server takes no writes"
        return "" if allowed else "the user may not write to the table reconciler_ledgers"

    def _values(self, **others: Any) -> dict[str, Any]:
        """The values of a statement: the ledger's name, the lock's key, and others."""
        digest = hashlib.sha256(f"reconciler ledger {self.database.name}".encode()).digest()
        key = int.from_bytes(digest[:8], "big", signed=True)
        return {"name": self.database.name, "key": key, **others}

    def _row(self, statement: str, **others: Any) -> Any:
        """The first row of the answer; None also where there is no table yet."""
        psycopg = import_psycopg(self.place)
        with self.database.connection(self._held) as connection, self.database.errors():
            try:
                # In binary the content takes half of what it takes as text.
                return connection.execute(statement, self._values(**others), binary=True).fetchone()
            except psycopg.errors.UndefinedTable:
                return None

    def _take(self, connection: Any) -> None:
        """Take the lock; raises LockHeld where another connection has it."""
        row = connection.execute("SELECT pg_try_advisory_lock(%(key)s)", self._values()).fetchone()
        if not row[0]:
            raise _held_by(self.holder() or _UNNAMED)

    def _name(self, connection: Any, note: str) -> Holder | None:
        """Make the row where it is missing, and put our name into it; returns the one of a process
        that crashed."""
        psycopg = import_psycopg(self.place)
        if connection.execute("SELECT to_regclass('reconciler_ledgers')").fetchone()[0] is None:
            # Another ledger of this database may be making the table now.
            with suppress(psycopg.errors.UniqueViolation, psycopg.errors.DuplicateTable):
                connection.execute(_CREATE)
        connection.execute(_INSERT, self._values())
        row = connection.execute(_HOLDER, self._values()).fetchone()
        statement = "UPDATE reconciler_ledgers SET holder = %(note)s WHERE name = %(name)s"
        connection.execute(statement, self._values(note=note))
        return _holder(row[0]) if row[0] is not None else None

    def _version_now(self) -> str:
        """The version that the ledger has; "" where the database does not answer."""
        try:
            return self.read().version
        except LedgerError:
            return ""

    def _wait_until_free(self, pid: int) -> None:
        end = time.monotonic() + _PATIENCE
        while (row := self._row(_HOLDER)) and row[1] == pid:
            if time.monotonic() > end:
                raise LedgerError(f"the lock of the ledger {self.place} does not end: try again")
            time.sleep(0.05)


def _holder(text: str | None) -> Holder:
    try:
        return Holder(**json.loads(text or ""))
    except (ValueError, TypeError):
        return _UNNAMED


def _held_by(other: Holder) -> LockHeld:
    return lock_held(
        other,
        "Wait for that run to end: --lock-timeout SECONDS. The lock ends with its process; to "
        f"break it now: reconciler state unlock {other.id}",
    )
