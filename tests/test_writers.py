"""Only the room for files opens files to write, and the sandbox where it keeps its state."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import reconciler

PACKAGE = Path(reconciler.__file__).parent
ROOM = PACKAGE / "files"
STATE = PACKAGE / "sandbox" / "state.py"
WRITING = {"write_text", "write_bytes", "touch", "mkdir", "rmdir", "unlink", "symlink_to"}
WRITING |= {"hardlink_to", "rename", "chmod", "lchmod", "mkstemp", "mkdtemp"}
OF_OS = {"open", "replace", "rename", "renames", "remove", "unlink", "link", "symlink", "mkdir"}
OF_OS |= {"makedirs", "rmdir", "removedirs", "truncate", "chmod", "chown", "mkfifo", "mknod"}
MODULES = {"tempfile", "shutil", "fileinput", "mmap"}

# What the streams of a process need, and a file that was opened by the room.
ALLOWED = {("cli/__init__.py", "os.open"), ("cli/demo.py", "shutil")}


def writers(path: Path) -> Iterator[tuple[str, int]]:
    """What in a module may open a file to write, or change what is in a folder."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = {alias.name for alias in node.names} | {getattr(node, "module", "") or ""}
            for name in names & MODULES:
                yield name, node.lineno
        if not isinstance(node, ast.Call):
            continue
        function = node.func
        if isinstance(function, ast.Name) and function.id in ("open", "FileIO", "fdopen"):
            modes = [*node.args[1:2], *(k.value for k in node.keywords if k.arg == "mode")]
            values = [mode.value if isinstance(mode, ast.Constant) else "w" for mode in modes]
            if not values or values[0] != "rb" or function.id == "FileIO":
                yield function.id, node.lineno
        if isinstance(function, ast.Attribute):
            owner = function.value.id if isinstance(function.value, ast.Name) else ""
            if function.attr in WRITING or (owner == "os" and function.attr in OF_OS):
                yield f"{owner}.{function.attr}", node.lineno
            elif owner in ("io", "path", "Path") and function.attr == "open":
                yield f"{owner}.open", node.lineno


def test_no_other_room_writes() -> None:
    """No module opens a file to write, moves, links or removes one, but those two."""
    found = {
        (path.relative_to(PACKAGE).as_posix(), name)
        for path in PACKAGE.rglob("*.py")
        if not path.is_relative_to(ROOM) and path != STATE
        for name, _ in writers(path)
    }
    assert found == ALLOWED


def test_the_check_finds_what_it_looks_for(tmp_path: Path) -> None:
    """Each way to write is one finding; reading is none."""
    lines = ["open(p, 'w')", "open(p)", "os.open(p, 1)", "p.write_text('')", "import tempfile"]
    lines += ["os.replace(a, b)", "p.mkdir()", "from shutil import rmtree", "FileIO(p)"]
    for line in lines:
        (tmp_path / "x.py").write_text(line, "utf-8")
        assert len(list(writers(tmp_path / "x.py"))) == 1, line
    (tmp_path / "x.py").write_text("open(fd, 'rb'); s.replace(a, b); w.open()", "utf-8")
    assert list(writers(tmp_path / "x.py")) == []


HOOK = """
import os, sys, traceback
from reconciler.cli import run
room = sys.argv[1]
def hook(name, args):
    writes = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
    if name == "open" and isinstance(args[0], int):
        return  # a descriptor that is open already, such as a pipe to git
    if name == "open" and isinstance(args[2], int) and args[2] & writes or name in (
        "os.rename", "os.remove", "os.link", "os.symlink", "os.mkdir"
    ):
        frame = sys._getframe(1)
        if not frame.f_code.co_filename.startswith((room, "<frozen importlib")):
            print("WRITER", name, args, frame.f_code.co_filename, file=sys.stderr)
        print("WROTE", file=sys.stderr)
sys.addaudithook(hook)
sys.exit(run(sys.argv[2:]))
"""


@pytest.mark.parametrize(
    "command",
    [
        "init shop2",
        "schema --write",
        "plan --out x.plan",
        "apply --auto-approve --secrets-out secrets.jsonl",
        "import --all",
        "state unlock",
    ],
)
def test_what_commands_open_is_opened_there(workspace: Any, command: str) -> None:
    """Told by the interpreter itself, for each command that writes to the disk."""
    here = workspace(
        "provider: kobo-plm\nwebhooks: {h: {url: 'https://x.example/', events: [style.created]}}\n"
    )
    here.run("apply", "--auto-approve")
    here.write("provider: kobo-plm\nwebhooks: {}\n", "other")
    folder = here.root / "shop2" if command.startswith("init") else here.root
    words = [word for word in command.split() if word != "shop2"]
    done = subprocess.run(
        [sys.executable, "-B", "-c", HOOK, str(ROOM), "-C", str(folder), *words],
        env={**os.environ, "PYTHONPATH": str(PACKAGE.parent)},
        cwd=here.root,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "WROTE" in done.stderr
    assert "WRITER" not in done.stderr, done.stderr
