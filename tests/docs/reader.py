"""A reader with a terminal, who follows a page: types its commands, writes the files that it shows,
and has the sandbox running."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from reconciler import cli
from reconciler.cli.demo import PORTS, USUAL_PORT
from reconciler.cli.sandbox import command as sandbox_command
from reconciler.sandbox import VENDORS, Options, credentials, read_faults

from ..vendors import running

HOME = "/home/you"
"""What pages show in the place of the folder in which a page is followed."""
SANDBOX = re.compile(r"(?P<tool>\S*\breconciler) sandbox(?P<options>( .*?)?)( &)?")
SECONDS = 60


class Ended(NamedTuple):
    """How a command ended: its exit code, and what it printed to both streams, in its order."""

    code: int
    output: str


@dataclass
class Reader:
    """Somebody in an empty folder, with the environment of the README and of its sandbox."""

    root: Path
    folder: Path = field(init=False)
    environment: dict[str, str] = field(init=False)
    _vendors: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    _background: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    _ports: dict[str, str] = field(default_factory=dict)
    _code: int = 0

    def __post_init__(self) -> None:
        self.folder = self.root
        settings = self.root.parent / f"{self.root.name}-home"
        settings.mkdir(mode=0o700)
        self.environment = {
            "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])),
            "HOME": str(settings),
            "LANG": "C.UTF-8",
            "GIT_AUTHOR_NAME": "You",
            "GIT_AUTHOR_EMAIL": "you@example.com",
            "GIT_COMMITTER_NAME": "You",
            "GIT_COMMITTER_EMAIL": "you@example.com",
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "init.defaultBranch",
            "GIT_CONFIG_VALUE_0": "main",
            **credentials(),
        }

    def write(self, name: str, text: str) -> None:
        """Write a file that the page shows."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    def type(self, command: str) -> Ended:
        """Type a command at the prompt. `reconciler` runs in this process where the shell has
        nothing to do but to split the line."""
        if started := SANDBOX.fullmatch(command.partition("  #")[0].strip()):
            self._start(shlex.split(started["options"]))
            return Ended(0, "")
        if not self._ports and ("reconciler" in command or str(USUAL_PORT)[:2] in command):
            self._start([])
        self._replace(self._ports)
        command = _replaced(command, self._ports)
        words = _words(command)
        ended = self._run(words[1:]) if words else self._shell(command)
        self._code = ended.code
        return Ended(ended.code, self._as_shown(ended.output))

    def leave(self) -> None:
        """Stop what runs."""
        self._background.close()
        self._vendors.close()

    def _start(self, arguments: list[str]) -> None:
        """Start the sandbox with these options, on free ports; one that runs is stopped."""
        self._vendors.close()
        with contextlib.chdir(self.folder):
            settings = cli.group.context_settings
            chosen = sandbox_command.make_context("sandbox", arguments, **settings).params
        state, faults = chosen["state"], chosen["faults"]
        options = Options(
            port=0,
            data=chosen["data"],
            state=self.folder / state if state else None,
            rate=chosen["rate"] or 0,
            faults=read_faults(self.folder / faults) if faults else (),
            job_seconds=0,
        )
        vendors = self._vendors.enter_context(running(options))
        real = {name: url.split(":")[2].partition("/")[0] for name, url in vendors.urls.items()}
        old = self._ports
        self._ports = {
            str(first + offset): real[name] for first in PORTS for name, offset in VENDORS.items()
        }
        # files lead to the ports of the sandbox that has ended
        self._replace({port: self._ports[usual] for usual, port in old.items()})

    def _replace(self, ports: Mapping[str, str]) -> None:
        for path in self.root.rglob("*.y*ml"):
            text = path.read_text("utf-8")
            if (changed := _replaced(text, ports)) != text:
                path.write_text(changed, "utf-8")

    def _run(self, arguments: list[str]) -> Ended:
        printed = io.StringIO()
        before = dict(os.environ)
        os.environ.clear()
        os.environ.update(self.environment)
        try:
            with (
                contextlib.chdir(self.folder),
                contextlib.redirect_stdout(printed),
                contextlib.redirect_stderr(printed),
            ):
                code = cli.run(arguments)
        finally:
            os.environ.clear()
            os.environ.update(before)
        return Ended(code, printed.getvalue())

    def _shell(self, command: str) -> Ended:
        """Run a command in bash, which is told the last exit code and asked where it ends. A
        command that ends with `&` is stopped when the page has ended."""
        background = command.rstrip().endswith("&") and not command.rstrip().endswith("&&")
        with tempfile.TemporaryDirectory() as place:
            after = Path(place) / "after"
            ending = f"trap 'env -0 >{after}; pwd >{after}.pwd' EXIT\n(exit {self._code})\n"
            text = command if background else ending + command
            with open(Path(place) / "output", "w+", encoding="utf-8") as output:
                process = subprocess.Popen(
                    ["bash", "-c", text.rstrip("& \n") if background else text],
                    cwd=self.folder,
                    env=self.environment,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,
                )
                if background:
                    self._background.callback(_stop, process)
                    return Ended(0, "")
                try:
                    code = process.wait(SECONDS)
                finally:
                    _stop(process)
                output.seek(0)
                printed = output.read()
            pairs = (pair.partition("=") for pair in after.read_text("utf-8").split("\0") if pair)
            left = ("_", "SHLVL", "PWD", "OLDPWD")
            self.environment = {name: value for name, _, value in pairs if name not in left}
            self.folder = Path(Path(f"{after}.pwd").read_text("utf-8").rstrip("\n"))
        return Ended(code, printed)

    def _as_shown(self, text: str) -> str:
        """An output as a page has it: with the usual ports, and with a folder of the reader."""
        usual = {real: port for port, real in reversed(self._ports.items())}
        return _replaced(text, usual).replace(str(self.root), HOME)


def _words(command: str) -> list[str]:
    """The words of a call of the tool; none where a shell has to read the line."""
    bare = re.sub(r"'[^']*'", "", command.partition(" #")[0])
    if re.search(r"[|&;<>$`*?~(){}\\\n]", bare):
        return []
    words = shlex.split(command, comments=True)
    return words if words and Path(words[0]).name == "reconciler" else []


def _replaced(text: str, ports: Mapping[str, str]) -> str:
    """A text with other ports of this machine."""
    return re.sub(
        r"(127\.0\.0\.1|localhost):(\d+)", lambda m: f"{m[1]}:{ports.get(m[2], m[2])}", text
    )


def _stop(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    process.wait(SECONDS)
