"""Every command of the documentation runs, in the order of its page, and prints what the page says.

Each page is followed in an empty folder, with the sandbox running and its credentials set. How a
page is written, so that it can be followed:

- a block of `sh` is typed, a command a line; it must succeed, unless a comment after it says
  `# exits with 3`;
- a block of `text` directly below is what the block printed, to both streams. Ids, times, versions
  and the like may differ, a line `…` stands for any lines, and `…` in a line for any text;
- a block below a paragraph that is only `` `manifests/kobo.yaml`: `` becomes that file;
- what makes sense on a CI platform only is no `sh`, but `yaml`.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import NoReturn

import pytest

from .pages import PAGES, ROOT, Block, anchors, blocks, commands, links, unmarked
from .reader import Reader

FOLLOWED_ELSEWHERE = {
    "adding-a-vendor.md": "tests/test_adding_a_vendor.py, in a checkout of its own",
}
NOT_TYPED = {
    r"git clone https://\S+": "it leaves this machine",
    r"cd reconciler": "into what was cloned",
    r"python3 -m venv \S+": "only what follows would use it, which asks a package index",
    r"\S*pip (install|uninstall|wheel|download) .*": "it asks a package index, or changes our own",
    r"(podman|docker) (build|run) .*": "it needs an engine for containers",
}
"""Commands that no test can run, as patterns, and why."""
PROGRAMS = ("curl", "git")
"""Programs of others that a page may use; where one is missing, the page is not followed."""
MASKS = (
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(\.\d+)?(Z|[+-]\d\d:\d\d)?( UTC)?", "<time>"),
    (r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "<id>"),
    (r"\b(?=[0-9a-f]*\d)[0-9a-f]{7,64}\b", "<id>"),
    (r"\b\d+(\.\d+)? (s|ms|seconds?)\b", "<duration>"),
    (r"\b\d+\.\d+\.\d+(\.dev\d+)?(\+\w+)?\b", "<version>"),
    (r"\b[\w.-]+@[\w-]+(?= |$)", "<user>"),
    (r"(?<=\S) {2,}", "  "),
    (r"[ \t]+$", ""),
)
"""What is different each time, and what stands for it when outputs are compared."""


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    """Somebody who follows a page in an empty folder."""
    folder = tmp_path / "you"
    folder.mkdir()
    somebody = Reader(folder)
    yield somebody
    somebody.leave()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_commands_of_a_page_run(page: Path, reader: Reader) -> None:
    """And print what the page says that they print."""
    if page.name in FOLLOWED_ELSEWHERE:
        pytest.skip(FOLLOWED_ELSEWHERE[page.name])
    printed: str | None = None
    for block in blocks(page.read_text("utf-8")):
        if block.language == "sh":
            printed = _typed(block, page, reader)
            continue
        if block.language == "text" and block.follows and printed is not None:
            _compare(block, printed, page)
        elif block.file:
            reader.write(block.file, block.text)
        printed = None


def _typed(block: Block, page: Path, reader: Reader) -> str | None:
    """Type the commands of a block: what they print; None where one cannot be typed here."""
    output, complete = "", True
    for text, line in commands(block):
        if any(re.fullmatch(pattern, text, re.S) for pattern in NOT_TYPED):
            complete = False
            continue
        program = text.split()[0]
        if program in PROGRAMS and not shutil.which(program):
            pytest.skip(f"{program} is not on this machine")
        ended = reader.type(text)
        output += ended.output
        said = re.search(r"# exits with (\d)$", text)
        detailed = (0, 2) if "--detailed-exitcode" in text else (0,)
        if ended.code not in ((int(said[1]),) if said else detailed):
            _fail(page, line, f"`{text}` exits with {ended.code} and prints\n\n{ended.output}")
    return output if complete else None


def _compare(block: Block, printed: str, page: Path) -> None:
    """Fail where the output of the block before is not what this block says."""
    said, real = _masked(block.text), _masked(printed)
    parts = [
        r"(?:.*\n)*?" if gap else re.escape("".join(lines)).replace("…", ".*")
        for gap, lines in groupby(said.splitlines(keepends=True), lambda line: line == "…\n")
    ]
    if not re.fullmatch("".join(parts), real):
        _fail(page, block.line, f"the commands before print\n\n{printed}\nand not\n\n{block.text}")


def _masked(text: str) -> str:
    for pattern, mask in MASKS:
        text = re.sub(pattern, mask, text, flags=re.M)
    return text


def _fail(page: Path, line: int, what: str) -> NoReturn:
    pytest.fail(f"docs/{page.name}:{line}: {what}", pytrace=False)


def test_a_page_that_is_wrong_is_noticed(reader: Reader, tmp_path: Path) -> None:
    """A command that fails, one that does not fail as it says, and another output: each is named
    with the page, the line, the command and what it printed."""
    for body, told in (
        ("```sh\nreconciler validate\n```\n", r"docs/wrong.md:4: `reconciler validate` exits w"),
        ("```sh\nls /none\n```\n", r"docs/wrong.md:4: `ls /none` exits with 2 and prints\n\nls:"),
        (
            "```sh\ntrue # exits with 3\n```\n",
            r"docs/wrong.md:4: `true # exits with 3` exits with 0",
        ),
        ("```sh\necho a\necho b\n```\n\n```text\na\n```\n", r"docs/wrong.md:9: .*print\n\na\nb\n"),
    ):
        page = tmp_path / "wrong.md"
        page.write_text(f"# Wrong\n\n{body}", "utf-8")
        with pytest.raises(pytest.fail.Exception, match=f"(?s){told}"):
            test_the_commands_of_a_page_run(page, reader)


def test_a_page_that_is_right_is_followed(reader: Reader) -> None:
    """Files, variables, folders, exit codes, the ports of the sandbox, lines that go on, and what
    is left out of an output."""
    test_the_commands_of_a_page_run(Path(__file__).with_name("followed.md"), reader)
    assert (reader.root / "shop" / "reconciler.yaml").exists()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_is_to_be_typed_is_marked(page: Path) -> None:
    """A command stands in a block of `sh` and not in one that is only indented."""
    assert unmarked(page.read_text("utf-8")) == []


@pytest.mark.parametrize("page", [*PAGES, ROOT / "README.md"], ids=lambda page: page.name)
def test_a_link_leads_somewhere(page: Path) -> None:
    """To a file of the checkout, and to a heading that it has."""
    broken = []
    for target, line in links(page.read_text("utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, heading = target.partition("#")
        file = (page.parent / name).resolve() if name else page
        if not file.exists():
            broken.append(f"{page.name}:{line}: {target}")
        elif heading and heading not in anchors(file.read_text("utf-8")):
            broken.append(f"{page.name}:{line}: {target}: no such heading")
    assert broken == []


def test_every_page_is_in_the_index() -> None:
    """And so somebody finds it."""
    linked = {target for target, _ in links((ROOT / "docs" / "README.md").read_text("utf-8"))}
    pages = [*PAGES, *sorted((ROOT / "docs" / "providers").glob("*.md"))]
    names = {str(page.relative_to(ROOT / "docs")) for page in pages}
    assert names - linked == {"README.md"}
