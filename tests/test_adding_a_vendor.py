"""docs/adding-a-vendor.md is true: whoever follows it word for word has added a vendor."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from reconciler import cli

ROOT = Path(cli.__file__).parents[2]
PAGE = (ROOT / "docs" / "adding-a-vendor.md").read_text("utf-8")
BLOCKS = re.compile(r"^(?:`([^`\n]+)`:\n\n)?```(\w+)\n(.*?)^```$", re.M | re.S)
COPIED = (
    *("reconciler", "schemas", "examples", "tests", "tools", "docs", "README.md"),
    *("pyproject.toml", "constraints.txt"),
)
PROGRAMS = {"python": [sys.executable], "reconciler": [sys.executable, "-m", "reconciler"]}


class Block(NamedTuple):
    """A block of the page: the file it becomes or changes ("" for none), its language, its text."""

    file: str
    language: str
    text: str


def followed(page: str, root: Path) -> Iterator[tuple[str, str]]:
    """Do what a page says in a checkout, block by block; each command it tells, with its output."""
    for block in (Block(*found) for found in BLOCKS.findall(page)):
        path = root / block.file
        if block.language == "sh":
            for line in block.text.splitlines():
                yield line, _run(line, root)
        elif block.language == "diff":
            text = path.read_text("utf-8")
            for hunk in re.split(r"^@@.*\n", block.text, flags=re.M):
                text = _changed(text, hunk)
            path.write_text(text, "utf-8")
        elif block.file:
            assert not path.exists(), f"{block.file} is there already"
            path.parent.mkdir(exist_ok=True)
            path.write_text(block.text, "utf-8")
        else:
            assert block.language == "text", f"nothing says what file this becomes:\n{block.text}"


def _changed(text: str, hunk: str) -> str:
    lines = hunk.splitlines(keepends=True)
    before, after = ("".join(line[1:] for line in lines if line[0] != mark) for mark in ("+", "-"))
    assert text.count(before) == 1, f"not once in the file:\n{before}"
    return text.replace(before, after)


def _run(line: str, root: Path) -> str:
    program, *arguments = shlex.split(line)
    ours = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        [*PROGRAMS[program], *arguments],
        cwd=root,
        env={**ours, "PYTHONPATH": str(root)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the checkout, without what tools leave behind."""
    left = shutil.ignore_patterns("__pycache__", ".*_cache", ".hypothesis")
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tmp_path / name, ignore=left)
        else:
            shutil.copyfile(ROOT / name, tmp_path / name)
    return tmp_path


def test_who_follows_the_page_has_added_a_vendor(checkout: Path) -> None:
    """From the schemas to a green conformance suite, with nothing done that the page does not
    say; the new vendor is in all that is generated, and in what the command line shows."""
    told = dict(followed(PAGE, checkout))
    assert list(told)[:2] == ["python -m tools.generate", "reconciler providers"]
    providers, suite = told["reconciler providers"], list(told.values())[-1]
    for kind in ("zones", "label_templates", "printers"):
        assert re.search(rf"^depo +{kind} ", providers, re.M), providers
        for page in ("README.md", "docs/providers/depo.md"):
            assert f"| depo | `{kind}` |" in (checkout / page).read_text("utf-8"), page
    passed = re.search(r"^(\d+) passed, \d+ deselected in", suite, re.M)
    assert passed, suite
    assert int(passed[1]) >= 30, suite


def test_every_link_of_the_page_leads_to_a_file() -> None:
    """Inside the checkout."""
    links = re.findall(r"\]\((?!http)([^)#]+)\)", BLOCKS.sub("", PAGE))
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []
