"""The command line as such: help, hints, Terraform's spellings, and a quick start."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from reconciler.cli import COMMANDS, group
from reconciler.cli.arguments import translate_arguments

from ..conftest import MakeWorkspace, Run

HEAVY = ("httpx", "deepdiff", "jsonschema", "jsonschema_rs", "yaml", "rich", "starlette", "uvicorn")
ROOT = Path(__file__).parents[2]
# These do one thing, and take nothing that would have to be shown.
NO_EXAMPLE = {"show", "demo"}


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command and subcommand with its full name."""
    context = click.Context(group)
    for name in COMMANDS:
        command = group.get_command(context, name)
        assert command is not None
        yield name, command
        if isinstance(command, click.Group):
            yield from ((f"{name} {sub}", one) for sub, one in command.commands.items())


def test_every_command_says_what_it_does_and_shows_how() -> None:
    """A summary of one line, and examples that begin as the user would type them."""
    for name, command in commands():
        text = command.help or ""
        assert text.strip(), name
        summary = text.strip().split("\n\n")[0]
        assert summary.rstrip().endswith("."), name
        assert name in NO_EXAMPLE or f"reconciler {name.split()[0]}" in text, name


def test_every_option_is_described() -> None:
    """No option is left to be guessed."""
    for name, command in commands():
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.help, (name, parameter.name)


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("flag", ["-h", "--help", "-help"])
def test_help_works_everywhere(run: Run, name: str, flag: str) -> None:
    """Each command has its help, without a workspace."""
    result = run(name, flag)
    assert result.code == 0
    assert result.out.startswith(f"Usage: reconciler {name}")


def test_the_list_of_commands_is_complete(run: Run) -> None:
    """`reconciler --help` names each command with its line."""
    out = run("--help").out
    for name, text in COMMANDS.items():
        assert any(line.split()[:1] == [name] and text in line for line in out.splitlines()), name


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["plann"], 'Did you mean "plan"?'),
        (["plan", "--detailed-exit-code"], "--detailed-exitcode"),
        (["providers", "--fromat", "json"], "--format"),
        (["providers", "--format", "xml"], "json"),
        (["state", "unlok"], 'Did you mean "unlock"?'),
        (["explain"], "KIND"),
        (["drift", "surplus"], "--target narrows a report"),
    ],
)
def test_a_usage_error_is_1_and_leads_on(run: Run, arguments: list[str], hint: str) -> None:
    """Exit 2 means changes and nothing else; the message says what is known."""
    result = run(*arguments)
    assert (result.code, result.out) == (1, "")
    assert hint in result.err


@pytest.mark.parametrize(
    ("terraform", "expected"),
    [
        (["plan", "-out=x.plan"], ["plan", "--out=x.plan"]),
        (["plan", "-out", "x.plan"], ["plan", "--out", "x.plan"]),
        (["plan", "-detailed-exitcode"], ["plan", "--detailed-exitcode"]),
        (["apply", "-auto-approve"], ["apply", "--auto-approve"]),
        (["show", "-json", "x.plan"], ["show", "--format", "json", "x.plan"]),
        (["plan", "-target=a/b/c"], ["plan", "--target=a/b/c"]),
        (["-chdir=shop", "plan"], ["-C", "shop", "plan"]),
        (["plan", "-refresh-only=true"], ["plan", "--refresh-only"]),
        (["-v", "plan"], ["-v", "plan"]),
        (["-vvv", "plan"], ["-vvv", "plan"]),
        (["-C", "shop", "plan"], ["-C", "shop", "plan"]),
        (["-Cshop", "plan"], ["-Cshop", "plan"]),
        (["-h"], ["-h"]),
        (["state", "show", "--", "-odd/kind/key"], ["state", "show", "--", "-odd/kind/key"]),
    ],
)
def test_terraforms_spellings_are_ours(terraform: list[str], expected: list[str]) -> None:
    """One dash or two, and our own short options as they are."""
    assert translate_arguments(terraform) == expected


def test_terraforms_spellings_reach_the_commands(workspace: MakeWorkspace, run: Run) -> None:
    """A run as Terraform's users type it does what they expect."""
    made = workspace("provider: kobo-plm\nsuppliers: {SUP-900: {name: New}}\n")
    saved = made.root / "it.plan"
    here = f"-chdir={made.root}"
    assert run(here, "plan", f"-out={saved}", "-detailed-exitcode").code == 2
    assert run("show", "-json", str(saved)).json["format_version"]
    assert run(here, "plan", "-json", "-target=kobo-plm/suppliers").code == 0
    assert run(here, "apply", "-auto-approve").code == 0
    assert run(here, "plan", "-detailed-exitcode").code == 0
    assert run("-version").out.startswith("reconciler ")


def imported_by(*arguments: str) -> set[str]:
    """The modules that a process has imported once the command has ended."""
    code = (
        "import json, sys; from reconciler.cli import run; run(sys.argv[1:])\n"
        "print(json.dumps([*sys.modules]), file=sys.stderr)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(ended.stderr.splitlines()[-1]))


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["plann"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    """What a command needs is imported when it runs, so that help costs next to nothing."""
    assert not imported_by(*arguments) & {*HEAVY, "reconciler.app"}


@pytest.mark.parametrize(
    "arguments",
    [
        ["validate"],
        ["show", "saved.plan"],
        ["state", "list"],
        ["history"],
        ["graph"],
        ["providers"],
        ["explain", "webhooks"],
        ["schema"],
    ],
    ids=" ".join,
)
def test_commands_that_reach_no_vendor_import_no_client(
    workspace: MakeWorkspace, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    """Neither HTTP nor DeepDiff, which cost more than such a command itself."""
    here = workspace("provider: kobo-plm\nsuppliers: {SUP-900: {name: New}}\n")
    monkeypatch.chdir(here.root)
    assert here.run("plan", "--out", "saved.plan").code == 0
    assert not imported_by(*arguments) & {"httpx", "deepdiff", "reconciler.http.client", "rich"}


@pytest.mark.parametrize(
    ("words", "right"),
    [
        (["plan", "--env", "staging"], "reconciler --env NAME plan"),
        (["state", "list", "-C", "shop"], "reconciler -C DIR state list"),
        (["drift", "--no-color"], "reconciler --no-color drift"),
    ],
)
def test_an_option_of_all_commands_goes_before_the_command(
    run: Run, words: list[str], right: str
) -> None:
    """Whoever writes it behind learns where it belongs."""
    result = run(*words)
    assert result.code == 1
    assert result.err.endswith(f" goes before the command: {right}\n")


def test_an_address_goes_behind_an_option(run: Run) -> None:
    """Whoever names it as a word of its own learns the option; other commands have none."""
    told = run("plan", "kobo/webhooks").err
    assert told.endswith("(kobo/webhooks). To name what it is about: --target A\n")
    other = run("init", "kobo").err
    assert "unexpected extra argument" in other
    assert "--target" not in other
