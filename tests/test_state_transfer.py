"""A ledger is taken out of its store, put back and moved to any other store, and nothing of it is
lost: not by a wrong file, and not by a crash in the middle."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import pytest

from reconciler.ledger import open_ledger

from .conftest import ROOT, MakeWorkspace, Result, Workspace
from .forked import loaded
from .ledger.stores import BUCKET, database, git, s3_server

HOOK = "url: 'https://x.example/1', events: [style.created]"
FILE = ".reconciler/ledger.jsonl"
KILLED = 128 + signal.SIGKILL


def manifest(*names: str) -> str:
    """A manifest with these webhooks."""
    hooks = ", ".join(f"{name}: {{name: {name}, {HOOK}}}" for name in names)
    return f"provider: kobo-plm\nwebhooks: {{{hooks}}}\n"


def git_setting(root: Path) -> str:
    """A branch of the workspace's repository, whose `origin` is another folder."""
    if not (root / ".git").exists():
        origin = root.parent / "origin.git"
        git(root, "init", "-q", "--bare", "-b", "main", str(origin))
        git(root, "init", "-q", "-b", "main")
        git(root, "remote", "add", "origin", str(origin))
    return f"git:ledger-{os.urandom(4).hex()}"


def s3_setting(_root: Path) -> str:
    """An object that is not there yet."""
    s3_server()
    return f"s3://{BUCKET}/{os.urandom(8).hex()}"


def postgres_setting(_root: Path) -> str:
    """A row that is not there yet."""
    database()
    return f"postgresql:///postgres/{os.urandom(8).hex()}"


PLACES: Mapping[str, Callable[[Path], str]] = {
    "file": lambda _: f"ledgers/{os.urandom(4).hex()}.jsonl",
    "git": git_setting,
    "s3": s3_setting,
    "postgres": postgres_setting,
}


@pytest.fixture
def here(workspace: MakeWorkspace, sandbox: Any) -> Workspace:
    """A workspace that has applied twice; one of its names is Turkish."""
    sandbox.put_state("kobo-plm", {"webhooks": []})
    made = workspace(manifest("İğne"))
    made.apply()
    made.write(manifest("İğne", "ılık"))
    made.apply()
    return made


def content(here: Workspace, setting: str) -> bytes:
    """What a place holds."""
    return open_ledger(setting, here.root, "acme").store.read().data


def use(here: Workspace, setting: str) -> None:
    """Have the workspace use another ledger."""
    here.configure(ledger=setting)


def migrate(here: Workspace, setting: str) -> Result:
    """Migrate the workspace's ledger."""
    return here.run("state", "migrate", "--to", setting)


ROUND = [*pairwise([*PLACES, next(iter(PLACES))])]


@pytest.mark.parametrize(
    ("source", "target"),
    [
        pytest.param(*pair, marks=() if pair in ROUND else pytest.mark.campaign)
        for pair in product(PLACES, repeat=2)
    ],
)
def test_a_ledger_moves_to_any_other_store(here: Workspace, source: str, target: str) -> None:
    """Byte for byte, with its journal; the old one stays, and with the new setting the work goes on
    as if nothing had happened: nothing is created twice. From each store to the next one, and in
    the campaign (`-m campaign`) from each to each."""
    before = content(here, FILE)
    old, new = PLACES[source](here.root), PLACES[target](here.root)
    assert migrate(here, old).code == 0
    use(here, old)
    moved = migrate(here, new)
    assert moved.code == 0, moved
    assert f"    ledger: {new}" in moved.out.splitlines()
    assert "2 objects owned, 2 runs." in moved.out
    assert "stays as it is" in moved.err
    assert content(here, old) == content(here, new) == before
    use(here, new)
    assert here.settled()
    assert len(here.run("history", "--format", "json").json["runs"]) == 2
    here.write(manifest("İğne"))
    here.apply()
    assert content(here, new).startswith(before)
    assert content(here, old) == before


@pytest.fixture(scope="module")
def mover(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A program that is loaded already, and kills itself in a migration where it is told to."""
    variables = os.environ | {"PYTHONPATH": str(ROOT)}
    with loaded(tmp_path_factory.mktemp("mover"), variables, "tests.mover") as program:
        yield program


@pytest.mark.parametrize("target", list(PLACES))
def test_a_move_that_is_killed_is_completed_by_the_next(
    here: Workspace, target: str, mover: Path
) -> None:
    """Wherever the process dies, the old ledger stays whole, and the new place holds nothing, a
    beginning, or all of it. Once the lock of the dead process is broken the next try succeeds."""
    before = content(here, FILE)
    died = 0
    for death in (-1, 1, -2, 3, -5, 7, 10, 14):
        new = PLACES[target](here.root)
        command = [mover, here.root, new, str(death)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        died += done.returncode == KILLED
        assert done.returncode in (0, KILLED), done
        assert content(here, FILE) == before
        assert before.startswith(content(here, new))
        ledger = open_ledger(new, here.root, "acme")
        if (holder := ledger.holder()) is not None:
            ledger.unlock(holder.id)
        again = migrate(here, new)
        assert again.code == 0, (death, again)
        assert content(here, new) == before
    assert died >= 4


@pytest.mark.parametrize("cut", [1, 20, 200, -30, -1])
def test_half_a_copy_is_completed(here: Workspace, cut: int) -> None:
    """Where only some bytes arrived, the next try writes the others."""
    before = content(here, FILE)
    new = here.root / "new.jsonl"
    new.write_bytes(before[:cut])
    assert migrate(here, "new.jsonl").code == 0
    assert new.read_bytes() == before


def test_a_place_that_holds_something_else_is_left_alone(here: Workspace) -> None:
    """Another lineage, more records, another past, another workspace, somebody's notes: refused
    with both serials where there are two, and not a byte is changed."""
    before = content(here, FILE)
    other = here.root / "other.jsonl"

    def refused(data: bytes, code: int, *words: str) -> None:
        other.write_bytes(data)
        shown = migrate(here, "other.jsonl")
        assert (shown.code, shown.out) == (code, ""), shown
        assert all(word in shown.err for word in words), shown.err
        assert other.read_bytes() == data
        assert content(here, FILE) == before

    here.write(manifest("İğne", "ılık", "c"))
    here.apply()
    newer = content(here, FILE)
    (here.root / FILE).write_bytes(before)
    (here.root / f"{FILE}.seen").unlink()
    here.write(manifest("İğne", "ılık", "d"))
    here.apply()
    before = content(here, FILE)
    refused(newer, 3, "differ from record")
    first = before.index(b"\n") + 1
    refused(before[:first] + b"notes\n" + before[first:], 1, "damaged at line 2")
    refused(b"somebody's notes\n", 1, "it does not begin as a ledger does")
    (here.root / "third.jsonl").unlink(missing_ok=True)
    with open_ledger("third.jsonl", here.root, "acme").lock("test"):
        pass
    refused((here.root / "third.jsonl").read_bytes(), 3, "lineage", "has serial", "has 1")
    with open_ledger("fourth.jsonl", here.root, "shop").lock("test"):
        pass
    refused((here.root / "fourth.jsonl").read_bytes(), 1, "belongs to workspace 'shop'")


def test_a_newer_ledger_is_not_overwritten_by_an_older_one(here: Workspace) -> None:
    """Neither by a move nor by a push; both serials are said."""
    old = here.run("state", "pull").out
    assert migrate(here, "new.jsonl").code == 0
    use(here, "new.jsonl")
    here.write(manifest("İğne"))
    here.apply()
    newer = content(here, "new.jsonl")
    use(here, FILE)
    shown = migrate(here, "new.jsonl")
    assert shown.code == 3
    serials = [f"serial {len(old.splitlines())}", f"has {len(newer.splitlines())}"]
    assert all(serial in shown.err for serial in serials), shown.err
    use(here, "new.jsonl")
    (here.root / "old.jsonl").write_text(old, "ascii")
    shown = here.run("state", "push", "old.jsonl")
    assert shown.code == 3
    assert "is older than the ledger" in shown.err
    assert all(serial in shown.err for serial in serials), shown.err
    assert content(here, "new.jsonl") == newer


def test_the_place_must_be_another_and_there_must_be_a_ledger(
    here: Workspace, workspace: MakeWorkspace
) -> None:
    """The same place under another spelling is not copied onto itself; and nothing is made where
    there is nothing to copy."""
    for setting in (FILE, f"./.reconciler/../{FILE}"):
        shown = migrate(here, setting)
        assert shown.code == 1
        assert "is where the ledger is already" in shown.err
    assert migrate(here, "mongodb://x").code == 1
    use(here, "empty.jsonl")
    shown = migrate(here, "new.jsonl")
    assert shown.code == 1
    assert "nothing to migrate" in shown.err
    assert not (here.root / "new.jsonl").exists()


@pytest.mark.parametrize("target", list(PLACES))
def test_what_was_pulled_is_pushed(here: Workspace, target: str) -> None:
    """Into an empty store, onto its own beginning, and onto itself, which writes nothing."""
    before = content(here, FILE)
    pulled = here.run("state", "pull")
    assert pulled.out.encode("ascii") == before
    assert here.run("state", "pull", "--out", "copy.jsonl").out == ""
    assert (here.root / "copy.jsonl").read_bytes() == before
    assert (here.root / "copy.jsonl").stat().st_mode & 0o777 == 0o600
    half = b"".join(before.splitlines(keepends=True)[:4])
    (here.root / "half.jsonl").write_bytes(half)
    use(here, PLACES[target](here.root))
    for file, records in (("half.jsonl", "4 records"), ("copy.jsonl", "records")):
        shown = here.run("state", "push", file)
        assert shown.code == 0, shown
        assert records in shown.out
    assert "has all of it" in here.run("state", "push", "copy.jsonl").out
    assert here.run("state", "pull").out.encode("ascii") == before
    assert here.settled()


def test_wrong_files_are_not_pushed(here: Workspace) -> None:
    """Somebody's notes, nothing, a part of a line, a changed line, lines in another order, the
    ledger of another workspace: the ledger stays as it was."""
    before = content(here, FILE)
    lines = before.splitlines(keepends=True)
    with open_ledger("shop.jsonl", here.root, "shop").lock("test"):
        pass
    cases = {
        b"notes\n": "does not begin as a ledger does",
        b"": "it is empty",
        before[:-9]: "cut short",
        b"".join(lines[:-1]) + lines[-1].replace(b'"add"', b'"sub"') + lines[-1]: "damaged",
        b"".join([lines[0], lines[2], lines[1], *lines[3:]]): "damaged",
        b"\xff\xfe\0": "does not begin",
        (here.root / "shop.jsonl").read_bytes(): "belongs to workspace 'shop'",
    }
    for data, words in cases.items():
        (here.root / "wrong.jsonl").write_bytes(data)
        shown = here.run("state", "push", "wrong.jsonl")
        assert (shown.code, shown.out) == (1, ""), (words, shown)
        assert words in shown.err, (words, shown.err)
        assert content(here, FILE) == before
    assert here.run("state", "push", "missing.jsonl").code == 1
    assert here.run("state", "push", "manifests").code == 1


def test_the_ledger_of_another_environment_is_not_pushed(workspace: MakeWorkspace) -> None:
    """The runs in it say which environment it is of."""
    made = workspace(
        "provider: kobo-plm\nsuppliers: {S-1: {name: Ş}}\n",
        environments={"staging": {}, "production": {}},
    )
    assert made.run("--env", "staging", "apply", "--auto-approve").code == 0
    assert made.run("--env", "staging", "state", "pull", "--out", "staging.jsonl").code == 0
    shown = made.run("--env", "production", "state", "push", "staging.jsonl")
    assert shown.code == 3
    assert 'environment "staging"' in shown.err
    assert 'environment "production"' in shown.err
    shown = made.run("state", "push", "staging.jsonl")
    assert shown.code == 3
    assert made.run("--env", "production", "state", "pull").code == 1
    moved = made.run("--env", "staging", "state", "migrate", "--to", "new.jsonl")
    assert "below environments: staging" in moved.out


def test_a_push_and_a_move_wait_for_the_lock(here: Workspace) -> None:
    """Both are refused while a run holds the lock of a place that they write or copy."""
    here.run("state", "pull", "--out", "copy.jsonl")
    with open_ledger(FILE, here.root, "acme").lock("apply"):
        for words in (("push", "copy.jsonl"), ("migrate", "--to", "new.jsonl")):
            shown = here.run("state", *words)
            assert shown.code == 3
            assert "is locked by" in shown.err
        assert here.run("state", "pull").code == 0
    with open_ledger("new.jsonl", here.root, "acme").hold("apply"):
        assert migrate(here, "new.jsonl").code == 3


def test_what_a_ci_runner_would_obey_is_not_printed(here: Workspace) -> None:
    """The ledger is printed byte for byte or not at all; in a file it is always whole."""
    text = "##vso[task.setvariable variable=x]y"
    here.write(f"provider: kobo-plm\nsuppliers: {{S-1: {{name: '{text}'}}}}\n")
    here.run("apply", "--auto-approve", "--no-prune")
    shown = here.run("state", "pull")
    assert (shown.code, shown.out) == (1, "")
    assert "state pull --out FILE" in shown.err
    assert here.run("state", "pull", "--out", "copy.jsonl").code == 0
    assert text in (here.root / "copy.jsonl").read_text("ascii")
