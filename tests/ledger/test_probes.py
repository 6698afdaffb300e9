"""Whether a shared ledger can be trusted is found out by `init`, by `doctor` and by each run that
writes, and not by the first update that is lost."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import obstore
import pytest

from reconciler.errors import LedgerError

from ..conftest import run
from .s3_http import between, nothing
from .stores import STORES, GitPlace, bucket, database, git, postgres, s3
from .test_postgres import pooler

CONDITIONS = ("HTTP_IF_NONE_MATCH", "HTTP_IF_MATCH")


def writable(out: str) -> str:
    """What the doctor says about writing to the ledger."""
    text = " ".join(out.partition("\nledger\n")[2].split())
    return text.partition(" writable ")[2].partition(" locked ")[0]


@pytest.mark.parametrize("store", ["git", "s3", "postgres"])
def test_a_workspace_begins_with_a_shared_ledger(store: str, tmp_path: Path) -> None:
    """`init --ledger` writes the setting; the workspace is valid, and its ledger has no record."""
    place = STORES[store](tmp_path)
    setting = SETTING[store](place)
    root = tmp_path / "one"
    assert run("-C", str(root), "init", "--ledger", setting).code == 0
    assert place.content() == b""
    assert place.ledger().holder() is None
    assert run("-C", str(root), "validate").code == 0
    assert run("-C", str(root), "state", "list").code == 0
    assert place.ledger().store.place.startswith(setting.partition("/")[0])


SETTING: dict[str, Any] = {
    "git": lambda _: "git:ledger",
    "s3": lambda place: place.ledger().store.place,
    "postgres": lambda place: f"postgresql:///postgres/{place.name}",
}


def test_the_path_of_a_ledger_is_written_as_it_is(tmp_path: Path) -> None:
    """A ledger in a file needs no proof, and nothing is made for it."""
    path = "kept here: 'ledger' # 1.jsonl"
    assert run("-C", str(tmp_path), "init", "--ledger", path).code == 0
    assert run("-C", str(tmp_path), "validate").code == 0
    assert not [one for one in tmp_path.iterdir() if "jsonl" in one.name]


@pytest.mark.parametrize("header", CONDITIONS)
def test_a_service_that_ignores_conditions_is_found_out_by_all(
    header: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workspace: Any
) -> None:
    """`init` writes no file, `doctor` says that the ledger cannot be written, and no run gets the
    lock, however often it is tried and though the lock is broken in between."""
    place = s3(tmp_path)
    setting = place.ledger().store.place
    with between(monkeypatch, lambda environ: environ.pop(header, None)):
        refused = run("-C", str(tmp_path / "new"), "init", "--ledger", setting)
        assert refused.code == 1
        assert "overwrites objects that it was told to keep" in refused.err
        assert list((tmp_path / "new").iterdir()) == []
        doctor = workspace(ledger=setting).run("doctor")
        assert doctor.code == 1
        assert "overwrites objects" in writable(doctor.out)
        for _ in range(2):
            if holder := place.ledger().holder():
                place.ledger().unlock(holder.id)
            with pytest.raises(LedgerError, match="cannot be kept safe"):
                place.ledger().lock("apply").__enter__()
    assert place.content() == b""


@pytest.mark.parametrize("used", [False, True])
def test_the_doctor_writes_nothing_to_a_service_that_keeps_its_word(
    used: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workspace: Any
) -> None:
    """Its two writes are of the kind that must be refused, and are, whether or not the ledger was
    ever used."""
    place = s3(tmp_path)
    if used:
        place.ledger().prove()

    def objects() -> list[tuple[str, str]]:
        listed = obstore.list(bucket(), prefix=place.key).collect()
        return [(one["path"], one["e_tag"]) for one in listed]

    before = objects()
    with between(monkeypatch, nothing) as seen:
        doctor = workspace(ledger=place.ledger().store.place).run("doctor")
        assert (doctor.code, doctor.last) == (0, "All is well.")
        assert [one.partition(" ")[0] for one in seen].count("PUT") == 1 + used
    assert objects() == before


def test_a_pooler_is_found_out_by_all(tmp_path: Path, workspace: Any) -> None:
    """Behind a pooler `init` writes no file, and `doctor` says that there can be no writing."""
    place = postgres(tmp_path)
    with pooler() as port:
        setting = f"postgresql://postgres@127.0.0.1:{port}/postgres/{place.name}"
        refused = run("-C", str(tmp_path / "new"), "init", "--ledger", setting)
        assert (refused.code, "behind a connection pooler" in refused.err) == (1, True)
        assert list((tmp_path / "new").iterdir()) == []
        doctor = workspace(ledger=setting).run("doctor")
        assert doctor.code == 1
        assert "behind a connection pooler" in writable(doctor.out)
    assert place.content() == b""


def test_the_doctor_knows_the_rights_at_a_database(
    tmp_path: Path, workspace: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A user who may only read, and a server that takes no writes, are named before an apply is."""
    place = postgres(tmp_path)
    place.ledger().prove()
    shop = workspace(ledger=SETTING["postgres"](place))
    assert writable(shop.run("doctor").out) == "yes"
    admin = database()[1]
    admin.execute(f"CREATE ROLE r{place.name} LOGIN")
    admin.execute(f"GRANT SELECT ON reconciler_ledgers TO r{place.name}")
    with monkeypatch.context() as patch:
        patch.setenv("PGUSER", f"r{place.name}")
        assert "may not write" in writable(shop.run("doctor").out)
    monkeypatch.setenv("PGOPTIONS", "-c default_transaction_read_only=on")
    assert "takes no writes" in writable(shop.run("doctor").out)


def test_the_doctor_knows_whether_a_push_is_let_in(tmp_path: Path, workspace: Any) -> None:
    """Where the remote lets nobody push, the doctor says so; where it does, nothing is pushed."""
    place = GitPlace(tmp_path)
    git(tmp_path / "one", "commit", "-q", "--allow-empty", "-m", "ours")
    shop = workspace(name="one", ledger="git:ledger")
    assert writable(shop.run("doctor").out) == "yes"
    assert git(place.origin, "for-each-ref") == b""
    git(tmp_path / "one", "config", "remote.origin.receivepack", "false")
    assert "git push fails" in writable(shop.run("doctor").out)


def test_a_ledger_that_cannot_be_used_leaves_no_workspace(tmp_path: Path) -> None:
    """A folder outside every repository, a host that was not approved, a setting that names
    nothing: `init` says so, and writes no file."""
    for setting, code, said in (
        ("git:ledger", 1, "not a git repository"),
        ("postgresql://db.example/ops", 3, "RECONCILER_ALLOWED_HOSTS=db.example"),
        ("s3://", 1, "no object of a bucket"),
        ("ftp://x", 1, "there is no ledger at"),
    ):
        result = run("-C", str(tmp_path), "init", "--ledger", setting)
        assert (result.code, said in result.err) == (code, True), result
        assert os.listdir(tmp_path) == []
