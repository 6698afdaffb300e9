"""Requests over TLS: only to a host whose certificate somebody vouches for."""

from __future__ import annotations

import shutil
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest

from .tls import tls, tunnelling

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")

MANIFEST = "provider: kobo\nsuppliers: {S-1: {name: Anadolu}}\n"


class Secured(NamedTuple):
    """A workspace whose vendor is behind TLS, and the certificate that it shows."""

    here: Any
    certificate: Path
    settings: dict[str, Any]

    def configure(self, **more: str) -> None:
        """Write `reconciler.yaml` with more settings of the vendor."""
        self.here.configure(providers={"kobo": {**self.settings, **more}})


@pytest.fixture
def secured(workspace: Any, sandbox: Any, tmp_path: Path) -> Iterator[Secured]:
    """Kobo PLM behind a certificate that only this test knows."""
    parts = urlsplit(sandbox.urls["kobo-plm"])
    assert parts.port is not None
    with tls(parts.port, tmp_path) as (port, certificate):
        url = f"https://127.0.0.1:{port}{parts.path}"
        settings = {"type": "kobo-plm", "api_key": "${env.KOBO_API_KEY}", "base_url": url}
        here = workspace(MANIFEST, providers={"kobo": settings})
        yield Secured(here, certificate, settings)


def test_a_certificate_that_nobody_vouches_for_is_refused(secured: Secured, sandbox: Any) -> None:
    """The error says so, and nothing has been sent."""
    process = secured.here.start("plan")
    out, err = process.communicate()
    assert process.returncode == 1, (out, err)
    assert "certificate verify failed" in err
    assert sandbox.journal("kobo-plm") == []


def test_a_certificate_that_is_vouched_for_is_taken(
    secured: Secured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Plan, apply, and nothing left to do."""
    monkeypatch.setenv("SSL_CERT_FILE", str(secured.certificate))
    for words in (("apply", "--auto-approve"), ("plan", "--detailed-exitcode")):
        process = secured.here.start(*words)
        out, err = process.communicate()
        assert process.returncode == 0, (out, err)
    assert out.endswith("No changes. Your vendors match the manifests.\n")


def test_a_proxy_passes_on_what_only_the_vendor_can_read(
    secured: Secured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Requests over TLS go through a tunnel: the proxy sees the host, its own password, and
    nothing else."""
    monkeypatch.setenv("SSL_CERT_FILE", str(secured.certificate))
    with tunnelling() as (address, heads):
        monkeypatch.setenv("PROXY", f"http://ayse:gizli@{address}")
        secured.configure(proxy="${env.PROXY}")
        process = secured.here.start("plan", "--detailed-exitcode")
        out, err = process.communicate()
    assert process.returncode == 2, (out, err)
    host = urlsplit(secured.settings["base_url"]).netloc
    password = b64encode(b"ayse:gizli").decode()
    assert {head.splitlines()[0] for head in heads} == {f"CONNECT {host} HTTP/1.1"}
    assert all(f"Proxy-Authorization: Basic {password}" in head for head in heads)
    assert not [head for head in heads if "api-key" in head.lower()]


def test_a_proxy_that_refuses_is_an_error_that_names_it(
    secured: Secured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the proxy's own words, and without its password even where the proxy says it."""
    with tunnelling("407 gizli-parola is wrong") as (address, _):
        monkeypatch.setenv("PROXY", f"http://ayse:gizli-parola@{address}")
        secured.configure(proxy="${env.PROXY}")
        shown = secured.here.run("plan")
    assert shown.code == 1
    assert "through the proxy: 407 (sensitive) is wrong" in shown.err
    assert "gizli-parola" not in shown.out + shown.err
