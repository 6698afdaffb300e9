"""The README keeps its word: each command runs, each output is what is printed, each table true."""

from __future__ import annotations

import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from reconciler import cli
from reconciler.cli.demo import USUAL_PORT, example_folder
from reconciler.providers import PROVIDERS
from reconciler.sandbox import VENDORS
from reconciler.sandbox.server import Running
from tools.reference import capability_table, with_capabilities

from .conftest import Run

ROOT = Path(cli.__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.M | re.S)
SET_UP = "python3 -m venv .venv && .venv/bin/pip install -q -c pins.txt -e '.[test]' && .venv/bin/"


def _blocks(language: str) -> list[str]:
    return [text for marked, text in BLOCKS if marked == language]


@pytest.fixture
def shop(sandbox: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the example on a sandbox of its own, as the current folder."""
    root = tmp_path / "shop"
    shutil.copytree(example_folder(), root)
    file = root / "reconciler.yaml"
    text = file.read_text("utf-8")
    for vendor, url in sandbox.urls.items():
        usual = f"http://127.0.0.1:{USUAL_PORT + VENDORS[vendor]}"
        assert usual in text
        text = text.replace(usual, url.partition("/api")[0])
    file.write_text(text, "utf-8")
    monkeypatch.chdir(root)
    return root


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("block", _blocks("console"), ids=lambda block: block.partition("\n")[0])
def test_an_output_in_the_readme_is_what_is_printed(block: str, run: Run) -> None:
    """To the letter, on the example and the documentation's data."""
    command, _, output = block.partition("\n")
    result = run(*shlex.split(command.removeprefix("$ reconciler ")))
    assert result.code == 0, result
    assert result.out == output, f"the README must say:\n{result.out}"


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("block", _blocks("sh"), ids=lambda block: block.partition("\n")[0])
def test_every_command_in_the_readme_runs(block: str, run: Run) -> None:
    """One after the other, as a reader would type them."""
    for line in block.splitlines():
        if line.startswith(SET_UP):
            continue  # .ci/run does these on a clean machine, and test_demo the tour itself
        words = shlex.split(line, comments=True)
        assert words[0] == "reconciler", line
        if words[1] == "sandbox":
            assert _serves(words[1:]), line
            continue
        result = run(*words[1:])
        assert result.code in ((0, 2) if "--detailed-exitcode" in words else (0,)), result


def test_there_are_two_commands_to_set_all_up() -> None:
    """The tour and the tests, each complete in itself; .ci/run takes the second from here."""
    found = [line for line in README.splitlines() if line.startswith("python3 -m venv")]
    assert found == [f"{SET_UP}reconciler demo", f"{SET_UP}python -m pytest -q -n 4"]


def test_the_manifests_in_the_readme_are_from_the_example() -> None:
    """So they are validated and planned with it."""
    manifest = (example_folder() / "manifests" / "kobo.yaml").read_text("utf-8")
    assert _blocks("yaml")
    for block in _blocks("yaml"):
        assert block in manifest


def test_every_example_has_its_line() -> None:
    """And no example that is not there has one."""
    named = re.findall(r"^- \[`([\w-]+)`\]\(examples/([\w-]+)\): .*\w\.?$", README, re.M)
    there = sorted(path.parent.name for path in (ROOT / "examples").glob("*/reconciler.yaml"))
    assert sorted(named) == [(name, name) for name in there]


def test_every_command_is_in_the_table() -> None:
    """With the words of `reconciler --help`, in its order."""
    rows = re.findall(r"^\| `(\w+)` \| (.*) \|$", README.partition("<!-- cap")[0], re.M)
    assert rows == [(name, text) for name, text in cli.COMMANDS.items()]


def test_the_table_of_capabilities_is_the_generated_one() -> None:
    """From the declarations of the providers, by `python -m tools.generate`."""
    assert capability_table(PROVIDERS.values()) in README
    assert with_capabilities(README, PROVIDERS.values()) == README


def test_every_link_leads_to_a_file() -> None:
    """Inside the checkout."""
    links = re.findall(r"\]\((?!http)([^)#]+)\)", README)
    assert [link for link in links if not (ROOT / link).exists()] == []


def _serves(arguments: list[str]) -> bool:
    """Whether the sandbox starts with these (on free ports), and ends when it is told to."""
    process = subprocess.Popen(
        [sys.executable, "-m", "reconciler", *arguments, "--port", "0"],
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        first = process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        return "http://127.0.0.1:" in first and process.wait(timeout=20) == 0
    finally:
        process.kill()
        process.communicate()


def test_the_figures_are_those_that_were_measured() -> None:
    """The README quotes the benchmarks' own tables, as the last run of each part wrote them."""
    quoted, measured = (
        dict(re.findall(r"<!-- benchmarks (\w+) -->\n(.*?)<!-- /benchmarks \1 -->", text, re.S))
        for text in (README, (ROOT / "benchmarks" / "results.md").read_text("utf-8"))
    )
    assert "plan" in quoted
    assert quoted.items() <= measured.items()
