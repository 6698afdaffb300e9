"""The command line loaded once: a server that forks itself for each command, for tests that run
very many of them as processes.

    python -m tests.forked SOCKET

Each command has its own process with the folder, the environment, the streams and the arguments of
who asked, as a new one would, and one runs after the other. What it saves is loading the modules.
The server ends with its standard input.
"""

from __future__ import annotations

import gc
import importlib
import marshal
import os
import pkgutil
import select
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import reconciler
from reconciler import cli

LATER = ("encodings.idna", "jsonschema_rs")
"""What commands import when they need it, beside our own modules."""
CLIENT = """#!{python} -IS
import marshal, os, socket, sys
with socket.socket(socket.AF_UNIX) as server:
    server.connect({path!r})
    socket.send_fds(server, [b"!"], [0, 1, 2])
    server.sendall(marshal.dumps((os.getcwd(), dict(os.environ), sys.argv[1:])))
    server.shutdown(socket.SHUT_WR)
    os._exit((server.recv(1) or b"\\xff")[0])
"""


@contextmanager
def loaded(folder: Path, environment: Mapping[str, str]) -> Iterator[Path]:
    """A program `reconciler` in this folder, whose commands are forks of a server that runs for as
    long as the block lasts."""
    path = folder / "socket"
    program = folder / "reconciler"
    program.write_text(CLIENT.format(python=sys.executable, path=str(path)), "utf-8")
    program.chmod(0o755)
    server = subprocess.Popen(
        [sys.executable, "-m", __name__, str(path)],
        cwd=Path(__file__).parents[1],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with server:
        assert server.stdout is not None
        assert server.stdout.readline() == b"ready\n"
        yield program


def serve(path: str) -> None:
    """Answer until there is nobody any more who could ask."""
    for module in pkgutil.walk_packages(reconciler.__path__, "reconciler."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    for name in LATER:
        importlib.import_module(name)
    gc.freeze()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while listener in select.select([listener, sys.stdin], [], [])[0]:
            connection, _ = listener.accept()
            with connection:
                child = os.fork()
                if not child:
                    obey(connection)
                _, status = os.waitpid(child, 0)
                connection.sendall(bytes([os.waitstatus_to_exitcode(status) & 0xFF]))


def obey(connection: socket.socket) -> None:
    """Be the command that is asked for."""
    _, streams, _, _ = socket.recv_fds(connection, 1, 3)
    with connection.makefile("rb") as given:
        folder, environment, arguments = marshal.load(given)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    cli.main(arguments)


if __name__ == "__main__":
    serve(sys.argv[1])
