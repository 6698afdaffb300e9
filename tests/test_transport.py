"""What goes over the wire, and by which way."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any
from urllib.parse import urlsplit

import pytest

from reconciler.http.transport import Transport

from .servers import Seen, forward, serving

MANIFEST = "provider: kobo\nsuppliers: {S-1: {name: Anadolu}}\n"


def fine(_: Seen) -> tuple[int, bytes]:
    """An answer."""
    return 200, b"{}"


def test_two_hosts_of_one_account_keep_their_connections() -> None:
    """Requests that alternate between two hosts open one connection to each."""
    transport = Transport(10, secure=False)
    with serving(fine) as first, serving(fine) as second:
        for _ in range(50):
            for server in (first, second):
                assert transport.send("GET", f"{server.url}/x", {}, None).status == 200
        transport.close()
        assert (len(first.requests), len(second.requests)) == (50, 50)
        assert (len(first.connections), len(second.connections)) == (1, 1)


def workspace_with(workspace: Any, sandbox: Any, **settings: str) -> Any:
    """A workspace whose provider has these settings."""
    base = {
        "type": "kobo-plm",
        "api_key": "${env.KOBO_API_KEY}",
        "base_url": sandbox.urls["kobo-plm"],
    }
    return workspace(MANIFEST, providers={"kobo": {**base, **settings}})


def test_a_proxy_that_the_workspace_names_is_used(workspace: Any, sandbox: Any) -> None:
    """Every request goes through it, writes too, and arrives."""
    with serving(forward) as proxy:
        here = workspace_with(workspace, sandbox, proxy=proxy.url)
        here.apply()
        assert here.settled()
    host = urlsplit(sandbox.urls["kobo-plm"]).netloc
    targets = {urlsplit(seen.target).netloc for seen in proxy.requests}
    assert targets == {host}
    assert "POST" in {seen.method for seen in proxy.requests}


def test_a_proxy_may_have_a_password_from_the_environment(
    workspace: Any, sandbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is sent to the proxy, and shown to nobody, also where the proxy is away."""
    with serving(forward) as proxy:
        address = proxy.url.replace("http://", "http://ayse:gizli-parola@")
        monkeypatch.setenv("PROXY", address)
        here = workspace_with(workspace, sandbox, proxy="${env.PROXY}")
        here.apply()
    sent = b64encode(b"ayse:gizli-parola").decode()
    assert {seen.headers["proxy-authorization"] for seen in proxy.requests} == {f"Basic {sent}"}
    monkeypatch.setenv("PROXY", "http://ayse:gizli-parola@127.0.0.1:9")
    shown = here.run("plan")
    assert shown.code == 1
    assert "no answer from" in shown.err
    assert "gizli-parola" not in shown.out + shown.err


def test_a_password_of_a_proxy_stands_in_no_file(workspace: Any, sandbox: Any) -> None:
    """A proxy with a password in reconciler.yaml is an error that does not show it."""
    here = workspace_with(workspace, sandbox, proxy="http://ayse:gizli-parola@127.0.0.1:3128")
    shown = here.run("plan")
    assert shown.code == 1
    assert "must not contain a user name or password" in shown.err
    assert "gizli-parola" not in shown.err


def test_no_proxy_of_the_environment_is_used(
    workspace: Any, sandbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy is a decision of the workspace: what the environment says is not asked."""
    with serving(forward) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        monkeypatch.delenv("NO_PROXY", raising=False)
        here = workspace_with(workspace, sandbox)
        process = here.start("plan", "--format", "json")
        out, err = process.communicate()
        assert process.returncode == 0, err
        assert json.loads(out)["complete"]
    assert proxy.requests == []
