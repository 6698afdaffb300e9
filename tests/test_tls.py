"""Requests over TLS: only to a host whose certificate somebody vouches for."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest

from .tls import tls

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")

MANIFEST = "provider: kobo\nsuppliers: {S-1: {name: Anadolu}}\n"


class Secured(NamedTuple):
    """A workspace whose vendor is behind TLS, and the certificate that it shows."""

    here: Any
    certificate: Path


@pytest.fixture
def secured(workspace: Any, sandbox: Any, tmp_path: Path) -> Iterator[Secured]:
    """Kobo PLM behind a certificate that only this test knows."""
    parts = urlsplit(sandbox.urls["kobo-plm"])
    assert parts.port is not None
    with tls(parts.port, tmp_path) as (port, certificate):
        url = f"https://127.0.0.1:{port}{parts.path}"
        settings = {"type": "kobo-plm", "api_key": "${env.KOBO_API_KEY}", "base_url": url}
        yield Secured(workspace(MANIFEST, providers={"kobo": settings}), certificate)


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
