"""`validate` with file names, and the hooks for pre-commit that call it so."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from reconciler.cli import COMMANDS

ROOT = Path(__file__).parents[1]
HOOKS = ROOT / ".pre-commit-hooks.yaml"
GOOD = "provider: kobo\nsuppliers: {S-1: {name: Anadolu}}\n"
BAD = "provider: kobo\nsuppliers: {S-2: {nme: Ege}}\n"


@pytest.fixture
def shops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with two workspaces, of which one has a mistake, and a file that is in none."""
    for name, text in (("tr", GOOD), ("şube 2", BAD)):
        folder = tmp_path / "shops" / name
        (folder / "manifests").mkdir(parents=True)
        settings = f"name: {'tr' if name == 'tr' else 'sube'}\nproviders:\n  kobo:\n"
        settings += "    type: kobo-plm\n    api_key: ${env.K}\n"
        (folder / "reconciler.yaml").write_text(settings, "utf-8")
        (folder / "manifests" / "main.yaml").write_text(text, "utf-8")
    (tmp_path / "other.yaml").write_text("a: 1\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


TR, SUBE = "shops/tr/manifests/main.yaml", "shops/şube 2/manifests/main.yaml"


@pytest.mark.parametrize(
    ("files", "code", "out", "err"),
    [
        ([TR], 0, "Success! 1 resource is valid.", ""),
        ([SUBE], 1, "", f"{SUBE}:2:19"),
        ([TR, SUBE], 1, "", f"{SUBE}:2:19"),
        (["shops/şube 2/reconciler.yaml"], 1, "", f"{SUBE}:2:19"),
        (["shops/tr/README.yaml", TR], 0, "Success! 1 resource is valid.", ""),
        (
            ["other.yaml"],
            0,
            "Nothing was checked.",
            "Warning: other.yaml is in no workspace, and was not checked",
        ),
        (["other.yaml", TR], 0, "Success! 1 resource is valid.", "other.yaml is in no workspace"),
        (["nosuch.yaml"], 1, "", "Error: there is no file nosuch.yaml, and no workspace around it"),
        (["nosuch.yaml", TR], 1, "", "there is no file nosuch.yaml"),
    ],
)
def test_the_workspaces_of_the_files_are_checked(
    shops: Path, run: Any, files: list[str], code: int, out: str, err: str
) -> None:
    """Each whole, because a change of one file may break another; with paths from here."""
    shown = run("validate", *files)
    assert (shown.code, shown.out.strip()) == (code, out), shown
    assert err in shown.err


def test_in_the_workspace_paths_are_as_without_files(shops: Path, run: Any) -> None:
    """From its own folder, and with -C."""
    shown = run("-C", "shops/şube 2", "validate", "manifests/main.yaml")
    assert shown.code == 1
    assert "manifests/main.yaml:2:19" in shown.err
    assert "shops" not in shown.err


@pytest.mark.parametrize("hook", yaml.safe_load(HOOKS.read_text("utf-8")), ids=lambda h: h["id"])
def test_a_hook_runs_with_file_names(shops: Path, hook: dict[str, Any]) -> None:
    """As pre-commit runs it: the entry, then the changed files."""
    words = shlex.split(hook["entry"])
    assert words[0] == "reconciler"
    assert words[1] in COMMANDS
    done = subprocess.run(
        [sys.executable, "-m", *words, TR],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_files_of_several_workspaces_are_formatted(shops: Path, run: Any) -> None:
    """Each in its own, with its path from here; a file that is in none is left alone."""
    (shops / TR).write_text(GOOD.replace("Anadolu", "'Anadolu'"), "utf-8")
    shown = run("fmt", TR, SUBE, "other.yaml")
    assert shown.code == 0, shown
    assert shown.out.splitlines() == [TR, SUBE]
    assert "Skipped other.yaml" in shown.err
    assert run("fmt", "--check", TR, SUBE).code == 0
