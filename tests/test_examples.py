"""Each example works as it stands, on vendors with the documentation's data."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from jsonschema import Draft7Validator

from reconciler import cli, yaml12
from reconciler.cli.demo import EXAMPLE, USUAL_PORT
from reconciler.kinds import Mode
from reconciler.providers import PROVIDERS
from reconciler.sandbox import VENDORS, credentials
from reconciler.sandbox.server import Running

ROOT = Path(cli.__file__).parents[2]
EXAMPLES = sorted(path.parent for path in (ROOT / "examples").glob("*/reconciler.yaml"))
FILES = sorted(path for folder in EXAMPLES for path in folder.rglob("*") if path.is_file())
SECRETS = {"SFTP_PASSWORD": "a-secret-of-the-examples"}
LEFT_OUT = {
    "kibo/countries": "Kibo keeps this list",
    "kibo/reference_currencies": "Kibo keeps this list",
    "kibo/time_zones": "Kibo keeps this list",
    "kibo/units_of_measure": "Kibo keeps this list",
    "kibo/stock_levels": "sales move them",
}
"""Kinds that a team would not keep in Git, by vendor and kind, and why."""


class Example(NamedTuple):
    """A copy of an example on a sandbox of its own, and how to run a command in it."""

    root: Path
    run: Callable[..., Any]

    def json(self, *arguments: str) -> Any:
        """The answer of a command that is fine."""
        result = self.run(*arguments, "--format", "json")
        assert result.code == 0, result
        return result.json


@pytest.fixture(params=EXAMPLES, ids=lambda folder: folder.name)
def example(
    request: pytest.FixtureRequest,
    sandbox: Running,
    tmp_path: Path,
    run: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> Example:
    """Each example in turn; nothing but the ports of its vendors is another."""
    root = tmp_path / "shop"
    shutil.copytree(request.param, root)
    settings = root / "reconciler.yaml"
    settings.write_text(_on(sandbox, settings.read_text("utf-8")), "utf-8")
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    return Example(root, lambda *arguments: run("-C", str(root), *arguments))


def _on(sandbox: Running, text: str) -> str:
    """The settings with the sandbox's ports in place of the usual ones."""
    for vendor in re.findall(r"^    type: (\S+)", text, re.M):
        usual = f"http://127.0.0.1:{USUAL_PORT + VENDORS[vendor]}"
        there = re.match(r"http://127\.0\.0\.1:\d+", sandbox.urls[vendor])
        assert there
        assert text.count(usual) == 1, f"{vendor} has another base_url than the sandbox"
        text = text.replace(usual, there[0])
    return text


def test_an_example_is_applied_and_then_there_is_nothing_to_do(example: Example) -> None:
    """It is valid without a network, its plan has no findings, the apply stays within the guard,
    and afterwards only what no API can write is left, which drift names and nothing else."""
    checked = example.run("validate")
    assert (checked.code, checked.err) == (0, ""), checked

    before = example.json("plan")
    assert before["x_reconciler"]["diagnostics"] == []
    by_hand = _addresses(before, "by-hand")

    applied = example.run("apply", "--auto-approve")
    assert applied.code == 0, applied

    after = example.json("plan")
    assert after["x_reconciler"]["diagnostics"] == []
    left = {e["address"] for e in after["resource_changes"] if e["x_action"] != "no-op"}
    assert left == by_hand
    told = example.run("plan")
    ends = f"Plan: 0 to add, 0 to change, 0 to destroy, {len(by_hand)} by hand."
    assert told.last == (ends if by_hand else "No changes. Your vendors match the manifests.")
    drifted = set(re.findall(r"^  [~!+-] (\S+/\S+/.*?)  \(", example.run("drift").out, re.M))
    assert drifted == by_hand


def test_no_secret_of_an_example_is_shown(example: Example) -> None:
    """Neither a credential nor the value of a secret is in a plan, an apply, or what is kept."""
    shown = [
        example.run("plan", "--out", str(example.root / "one.plan")),
        example.run("plan", "--format", "json"),
        example.run("apply", "--auto-approve"),
        example.run("history"),
    ]
    texts = [result.out + result.err for result in shown]
    texts += [path.read_text("utf-8") for path in example.root.rglob("*") if path.is_file()]
    for name, value in {**credentials(), **SECRETS}.items():
        if name not in ("KIBO_CLIENT_ID", "KIBO_OMS_USERNAME"):  # names, and short ones
            assert not [text for text in texts if value in text], name


def test_the_examples_show_every_kind_once() -> None:
    """In the example of its vendor, but for those that a team would not keep in Git."""
    shown = {
        f"{folder.name}/{kind}"
        for folder in EXAMPLES
        for file in (folder / "manifests").iterdir()
        for kind in yaml.safe_load(file.read_text("utf-8"))
    }
    known = {f"{vendor}/{kind}" for vendor, one in PROVIDERS.items() for kind in one.kinds}
    assert known - shown == set(LEFT_OUT)
    assert {folder.name for folder in EXAMPLES} == {*PROVIDERS, EXAMPLE}


def test_the_shop_has_all_vendors_and_something_of_each_that_writes() -> None:
    """The example with all five, which the tour and the README take."""
    text = (ROOT / "examples" / EXAMPLE / "reconciler.yaml").read_text("utf-8")
    assert set(re.findall(r"^    type: (\S+)", text, re.M)) == set(PROVIDERS)
    for vendor, provider in PROVIDERS.items():
        writes = {k.name for k in provider.kinds.values() if k.mode is not Mode.OBSERVED}
        folder = ROOT / "examples" / EXAMPLE / "manifests"
        declared = {
            kind
            for file in folder.iterdir()
            if vendor in file.read_text("utf-8").partition("\n")[0]
            for kind in yaml.safe_load(file.read_text("utf-8"))
        }
        assert declared, vendor
        assert declared & writes or not writes, vendor


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT / "examples")))
def test_a_file_is_tidy(file: Path) -> None:
    """Spaces and no tabs, no blanks at line ends, lines that fit, one newline at the end, and a
    first line that names a schema which is there and with which an editor finds nothing wrong."""
    text = file.read_text("utf-8")
    assert "\t" not in text
    assert "\r" not in text
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert [line for line in text.splitlines() if line != line.rstrip() or len(line) > 100] == []
    named = re.match(r"# yaml-language-server: \$schema=(\S+)\n", text)
    assert named
    assert (file.parent / named[1]).resolve().is_relative_to(ROOT / "schemas")
    schema = json.loads((file.parent / named[1]).read_text("utf-8"))
    (document,) = yaml12.parse(text.encode(), file.name)
    found = Draft7Validator(schema).iter_errors(document.value)
    assert [error.message for error in found] == []


def _addresses(plan: Any, action: str) -> set[str]:
    return {one["address"] for one in plan["resource_changes"] if one["x_action"] == action}
