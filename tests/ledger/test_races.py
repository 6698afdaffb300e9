"""Many processes that write to one ledger, and are killed in each step of a write and of a lock."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from .races import Count, race
from .stores import STORES, Place

SHARED = [name for name in STORES if name != "memory"]


@pytest.mark.parametrize("store", SHARED)
def test_nothing_is_lost_and_no_lock_is_stuck(store: str, tmp_path: Path) -> None:
    """Whoever is killed where, what the ledger took stays in it and the others get the lock."""
    race(STORES[store](tmp_path), Random(1), Count())


@pytest.mark.campaign
@pytest.mark.parametrize("store", SHARED)
def test_the_same_over_many_races(
    store: str, tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> None:
    """The same with other dice for each of `--races N`."""
    make: Callable[[Path], Place] = STORES[store]
    count, first = Count(), pytestconfig.getoption("--campaign-seed")
    for seed in range(first, first + pytestconfig.getoption("--races")):
        try:
            race(make(tmp_path_factory.mktemp(f"{store}{seed}")), Random(seed), count)
        except AssertionError as error:
            raise AssertionError(f"with --campaign-seed {seed} --races 1: {error}") from error
        if seed % 10 == 9:
            sys.stderr.write(f"{store}: {count}\n")
    sys.stderr.write(f"{store}: {count}\n")
