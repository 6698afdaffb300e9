"""What people write wrong, through the command line: one error with its place, and no harm done.

Each case is planned, applied and validated: the exit code is 1, nothing is written to a vendor,
and neither the manifests nor the ledger change by a byte.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reconciler.sandbox import Options

from .vendors import running

GOOD = "provider: kobo-plm\nsuppliers:\n  S-1: {name: Anadolu}\n"
HEAD = GOOD.splitlines()[0] + "\n"
BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)

MANIFESTS: dict[str, tuple[bytes | str, str, str]] = {
    "malformed": (HEAD + "suppliers: [x\nwebhooks: {}\n", "3:9", "not valid YAML"),
    "a tab": (HEAD + "suppliers:\n\tS-1: {}\n", "3:1", "not valid YAML"),
    "not UTF-8": (HEAD.encode() + b"suppliers:\n  S-1: {name: \xfe}\n", "3:15", "not UTF-8"),
    "UTF-16": (HEAD.encode("utf-16"), "1:1", "UTF-16"),
    "a NUL": (HEAD.encode() + b"suppliers: \0\n", "2:12", "NUL"),
    "a control character": (HEAD + "suppliers: {S-1: {name: \x1b[2J}}\n", "2:25", "control"),
    "a tag": (HEAD + "suppliers: !!python/object/apply:os.abort []\n", "2:12", "the tag"),
    "too deep": (HEAD + "suppliers: " + "[" * 70 + "]" * 70 + "\n", "2:75", "nested"),
    "far too deep": (HEAD + "suppliers: " + "[" * 30000 + "\n", "2:75", "nested"),
    "a bomb": (HEAD + BOMB, "", "aliases of this file expand to more than"),
    "merged": (HEAD + "suppliers: {S-1: {<<: {name: x}}}\n", "2:19", "the merge key <<"),
    "a key twice": (HEAD + "suppliers: {S-1: {name: x, name: y}}\n", "2:28", "duplicate key"),
    "no mapping": ("- a\n- b\n", "1:1", "must be a mapping"),
    "no provider": ("suppliers: {S-1: {}}\n", "1:1", "which provider"),
    "unknown provider": ("provider: kobo-pml\n", "1:11", 'no provider "kobo-pml"'),
    "unknown kind": (HEAD + "supliers: {S-1: {}}\n", "2:1", 'no kind "supliers"'),
    "unknown field": (HEAD + "suppliers: {S-1: {nmae: x}}\n", "2:19", 'no field "nmae"'),
    "unknown word": (HEAD + "suppliers: {S-1: {$protct: true}}\n", "2:19", 'no option "$protct"'),
    "a wrong word": (HEAD + "suppliers: {S-1: {$protect: 1}}\n", "2:29", "must be true or false"),
    "unknown variable": (HEAD + 'suppliers: {S-1: {name: "${var.x}"}}\n', "2:25", "no variable"),
    "the environment": (HEAD + 'suppliers: {S-1: {name: "${env.HOME}"}}\n', "2:25", "be used here"),
    "unknown secret": (HEAD + 'suppliers: {S-1: {name: "${secret.x}"}}\n', "2:25", "secret"),
    "a wrong type": (HEAD + "suppliers: {S-1: {name: 5}}\n", "2:25", "must be text, is a number"),
    "a list for kinds": (HEAD + "suppliers: [S-1]\n", "2:12", "must be a mapping of keys"),
    "text for fields": (HEAD + "suppliers: {S-1: hello}\n", "2:18", "must be a mapping"),
    "a wrong choice": (
        HEAD + "webhooks: {h: {url: 'https://x.example', events: [style creatd]}}\n",
        "2:51",
        "events[0]",
    ),
    "the address twice": (GOOD + "---\n" + GOOD, "7:3", "is declared twice; first at"),
    "the object twice": (GOOD + "  S-2: {code: S-1, name: x}\n", "4:3", "are the same object"),
    "an empty key": (HEAD + 'suppliers: {"": {name: x}}\n', "2:13", "empty key"),
    "a key with escapes": (
        HEAD + 'suppliers: {"a\\e[2J": {name: x}}\n',
        "2:13",
        "is not a valid key",
    ),
}

WORKSPACES: dict[str, tuple[bytes | str, str, str]] = {
    "malformed": ("name: 'x\n", "1:7", "not valid YAML"),
    "not UTF-8": (b"name: \xfe\n", "1:7", "not UTF-8"),
    "a tag": ("name: !!python/name:os.abort x\nproviders: {}\n", "1:7", "the tag"),
    "too deep": ("name: " + "[" * 30000, "1:70", "nested"),
    "a bomb": (BOMB, "", "aliases of this file expand to more than"),
    "empty": ("", "1:1", "must be one mapping"),
    "two documents": ("name: a\n---\nname: b\n", "1:1", "must be one mapping"),
    "unknown field": ("name: a\nprovders: {}\nproviders: {}\n", "2:1", 'no field "provders"'),
    "unknown type": ("name: a\nproviders: {k: {type: kobo}}\n", "2:23", "must be one of"),
    "no type": ("name: a\nproviders: {k: {}}\n", "2:13", '"type" is missing'),
    "a wrong type": ("name: a\nproviders: {}\nguard: {max_deletes: x}\n", "3:22", "whole number"),
    "not set": (
        "name: acme\nproviders: {kobo-plm: {type: kobo-plm, api_key: '${env.NOT_SET}'}}\n",
        "2:49",
        '"NOT_SET" is not set',
    ),
    "set to nothing": (
        "name: acme\nproviders: {kobo-plm: {type: kobo-plm, api_key: '${env.EMPTY}'}}\n",
        "2:49",
        '"EMPTY" is empty',
    ),
    "plain HTTP": (
        "name: a\nproviders: {k: {type: kobo-plm, api_key: x, base_url: 'http://a.example'}}\n",
        "2:55",
        "must use https",
    ),
    "unknown in exclusive": (
        "name: a\nproviders: {k: {type: kobo-plm, api_key: x}}\nexclusive: [k/hooks]\n",
        "",
        "exclusive names k/hooks",
    ),
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, new_workspace: Callable[..., Any]) -> Any:
    """A workspace that owns something."""
    with running(Options(port=0, rate=0, job_seconds=0)) as sandbox:
        yield new_workspace(tmp_path_factory.mktemp("shop"), sandbox)


@pytest.fixture
def here(shop: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The workspace in order, with nothing in the vendors' journals."""
    shop.configure()
    shop.write(GOOD)
    shop.apply()
    shop.sandbox.clear_journal()
    monkeypatch.setenv("EMPTY", "")
    return shop


def files(folder: Path) -> dict[Path, bytes]:
    """Every file there and what is in it."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def refused(here: Any, file: str, data: bytes | str, place: str, words: str) -> None:
    """Plan, apply and validate say the same one thing and leave everything as it is."""
    path = here.root / file
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    before = files(here.root)
    for command in (("plan",), ("apply", "--auto-approve"), ("validate",)):
        if command == ("validate",) and words.startswith('"'):
            continue  # needs no environment
        result = here.run(*command)
        assert (result.code, result.out) == (1, ""), result
        assert result.err.count("Error: ") == 1, result.err
        assert words in result.err, result.err
        assert not place or f"at {file}:{place}" in result.err, result.err
    assert files(here.root) == before
    assert here.writes() == []


@pytest.mark.parametrize("case", MANIFESTS)
def test_a_bad_manifest_is_one_error_with_its_place(here: Any, case: str) -> None:
    """Whatever is wrong with a manifest: file, line and column, and nothing is done."""
    refused(here, "manifests/main.yaml", *MANIFESTS[case])


@pytest.mark.parametrize("case", WORKSPACES)
def test_a_bad_workspace_is_one_error_with_its_place(here: Any, case: str) -> None:
    """Whatever is wrong with reconciler.yaml: file, line and column, and nothing is done."""
    refused(here, "reconciler.yaml", *WORKSPACES[case])


def test_a_circle_is_named(here: Any) -> None:
    """Objects that depend on each other are one error that goes round the circle."""
    here.write(
        "provider: kobiks\ncategories:\n  a: {name: a, parent: b}\n  b: {name: b, parent: a}\n"
    )
    result = here.run("plan")
    assert result.code == 1
    assert result.err.count("Error: ") == 1, result.err
    assert "depend on each other" in result.err


def test_a_reference_to_nothing_is_one_error(here: Any) -> None:
    """What refers to nothing is told with its place; what does not refer to it is applied where
    that is allowed."""
    here.write(
        GOOD + "  S-9: {name: New}\ncomponents:\n  C-1: {name: x, supplier: NOBODY}\n",
    )
    for command in (("plan",), ("apply", "--auto-approve", "--allow-partial")):
        result = here.run(*command)
        assert result.code == (1 if command == ("plan",) else 4), result
        assert result.err.count("Error: ") == 1, result.err
        assert "manifests/main.yaml:6:" in result.err
        assert "NOBODY" in result.err
    assert [line.split()[:2] for line in here.writes()] == [["POST", "/api/v1/suppliers"]]


def test_every_bad_file_is_told_in_one_run(here: Any) -> None:
    """Two hundred files with an error each: two hundred errors, each with its file."""
    for number in range(200):
        here.write(f"{HEAD}suppliers: {{X-{number}: {{nmae: x}}}}\n", f"bad-{number:03}")
    try:
        result = here.run("plan")
    finally:
        for number in range(200):
            (here.root / "manifests" / f"bad-{number:03}.yaml").unlink()
    assert result.code == 1
    assert result.err.count("Error: ") == 200
    assert all(f"bad-{number:03}.yaml:2:" in result.err for number in range(200))
    assert here.sandbox.journal("kobo-plm") == []


def test_a_code_of_dots_is_refused_before_anything_is_written(workspace: Any) -> None:
    """It would stand in addresses, where `..` leads elsewhere; a code with a slash is well."""
    here = workspace()
    here.declare({"kibo/location_types": {"..": {"name": "Dots"}, "A/B": {"name": "Slash"}}})
    shown = here.run("plan")
    assert shown.code == 1
    assert "Error: code is part of the vendor's URLs, where . and .. mean another path" in shown.err
    assert "+ kibo/location_types/A/B" in shown.out
