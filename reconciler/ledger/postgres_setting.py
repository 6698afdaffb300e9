"""The database that a `ledger: postgresql://…` setting names, and connections to it.

The setting says where the ledger is; who we are, and everything else that libpq takes, comes from
the environment (PGPASSWORD, PGSSLMODE, ~/.pgpass), which no change of the repository decides.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from ipaddress import ip_address
from typing import Any

from reconciler.errors import Diagnostic, Invalid, LedgerError, how_to_install
from reconciler.frozen import frozen

_NAME = r"[A-Za-z0-9_][A-Za-z0-9_.-]*"
_SETTING = re.compile(
    rf"postgresql://(?:(?:({_NAME})@)?({_NAME}|\[[0-9a-fA-F:.]+\])(?::([0-9]{{1,5}}))?)?"
    rf"/({_NAME})(?:/({_NAME}))?"
)
_PORT = 5432
# A runner that has vanished is noticed by the server within half a minute, and the other way round.
_KEEPALIVE = {"keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 3}


@frozen
class Database:
    """The database at a host, or at the one that the environment names where that is empty, and the
    name of the ledger in it. `allow` raises Refused for a host that must not have credentials."""

    user: str
    host: str
    port: int
    database: str
    name: str
    allow: Callable[[str, int], None]

    @classmethod
    def of(cls, setting: str, allow: Callable[[str, int], None]) -> Database:
        """The database that a setting names; raises Invalid for any other form."""
        match = _SETTING.fullmatch(setting)
        if not match or int(match[3] or _PORT) > 65535:
            raise Invalid(
                Diagnostic(
                    "ledger names no PostgreSQL database",
                    "Write `ledger: postgresql://USER@HOST:PORT/DATABASE/NAME`; USER, PORT and "
                    "NAME may be left out. A password comes from PGPASSWORD or ~/.pgpass, and "
                    "other settings from the variables of libpq.",
                )
            )
        user, host, port, database, name = match.groups(default="")
        return cls(user, host.strip("[]"), int(port or _PORT), database, name or "ledger", allow)

    @property
    def place(self) -> str:
        """The setting, with the ledger's name."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"postgresql://{host}/{self.database}/{self.name}"

    def connection(self, open_already: Any = None) -> AbstractContextManager[Any]:
        """A connection for the block; the one that is open already, where there is one."""
        return self._connect() if open_already is None else nullcontext(open_already)

    @contextmanager
    def _connect(self) -> Iterator[Any]:
        psycopg = import_psycopg(self.place)
        if self.host:
            self.allow(self.host, self.port)
        with self.errors():
            connection = psycopg.connect(
                autocommit=True, prepare_threshold=None, **self._settings()
            )
        try:
            yield connection
        finally:
            connection.close()

    def _settings(self) -> dict[str, Any]:
        settings: dict[str, Any] = {"dbname": self.database, "connect_timeout": 10, **_KEEPALIVE}
        settings |= {"user": self.user} if self.user else {}
        if self.host:
            settings |= {"host": self.host, "port": self.port}
            if not _is_here(self.host) and "PGSSLMODE" not in os.environ:
                settings["sslmode"] = "require"
        return settings

    def check_direct(self, connection: Any) -> None:
        """Raise LedgerError where something between us and the server shares its connections: the
        process that the server says it is must be the one that it was when we connected."""
        for _ in range(2):
            row = connection.execute("SELECT pg_backend_pid()").fetchone()
            if row[0] != connection.info.backend_pid:
                raise LedgerError(
                    Diagnostic(
                        f"the ledger {self.place} is behind a connection pooler, which could give "
                        "its lock to others",
                        "Name the database server itself under `ledger:`, at its own port.",
                    )
                )
        for name, value in _KEEPALIVE.items():
            connection.execute(f"SET tcp_{name} = {value}")

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Turn the errors of psycopg into LedgerErrors."""
        psycopg = import_psycopg(self.place)
        try:
            yield
        except psycopg.Error as error:
            text = (str(error).strip() or type(error).__name__).partition("\n")[0][:400]
            hint = "Check the database, and the variables that say who you are: docs/ledgers.md."
            summary = f"the ledger {self.place} cannot be used: {text}"
            raise LedgerError(Diagnostic(summary, hint)) from None


def import_psycopg(place: str) -> Any:
    """The package; raises LedgerError where it is not installed."""
    try:
        import psycopg
        import psycopg.errors
    except ImportError:
        summary = f"the ledger {place} needs the package psycopg, which is not installed"
        raise LedgerError(Diagnostic(summary, how_to_install("postgres"))) from None
    return psycopg


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
