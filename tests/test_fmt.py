"""`fmt` changes how files look, and never what they say."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reconciler.errors import Invalid
from reconciler.yaml12 import layout, writer
from reconciler.yaml12.composer import compose
from reconciler.yaml12.events import checked
from tests.yaml_texts import DOCUMENTS, KEYS, VALUES, commented, exact, values, written

ROOT = Path(__file__).parent.parent
HEAD = "---\nprovider: kobo-plm\n"
UNTIDY = """\
# Who makes what.
provider: "kobo-plm"

suppliers:
    # Izmir
    S-1:   {  payment_terms: 'Net 30',name: "Anadolu Tekstil" } # the oldest
    'S-2':
        $protect: yes   
        # as on the invoice
        payment_terms:   "Net 60"
        name: 'Ege'


    # no more
webhooks:
- a
"""  # noqa: W291


def formatted(data: bytes, turn: bool = False) -> str:
    """The canonical text; with `turn`, of a schema that has all fields in the opposite order."""
    orders = [turned(value) if turn else value for value in values(data)]
    return layout.text(compose(checked(data, "a file")), orders)


def turned(value: Any) -> Any:
    """The same with the members of every mapping in the opposite order."""
    if isinstance(value, dict):
        return {name: turned(value[name]) for name in reversed(value)}
    return [turned(item) for item in value] if isinstance(value, list) else value


@settings(max_examples=100)
@given(DOCUMENTS, st.randoms(use_true_random=False), st.booleans(), st.booleans())
def test_any_file_keeps_its_values_and_comments(
    documents: list[Any], random: Random, turn: bool, windows: bool
) -> None:
    """Whatever YAML it is, with comments wherever they may stand: the values stay the same, each
    comment stays once, and formatting again changes nothing."""
    try:
        text, comments = commented(written(documents, random), random)
        data = text.replace("\n", "\r\n").encode() if windows else text.encode()
        meant = exact(values(data))
    except Invalid:
        return
    once = formatted(data, turn)
    assert exact(values(once.encode())) == meant
    assert [once.count(f"# c{n}.") for n in range(comments)] == [1] * comments
    assert formatted(once.encode()) == once


@settings(max_examples=100)
@given(st.dictionaries(KEYS, VALUES, min_size=1, max_size=4))
@example({"a": {"b": ["x\ny\n", {"c": [], "d": {}}, [[1]]]}})
def test_what_the_tool_writes_is_canonical(document: dict[str, Any]) -> None:
    """`import` writes with this writer."""
    text = f"---\n{writer.text(document)}"
    try:
        if values(text.encode()) != [document]:
            return
    except Invalid:
        return
    assert formatted(text.encode()) == text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a:  &x # n\n  - 1\nb: *x # m\n", "---\na: &x  # n\n  - 1\nb: *x  # m\n"),
        ("- a: 1\n  # in\n  b: 2\n# end", "---\n- a: 1\n  # in\n  b: 2\n# end\n"),
        ("a: [x, # one\n  y] # two\n", "---\na:  # two\n  - x  # one\n  - y\n"),
        ("a: [ 1,2 ]\nb: { c: ~ }", "---\na: [1, 2]\nb: {c: null}\n"),
        ("a: >-\n    x\n\n    y\n\n\nb: |+\n t\n\n", "---\na: >-\n  x\n\n  y\n\nb: |+\n  t\n\n"),
        (
            "%YAML 1.2\n---\na: 1\n...\n# c\n--- # d\nb:",
            "%YAML 1.2\n---\na: 1\n# c\n---  # d\nb:\n",
        ),
        (
            "a:\n  # of b\n\n  # of the first\n  c: 1",
            "---\na:\n  # of b\n\n  # of the first\n  c: 1\n",
        ),
        ('{"a":\n "b", "\\ud83d\\ude00": 1.10}', "---\n{a: b, 😀: 1.10}\n"),
        ("# nothing\n\n\n\n", "# nothing\n"),
        ("", ""),
    ],
)
def test_the_form(before: str, after: str) -> None:
    """One indentation, one way to quote, brackets where there is room and no comment in them;
    anchors, blocks, directives and comments stay."""
    assert formatted(before.encode()) == after
    assert formatted(after.encode()) == after


def test_long_brackets_become_a_block() -> None:
    """Beyond the 80 columns that yamllint allows."""
    words = ", ".join(f"word-{n}" for n in range(9)) + ", end"
    assert formatted(f"a: [{words}]".encode()) == f"---\na: [{words}]\n"
    assert formatted(f"a: [{words}s]".encode()).startswith("---\na:\n  - word-0\n")


def test_a_file_of_a_workspace(workspace: Any) -> None:
    """Fields get the order of the schema with their comments, the tool's words come last; the
    objects stay in the order of whoever wrote them."""
    here = workspace(UNTIDY.replace("webhooks:\n- a\n", "").replace("yes", "true"))
    path = here.root / "manifests" / "main.yaml"
    before = values(path.read_bytes())
    shown = here.run("fmt", "manifests")
    assert (shown.code, shown.out) == (0, "manifests/main.yaml\n")
    assert path.read_text() == (
        "# Who makes what.\n---\nprovider: kobo-plm\n\nsuppliers:\n  # Izmir\n"
        "  S-1: {name: Anadolu Tekstil, payment_terms: Net 30}  # the oldest\n"
        "  S-2:\n    name: Ege\n    # as on the invoice\n    payment_terms: Net 60\n"
        "    $protect: true\n\n  # no more\n"
    )
    assert values(path.read_bytes()) == before
    assert here.run("fmt", "manifests").out == ""


def test_check_and_diff(workspace: Any) -> None:
    """`--check` writes nothing, lists the files and ends with 1; `--diff` shows what changes."""
    here = workspace(f"{HEAD}suppliers:\n  S-1: {{name: 'Ege'}}\n")
    path = here.root / "manifests" / "main.yaml"
    (here.root / "manifests" / "good.yaml").write_text(HEAD)
    before = path.read_bytes()
    shown = here.run("fmt", "-check", "-diff", "manifests")
    assert shown.code == 1
    assert shown.out.startswith("manifests/main.yaml\n--- a/manifests/main.yaml\n")
    assert "-  S-1: {name: 'Ege'}\n+  S-1: {name: Ege}" in shown.out
    assert "Not in canonical form: 1 of 2." in shown.err
    assert path.read_bytes() == before
    assert here.run("fmt", "manifests").code == 0
    assert here.run("fmt", "--check", "manifests") == (0, "", "")


def test_files_are_chosen_by_their_names(workspace: Any, tmp_path: Path) -> None:
    """As pre-commit gives them: what is no file of the workspace is left alone, and a path that
    does not exist is an error."""
    here = workspace(f"{HEAD}suppliers: {{ }}\n")
    (here.root / "other.yaml").write_text("a:   1\n")
    shown = here.run("fmt", "manifests/main.yaml", "other.yaml")
    assert (shown.code, shown.out) == (0, "manifests/main.yaml\n")
    assert "Skipped other.yaml" in shown.err
    assert (here.root / "other.yaml").read_text() == "a:   1\n"
    missing = here.run("fmt", "nothing.yaml")
    assert missing.code == 1
    assert "there is no file nothing.yaml" in missing.err
    assert here.run("fmt", str(here.root / "reconciler.yaml")).out == "reconciler.yaml\n"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_line_ends_and_permissions_stay(workspace: Any, end: str) -> None:
    """The line ends of most lines become those of all; a byte order mark goes."""
    here = workspace()
    path = here.root / "manifests" / "main.yaml"
    text = f"{HEAD}suppliers:\n    S-1: {{name: Şükrü}}\n".replace("\n", end)
    path.write_bytes(b"\xef\xbb\xbf" + text.encode() + b"# end\n")
    path.chmod(0o664)
    assert here.run("fmt", "manifests").code == 0
    wanted = f"{HEAD}suppliers:\n  S-1: {{name: Şükrü}}\n# end\n".replace("\n", end)
    assert path.read_bytes() == wanted.encode()
    assert path.stat().st_mode & 0o777 == 0o664


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("suppliers:\n\tS-1: {}\n", "Indent with spaces, not with a tab."),
        ("suppliers: {S-1: {name: a, name: b}}\n", "duplicate key"),
        ("suppliers: !!map {}\n", "the tag"),
        ("suppliers: {S-1\n", "not valid YAML"),
    ],
)
def test_a_file_with_errors_stays_as_it_is(workspace: Any, text: str, reason: str) -> None:
    """It is named with its error, and the other files are formatted."""
    here = workspace(HEAD + text)
    (here.root / "manifests" / "other.yaml").write_text("provider:   kobo-plm\n")
    shown = here.run("fmt", "manifests")
    assert shown.code == 1
    assert reason in shown.err
    assert shown.out == "manifests/other.yaml\n"
    assert (here.root / "manifests" / "main.yaml").read_text() == HEAD + text


def test_links_out_of_the_workspace_are_not_followed(workspace: Any, tmp_path: Path) -> None:
    """One to a file of the workspace is, and stays a link."""
    here = workspace("provider:   kobo-plm\n")
    outside = tmp_path / "outside.yaml"
    outside.write_text("provider:   kobo-plm\n")
    (here.root / "manifests" / "out.yaml").symlink_to(outside)
    (here.root / "manifests" / "in.yaml").symlink_to("main.yaml")
    shown = here.run("fmt", "manifests")
    assert shown.code == 1
    assert "link to a place outside the workspace" in shown.err
    assert outside.read_text() == "provider:   kobo-plm\n"
    assert (here.root / "manifests" / "in.yaml").is_symlink()
    assert (here.root / "manifests" / "main.yaml").read_text() == HEAD


def test_a_read_only_file_is_refused(workspace: Any) -> None:
    """To root too, who could write it."""
    here = workspace("provider:   kobo-plm\n")
    path = here.root / "manifests" / "main.yaml"
    path.chmod(0o444)
    shown = here.run("fmt", "manifests")
    assert shown.code == 1
    assert "it is read-only" in shown.err
    assert path.read_text() == "provider:   kobo-plm\n"


def test_what_init_and_import_write_is_canonical(run: Any, workspace: Any, tmp_path: Path) -> None:
    """And yamllint with its own defaults finds nothing in it."""
    new = str(tmp_path / "new")
    assert run("-C", new, "init").code == 0
    assert run("-C", new, "fmt", "--check") == (0, "", "")
    here = workspace()
    (here.root / "manifests" / "main.yaml").unlink()
    for _ in range(2):
        assert here.run("import", "--all").code == 0
    assert here.run("fmt", "--check", "manifests") == (0, "", "")
    lint = subprocess.run(
        [sys.executable, "-m", "yamllint", "-d", "default", "-s", here.root / "manifests", new],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (lint.stdout, lint.returncode) == ("", 0)


def test_the_examples_in_canonical_form(run: Any, tmp_path: Path) -> None:
    """yamllint finds nothing in them but long lines, and comments at the end of a block, which it
    wants to be indented as what follows; they declare what they declared."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    folders = [path.parent for path in sorted((tmp_path / "examples").glob("*/reconciler.yaml"))]
    files = [path for folder in folders for path in sorted(folder.rglob("*.yaml"))]
    before = [values(path.read_bytes()) for path in files]
    for folder in folders:
        assert run("-C", str(folder), "fmt").code == 0
        assert run("-C", str(folder), "fmt", "--check") == (0, "", "")
    assert [values(path.read_bytes()) for path in files] == before
    rules = "{extends: default, rules: {line-length: disable, comments-indentation: disable}}"
    lint = subprocess.run(
        [sys.executable, "-m", "yamllint", "-d", rules, "-s", *files],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (lint.stdout, lint.returncode) == ("", 0)
