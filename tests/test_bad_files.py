"""Disks, ledgers and ports that are not as they should be, through the command line."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
LEDGER = ".reconciler/ledger.jsonl"
MANIFEST = "provider: kobo-plm\nsuppliers:\n  S-1: {name: Anadolu}\n"
HOOKS = "provider: kobo-plm\nwebhooks:\n" + "".join(
    f"  h{number}: {{url: 'https://x.example/{number}', events: [style.created]}}\n"
    for number in range(3)
)
LIMITED = (
    "import resource, sys; from reconciler.cli import main; limit = int(sys.argv[1]); "
    "resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)); main(sys.argv[2:])"
)


@pytest.fixture
def here(workspace: Callable[..., Any]) -> Any:
    """A workspace that owns a supplier and is to change it."""
    made = workspace(MANIFEST)
    made.apply()
    made.write(MANIFEST.replace("Anadolu", "Yeni"))
    made.sandbox.clear_journal()
    return made


def files(folder: Path) -> dict[str, bytes]:
    """Every file there and what is in it; the lock's note of its last holder apart."""
    found = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def limited(here: Any, limit: int, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command where no file may grow beyond `limit` bytes, as on a disk that is full."""
    return subprocess.run(
        [sys.executable, "-c", LIMITED, str(limit), "-C", str(here.root), *command],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def _foreign(path: Path) -> None:
    path.write_text(path.read_text("utf-8").replace('"acme"', '"other"', 1), "utf-8")


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(b"\xff" + path.read_bytes()[1:]),
        lambda path: path.write_bytes(path.read_bytes().replace(b"created", b"adopted", 1)),
        lambda path: path.write_text("once upon a time\n", "utf-8"),
        _foreign,
        _folder,
    ],
    ids=["not UTF-8", "edited", "no ledger", "foreign", "a folder"],
)
def test_a_ledger_that_cannot_be_used_stops_everything(
    here: Any, damage: Callable[[Path], None]
) -> None:
    """Plan, drift, import and apply say the same one thing; no vendor is asked or written to."""
    damage(here.root / LEDGER)
    before = files(here.root)
    for command in ("plan", "drift", "apply --auto-approve", "import --kind webhooks"):
        result = here.run(*command.split())
        assert (result.code, result.out) == (1, ""), result
        assert result.err.count("Error: ") == 1, result.err
        assert "ledger.jsonl" in result.err
    assert files(here.root) == before
    assert here.sandbox.journal("kobo-plm") == []


def test_a_full_disk_is_found_before_a_vendor_is_written_to(here: Any) -> None:
    """Where the ledger cannot grow, apply and import begin nothing and leave every file."""
    before = files(here.root)
    for command in ("apply --auto-approve", "import --kind webhooks"):
        result = limited(here, 100, *command.split())
        assert (result.returncode, result.stdout) == (1, ""), result
        assert result.stderr.count("Error: ") == 1, result.stderr
        assert "File too large" in result.stderr
    assert files(here.root) == before
    assert here.writes() == []


def test_a_full_disk_keeps_the_manifests_and_plans_that_are_there(here: Any) -> None:
    """A file that cannot be written whole is not written: the old one stays, no rest of it."""
    (here.root / "old.plan").write_text("old", "utf-8")
    target = here.root / "manifests" / "kobo-plm" / "webhooks.yaml"
    target.parent.mkdir()
    target.write_text("# mine\n", "utf-8")
    before = files(here.root)
    saving = limited(here, 50, "plan", "--out", "old.plan")
    assert saving.returncode == 1
    assert "Error: cannot write old.plan: File too large" in saving.stderr
    here.sandbox.put_state("kobo-plm", {"webhooks": _many_hooks()})
    room = (here.root / LEDGER).stat().st_size + 70_000
    importing = limited(here, room, "import", "--kind", "webhooks")
    assert (importing.returncode, importing.stdout) == (1, "")
    assert "Error: cannot write" in importing.stderr
    after = files(here.root)
    # the ledger knows of the run, which wrote nothing
    kept = {name for name in before if not name.startswith(LEDGER)}
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert set(after) == set(before)
    assert b"webhooks/" not in after[LEDGER]


def _many_hooks() -> list[dict[str, Any]]:
    one = {"url": "https://x.example/" + "x" * 400, "events": ["style.created"]}
    return [{**one, "name": f"h{number:03}"} for number in range(300)]


def test_output_that_cannot_be_written_begins_nothing_more(here: Any, tmp_path: Path) -> None:
    """What was begun is finished and noted, the exit code is 4, and the next apply does the
    rest."""
    suppliers = "".join(f"  N-{number:02}: {{name: x}}\n" for number in range(40))
    here.write(MANIFEST + suppliers)
    saved = here.root / "all.plan"
    assert here.run("plan", "--out", str(saved)).code == 0
    with open("/dev/full", "w", encoding="utf-8") as full:
        command = ("apply", "all.plan", "--parallelism", "1")
        run = subprocess.run(
            [sys.executable, "-m", "reconciler", "-C", str(here.root), *command],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert run.returncode == 4, run.stderr
    assert "Traceback" not in run.stderr
    assert "no other change was begun" in run.stderr
    assert 1 <= len(here.writes()) < 40
    here.apply()
    assert here.settled()
    codes = [one["code"] for one in here.sandbox.state("kobo-plm")["suppliers"]]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("command", ["plan", "plan --format json", "validate", "history"])
def test_nobody_listening_is_no_crash(here: Any, command: str) -> None:
    """A full disk or a closed stream behind stdout and stderr is an error without a traceback."""
    start = f"{sys.executable} -m reconciler -C {here.root} {command}"
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    for where, code in ((">/dev/full", 1), (">/dev/full 2>&1", 1), (">&-", 0), (">&- 2>&-", 0)):
        done = subprocess.run(
            f"{start} {where}", shell=True, env=env, capture_output=True, text=True, check=False
        )
        if command != "history" or code == 0:
            assert done.returncode == code, (where, done)
        assert "Traceback" not in done.stderr, (where, done)


@pytest.mark.parametrize("option", ["plan --out", "apply --auto-approve --secrets-out"])
@pytest.mark.parametrize(
    "place", ["nowhere/x", "manifests", "/proc/x", "pipe", "reconciler.yaml/x"]
)
def test_a_place_that_takes_no_file_is_refused(here: Any, option: str, place: str) -> None:
    """A folder, a missing one, a read-only place, a pipe: an error, before any write."""
    os.mkfifo(here.root / "pipe")
    before = files(here.root)
    result = here.run(*option.split(), place if place.startswith("/") else str(here.root / place))
    assert result.code == 1, result
    assert result.err.count("Error: ") == 1, result.err
    assert place in result.err
    assert here.writes() == []
    after = files(here.root)
    assert {**after, LEDGER: b""} == {**before, LEDGER: b""}
    assert stat.S_ISFIFO((here.root / "pipe").stat().st_mode)


def test_a_secret_that_cannot_be_kept_is_told(workspace: Callable[..., Any]) -> None:
    """The disk fills up under --secrets-out: the objects are made and owned, each secret that
    was lost is named, the others are whole, and the exit code is 4."""
    made = workspace(HOOKS)
    path = made.root / "secrets.jsonl"
    path.write_bytes(b"x" * 1_000_000)
    made.root.joinpath(LEDGER).parent.mkdir(mode=0o700)
    result = limited(made, 1_000_000, "apply", "--auto-approve", "--secrets-out", str(path))
    assert result.returncode == 4, result
    assert result.stderr.count("secret that the vendor showed could not be saved") == 3
    assert "Rotate it" in result.stderr
    assert made.settled()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("--port {taken}", "port {taken} for kobo-plm is already in use"),
        ("--port 70000", "70000"),
        ("--port -1", "-1"),
        ("--port 0 --data some", "data is docs, empty or a number"),
        ("--port 0 --state nowhere/state.json", "there is no folder nowhere"),
        ("--port 0 --faults reconciler.yaml", "reconciler.yaml"),
    ],
)
def test_a_sandbox_that_cannot_start_says_why(here: Any, options: str, words: str) -> None:
    """Ports that are taken or none, data, files: one error instead of a sandbox."""
    taken = here.sandbox.urls["kobo-plm"].split(":")[2].partition("/")[0]
    result = here.run("sandbox", *options.format(taken=taken).split())
    assert (result.code, result.out) == (1, ""), result
    assert result.err.count("Error: ") == 1, result.err
    assert words.format(taken=taken) in result.err


@pytest.mark.parametrize("command", ["plan", "apply --auto-approve", "import --all"])
def test_ctrl_c_while_reading_leaves_everything(here: Any, command: str) -> None:
    """Interrupted before anything was begun, a command says so and nothing has changed."""
    before = files(here.root)
    here.sandbox.faults([{"method": "GET", "path": "*/suppliers", "fault": {"delay": 1.0}}])
    run = here.start(*command.split())
    pause = Event()
    while run.poll() is None and not here.sandbox.journal("kobo-plm"):
        pause.wait(0.01)
    run.send_signal(signal.SIGINT)
    out, err = run.communicate()
    assert (run.returncode, out) == (1, ""), err
    assert "Interrupted. Nothing was written." in err
    assert "Traceback" not in err
    assert here.writes() == []
    after = files(here.root)
    assert {**after, LEDGER: b""} == {**before, LEDGER: b""}
    here.sandbox.faults([])
    here.apply()
