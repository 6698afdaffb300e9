"""The pinned versions: the same for CI, which wants hashes, and for the README's commands."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from reconciler.errors import PACKAGE
from reconciler.report.formats import FORMATS

ROOT = Path(__file__).parents[1]
HASHED = (ROOT / "constraints.txt").read_text("utf-8")
PINS = (ROOT / "pins.txt").read_text("utf-8")
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def _without_comments(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.lstrip().startswith("#")]


def _name(requirement: str) -> str:
    """The normalised name of a requirement, as PyPA's name normalisation writes it."""
    match = re.match(r"[\w.-]+", requirement)
    assert match, requirement
    return re.sub(r"[-_.]+", "-", match[0]).lower()


def test_both_files_pin_the_same_versions() -> None:
    """What the README's commands install is what CI installs by hash; `tools/pin` makes both."""
    text = "\n".join(_without_comments(HASHED))
    requirements = text.replace("\\\n", " ").splitlines()
    hashed = [re.split(r"\s+--hash=", requirement) for requirement in requirements]
    assert [parts[0] for parts in hashed] == _without_comments(PINS)
    assert all(re.fullmatch(r"[\w.-]+==[^\s*]+.*", parts[0]) for parts in hashed)
    assert all(
        re.fullmatch(r"sha256:[0-9a-f]{64}", value) for parts in hashed for value in parts[1:]
    )
    assert all(len(parts) > 1 for parts in hashed)


def test_every_dependency_is_pinned() -> None:
    """Those of the package, of its tests and checks, and what builds it."""
    extras = PROJECT["project"]["optional-dependencies"]
    required = [
        *PROJECT["build-system"]["requires"],
        *PROJECT["project"]["dependencies"],
        *extras["sandbox"],
        *extras["test"],
        *extras["lint"],
    ]
    names = {_name(requirement) for requirement in required} - {_name(PROJECT["project"]["name"])}
    assert names - {_name(pin) for pin in _without_comments(PINS)} == set()


def test_messages_name_the_package_as_the_index_does() -> None:
    """What a message tells people to install is this package, with an extra that it has."""
    assert PROJECT["project"]["name"] == PACKAGE
    extras = set(PROJECT["project"]["optional-dependencies"])
    source = "".join(path.read_text("utf-8") for path in (ROOT / "reconciler").rglob("*.py"))
    assert set(re.findall(r'how_to_install\("(\w+)"\)', source)) <= extras
    assert {name for name, format in FORMATS.items() if format.requires} <= extras


def test_no_address_of_a_registry_is_pinned() -> None:
    """Where packages come from is the choice of whoever installs them."""
    for text in (HASHED, PINS):
        options = [line for line in text.splitlines() if re.match(r"\s*--(?!hash=)", line)]
        assert ("://" in text, options) == (False, [])
