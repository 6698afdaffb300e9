"""Which packages the project needs, with their licences, as the installed packages say themselves.

    python -m tools.dependencies

writes the table of licences in docs/security.md. It needs an environment with everything installed:
`pip install -c pins.txt -e '.[test,lint]'`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "security.md"
PROJECT: str = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["name"]
GROUPS: Mapping[str, tuple[str, ...]] = {
    "running it": (),
    "the sandbox": ("sandbox",),
    "reports in HTML": ("html",),
    "ledgers in object stores": ("objectstore",),
    "ledgers in PostgreSQL": ("postgres",),
    "tests and checks": ("test", "lint"),
}
"""What packages are needed for, with the extras of ours that ask for them."""

# How packages without a licence expression call their licence, and what it is in SPDX.
_SPDX = {
    "Apache 2.0": "Apache-2.0",
    "Apache-2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD 2-Clause License": "BSD-2-Clause",
    "BSD License": "BSD-3-Clause",
    "BSD-3-Clause": "BSD-3-Clause",
    "MIT": "MIT",
    "MIT License": "MIT",
    "MPL-2.0": "MPL-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}


class Package(NamedTuple):
    """An installed package: its normalised name, its version, its licence in SPDX, what it is
    needed for, and the names of what it needs itself."""

    name: str
    version: str
    licence: str
    purpose: str
    needs: tuple[str, ...]


def packages() -> dict[str, Package]:
    """What is installed of our dependencies, and of theirs, by name. Each is needed for the first
    purpose that asks for it."""
    found: dict[str, Package] = {}
    for purpose, extras in GROUPS.items():
        waiting = list(_needs(PROJECT, frozenset(extras)))
        while waiting:
            requirement = waiting.pop()
            name = canonicalize_name(requirement.name)
            if name in found or name == PROJECT:
                if name == PROJECT:
                    waiting += _needs(PROJECT, frozenset(requirement.extras))
                continue
            try:
                distribution = metadata.distribution(requirement.name)
            except metadata.PackageNotFoundError:
                continue
            needed = list(_needs(requirement.name, frozenset(requirement.extras)))
            names = tuple(sorted({canonicalize_name(one.name) for one in needed}))
            licence = licence_of(distribution.metadata)
            found[name] = Package(name, distribution.version, licence, purpose, names)
            waiting += needed
    return {name: found[name] for name in sorted(found)}


def direct(extras: frozenset[str]) -> frozenset[str]:
    """The names of what the project itself asks for, with these extras."""
    return frozenset(canonicalize_name(one.name) for one in _needs(PROJECT, extras))


def _needs(name: str, extras: frozenset[str]) -> Iterator[Requirement]:
    """What an installed package needs here, with these extras of its own."""
    for text in metadata.requires(name) or ():
        requirement = Requirement(text)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": e}) for e in ("", *extras)):
            yield requirement


def licence_of(about: metadata.PackageMetadata) -> str:
    """The licence of a package in SPDX; "" where it names none that is known here."""
    for text in about.get_all("License-Expression") or ():
        return str(text)
    classifiers = [
        text.rpartition(" :: ")[2]
        for text in about.get_all("Classifier") or ()
        if text.startswith("License :: ")
    ]
    for text in (*(about.get_all("License") or ()), *classifiers):
        if text in _SPDX:
            return _SPDX[text]
    return ""


def table(known: Mapping[str, Package]) -> str:
    """The table of licences, in Markdown."""
    rows = [f"| {p.name} | {p.licence} | {p.purpose} |" for p in known.values()]
    return "\n".join(["| package | licence | needed for |", "| --- | --- | --- |", *rows])


def with_licences(text: str, known: Mapping[str, Package]) -> str:
    """A page with the table of licences between its two markers."""
    pattern = re.compile(r"(?<=<!-- licences -->\n).*?(?=\n<!-- /licences -->)", re.DOTALL)
    return pattern.sub(lambda _: table(known), text, count=1)


def main() -> None:
    """Write the table into the page."""
    known = packages()
    pinned = set(re.findall(r"^([\w.-]+)==", (ROOT / "pins.txt").read_text("utf-8"), re.MULTILINE))
    needed = {name for package in known.values() for name in package.needs}
    if missing := sorted((needed & pinned) - known.keys()):
        raise SystemExit(f"not installed: {', '.join(missing)}")
    if unknown := [one.name for one in known.values() if not one.licence]:
        raise SystemExit(f"no licence that _SPDX knows: {', '.join(unknown)}")
    PAGE.write_text(with_licences(PAGE.read_text("utf-8"), known), "utf-8")


if __name__ == "__main__":
    main()
