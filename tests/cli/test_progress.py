"""How far a run is, beside what it prints."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import termios
from contextlib import suppress
from typing import Any

from reconciler.cli.progress import Progress
from reconciler.sandbox import credentials

from ..conftest import MakeWorkspace


class Line:
    """A live line that notes when it makes room and when it comes back."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def stop(self) -> None:
        """Make room."""
        self.told.append("gone")

    def start(self) -> None:
        """Come back."""
        self.told.append("back")


def test_a_live_line_makes_room_for_what_is_printed() -> None:
    """The line is gone while something else is printed, and comes back also after a failure."""
    progress: Any = Progress("Applying")
    progress.live = line = Line()
    with progress.aside():
        line.told.append("printed")
    assert line.told == ["gone", "printed", "back"]


def test_a_terminal_gets_a_line_and_the_result_stays_clean(workspace: MakeWorkspace) -> None:
    """With stderr on a terminal the progress is there, and stdout holds the result alone."""
    made = workspace()
    made.declare({"kobo-plm/suppliers": {"SUP-900": {"name": "Yeni"}}})
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "reconciler", "-C", str(made.root), "apply", "--auto-approve"]
    ended = subprocess.run(
        command,
        env={**os.environ, **credentials(), "PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
        check=False,
    )
    os.close(theirs)
    told = os.read(ours, 65536).decode()
    os.close(ours)
    assert ended.returncode == 0
    assert "Applying:" in told
    assert "\x1b" not in ended.stdout
    lines = ended.stdout.splitlines()
    assert lines[-1] == "Apply complete! Resources: 1 added, 0 changed, 0 destroyed."
    assert any(line.startswith("kobo-plm/suppliers/SUP-900: created in ") for line in lines)


def test_a_wait_for_a_rate_limit_is_named_while_it_lasts() -> None:
    """Somebody who watches learns which vendor is waited for and how long; a short wait, and one
    that is over, is not worth a word."""
    progress = Progress("Reading")
    progress.hold("inventora", 50.4)
    progress.hold("kobiks", 0.5)
    progress.hold("kibo", -1)
    wait = "inventora waits 50 s for its rate limit"
    assert progress.line() == f"Reading: 0 requests, {wait}"
    assert progress.line(with_time=True) == f"Reading: 0 requests after 0 s, {wait}"


def on_a_terminal(made: Any, columns: int) -> str:
    """What a terminal of so many columns is sent by an apply that is not asked about."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (50, columns))
    command = [sys.executable, "-m", "reconciler", "-C", str(made.root), "apply", "--auto-approve"]
    ended = subprocess.Popen(
        command,
        env={
            **{n: v for n, v in os.environ.items() if n not in ("COLUMNS", "NO_COLOR")},
            **credentials(),
            "PYTHONPATH": os.pathsep.join(sys.path),
            "TERM": "xterm",
        },
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    parts = []
    with suppress(OSError):  # the other end is closed
        while part := os.read(ours, 65536):
            parts.append(part)
    os.close(ours)
    assert ended.wait() == 0
    return b"".join(parts).decode()


def test_lines_stay_whole_above_the_live_line(workspace: MakeWorkspace, sandbox: Any) -> None:
    """On a narrow terminal, where the live line is longer than a line, each change that has ended
    stands on a line of its own, and no part of the live line is left."""
    names = [f"SUP-9{number:02}" for number in range(40)]
    made = workspace()
    made.declare({"kobo-plm/suppliers": {name: {"name": "Yeni"} for name in names}})
    slow = {"method": "POST", "path": "*", "fault": {"delay": 0.05}}
    sandbox.faults([slow])
    told = on_a_terminal(made, columns=24)
    shown = [line.rpartition("\x1b[2K")[2].strip("\r") for line in told.split("\n")]
    for name in names:
        (line,) = [line for line in shown if f"suppliers/{name}: created" in line]
        assert line.startswith(f"kobo-plm/suppliers/{name}: created in ")
    assert "Applying" in told
    assert "\x1b[1A\x1b[2K\x1b[1A\x1b[2K" not in told
    assert "Apply complete! Resources: 40 added, 0 changed, 0 destroyed." in shown
