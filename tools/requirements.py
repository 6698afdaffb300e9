"""What somebody installs who only runs the tool: a part of constraints.txt, with its hashes."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

EXTRAS = ("html", "objectstore", "postgres")
HEAD = """\
# Written by `python -m tools.generate` from constraints.txt: what running the tool needs, with the
# extras html, objectstore and postgres, and what builds it.
#
#     pip install --require-hashes -r requirements.txt
#     pip install --no-deps --no-build-isolation .
"""
_VIA = re.compile(r"^    #(?: via)? +([\w.-]+)", re.MULTILINE)


class _Pin(NamedTuple):
    """A pinned package: the names of what asks for it, and its lines without comments."""

    asked_by: frozenset[str]
    lines: str


def requirements(root: Path) -> str:
    """The text of requirements.txt of the checkout at `root`."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    extras = project["project"]["optional-dependencies"]
    texts = [
        *project["project"]["dependencies"],
        *(text for extra in EXTRAS for text in extras[extra]),
        *project["build-system"]["requires"],
    ]
    needed: set[str] = {canonicalize_name(Requirement(text).name) for text in texts}
    pins = dict(_pins((root / "constraints.txt").read_text("utf-8")))
    while more := {n for n, pin in pins.items() if pin.asked_by & needed} - needed:
        needed |= more
    return HEAD + "".join(pins[name].lines for name in sorted(needed))


def _pins(text: str) -> Iterator[tuple[str, _Pin]]:
    """The pinned packages by name."""
    for block in re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]:
        name = canonicalize_name(re.split(r"[=\[]", block, maxsplit=1)[0])
        asked_by = frozenset(canonicalize_name(found) for found in _VIA.findall(block))
        lines = [line for line in block.splitlines() if line and not line.lstrip().startswith("#")]
        yield name, _Pin(asked_by, "".join(f"{line}\n" for line in lines))
