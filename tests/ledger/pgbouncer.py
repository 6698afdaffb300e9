"""A real pooler: Debian's pgbouncer, before the tests' PostgreSQL server."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from .proxy import forwarding

CONFIGURATION = """\
[databases]
postgres = host=127.0.0.1 port={server} dbname=postgres user=postgres

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = {mode}
"""
# It refuses to run as root.
AS_NOBODY = ("-u", "nobody") if os.getuid() == 0 else ()
UP = "process up"


@contextmanager
def pooled(mode: str) -> Iterator[int]:
    """Pool the connections to the server in PGHOST; gives the TCP port. The test is skipped where
    pgbouncer is not installed."""
    program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        pytest.skip("pgbouncer is not installed")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with (
        forwarding(f"{os.environ['PGHOST']}/.s.PGSQL.5432", lambda _, data: data) as server,
        tempfile.TemporaryDirectory() as folder,
    ):
        Path(folder).chmod(0o755)
        settings = Path(folder, "pgbouncer.ini")
        settings.write_text(CONFIGURATION.format(server=server, port=port, mode=mode))
        with subprocess.Popen(
            [program, *AS_NOBODY, str(settings)], stderr=subprocess.PIPE, text=True
        ) as child:
            assert child.stderr is not None
            said = ""
            while UP not in said:
                line = child.stderr.readline()
                assert line, said
                said += line
            try:
                yield port
            finally:
                child.terminate()
                child.communicate()
