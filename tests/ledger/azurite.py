"""Microsoft's emulator of Azure Blob Storage, which comes from npm (`npm install azurite`) and is
looked for in the node_modules that RECONCILER_NODE_MODULES names."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.utils import formatdate
from pathlib import Path

import httpx
import pytest

ACCOUNT = "devstoreaccount1"
# The same in every copy of the emulator, and documented.
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


@contextmanager
def serving(container: str) -> Iterator[Mapping[str, str]]:
    """Serve one container from memory; gives the variables of the environment that name it. The
    test is skipped where the emulator or node is missing."""
    folder = os.environ.get("RECONCILER_NODE_MODULES", "")
    program = Path(folder, "azurite", "dist", "src", "blob", "main.js")
    if not folder or not program.exists() or not shutil.which("node"):
        pytest.skip("azurite is not in the node_modules that RECONCILER_NODE_MODULES names")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ("--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry")
    with subprocess.Popen(
        ["node", str(program), "--blobHost", "127.0.0.1", "--blobPort", str(port), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as child:
        try:
            assert child.stdout is not None
            said = ""
            while "successfully listens" not in said:
                line = child.stdout.readline()
                assert line, said
                said += line
            url = f"http://127.0.0.1:{port}"
            _make(url, container)
            yield {
                "AZURE_STORAGE_ACCOUNT_NAME": ACCOUNT,
                "AZURE_STORAGE_ACCOUNT_KEY": KEY,
                "AZURE_STORAGE_USE_EMULATOR": "true",
                "AZURITE_BLOB_STORAGE_URL": url,
            }
        finally:
            child.kill()


def _make(url: str, container: str) -> None:
    """Make a container, with a request that is signed with the account's key."""
    headers = {"x-ms-date": formatdate(usegmt=True), "x-ms-version": "2021-08-06"}
    named = "".join(f"{name}:{value}\n" for name, value in headers.items())
    resource = f"/{ACCOUNT}/{ACCOUNT}/{container}\nrestype:container"
    text = "PUT" + "\n" * 12 + named + resource
    digest = hmac.new(base64.b64decode(KEY), text.encode(), hashlib.sha256).digest()
    headers["Authorization"] = f"SharedKey {ACCOUNT}:{base64.b64encode(digest).decode()}"
    made = httpx.put(f"{url}/{ACCOUNT}/{container}?restype=container", headers=headers, timeout=60)
    made.raise_for_status()
