"""The pages of the documentation as a test reads them: blocks in their order, with their lines."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from markdown_it import MarkdownIt

from reconciler import cli

ROOT = Path(cli.__file__).parents[2]
PAGES = tuple(sorted((ROOT / "docs").glob("*.md")))
FILE = re.compile(r"`([\w./-]+)`:")
_PARSER = MarkdownIt().enable("table")


class Block(NamedTuple):
    """A fenced block: its language, its text, the line of the page where its text begins, the file
    that the paragraph before it names ("" for none), and whether it follows another block
    directly."""

    language: str
    text: str
    line: int
    file: str
    follows: bool


def blocks(page: str) -> Iterator[Block]:
    """The fenced blocks of a page, in their order."""
    named, follows = "", False
    for token in _PARSER.parse(page):
        if token.type == "inline":
            found = FILE.fullmatch(token.content)
            named, follows = found[1] if found else "", False
        elif token.type == "fence":
            assert token.map
            language = (token.info.split() or [""])[0]
            yield Block(language, token.content, token.map[0] + 2, named, follows)
            named, follows = "", True
        elif token.type not in ("paragraph_open", "paragraph_close"):
            follows = follows and token.type.endswith("_close")


class Command(NamedTuple):
    """A command of a block: its text, which has several lines where one goes on in the next, and
    its line on the page."""

    text: str
    line: int


def commands(block: Block) -> Iterator[Command]:
    """The commands of an `sh` block: one on each line, but for here-documents and for lines that
    end with a backslash."""
    lines: list[str] = []
    end = ""
    for number, line in enumerate(block.text.splitlines()):
        lines.append(line)
        if end:
            end = "" if line == end else end
        elif started := re.search(r"<<-?\s*['\"]?(\w+)", line):
            end = started[1]
        if end or line.endswith("\\"):
            continue
        text = "\n".join(lines)
        if text.strip() and not text.lstrip().startswith("#"):
            yield Command(text, block.line + number - len(lines) + 1)
        lines = []
    if lines:
        yield Command("\n".join(lines), block.line + block.text.count("\n") - len(lines))


def links(page: str) -> Iterator[tuple[str, int]]:
    """Where the links of a page lead, each with its line; pictures too."""
    for token in _PARSER.parse(page):
        for child in token.children or ():
            target = child.attrGet("href") or child.attrGet("src")
            if target and token.map:
                yield str(target), token.map[0] + 1


def anchors(page: str) -> set[str]:
    """The names that GitHub gives to the headings of a page, for links into it."""
    tokens = _PARSER.parse(page)
    names: set[str] = set()
    for before, token in itertools.pairwise(tokens):
        if before.type == "heading_open":
            text = re.sub(r"[^\w\- ]", "", token.content.lower()).replace(" ", "-")
            number = 0
            name = text
            while name in names:
                number += 1
                name = f"{text}-{number}"
            names.add(name)
    return names


def unmarked(page: str) -> list[str]:
    """The blocks of a page that are indented and not fenced."""
    return [token.content for token in _PARSER.parse(page) if token.type == "code_block"]
