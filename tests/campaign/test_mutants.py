"""Files that are broken in any way: every command ends soon, with one of the known exit codes, and
says what is wrong without a traceback."""

from __future__ import annotations

import json
import random
import resource
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from benchmarks import hostile
from reconciler import yaml12
from reconciler.errors import Invalid
from reconciler.ledger.chain import Chain, seal
from reconciler.planfile.document import digest
from reconciler.sandbox import Options
from reconciler.sandbox.server import Running

from ..conftest import ROOT, run
from ..vendors import running
from .mutants import mutated_bytes, mutated_value

EACH = 50
"""Mutants in one test."""
MUTANTS = {"manifest": 10_000, "ledger": 5_000, "plan": 5_000}
SMALL = {"manifest": 300, "ledger": 150, "plan": 150}
"""Mutants of a whole campaign and of the default run."""
SECONDS = 2.0
"""Of the processor, after which a command counts as hanging."""
MEGABYTES = 200
"""That a command may need beyond what there was before it."""
CODES = (0, 1, 2, 3)
CORPUS = Path(__file__).parent / "corpus"
"""Files that once broke a command: SORT-what-is-wrong."""

LEDGER = ".reconciler/ledger.jsonl"
MANIFEST = """
provider: kobo-plm
suppliers: {S-1: {name: Anadolu, contacts: [{name: Ayşe, email: a@x.example}]}, S-2: {name: İki}}
components: {C-1: {name: Jersey, supplier: S-1, unit: m}}
webhooks: {h: {url: "https://x.example/h", events: [style.created], name: Hook}}
"""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for every EACH mutants: SMALL, or with -m campaign all MUTANTS."""
    if "part" in metafunc.fixturenames:
        sort = metafunc.function.__name__.split("_")[2]
        first: int = metafunc.config.getoption("campaign_seed")
        parts = range(first, first + MUTANTS[sort] // EACH)
        few = first + SMALL[sort] // EACH
        metafunc.parametrize(
            "part", [n if n < few else pytest.param(n, marks=pytest.mark.campaign) for n in parts]
        )


class Hangs(BaseException):
    """A command that needs too long; nothing of ours catches it."""


@contextmanager
def limited() -> Iterator[None]:
    """End what needs more than SECONDS of the processor, and fail for what needs MEGABYTES."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise Hangs

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    old = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, old)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MEGABYTES * 1024


def check(root: Path, *command: str) -> None:
    """Run a command, which must end as it should."""
    with limited():
        result = run("-C", str(root), *command)
    assert result.code in CODES, (command, result)
    assert "Traceback" not in result.out + result.err
    assert result.code in (0, 2) or result.err, command


@contextmanager
def told(sort: str, data: bytes, folder: Path) -> Iterator[None]:
    """Where a command breaks, keep the file and say where it is."""
    try:
        yield
    except BaseException as error:
        path = folder / f"{sort}-broken"
        path.write_bytes(data)
        raise AssertionError(f"{type(error).__name__} with {path}: {data[:2000]!r}") from error


@dataclass(frozen=True)
class Place:
    """A workspace that was applied, with what its ledger and a plan of it hold."""

    made: Any
    ledger: bytes
    plan: bytes

    @property
    def root(self) -> Path:
        """The workspace's folder."""
        folder: Path = self.made.root
        return folder


@pytest.fixture(scope="module")
def sandbox_of_mutants() -> Iterator[Running]:
    """A vendor whose objects nobody is to write to."""
    with running(Options(port=0, rate=0, data="empty", vendors=("kobo-plm",))) as sandbox:
        yield sandbox


@pytest.fixture
def place(tmp_path: Path, sandbox_of_mutants: Running, new_workspace: Callable[..., Any]) -> Place:
    """A workspace with a ledger of two runs, and a plan with a change of every sort."""
    made = new_workspace(tmp_path / "shop", sandbox_of_mutants)
    made.write(MANIFEST)
    made.apply()
    made.write(MANIFEST.replace("Anadolu", "Yeni").replace(", S-2: {name: İki}", ""))
    assert made.run("plan", "--out", str(made.root / "a.plan")).code == 0
    return Place(made, (made.root / LEDGER).read_bytes(), (made.root / "a.plan").read_bytes())


def seeds() -> list[bytes]:
    """The manifests of the examples, and the hostile ones at a hundredth of their size."""
    examples = sorted((ROOT / "examples").rglob("manifests/*.yaml"))
    small = {
        text
        for make in hostile.CASES.values()
        for path, text in make(600).items()
        if path.startswith("manifests/")
    }
    return [*(path.read_bytes() for path in examples), *(t.encode() for t in sorted(small))]


def manifest_mutant(dice: random.Random, texts: list[bytes]) -> bytes:
    """A manifest that is broken by byte or by structure."""
    data = dice.choice(texts)
    if dice.random() < 0.5:
        return mutated_bytes(dice, data, texts)
    try:
        values = [document.value for document in yaml12.parse(data, "x")]
    except Invalid:
        return mutated_bytes(dice, data, texts)
    documents = [json.dumps(mutated_value(dice, value)) for value in values]
    return "\n---\n".join(documents).encode()


def test_mutated_manifest(part: int, tmp_path: Path) -> None:
    """Also of reconciler.yaml, which is read in the same way."""
    dice = random.Random(f"manifest {part}")
    texts = seeds()
    settings = sorted((ROOT / "examples").rglob("reconciler.yaml"))
    configurations = [path.read_bytes() for path in settings]
    (tmp_path / "manifests").mkdir()
    for _ in range(EACH):
        configuration = dice.choice(configurations)
        data = manifest_mutant(dice, texts)
        if dice.random() < 0.2:
            configuration = data = manifest_mutant(dice, configurations)
        (tmp_path / "reconciler.yaml").write_bytes(configuration)
        (tmp_path / "manifests" / "a.yaml").write_bytes(data)
        with told("manifest", data, tmp_path):
            check(tmp_path, *dice.choice((["validate"], ["validate"], ["graph"])))


def ledger_mutant(dice: random.Random, data: bytes) -> bytes:
    """A ledger that is broken by byte, or one with right sums over records that were changed."""
    if dice.random() < 0.3:
        return mutated_bytes(dice, data, [data])
    records = [json.loads(line) for line in data.splitlines()]
    for record in records:
        del record["n"], record["sum"]
    for _ in range(dice.choice((1, 1, 2, 3))):
        at = dice.randrange(len(records))
        sort = dice.randrange(5)
        if sort == 0:
            records.insert(dice.randrange(len(records) + 1), records[at])
        elif sort == 1 and len(records) > 1:
            del records[at]
        else:
            changed = mutated_value(dice, records[at])
            records[at] = changed if isinstance(changed, dict) else records[at]
    return seal(Chain("x"), records)[1]


def test_mutated_ledger(part: int, place: Place) -> None:
    """Reading it, correcting it, and planning with it."""
    dice = random.Random(f"ledger {part}")
    commands = (
        ["state", "list"],
        ["state", "show", "kobo-plm/suppliers/S-1"],
        ["history"],
        ["state", "list", "--format", "json"],
        ["state", "forget", "kobo-plm/suppliers/S-1"],
        ["state", "mv", "kobo-plm/suppliers/S-1", "kobo-plm/suppliers/S-9"],
        ["explain", "kobo-plm/suppliers"],
        ["plan"],
        ["drift"],
        ["plan", "--format", "json"],
    )
    for _ in range(EACH):
        data = ledger_mutant(dice, place.ledger)
        (place.root / LEDGER).write_bytes(data)
        (place.root / f"{LEDGER}.seen").unlink(missing_ok=True)
        with told("ledger", data, place.root):
            check(place.root, *dice.choice(commands))


def plan_mutant(dice: random.Random, data: bytes) -> bytes:
    """A plan that is broken by byte, or one with its own fingerprint over what was changed."""
    if dice.random() < 0.3:
        return mutated_bytes(dice, data, [data])
    body = mutated_value(dice, json.loads(data))
    try:
        body["x_reconciler"].pop("fingerprint")
        body["x_reconciler"]["fingerprint"] = digest(body)
    except (KeyError, TypeError, AttributeError, ValueError):
        pass
    return json.dumps(body).encode()


def test_mutated_plan(part: int, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Showing it, and applying it; with a key, nothing that was changed is applied."""
    dice = random.Random(f"plan {part}")
    path = place.root / "a.plan"
    commands = (
        ["show", str(path)],
        ["show", str(path), "--format", "json"],
        ["show", str(path), "--full"],
        ["apply", str(path)],
    )
    original = json.loads(place.plan)
    place.made.sandbox.clear_journal()
    for _ in range(EACH):
        data = plan_mutant(dice, place.plan)
        try:
            same = json.loads(data) == original
        except (ValueError, RecursionError):
            same = False
        if same:
            continue
        path.write_bytes(data)
        command = dice.choice(commands)
        if command[0] == "apply":
            monkeypatch.setenv("RECONCILER_PLAN_KEY", "k" * 40)
        else:
            monkeypatch.delenv("RECONCILER_PLAN_KEY", raising=False)
        with told("plan", data, place.root):
            check(place.root, *command)
            assert place.made.writes() == []


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*")), ids=lambda path: path.name)
def test_what_once_broke_breaks_no_more(path: Path, place: Place) -> None:
    """Each file of the corpus, with every command that reads one of its sort."""
    sort = path.name.partition("-")[0]
    target, commands = {
        "manifest": ("manifests/main.yaml", (["validate"], ["graph"], ["plan"])),
        "settings": ("reconciler.yaml", (["validate"], ["graph"], ["plan"])),
        "ledger": (LEDGER, (["state", "list"], ["history"], ["plan"], ["drift"])),
        "plan": ("a.plan", (["show", "a.plan"], ["apply", "a.plan"])),
    }[sort]
    (place.root / target).write_bytes(path.read_bytes())
    (place.root / f"{LEDGER}.seen").unlink(missing_ok=True)
    for command in commands:
        words = [str(place.root / word) if word == "a.plan" else word for word in command]
        check(place.root, *words)
