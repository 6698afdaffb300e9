"""Races of processes for one ledger, some of which are killed on the way."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

from reconciler import errors
from reconciler.ledger import open_ledger

from .stores import FilePlace, GitPlace, Place, PostgresPlace, S3Place

ROOT = Path(errors.__file__).parents[1]
# In seconds: far beyond what a race takes in which every lock ends.
LONGEST = 300
# How many calls to its place a process makes that writes without a rival.
CALLS: Mapping[type, int] = {FilePlace: 14, GitPlace: 26, S3Place: 14, PostgresPlace: 14}


@dataclass
class Count:
    """What came of some races."""

    races: int = 0
    processes: int = 0
    killed: int = 0
    broken: int = 0
    refused: int = 0
    records: int = 0


def setting(place: Place) -> tuple[str, Path]:
    """How another process opens the ledger: the setting, and the folder."""
    store = place.ledger().store
    if isinstance(place, GitPlace):
        return store.place, place.folder / next(place.clones)
    assert isinstance(place, (FilePlace, S3Place, PostgresPlace))
    if isinstance(place, PostgresPlace):
        return f"postgresql:///postgres/{place.name}", place.folder
    return ("ledger.jsonl" if isinstance(place, FilePlace) else store.place), place.folder


def race(place: Place, dice: Random, count: Count) -> None:
    """Let 2 to 8 processes write to one ledger at once, one in two of them killed somewhere; in one
    race of four a lock is broken too.

    Asserts that each process that was not killed wrote everything or was told that its lock was
    lost, so that no lock was stuck, and that whatever any process was told is in the ledger is in
    it, in an unbroken chain.
    """
    processes = dice.choice((2, 2, 2, 3, 3, 4, 6, 8))
    last = CALLS[type(place)]
    deaths = [dice.randint(1, last) * dice.choice((1, -1, 0, 0)) for _ in range(processes)]
    breaks = dice.random() < 0.25
    started = [_start(place, f"p{n}", death) for n, death in enumerate(deaths)]
    told: list[str] = []
    refused = 0
    try:
        broken = breaks and _break_some_lock(place)
        for child, death in zip(started, deaths, strict=True):
            out, err = child.communicate(timeout=LONGEST)
            lines = out.splitlines()
            assert child.returncode in ((0, -9) if death else (0,)), err
            said = [line for line in lines if not line.startswith("!")]
            killed, fooled = child.returncode == -9, len(said) < len(lines)
            # On a machine with too much to do a lock may end before it is renewed.
            late = [line for line in lines if "could not be renewed in time" in line]
            assert broken or late or not fooled, lines
            assert killed or fooled or len(said) == 2
            told += said
            count.killed += killed
            refused += fooled
    finally:
        for child in started:
            child.kill()
            child.wait()
    text, folder = setting(place)
    owned = {address.key for address in open_ledger(text, folder, "acme").read().owned}
    assert set(told) <= owned
    # A process may have written one record more than it came to say.
    assert len(owned) <= len(told) + sum(map(bool, deaths)) + refused
    count.races += 1
    count.broken += broken
    count.refused += refused
    count.processes += processes
    count.records += len(owned)


def _break_some_lock(place: Place) -> bool:
    """Break the lock of whoever has it first; returns whether anybody was seen with it."""
    text, folder = setting(place)
    ledger = open_ledger(text, folder, "acme")
    end = time.monotonic() + 5
    while time.monotonic() < end:
        with suppress(errors.LedgerError, errors.LockHeld):
            if (holder := ledger.holder()) and ledger.unlock(holder.id):
                return True
    return False


def _start(place: Place, name: str, death: int) -> subprocess.Popen[str]:
    text, folder = setting(place)
    arguments: Sequence[str] = (text, str(folder), name, "2", str(death))
    return subprocess.Popen(
        [sys.executable, "-m", "tests.ledger.racer", *arguments],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
