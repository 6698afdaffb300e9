"""What a ledger in a file promises beyond what every store does."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from reconciler.errors import Invalid, LedgerError
from reconciler.ledger import EMPTY, Ledger, open_ledger
from reconciler.model import Address, Owned

FILE = ".reconciler/ledger.jsonl"
HOOK = Address("kobo", "webhooks", "erp-sync")
OWNED = Owned(HOOK, "7", {"name": "Ürün ✓"}, "created", "2024-01-15T10:00:00Z")


def of(path: Path) -> Ledger:
    """The ledger in this file."""
    return open_ledger(path.name, path.parent, "acme")


def test_reading_creates_no_file(tmp_path: Path) -> None:
    """Every reader of a ledger that does not exist leaves the folder as it was."""
    ledger = open_ledger(FILE, tmp_path, "acme")
    assert ledger.read() == EMPTY
    assert ledger.history() == ()
    assert ledger.holder() is None
    assert ledger.unlock() is None
    assert ledger.store.obstacle() == ""
    assert list(tmp_path.iterdir()) == []


def test_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    """The folder is created 0700 and the files in it 0600."""
    with open_ledger(FILE, tmp_path, "acme").lock("apply"):
        modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in tmp_path.rglob("*")}
    assert modes == {".reconciler": 0o700, "ledger.jsonl": 0o600, "ledger.jsonl.lock": 0o600}


@pytest.mark.parametrize("url", ["mysql://u:hunter2@db/x", "redis://hunter2/key"])
def test_ledgers_of_other_sorts_are_refused(tmp_path: Path, url: str) -> None:
    """A ledger that is no file is refused by its scheme; the rest of the URL stays unsaid."""
    with pytest.raises(Invalid, match=f"no ledger at.*{url.split(':')[0]}") as caught:
        open_ledger(url, tmp_path, "acme")
    assert "hunter2" not in str(caught.value.diagnostics)


def test_a_path_may_hold_a_colon(tmp_path: Path) -> None:
    """Only a word before `://`, or one of a store, makes the setting more than a path."""
    with open_ledger("a:b.jsonl", tmp_path, "acme").lock("apply"):
        assert (tmp_path / "a:b.jsonl").exists()


def folder(path: Path) -> None:
    """Put a folder there."""
    path.mkdir()


def pipe(path: Path) -> None:
    """Put a pipe there: opening it would wait for ever."""
    os.mkfifo(path)


def loop(path: Path) -> None:
    """Put a link to itself there."""
    path.symlink_to(path)


def link(path: Path) -> None:
    """Put a link to another file there."""
    elsewhere = path.with_name("elsewhere.jsonl")
    elsewhere.touch()
    path.symlink_to(elsewhere)


@pytest.mark.parametrize("make", [folder, pipe, loop, link])
def test_what_is_no_file_is_refused(tmp_path: Path, make: Callable[[Path], None]) -> None:
    """A folder, a pipe and a symbolic link are errors at once, as the ledger and as its lock."""
    make(tmp_path / "ledger.jsonl")
    make(tmp_path / "other.lock")
    with pytest.raises(LedgerError, match="cannot be read"):
        of(tmp_path / "ledger.jsonl").read()
    with (
        pytest.raises(LedgerError, match="cannot be written"),
        of(tmp_path / "ledger.jsonl").lock("apply"),
    ):
        pass
    with pytest.raises(LedgerError, match="cannot be locked"), of(tmp_path / "other").lock("x"):
        pass
    assert not (tmp_path / "other").exists()


def test_a_file_where_the_folder_should_be_is_refused(tmp_path: Path) -> None:
    """A ledger below a regular file is an error that names the path."""
    (tmp_path / "plain").touch()
    ledger = open_ledger("plain/ledger.jsonl", tmp_path, "acme")
    with pytest.raises(LedgerError, match="Not a directory"):
        ledger.read()
    with pytest.raises(LedgerError, match="plain"), ledger.lock("apply"):
        pass


def test_a_file_that_was_replaced_by_its_copy_is_not_written(tmp_path: Path) -> None:
    """The same bytes in another file are another ledger: the session writes to neither."""
    path = tmp_path / "ledger.jsonl"
    with of(path).lock("apply") as session:
        copy = path.with_name("copy")
        copy.write_bytes(path.read_bytes())
        before = path.read_bytes()
        copy.replace(path)
        with pytest.raises(LedgerError, match="another process changed it"):
            session.own(OWNED)
    assert path.read_bytes() == before


def test_a_file_that_was_deleted_is_not_made_again(tmp_path: Path) -> None:
    """A session whose file is gone stops, rather than begin a ledger in the middle."""
    path = tmp_path / "ledger.jsonl"
    with of(path).lock("apply") as session:
        path.unlink()
        for _ in range(2):
            with pytest.raises(LedgerError, match="cannot be written: No such file"):
                session.own(OWNED)
    assert not path.exists()
