"""The package is called by its name on the package index, wherever somebody is to install it."""

from __future__ import annotations

import re
import tomllib

from reconciler.errors import PACKAGE

from .pages import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
TEXTS = sorted(
    path
    for pattern in (
        "README.md",
        "docs/*",
        "reconciler/**/*.py",
        "examples/**/*",
        "tools/*.py",
        "action.yml",
    )
    for path in ROOT.glob(pattern)
    if path.is_file() and path.suffix in ("", ".md", ".py", ".yml", ".yaml")
)
INSTALLED = re.compile(r"pip3? install [^`\n&]*?\b(reconciler[\w-]*)(?:\[([\w,]+)\])?(?![\w/])")


def test_what_is_to_be_installed_is_the_package() -> None:
    """Its name, and extras that it has."""
    extras = set(PROJECT["optional-dependencies"])
    wrong = [
        f"{file.relative_to(ROOT)}: {name}[{chosen}]"
        for file in TEXTS
        for name, chosen in INSTALLED.findall(file.read_text("utf-8"))
        if name != PROJECT["name"] or not set(filter(None, chosen.split(","))) <= extras
    ]
    assert wrong == []


def test_messages_name_it_too() -> None:
    """They are made in one place, with an extra that there is."""
    extras = PROJECT["optional-dependencies"]
    sources = [path.read_text("utf-8") for path in TEXTS if path.suffix == ".py"]
    asked = {extra for text in sources for extra in re.findall(r'how_to_install\("(\w+)"\)', text)}
    assert {"objectstore", "postgres", "sandbox"} <= asked <= set(extras)
    assert PROJECT["name"] == PACKAGE
    found = [path.name for path in TEXTS if INSTALLED.search(path.read_text("utf-8"))]
    assert {"install.md", "ledgers.md"} <= set(found)


def test_the_container_is_built_from_what_is_here() -> None:
    """The files that it copies are in the checkout and not left out of its context; what it
    installs has a hash; it runs the command, and not as root."""
    lines = (ROOT / "Containerfile").read_text("utf-8").replace("\\\n", "").splitlines()
    steps = [line.split(maxsplit=1) for line in lines if line and not line.startswith("#")]
    given = [rest.split()[:-1] for word, rest in steps if word == "COPY" and "--from" not in rest]
    context = (ROOT / ".containerignore").read_text("utf-8").splitlines()
    assert [name for names in given for name in names if not (ROOT / name).exists()] == []
    assert {f"!{name}" for names in given for name in names} <= set(context)
    installs = [rest for word, rest in steps if word == "RUN" and "pip install" in rest]
    assert ["--require-hashes" in one or "--no-deps" in one for one in installs] == [True, True]
    assert PROJECT["readme"] in {name for names in given for name in names}
    assert [rest for word, rest in steps if word == "USER"] == ["1000"]
    # Without it git refuses a checkout of another user, such as the one that a runner makes.
    assert ["RUN", "git config --system --add safe.directory '*'"] in steps
    assert ["ENTRYPOINT", '["reconciler"]'] in steps
    assert "reconciler" in PROJECT["scripts"]
