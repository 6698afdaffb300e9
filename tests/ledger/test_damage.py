"""A ledger that is not what was written is never read as something else."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from reconciler.errors import LedgerError
from reconciler.ledger import EMPTY, Ledger, State, open_ledger
from reconciler.model import Action, Address, Owned, Status

FILE = "ledger.jsonl"
HOOK = Address("kobo", "webhooks", "erp-sync")
OWNED = Owned(HOOK, "7", {"name": "Ürün ✓"}, "created", "2024-01-15T10:00:00Z")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A small ledger with a record of every type."""
    with open_ledger(FILE, tmp_path, "acme").lock("apply") as session:
        session.begin("plan-1")
        op = session.intend(HOOK, Action.CREATE, "POST", "ERP Sync", "idem-1")
        session.settle(op, Status.APPLIED, "7", owned=OWNED)
        session.forget(HOOK.scope.address("old"), reason="renamed")
        session.end({"add": 1})
    return tmp_path / FILE


def of(path: Path, workspace: str = "acme") -> Ledger:
    """The ledger in this file."""
    return open_ledger(path.name, path.parent, workspace)


def states(path: Path) -> list[State]:
    """The state after each number of lines, from none to all."""
    lines = path.read_bytes().splitlines(keepends=True)
    result = []
    for count in range(len(lines) + 1):
        path.write_bytes(b"".join(lines[:count]))
        result.append(of(path).read())
    return result


def test_a_ledger_cut_at_any_byte_is_what_its_whole_lines_say(path: Path) -> None:
    """Wherever a crash cuts the file, the lines before are read and the torn one is not."""
    text = path.read_bytes()
    by_lines = states(path)
    for size in range(len(text) + 1):
        path.write_bytes(text[:size])
        assert of(path).read() == by_lines[text[:size].count(b"\n")]


def test_a_torn_last_line_is_cut_off_before_the_next_append(path: Path) -> None:
    """After a crash at any byte of the last record, the next run appends to the one before it."""
    text = path.read_bytes()
    whole = text[: text[:-1].rindex(b"\n") + 1]
    for size in range(len(whole), len(text)):
        path.write_bytes(text[:size])
        with of(path).lock("apply") as session:
            session.own(OWNED)
        assert path.read_bytes().startswith(whole)
        assert of(path).read().serial == whole.count(b"\n") + 1


def test_a_torn_header_is_begun_again(path: Path) -> None:
    """A crash in the very first line, even one that left zeros, leaves an empty ledger."""
    header = path.read_bytes().splitlines()[0]
    for torn in (b"", b"{", header[:40], header, b"\0" * 99, header[:9] + b"\0" * 9):
        path.write_bytes(torn)
        assert of(path).read() == EMPTY
        with of(path).lock("apply") as session:
            session.own(OWNED)
        assert of(path).read().owned == {HOOK: OWNED}


def test_one_wrong_bit_anywhere_is_found(path: Path) -> None:
    """A flipped bit is an error that names its line, or is in the last line and makes it torn."""
    text = path.read_bytes()
    before_last = states(path)[-2]
    last = text[:-1].rindex(b"\n") + 1
    for place in range(len(text)):
        for bit in range(8):
            damaged = bytearray(text)
            damaged[place] ^= 1 << bit
            path.write_bytes(damaged)
            try:
                state = of(path).read()
            except LedgerError as error:
                (finding,) = error.diagnostics
                assert finding.source is not None
                assert finding.source.line == text.count(b"\n", 0, place) + 1
            else:
                assert place >= last
                assert state == before_last


@pytest.mark.parametrize(
    ("damage", "line"),
    [
        pytest.param(lambda lines: lines[:2] + lines[3:], 3, id="a line is missing"),
        pytest.param(lambda lines: lines[1:], 1, id="the header is missing"),
        pytest.param(lambda lines: [*lines[:2], lines[3], lines[2], *lines[4:]], 3, id="swapped"),
        pytest.param(lambda lines: [*lines[:3], *lines[2:]], 4, id="a line is there twice"),
        pytest.param(lambda lines: [*lines[:2], lines[2][:9], *lines[3:]], 3, id="cut inside"),
        pytest.param(lambda lines: [*lines[:2], b"<<<<<<< HEAD\n", *lines[2:]], 3, id="merged"),
        pytest.param(lambda lines: [b"{}\n", *lines], 1, id="something before the header"),
    ],
)
def test_damage_is_refused_by_name_and_line(path: Path, damage: object, line: int) -> None:
    """Missing, moved, repeated and foreign lines stop every command, which says what to do."""
    assert callable(damage)
    damaged = b"".join(damage(path.read_bytes().splitlines(keepends=True)))
    path.write_bytes(damaged)
    for command in (of(path).read, of(path).history, of(path).lock("apply").__enter__):
        with pytest.raises(LedgerError, match=f"damaged at line {line}") as caught:
            command()
        assert str(path) in str(caught.value)
        assert "move it away" in caught.value.diagnostics[0].detail
    assert path.read_bytes() == damaged


@pytest.mark.parametrize("text", [b"hello", b"hello\n", b'{"version": 4}', b'{"a": 1}\n', b"\n"])
def test_another_file_is_no_ledger(path: Path, text: bytes) -> None:
    """Somebody's other file is refused and not touched, however short it is."""
    path.write_bytes(text)
    with pytest.raises(LedgerError, match="does not begin as a ledger"):
        of(path).read()
    with pytest.raises(LedgerError, match="does not begin"), of(path).lock("apply"):
        pass
    assert path.read_bytes() == text


def test_another_workspace_s_ledger_is_refused(path: Path) -> None:
    """A ledger of workspace acme is neither read nor written by another."""
    before = path.read_bytes()
    with pytest.raises(LedgerError, match="belongs to workspace 'acme'"):
        of(path, "umbrella").read()
    with pytest.raises(LedgerError, match="belongs to"), of(path, "umbrella").lock("apply"):
        pass
    assert path.read_bytes() == before


def test_a_newer_format_asks_for_an_upgrade(path: Path) -> None:
    """A ledger of a later format says so, whatever its sums look like by then."""
    path.write_bytes(path.read_bytes().replace(b'"format":1', b'"format":2', 1))
    with pytest.raises(LedgerError, match="format 2") as caught:
        of(path).read()
    assert "Upgrade" in caught.value.diagnostics[0].detail


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
def test_what_is_no_file_is_refused(tmp_path: Path, make: object) -> None:
    """A folder, a pipe and a symbolic link are errors at once, as the ledger and as its lock."""
    assert callable(make)
    make(tmp_path / FILE)
    make(tmp_path / "other.lock")
    with pytest.raises(LedgerError, match="cannot be read"):
        of(tmp_path / FILE).read()
    with pytest.raises(LedgerError, match="cannot be written"), of(tmp_path / FILE).lock("apply"):
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


def replaced(path: Path) -> None:
    """Put another file with the same bytes in its place."""
    copy = path.with_name("copy")
    copy.write_bytes(path.read_bytes())
    copy.replace(path)


def longer(path: Path) -> None:
    """Append a byte."""
    with path.open("ab") as file:
        file.write(b"x")


def shorter(path: Path) -> None:
    """Take the last byte away."""
    os.truncate(path, path.stat().st_size - 1)


@pytest.mark.parametrize("change", [replaced, longer, shorter, Path.unlink])
def test_a_file_that_changes_under_the_lock_is_not_written(path: Path, change: object) -> None:
    """Replaced, grown, cut or deleted: the session stops and hands back what it could not keep."""
    assert callable(change)
    with of(path).lock("apply") as session:
        change(path)
        changed = path.read_bytes() if path.exists() else None
        for _ in range(2):
            with pytest.raises(LedgerError, match="cannot be written") as caught:
                session.own(OWNED)
            (_, line) = caught.value.diagnostics[0].detail.splitlines()
            assert json.loads(line)["address"] == "kobo/webhooks/erp-sync"
    assert (path.read_bytes() if path.exists() else None) == changed
