"""A ledger that is not what was written is never read as something else."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from reconciler.errors import LedgerError
from reconciler.ledger import EMPTY, State
from reconciler.model import Action, Address, Owned, Status

from .stores import MemoryPlace, Place, some

HOOK = Address("kobo", "webhooks", "erp-sync")
OWNED = Owned(HOOK, "7", {"name": "Ürün ✓"}, "created", "2024-01-15T10:00:00Z")


@cache
def small() -> bytes:
    """A small ledger with a record of every type."""
    place = MemoryPlace(Path())
    with place.ledger().lock("apply") as session:
        session.begin("plan-1")
        op = session.intend(HOOK, Action.CREATE, "POST", "ERP Sync", "idem-1")
        session.settle(op, Status.APPLIED, "7", owned=OWNED)
        session.forget(HOOK.scope.address("old"), reason="renamed")
        session.end({"add": 1})
    return place.content()


@pytest.fixture(autouse=True)
def _written(place: Place) -> None:
    """The ledger is a small one; every store keeps the same lines."""
    place.replace(small())


def states(place: Place) -> list[State]:
    """The state after each number of lines, from none to all."""
    lines = place.content().splitlines(keepends=True)
    result = []
    for count in range(len(lines) + 1):
        place.replace(b"".join(lines[:count]))
        result.append(place.ledger().read())
    return result


def test_a_ledger_cut_at_any_byte_is_what_its_whole_lines_say(place: Place) -> None:
    """Wherever a crash cuts the file, the lines before are read and the torn one is not."""
    text = place.content()
    by_lines = states(place)
    for size in some(place, range(len(text) + 1)):
        place.replace(text[:size])
        assert place.ledger().read() == by_lines[text[:size].count(b"\n")]


def test_a_torn_last_line_is_cut_off_before_the_next_append(place: Place) -> None:
    """After a crash at any byte of the last record, the next run appends to the one before it."""
    text = place.content()
    whole = text[: text[:-1].rindex(b"\n") + 1]
    for size in some(place, range(len(whole), len(text))):
        place.replace(text[:size])
        with place.ledger().lock("apply") as session:
            session.own(OWNED)
        assert place.content().startswith(whole)
        assert place.ledger().read().serial == whole.count(b"\n") + 1


def test_a_torn_header_is_begun_again(place: Place) -> None:
    """A crash in the very first line, even one that left zeros, leaves an empty ledger."""
    header = place.content().splitlines()[0]
    torns = (b"{", b"", header[:40], b"\0" * 99, header, header[:9] + b"\0" * 9)
    for torn in torns[:: 3 if place.slow else 1]:
        place.replace(torn)
        assert place.ledger().read() == EMPTY
        with place.ledger().lock("apply") as session:
            session.own(OWNED)
        assert place.ledger().read().owned == {HOOK: OWNED}


def test_one_wrong_bit_anywhere_is_found(place: Place) -> None:
    """A flipped bit is an error that names its line, or is in the last line and makes it torn. In
    memory each bit of each byte is tried, elsewhere one of them."""
    text = place.content()
    before_last = states(place)[-2]
    last = text[:-1].rindex(b"\n") + 1
    for at in some(place, range(len(text))):
        for bit in range(8) if isinstance(place, MemoryPlace) else (at % 8,):
            damaged = bytearray(text)
            damaged[at] ^= 1 << bit
            place.replace(damaged)
            try:
                state = place.ledger().read()
            except LedgerError as error:
                (finding,) = error.diagnostics
                assert finding.source is not None
                assert finding.source.line == text.count(b"\n", 0, at) + 1
            else:
                assert at >= last
                assert state == before_last


DAMAGES: dict[str, tuple[Callable[[list[bytes]], list[bytes]], int]] = {
    "a line is missing": (lambda lines: lines[:2] + lines[3:], 3),
    "the header is missing": (lambda lines: lines[1:], 1),
    "swapped": (lambda lines: [*lines[:2], lines[3], lines[2], *lines[4:]], 3),
    "a line is there twice": (lambda lines: [*lines[:3], *lines[2:]], 4),
    "cut inside": (lambda lines: [*lines[:2], lines[2][:9], *lines[3:]], 3),
    "merged": (lambda lines: [*lines[:2], b"<<<<<<< HEAD\n", *lines[2:]], 3),
    "something before the header": (lambda lines: [b"{}\n", *lines], 1),
}


def test_damage_is_refused_by_name_and_line(place: Place) -> None:
    """Missing, moved, repeated and foreign lines stop every command, which says what to do. Where
    the store is slow some of them are tried."""
    lines = place.content().splitlines(keepends=True)
    for name, (damage, line) in [*DAMAGES.items()][:: 3 if place.slow else 1]:
        damaged = b"".join(damage(lines))
        place.replace(damaged)
        for command in (
            place.ledger().read,
            place.ledger().history,
            place.ledger().lock("apply").__enter__,
        ):
            with pytest.raises(LedgerError, match=f"damaged at line {line}") as caught:
                command()
            assert place.ledger().store.place in str(caught.value), name
            assert "move it away" in caught.value.diagnostics[0].detail, name
        assert place.content() == damaged, name


def test_something_else_is_not_taken_for_a_ledger(place: Place) -> None:
    """Somebody's other file is refused and not touched, however short it is."""
    texts = (b"hello", b'{"version": 4}', b"hello\n", b'{"a": 1}\n', b"\n")
    for text in texts[:: 2 if place.slow else 1]:
        place.replace(text)
        with pytest.raises(LedgerError, match="does not begin as a ledger"):
            place.ledger().read()
        with pytest.raises(LedgerError, match="does not begin"), place.ledger().lock("apply"):
            pass
        assert place.content() == text


def test_another_workspace_s_ledger_is_refused(place: Place) -> None:
    """A ledger of workspace acme is neither read nor written by another."""
    before = place.content()
    with pytest.raises(LedgerError, match="belongs to workspace 'acme'"):
        place.ledger("umbrella").read()
    with pytest.raises(LedgerError, match="belongs to"), place.ledger("umbrella").lock("apply"):
        pass
    assert place.content() == before


def test_a_newer_format_asks_for_an_upgrade(place: Place) -> None:
    """A ledger of a later format says so, whatever its sums look like by then."""
    place.replace(place.content().replace(b'"format":1', b'"format":2', 1))
    with pytest.raises(LedgerError, match="format 2") as caught:
        place.ledger().read()
    assert "Upgrade" in caught.value.diagnostics[0].detail
