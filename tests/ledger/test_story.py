"""Two clones and a scheduled job that share one ledger, through the command line: every line that
any of them prints is held against what must be true."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .stores import STORES
from .story import EVENTS, tell
from .team import gather

SHARED = [name for name in STORES if name != "memory"]


@pytest.mark.parametrize("store", SHARED)
def test_a_team_loses_nothing_and_does_nothing_twice(
    store: str, tmp_path: Path, new_workspace: Any
) -> None:
    """A merge with each thing that can happen: drift, two applies at once, a stale plan, a runner
    that is killed before and after the vendor has seen its request, and a lock that is broken."""
    with gather(store, tmp_path, new_workspace, seed=1) as team:
        tell(team, len(EVENTS))


@pytest.mark.campaign
@pytest.mark.parametrize("store", SHARED)
def test_the_same_over_many_merges(
    store: str, tmp_path: Path, new_workspace: Any, pytestconfig: pytest.Config
) -> None:
    """The same with `--merges N`, in another order."""
    with gather(store, tmp_path, new_workspace, pytestconfig.getoption("--campaign-seed")) as team:
        tell(team, pytestconfig.getoption("--merges"))
