"""Answers in which something is wrong: whatever it is, a command says what it cannot use, writes
nothing that it did not plan, prints only what is harmless, and ends."""

from __future__ import annotations

import random
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from reconciler import Workspace
from reconciler.http import sender
from reconciler.sandbox import credentials
from reconciler.sandbox.server import Running

from ..vendors import running
from .shop import shop
from .test_machine import OPTIONS
from .world import QUICK

SMALL = 150
"""How many answers are garbled in the default run."""
LONGEST = 30
"""Seconds after which a command counts as one that never ends."""
LEDGER = ".reconciler/ledger.jsonl"
READS = (
    ("plan",),
    ("plan", "--format", "json"),
    ("drift",),
    ("import", "--all", "--dry-run"),
    ("doctor",),
    ("validate", "--online"),
)
APPLY = ("apply", "--auto-approve")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test of SMALL answers, and with -m campaign one of as many as --answers says."""
    if "count" in metafunc.fixturenames:
        many: int = metafunc.config.getoption("answers")
        metafunc.parametrize("count", [SMALL, pytest.param(many, marks=pytest.mark.campaign)])


@pytest.fixture(scope="module")
def shops(new_workspace: Callable[..., Any]) -> Iterator[tuple[Any, Callable[[], None]]]:
    """A workspace at the five vendors that owns objects and is to change them, and what brings all
    of it back to that."""
    with (
        running(replace(OPTIONS, vendors=None)) as sandbox,
        TemporaryDirectory(dir=QUICK) as folder,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in credentials().items():
            patch.setenv(name, value)
        patch.setattr(sender, "jittered", lambda attempt: 0.0)
        here = new_workspace(Path(folder), sandbox)
        here.declare(shop(1))
        Workspace.open(here.root).apply()
        ledger = (here.root / LEDGER).read_bytes()
        states = {vendor: sandbox.state(vendor) for vendor in sandbox.urls}
        here.declare(shop(2))

        def again() -> None:
            sandbox.faults()
            for vendor, state in states.items():
                sandbox.put_state(vendor, state)
            (here.root / LEDGER).write_bytes(ledger)
            sandbox.clear_journal()

        yield here, again


@contextmanager
def ends(what: str) -> Iterator[None]:
    """Fail where the block does not end."""

    def stop(*_: object) -> None:
        raise TimeoutError(f"it does not end: {what}")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(LONGEST)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def garbled(sandbox: Running, vendor: str, method: str) -> int:
    """How many answers of the vendor were garbled."""
    return sum(entry["method"] == method for entry in sandbox.journal(vendor))


def test_no_answer_breaks_a_command(
    shops: tuple[Any, Callable[[], None]], count: int, request: pytest.FixtureRequest
) -> None:
    """Exit codes are the documented ones, and there is no traceback and no hostile line."""
    here, again = shops
    dice = random.Random(request.config.getoption("campaign_seed"))
    answers = 0
    while answers < count:
        again()
        vendor, seed = dice.choice(sorted(here.sandbox.urls)), dice.randrange(2**32)
        command = dice.choice((*READS, APPLY))
        method = dice.choice(("POST", "PUT", "GET")) if command == APPLY else "GET"
        rule = {"path": "*", "vendor": vendor, "method": method, "seed": seed}
        here.sandbox.faults([{**rule, "fault": {"garble": True}}])
        what = f"{' '.join(command)}, {method} of {vendor} garbled with seed {seed}"
        with ends(what):
            result = here.run(*command)
        assert result.code in (0, 1, 3, 4), (what, result)
        for line in f"{result.out}\n{result.err}".split("\n"):
            assert line.isprintable(), (what, line)
            assert not line.lstrip().startswith("::"), (what, line)
            assert "##[" not in line, (what, line)
        if command != APPLY:
            assert here.writes() == [], what
        answers += garbled(here.sandbox, vendor, method)
