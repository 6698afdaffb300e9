"""Read a file into nodes that know where they stand and which comments belong to them.

The parser drops comments. They stand in the text between two events, and belong to what begins
after them, to what ends before them in their line, or to the block in which they are indented.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
)

from reconciler.yaml12.events import BOM, events, unspaced
from reconciler.yaml12.nodes import BLANK, Alias, Collection, Member, Node, Nodes, Page, Scalar

_COMMENT = re.compile(r"(?:^|(?<=[ \t]))#.*")


def compose(data: bytes) -> Nodes:
    """The nodes of the bytes of a file that `parse` has accepted."""
    data = unspaced(data.removeprefix(BOM))
    composer = _Composer(data.decode(), events(data))
    return Nodes(composer.text, list(composer.pages()), composer.has_anchors)


_EMPTY = Alias(0, 0, "")
_Owner = Member | Page | None


def _span(event: Any) -> tuple[int, int]:
    """Where an event begins and ends."""
    return event.start_mark.index, event.end_mark.index


class _Composer:
    """Builds the nodes of one file from the parser's events and the text between them."""

    def __init__(self, text: str, get: Callable[[], Any]) -> None:
        self.text = text
        self.has_anchors = False
        self._get = get
        self._end = 0  # where the last text that is no comment ended
        self._owner: _Owner = None  # whose line the next comment is in, if it stands in one
        self._closed: list[Collection] = []  # the blocks that ended since, the innermost first
        self._opened: list[tuple[Collection, Member]] = []  # the members that began since
        self._columns: list[int] = []  # of the open blocks

    def pages(self) -> Iterator[Page]:
        """Every document of the file; comments alone make one without a root."""
        page = Page()
        count = 0
        while type(event := self._get()) is not StreamEndEvent:
            if type(event) is DocumentStartEvent:
                page, count = Page(), count + 1
                self._start_of(page, event)
                page.root = self._node(self._get(), page)
            elif type(event) is DocumentEndEvent:
                start, end = _span(event)
                self._comments(start, page.trailing)
                self._end = end
                yield page
        if rest := list(self._lines(len(self.text))):
            page.trailing += [comment for _, comment in rest]
        if not count and page.trailing:
            yield page

    def _start_of(self, page: Page, event: Any) -> None:
        start, end = _span(event)
        self._comments(start, page.before)
        if event.explicit:
            page.directives = self.text[start:end].removesuffix("---").split("\n")[:-1]
            self._end, self._owner = end, page

    def _node(self, event: Any, owner: Member | Page) -> Node:
        if event.anchor is not None and type(event) is not AliasEvent:
            self.has_anchors = True
        start, end = _span(event)
        if type(event) is AliasEvent:
            self._solid(start, end, owner)
            return Alias(start, end, str(event.anchor))
        if type(event) is ScalarEvent:
            return self._scalar(event, owner)
        flow = bool(event.flow_style)
        is_mapping = type(event) is MappingStartEvent
        node = Collection(start, end, event.anchor, is_mapping, flow)
        # the mapping of one key in `[a: 1]` has no brackets of its own
        if flow and end > start:
            self._solid(start, end, owner)
            self._owner = None
        elif event.anchor is None:
            node.column = event.start_mark.column
        self._columns.append(node.column)
        self._members(node)
        self._columns.pop()
        if flow and end > start:
            self._owner = owner
        if node.trailing and not node.members:
            owner.above += node.trailing
            node.trailing = []
        return node

    def _members(self, node: Collection) -> None:
        ending = MappingEndEvent if node.is_mapping else SequenceEndEvent
        while type(event := self._get()) is not ending:
            member = Member(None, _EMPTY)
            self._opened.append((node, member))
            if node.is_mapping:
                member.key = self._scalar(event, member)
                event = self._get()
            member.value = self._node(event, member)
            node.members.append(member)
        start, end = _span(event)
        if end > start:
            self._comments(start, node.trailing)
            self._end = end
        elif not node.flow:
            self._closed.append(node)
        node.end = max(end if end > start else self._end, node.start)

    def _scalar(self, event: Any, owner: Member | Page) -> Scalar:
        start, end = _span(event)
        style = event.style or ""
        node = Scalar(start, end, event.anchor, event.value, style)
        self._solid(start, end, owner)
        if event.anchor is not None:
            self.has_anchors = True
        if style in ("|", ">"):
            self._block(node, owner)
        return node

    def _block(self, node: Scalar, owner: Member | Page) -> None:
        """Read the lines of a block, and leave the empty lines after it to what follows."""
        start = node.start
        if node.anchor is not None:
            start = self.text.index(node.anchor, start) + len(node.anchor)
        whole = self.text[start : node.end].lstrip()
        header, _, rest = whole.partition("\n")
        signs = header.split(maxsplit=1)[0]
        if comment := header.removeprefix(signs).strip():
            owner.above += [owner.beside] if owner.beside else []
            owner.beside = comment
        lines = rest.replace("\r\n", "\n").split("\n")
        digit = next((int(sign) for sign in signs if sign.isdigit()), 0)
        first = next((line for line in lines if line.strip(" ")), "")
        indent = self._columns[-1] if self._columns else 0
        indent = max(indent, 0) + digit if digit else len(first) - len(first.lstrip(" "))
        node.lines = [line[indent:] for line in lines]
        if "+" not in signs:
            self._end = start + len(self.text[start : node.end].rstrip())
        elif self.text[node.end - 1] == "\n":
            self._end = node.end - 1
        node.end = self._end

    def _solid(self, start: int, end: int, owner: Member | Page) -> None:
        """Something that is no comment begins and ends here; what stands before it is given to what
        has begun since, or to `owner`."""
        above = self._opened[0][1].above if self._opened else owner.above
        column = self._column(start)
        self._comments(start, above, column)
        self._end, self._owner = end, owner
        self._opened.clear()

    def _column(self, start: int) -> int:
        """The column of the outermost member that begins before `start`, and -1 for none; keeps
        that of its collection."""
        if not self._opened:
            return -1
        node = self._opened[0][0]
        if node.flow:
            return -1
        for opened, _ in self._opened:
            if opened.column < 0:
                opened.column = start - self.text.rfind("\n", 0, start) - 1
                opened.column -= 0 if opened.is_mapping else 2
        return node.column

    def _comments(self, until: int, above: list[str], column: int = -1) -> None:
        """Give the comments up to `until` to the closed blocks that they are indented in, or else
        to `above`, what follows in this column."""
        blocks = self._closed
        blank = False
        for at, comment in self._lines(until):
            if not comment:
                blank = True
                continue
            while blocks and blocks[0].column > at:
                blocks.pop(0)
            lines = blocks[0].trailing if blocks and blocks[0].column > column else above
            if lines is above:
                blocks.clear()
            lines += [BLANK, comment] if blank else [comment]
            blank = False
        if blank:
            above.append(BLANK)
        blocks.clear()

    def _lines(self, until: int) -> Iterator[tuple[int, str]]:
        """Each comment up to `until` that has a line of its own, with its column, and BLANK for an
        empty line; a comment at the end of a line is given to its owner."""
        if until <= self._end:
            return
        first, *others = self.text[self._end : until].split("\n")
        if comment := _COMMENT.search(first):
            if self._owner is None or self._owner.beside:
                yield 0, comment[0].rstrip()
            else:
                self._owner.beside = comment[0].rstrip()
        self._owner = None
        for number, line in enumerate(others, 1):
            if comment := _COMMENT.search(line):
                own = not line[: comment.start()].strip()
                yield comment.start() if own else 0, comment[0].rstrip()
            elif not line.strip() and number < len(others):
                yield 0, BLANK
        self._end = until
