"""Anything that people, vendors and runs may do, in any order: once it has settled, live equals
declared, what is ours is accounted for, nobody else's object has changed, nothing is there twice, a
second apply writes nothing, and whatever was called changed at the vendor was changed there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from reconciler.sandbox import Options
from reconciler.sandbox.server import Running

from ..vendors import running
from .machine import Machine
from .people import People
from .sorts import SORTS
from .world import Place

Make = Callable[[Path, Running], Any]
OPTIONS = Options(
    port=0, rate=0, job_seconds=0, data="2", vendors=("kobo-plm", "kibo", "kobiks", "inventora")
)
EACH = 50
"""Sequences in one test: the tests of a campaign are shared out among processes."""
STEPS = 8
SMALL = 50
"""Sequences of the default run."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for every EACH sequences: SMALL, or with -m campaign what --sequences says."""
    if "part" in metafunc.fixturenames:
        first: int = metafunc.config.getoption("campaign_seed")
        count: int = metafunc.config.getoption("sequences")
        parts = [
            part if part < first + SMALL // EACH else pytest.param(part, marks=pytest.mark.campaign)
            for part in range(first, first + -(-count // EACH))
        ]
        metafunc.parametrize("part", parts)


def only_ours(vendor: str, state: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """What a vendor holds at the beginning: at Kobo PLM and Kibo nothing of other kinds, which
    would use what is to be deleted."""
    if vendor not in ("kobo-plm", "kibo"):
        return state
    return {kind: state[kind] if f"{vendor}/{kind}" in SORTS else [] for kind in state}


@pytest.fixture(scope="module")
def place(new_workspace: Make) -> Iterator[Place]:
    """Two sandboxes that stay for all sequences."""
    with running(OPTIONS) as sandbox, running(replace(OPTIONS, data="docs")) as other:
        people = People(sandbox)
        beginning = {vendor: only_ours(vendor, sandbox.state(vendor)) for vendor in sandbox.urls}
        yield Place(sandbox, other, people, beginning, new_workspace)
        people.close()


def test_it_settles_whatever_happens(
    place: Place, part: int, request: pytest.FixtureRequest
) -> None:
    """All of the above, for the sequences that follow from the seed `part`."""
    machine = type("Sequences", (Machine,), {"place": place})
    chosen = settings(
        max_examples=EACH,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        print_blob=True,
        report_multiple_bugs=False,
        phases=[Phase.generate, *([Phase.shrink] if request.config.getoption("shrink") else [])],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(seed(part)(machine), settings=chosen)
