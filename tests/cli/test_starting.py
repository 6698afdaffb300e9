"""`init`: a workspace that works, for any vendors."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from reconciler.providers import PROVIDERS
from reconciler.sandbox import credentials
from reconciler.sandbox.server import Running

from ..conftest import Run


def text_of(root: Path) -> str:
    """The settings that `init` wrote."""
    return (root / "reconciler.yaml").read_text("utf-8")


@pytest.mark.parametrize("types", [(), *((one,) for one in PROVIDERS)], ids=str)
def test_a_new_workspace_is_valid(run: Run, tmp_path: Path, types: tuple[str, ...]) -> None:
    """With all vendors or with one: as it was written, with and without the environment."""
    chosen = [word for one in types for word in ("--provider", one)]
    assert run("-C", str(tmp_path), "init", *chosen).code == 0
    for vendor in types or PROVIDERS:
        assert f"type: {vendor}\n" in text_of(tmp_path)
    result = run("-C", str(tmp_path), "validate")
    assert (result.code, result.last) == (0, "Success! 0 resources are valid."), result
    assert run("-C", str(tmp_path), "plan").code == 0


def test_only_credentials_come_from_the_environment(run: Run, tmp_path: Path) -> None:
    """They are the sandbox's own variables; all other settings are written out."""
    run("-C", str(tmp_path), "init")
    text = text_of(tmp_path)
    assert set(re.findall(r"\$\{env\.(\w+)\}", text)) <= set(credentials())
    for line in (
        "tier: professional",
        "manufacturer_id: 1",
        "catalog_id: 1",
        "currency: USD",
        "locale: en-US",
        "base_url: https://perfectsync.example.com",
    ):
        assert f"    {line}\n" in text


def test_a_new_workspace_works_against_the_vendors(
    run: Run, tmp_path: Path, sandbox: Running
) -> None:
    """Given the addresses: the doctor is content, all that is listed is imported, and a plan of
    it finds nothing to do."""
    run("-C", str(tmp_path), "init")
    text = re.sub(r" +base_url: .*\n", "", text_of(tmp_path))
    for vendor in PROVIDERS:
        line = f"    type: {vendor}\n"
        text = text.replace(line, f"{line}    base_url: {sandbox.urls[vendor]}\n")
    (tmp_path / "reconciler.yaml").write_text(text, "utf-8")
    assert run("-C", str(tmp_path), "doctor").last == "All is well."
    assert run("-C", str(tmp_path), "import", "--all").code == 0
    shown = run("-C", str(tmp_path), "plan", "--detailed-exitcode")
    assert (shown.code, shown.last) == (0, "No changes. Your vendors match the manifests.")
