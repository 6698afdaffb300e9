"""Runs that are killed at any moment, in whatever a vendor does wrong meanwhile: the next run
brings about what is declared; no object is there twice and none is lost, nobody else's is touched,
no lock stays, and what a run holds back as unknown really does not exist."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from subprocess import Popen
from tempfile import TemporaryDirectory
from threading import Event
from typing import Any

import pytest

from reconciler import PlanOptions, Workspace
from reconciler.ledger import State, open_ledger
from reconciler.model import Action, Status
from reconciler.sandbox import credentials
from reconciler.sandbox.server import Running

from ..vendors import running
from .runs import held_back
from .shop import KINDS, gone, ident, shop
from .sorts import PRODUCT, SORTS, at_rest
from .test_machine import OPTIONS, only_ours
from .world import QUICK

Make = Callable[[Path, Running], Any]
SMALL = 4
"""Runs that are killed in the default run."""
LEDGER = ".reconciler/ledger.jsonl"
HELD = 30.0
"""Seconds for which an answer is withheld: until the run is killed."""
LONGEST = 20.0
"""Seconds in which a run comes to the point where it is killed, or ends."""
FAULTS: tuple[dict[str, Any], ...] = (
    {"reset": "before"},
    {"reset": "after"},
    {"truncate": True},
    {"html": True},
    {"status": 422},
    {"status": 500},
    {"status": 503, "retry_after": 0},
)
Key = tuple[str, tuple[str, ...]]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each run: SMALL, or with -m campaign what --kills says."""
    if "number" in metafunc.fixturenames:
        first: int = metafunc.config.getoption("campaign_seed")
        count: int = metafunc.config.getoption("kills")
        numbers = [
            n if n < first + SMALL else pytest.param(n, marks=pytest.mark.campaign)
            for n in range(first, first + count)
        ]
        metafunc.parametrize("number", numbers)


@dataclass(frozen=True)
class Scene:
    """A workspace on the five vendors, and what nobody here may touch."""

    here: Any
    sandbox: Running
    strangers: dict[Key, str]

    def live(self) -> dict[Key, Any]:
        """All that exists, by kind and identity."""
        states = {vendor: self.sandbox.state(vendor) for vendor in self.sandbox.urls}
        return {
            (kind, ident(kind, raw)): raw
            for kind in KINDS
            for raw in states[kind.split("/")[0]][kind.split("/")[1]]
            if not gone(kind, raw)
        }

    def untouched(self) -> None:
        """Whatever was there before us is as it was, to the letter."""
        live = self.live()
        for key, before in self.strangers.items():
            assert key in live, f"gone: {key}"
            assert at_rest(live[key]) == before, f"changed: {key}"

    def exists(self, address: str) -> bool:
        """Whether the object that the second version declares there exists, by its natural key."""
        provider, kind, key = address.split("/", 2)
        scope = f"{provider}/{kind}"
        if scope not in SORTS:
            return (scope, (key,)) in self.live()
        name = SORTS[scope].key
        wanted = shop(2)[scope].get(key, {}).get(name, key)
        return any(
            where == scope and raw[name] == wanted for (where, _), raw in self.live().items()
        )

    def ledger(self) -> State:
        """The ledger as it is now."""
        return open_ledger(LEDGER, self.here.root, "acme").read()


@dataclass(frozen=True)
class Beginning:
    """Five vendors, and what they and the ledger hold once the first version is applied."""

    sandbox: Running
    strangers: dict[Key, str]
    states: dict[str, Any]
    ledger: bytes


@pytest.fixture(scope="module")
def beginning(new_workspace: Make) -> Iterator[Beginning]:
    """Apply the first version, once for all runs."""
    with (
        running(replace(OPTIONS, vendors=None)) as sandbox,
        TemporaryDirectory(dir=QUICK) as folder,
        pytest.MonkeyPatch.context() as environment,
    ):
        for name, value in credentials().items():
            environment.setenv(name, value)
        for vendor in sandbox.urls:
            sandbox.put_state(vendor, only_ours(vendor, sandbox.state(vendor)))
        here = new_workspace(Path(folder), sandbox)
        declared = {(kind, (key,)) for kind, objects in shop(1).items() for key in objects}
        adopted = ("inventora/products", ident("inventora/products", {"id": PRODUCT}))
        live = Scene(here, sandbox, {}).live().items()
        strangers = {k: at_rest(raw) for k, raw in live if k not in declared and k != adopted}
        here.declare(shop(1))
        Workspace.open(here.root).apply()
        assert here.settled()
        states = {vendor: sandbox.state(vendor) for vendor in sandbox.urls}
        yield Beginning(sandbox, strangers, states, (here.root / LEDGER).read_bytes())


@pytest.fixture
def scene(beginning: Beginning, new_workspace: Make) -> Iterator[Scene]:
    """A new workspace in which the first version is applied and the second one declared."""
    sandbox = beginning.sandbox
    sandbox.faults()
    for vendor, state in beginning.states.items():
        sandbox.put_state(vendor, state)
    with TemporaryDirectory(dir=QUICK) as folder:
        here = new_workspace(Path(folder), sandbox)
        (here.root / LEDGER).parent.mkdir()
        (here.root / LEDGER).write_bytes(beginning.ledger)
        here.declare(shop(2))
        sandbox.clear_journal()
        yield Scene(here, sandbox, beginning.strangers)
        sandbox.faults()


def killed(scene: Scene, dice: random.Random) -> str:
    """Start an apply, and kill it at some point; returns which."""
    faults = [
        {
            "method": method,
            "path": "*",
            "probability": dice.choice([0.1, 0.3]),
            "seed": dice.randrange(10**6),
            "fault": dice.choice(FAULTS),
        }
        for method in dice.sample(["POST", "PUT", "PATCH", "DELETE"], dice.choice([0, 0, 1, 3]))
    ]
    where = dice.choice(["request", "request", "write", "ledger", "time"])
    nth = dice.randint(1, 60 if where in ("request", "ledger") else 25)
    if where in ("request", "write"):
        method = {} if where == "request" else {"method": dice.choice(["POST", "PUT", "DELETE"])}
        held = {**method, "path": "*", "nth": nth, "fault": {"delay": HELD}}
        scene.sandbox.faults([held, *faults])
    else:
        scene.sandbox.faults(faults)
    run = scene.here.start("apply", "--auto-approve", "--parallelism", str(dice.choice([1, 10])))
    if where == "time":
        wait(run, lambda: False, dice.uniform(0.3, 1.5))
    elif where == "ledger":
        ledger = scene.here.root / LEDGER
        size = ledger.read_bytes().count(b"\n")
        wait(run, lambda: ledger.read_bytes().count(b"\n") >= size + nth)
    else:
        wait(run, lambda: matched(scene, method.get("method")) >= nth)
    run.kill()
    run.communicate()
    scene.sandbox.clear_journal()
    return f"{where} {nth}, {len(faults)} faults, exit {run.returncode}"


def matched(scene: Scene, method: str | None) -> int:
    """How many requests, of this method or any, the vendors have seen since the run began."""
    return sum(
        method in (None, entry["method"])
        for vendor in scene.sandbox.urls
        for entry in scene.sandbox.journal(vendor)
    )


def wait(run: Popen[str], reached: Callable[[], bool], most: float = LONGEST) -> None:
    """Wait until a point is reached, the run has ended or the time is over."""
    end = time.monotonic() + most
    pause = Event()
    while run.poll() is None and time.monotonic() < end and not reached():
        pause.wait(0.01)


def recover(scene: Scene, points: str) -> None:
    """Apply until all is as declared, as a person would who reads what is said; what is held back
    as unknown must not exist."""
    for _ in range(4):
        scene.sandbox.clock(advance=2)  # whatever job was begun has ended
        workspace = Workspace.open(scene.here.root)
        retry = held_back(workspace.plan())
        assert not [address for address in retry if scene.exists(address)], points
        applied = workspace.apply(choice=PlanOptions(retry_unknown=retry))
        scene.untouched()
        ended = all(outcome.status is Status.APPLIED for outcome in applied.outcomes)
        if ended and scene.here.settled():
            return
    left = [f"{o.change.address}: {o.diagnostic}" for o in applied.outcomes if o.diagnostic]
    waits = [f"{f.address}: {f.summary}" for f in workspace.plan().diagnostics]
    raise AssertionError(f"{points}: it does not settle: {left} {waits}")


def test_killed_at_any_moment_nothing_is_lost_or_there_twice(scene: Scene, number: int) -> None:
    """A run is killed, one in three twice, and then everything is brought to an end."""
    dice = random.Random(number)
    points = [killed(scene, dice)]
    scene.untouched()
    if dice.random() < 1 / 3:
        points.append(killed(scene, dice))
        scene.untouched()
    scene.sandbox.faults()
    recover(scene, f"killed at {' and at '.join(points)}")
    state = scene.ledger()
    assert state.open_intents == ()
    declared = {(kind, key) for kind, objects in shop(2).items() for key in objects}
    assert {(str(a.scope), a.key) for a in state.owned if a.provider != "kibo-oms"} == {
        (kind, key) for kind, key in declared if not kind.startswith("kibo-oms")
    }
    new = scene.live().keys() - scene.strangers.keys()
    counted = {kind: sum(where == kind for where, _ in new) for kind in KINDS}
    owned = {kind: sum(str(a.scope) == kind for a in state.owned) for kind in KINDS}
    assert counted == owned
    plan = Workspace.open(scene.here.root).plan()
    assert {change.action for change in plan.changes} == {Action.NO_OP}
    scene.untouched()
