"""A program loaded once: a server that forks itself for each command, for tests that run very many
of them as processes.

    python -m tests.forked SOCKET MODULE

Each command has its own process with the folder, the environment, the streams and the arguments of
who asked, as a new one would, and one runs after the other; `main` of the module is called. What it
saves is loading the modules. The server ends with its standard input.
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
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn

import reconciler

LATER = ("encodings.idna", "jsonschema_rs", "obstore", "psycopg")
"""What commands import when they need it, beside our own modules."""
CLIENT = """#!{python} -IS
import _socket, marshal, os, sys  # socket itself takes as long to import as all else does
server = _socket.socket(_socket.AF_UNIX)
server.connect({path!r})
streams = b"".join(number.to_bytes(4, sys.byteorder) for number in (0, 1, 2))
server.sendmsg([b"!"], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, streams)])
server.sendall(marshal.dumps((os.getcwd(), dict(os.environ), sys.argv[1:])))
server.shutdown(_socket.SHUT_WR)
os._exit((server.recv(1) or b"\\xff")[0])
"""


@contextmanager
def loaded(
    folder: Path, environment: Mapping[str, str], module: str = "reconciler.cli"
) -> Iterator[Path]:
    """A program in this folder, whose commands are forks of a server that runs for as long as the
    block lasts."""
    path = folder / "socket"
    program = folder / "program"
    program.write_text(CLIENT.format(python=sys.executable, path=str(path)), "utf-8")
    program.chmod(0o755)
    server = subprocess.Popen(
        [sys.executable, "-m", __name__, str(path), module],
        cwd=Path(__file__).parents[1],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with server:
        assert server.stdout is not None
        assert server.stdout.readline() == b"ready\n"
        yield program


def serve(path: str, name: str) -> None:
    """Answer until there is nobody any more who could ask."""
    for module in pkgutil.walk_packages(reconciler.__path__, "reconciler."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    for package in LATER:
        with suppress(ImportError):
            importlib.import_module(package)
    main = importlib.import_module(name).main
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
                    obey(connection, main)
                _, status = os.waitpid(child, 0)
                code = os.waitstatus_to_exitcode(status)
                # What a shell calls the end by a signal.
                connection.sendall(bytes([code if code >= 0 else 128 - code]))


def obey(connection: socket.socket, main: Callable[[list[str]], NoReturn]) -> None:
    """Be the command that is asked for."""
    _, streams, _, _ = socket.recv_fds(connection, 1, 3)
    with connection.makefile("rb") as given:
        folder, environment, arguments = marshal.load(given)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    main(arguments)


if __name__ == "__main__":
    serve(*sys.argv[1:])
