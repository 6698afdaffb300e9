"""`init`: a workspace that works, for any vendors."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from reconciler.providers import PROVIDERS
from reconciler.sandbox import addresses, credentials
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


def test_a_new_workspace_for_the_sandbox_works_as_it_is(
    run: Run, tmp_path: Path, sandbox: Running
) -> None:
    """Its addresses are those that the sandbox has when nothing else is asked for; the real
    vendors' have no base_url but that of Kibo OMS."""
    assert run("-C", str(tmp_path / "real"), "init").code == 0
    assert re.findall(r"base_url: (.*)", text_of(tmp_path / "real")) == [
        "https://perfectsync.example.com"
    ]
    root = tmp_path / "shop"
    assert run("-C", str(root), "init", "--sandbox").code == 0
    text = text_of(root)
    for vendor, usual in addresses().items():
        assert text.count(f"    base_url: {usual}\n") == 1
        text = text.replace(f" {usual}\n", f" {sandbox.urls[vendor]}\n")
    (root / "reconciler.yaml").write_text(text, "utf-8")
    assert run("-C", str(root), "doctor").last == "All is well."


def test_the_usual_addresses_are_those_of_the_sandbox(sandbox: Running) -> None:
    """But for the ports, which follow on each other."""
    assert {name: re.sub(r":\d+", "", url[7:]) for name, url in addresses().items()} == {
        name: re.sub(r":\d+", "", url[7:]) for name, url in sandbox.urls.items()
    }
    ports = [int(url.split(":")[2].partition("/")[0]) for url in addresses().values()]
    assert ports == list(range(8800, 8800 + len(ports)))


def test_what_comes_next_begins_in_the_new_folder(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever made it elsewhere is told to go there first."""
    monkeypatch.chdir(tmp_path)
    assert "\n  cd 'my shop'\n  reconciler doctor" in run("-C", "my shop", "init").out
    assert "\n  cd " not in run("init").out


def test_a_file_that_git_is_to_leave_alone_is_named(run: Run, tmp_path: Path) -> None:
    """Where there is a .gitignore already, it is kept, and what it should have is said."""
    (tmp_path / ".gitignore").write_text("*.pyc\n", "utf-8")
    told = run("-C", str(tmp_path), "init").err
    assert told.endswith("it should have the lines .reconciler/, *.plan, *-secrets.jsonl\n")
    assert (tmp_path / ".gitignore").read_text("utf-8") == "*.pyc\n"


def test_accounts_that_nobody_chose_are_to_be_removed(run: Run, tmp_path: Path) -> None:
    """Without --provider there are all of them, and one that a user does not have is in the way."""
    assert "remove the accounts" in run("-C", str(tmp_path / "all"), "init").out
    one = run("-C", str(tmp_path / "one"), "init", "--provider", "kobo-plm").out
    assert "remove the accounts" not in one
