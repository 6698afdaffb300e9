"""What a ledger in PostgreSQL promises beyond what every store does."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from reconciler.errors import Invalid, LedgerError, LockHeld, Refused
from reconciler.ledger import open_ledger
from reconciler.model import Address, Owned

from ..conftest import run
from .pgbouncer import pooled
from .proxy import forwarding
from .stores import PostgresPlace, ask, postgres

HOOK = Address("kobo", "webhooks", "erp-sync")
OWNED = Owned(HOOK, "7", {}, "created", "2024-01-15T10:00:00Z")


@pytest.fixture
def here(tmp_path: Path) -> PostgresPlace:
    """A ledger in a row."""
    return postgres(tmp_path)


@pytest.mark.parametrize(
    "setting",
    [
        "postgresql://",
        "postgresql://db.example",
        "postgresql://bot:hunter2@db.example/ops",
        "postgresql://db.example/ops?host=evil.example",
        "postgresql://db.example/ops?sslmode=disable",
        "postgresql://a.example,b.example/ops",
        "postgresql://%2Ftmp/ops",
        "postgresql://db.example:99999/ops",
        "postgresql://db.example/ops/a/b",
        "postgresql:service=x",
    ],
)
def test_only_a_database_can_be_named(tmp_path: Path, setting: str) -> None:
    """A setting cannot hold a password, or anything else that libpq would take from a URL."""
    with pytest.raises(Invalid, match="no PostgreSQL database") as caught:
        open_ledger(setting, tmp_path, "acme")
    assert "hunter2" not in str(caught.value.diagnostics)


WORKSPACE = """\
name: acme
ledger: postgresql://db.example:6000/ops
providers:
  plm: {type: kobo-plm, api_key: "${env.KOBO_API_KEY}"}
"""


def test_a_host_must_be_approved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A change of `ledger:` sends no credentials to another host: it is refused before the host is
    looked up, unless it was approved outside the repository. Checking manifests asks nobody."""
    (tmp_path / "reconciler.yaml").write_text(WORKSPACE)
    (tmp_path / "manifests").mkdir()
    refused = run("-C", str(tmp_path), "state", "list")
    assert refused.code == 3
    assert "RECONCILER_ALLOWED_HOSTS=db.example:6000" in refused.err
    assert run("-C", str(tmp_path), "validate").code == 0

    def never(*_: object) -> object:
        raise AssertionError("no host may be looked up in this test")

    asked: list[tuple[str, int]] = []

    def allow(host: str, port: int) -> None:
        asked.append((host, port))
        raise Refused("no")

    monkeypatch.setattr(socket, "getaddrinfo", never)
    with pytest.raises(Refused):
        open_ledger("postgresql://db.example/ops", tmp_path, "acme", allow=allow).read()
    assert asked == [("db.example", 5432)]


def test_ledgers_of_one_database_are_apart(here: PostgresPlace) -> None:
    """Two names are two ledgers, each with its own lock."""
    other = PostgresPlace(here.folder)
    with here.ledger().lock("apply") as first, other.ledger("umbrella").lock("apply") as second:
        first.own(OWNED)
        second.forget(HOOK, reason="gone")
    assert here.ledger().read().owned == {HOOK: OWNED}
    assert other.ledger("umbrella").read().owned == {}


def test_a_lock_ends_with_its_connection(here: PostgresPlace) -> None:
    """Where the connection is lost the lock is free at once; the run notices at its next record,
    and the next one is told who had it."""
    with here.ledger().lock("apply") as session:
        holder = here.ledger().holder()
        ask(
            "SELECT pg_terminate_backend(pid) FROM pg_locks "
            "WHERE locktype = 'advisory' AND pid <> pg_backend_pid()"
        )
        for _ in range(2):
            with pytest.raises(LedgerError) as caught:
                session.own(OWNED)
            assert str(HOOK) in caught.value.diagnostics[0].detail
    with here.ledger().lock("apply") as session:
        assert session.recovered_from == holder


def test_another_id_breaks_no_lock(here: PostgresPlace) -> None:
    """Only the id of the lock ends the connection that holds it."""
    with here.ledger().lock("apply") as session:
        for id in ("", "0000"):
            with pytest.raises(LockHeld, match="`apply`"):
                here.ledger().unlock(id)
        session.own(OWNED)


@contextmanager
def pooler() -> Iterator[int]:
    """A pooler as its client sees it: it hands out connections of its own, so the process that it
    names when one connects is not the server's. Gives its port."""
    path = f"{os.environ['PGHOST']}/.s.PGSQL.5432"
    with forwarding(path, lambda answers, data: other_process(data) if answers else data) as port:
        yield port


def other_process(answer: bytes) -> bytes:
    """The server's answer with another process in BackendKeyData, where that is in it."""
    at = answer.find(b"K\x00\x00\x00")
    if at < 0 or not answer.startswith(b"R"):
        return answer
    return answer[: at + 5] + (4711).to_bytes(4, "big") + answer[at + 9 :]


def test_a_pooler_is_refused(here: PostgresPlace, tmp_path: Path) -> None:
    """Behind a pooler the lock may be somebody else's by the next statement, so no lock is taken;
    reading works."""
    with here.ledger().lock("apply") as session:
        session.own(OWNED)
    with pooler() as port:
        setting = f"postgresql://postgres@127.0.0.1:{port}/postgres/{here.name}"
        ledger = open_ledger(setting, tmp_path, "acme")
        assert ledger.read().owned == {HOOK: OWNED}
        with pytest.raises(LedgerError, match="behind a connection pooler"):
            ledger.lock("apply").__enter__()


@pytest.mark.parametrize("mode", ["session", "transaction", "statement"])
def test_a_real_pooler_is_refused(here: PostgresPlace, tmp_path: Path, mode: str) -> None:
    """pgbouncer is found out in each of its modes, by a run that takes the lock and by the doctor;
    reading works behind it."""
    with here.ledger().lock("apply") as session:
        session.own(OWNED)
    with pooled(mode) as port:
        setting = f"postgresql://postgres@127.0.0.1:{port}/postgres/{here.name}"
        ledger = open_ledger(setting, tmp_path, "acme")
        assert ledger.read().owned == {HOOK: OWNED}
        assert "behind a connection pooler" in ledger.store.obstacle()
        with pytest.raises(LedgerError, match="behind a connection pooler"):
            ledger.lock("apply").__enter__()
    assert here.ledger().holder() is None


def test_a_server_that_cannot_be_reached_is_named(tmp_path: Path) -> None:
    """The error says which ledger and why."""
    pytest.importorskip("psycopg")
    ledger = open_ledger("postgresql://bot@127.0.0.1:9/ops", tmp_path, "acme")
    with pytest.raises(LedgerError, match=r"postgresql://127\.0\.0\.1/ops/ledger cannot be used"):
        ledger.read()
