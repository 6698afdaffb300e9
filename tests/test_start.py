"""What a command imports and reads before it works is what it needs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MANIFEST = "provider: kobo\nsuppliers:\n  S-1: {name: Anadolu}\n"
PROGRAM = """
import json, os, sys
opened = []
sys.addaudithook(lambda event, given: event == "open" and opened.append(str(given[0])))
from reconciler.__main__ import main
def tell():
    files = {name: getattr(module, "__file__", None) or "" for name, module in sys.modules.items()}
    installed = {name.partition(".")[0] for name, file in files.items() if "site-packages" in file}
    ours = sorted(name for name in files if name.split(".")[0] == "reconciler")
    schemas = sorted("/".join(file.split("/")[-2:]) for file in opened if "/schemas/" in file)
    standard = sorted(set(files) & set(sys.stdlib_module_names))
    known = {"standard": standard, "installed": sorted(installed), "ours": ours, "schemas": schemas}
    print(json.dumps(known), file=sys.stderr, flush=True)
# Completion ends by an exception, everything else ends the process.
end = os._exit
os._exit = lambda code: (tell(), end(code))
sys.argv[1:] = json.loads(sys.argv[1])
try:
    main()
except SystemExit:
    tell()
"""
THE_LEAST = [
    "reconciler",
    "reconciler.__main__",
    "reconciler.cli",
    "reconciler.cli.arguments",
    "reconciler.cli.terminal",
]


def started(*words: str, **variables: str) -> dict[str, list[str]]:
    """Which packages, modules of ours and schemas a command loads."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps(words)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, **variables},
        check=True,
    )
    loaded: dict[str, list[str]] = json.loads(done.stderr.splitlines()[-1])
    return loaded


def test_the_help_imports_click_only() -> None:
    """Nothing of what commands need, no other package, and none of what click rarely needs."""
    loaded = started("--help")
    assert "shutil" not in loaded["standard"]
    assert set(loaded["installed"]) - {"_distutils_hack"} == {"click"}
    assert loaded["ours"] == THE_LEAST


@pytest.mark.parametrize("typed", ["reconciler ", "reconciler pl", "reconciler --"])
def test_completion_imports_click_only(typed: str) -> None:
    """Commands and options are completed without importing the commands."""
    variables = {"_RECONCILER_COMPLETE": "zsh_complete", "COMP_WORDS": typed, "COMP_CWORD": "1"}
    loaded = started(**variables)
    assert set(loaded["installed"]) - {"_distutils_hack"} == {"click"}
    assert loaded["ours"] == THE_LEAST


def test_completion_names_the_commands_and_what_they_do() -> None:
    """Those that begin with what was typed, with the words that the help has for them."""
    done = subprocess.run(
        [sys.executable, "-m", "reconciler"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={
            **os.environ,
            "_RECONCILER_COMPLETE": "zsh_complete",
            "COMP_WORDS": "reconciler p",
            "COMP_CWORD": "1",
        },
        check=True,
    )
    assert done.stdout.splitlines()[0:3] == [
        "plain",
        "plan",
        "Show what apply would do; writes nothing.",
    ]
    assert done.stdout.splitlines()[1::3] == ["plan", "promote", "providers"]


@pytest.mark.parametrize("command", ["plan", "validate", "show", "drift", "doctor"])
def test_the_help_of_a_command_reads_no_schema(command: str) -> None:
    """Nor does it import the vendors, YAML or HTTP."""
    loaded = started(command, "--help")
    assert set(loaded["installed"]) - {"_distutils_hack"} == {"click"}
    assert "reconciler.providers" not in loaded["ours"]
    assert loaded["schemas"] == []


@pytest.mark.parametrize(("columns", "widest"), [("60", 58), ("200", 78), ("20", 50), ("wide", 78)])
def test_the_help_is_as_wide_as_the_terminal(columns: str, widest: int) -> None:
    """But no wider than a page, and wide enough for the names of commands."""
    done = subprocess.run(
        [sys.executable, "-m", "reconciler", "--help"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "COLUMNS": columns},
        check=True,
    )
    lengths = [len(line) for line in done.stdout.splitlines()]
    assert widest - 10 < max(lengths) <= widest


def test_a_run_reads_the_schemas_of_the_kinds_that_it_needs(tmp_path: Path) -> None:
    """A kind that no manifest has costs nothing, nor does a store that no setting names."""
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests" / "main.yaml").write_text(MANIFEST, "utf-8")
    providers = {"kobo": {"type": "kobo-plm", "api_key": "${env.KOBO_API_KEY}"}}
    settings = {"name": "acme", "providers": providers}
    (tmp_path / "reconciler.yaml").write_text(json.dumps(settings), "utf-8")
    loaded = started("-C", str(tmp_path), "validate")
    kinds = [schema for schema in loaded["schemas"] if "account" not in schema]
    assert [kind for kind in kinds if kind.startswith("kobo-plm/")] == ["kobo-plm/suppliers.json"]
    assert [kind for kind in kinds if kind.startswith(("kib", "kobiks", "inventora"))] == []
    stores = {"reconciler.ledger.git", "reconciler.ledger.objects", "reconciler.ledger.postgres"}
    assert not stores & set(loaded["ours"])
