"""The control interface, which asks for no credentials, is not for web pages."""

from __future__ import annotations

from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest


def ask(sandbox: Any, host: str | None, method: str = "GET", path: str = "/_sandbox/state") -> int:
    """The status of a request with this Host header, or without any."""
    parts = urlsplit(sandbox.urls["kobo-plm"])
    connection = HTTPConnection(parts.hostname or "", parts.port)
    connection.putrequest(method, path, skip_host=True)
    if host is not None:
        connection.putheader("Host", host.replace("PORT", str(parts.port)))
    connection.endheaders()
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:PORT", "127.0.0.1", "127.9.9.9:1", "localhost:PORT", "localhost", "LOCALHOST:1",
        "[::1]:PORT", "[::1]", "192.168.1.5:PORT",
    ],
)  # fmt: skip
def test_an_address_is_answered(sandbox: Any, host: str) -> None:
    """And localhost: no name server can be told to answer for them."""
    assert ask(sandbox, host) == 200


@pytest.mark.parametrize(
    "host",
    [
        "thief.example", "thief.example:PORT", "localhost.thief.example:PORT", "localhost.",
        "127.0.0.1.thief.example", "127.0.0.1.nip.example:PORT", "x.localhost", "sandbox",
        "thief.example:127.0.0.1", "2130706433", "0x7f000001", "[thief.example]", "",
    ],
)  # fmt: skip
@pytest.mark.parametrize(("method", "path"), [("GET", "state"), ("DELETE", "faults")])
def test_a_name_is_refused(sandbox: Any, host: str, method: str, path: str) -> None:
    """Whoever owns it may have it lead to this machine."""
    rule = {"vendor": "kobo-plm", "method": "GET", "path": "*", "fault": {"status": 503}}
    sandbox.faults([rule])
    assert ask(sandbox, host, method, f"/_sandbox/{path}") == 421
    assert ask(sandbox, "localhost", "GET", "/api/v1/suppliers") == 503
