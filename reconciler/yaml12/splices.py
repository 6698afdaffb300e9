"""Splice new values into the text of a file, in the way in which its neighbours are written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from reconciler.yaml12 import writer
from reconciler.yaml12.layout import text_block
from reconciler.yaml12.nodes import Collection, Member, Node, Scalar
from reconciler.yaml12.writer import line


class _Splice(NamedTuple):
    """A part of the text and what replaces it."""

    start: int
    end: int
    text: str


class Splices:
    """The changes of one text; none is made before `result`."""

    def __init__(self, text: str, windows: bool) -> None:
        self._text = text
        self._line_end = "\r\n" if windows else "\n"
        self._splices: list[_Splice] = []

    def result(self) -> str:
        """The text after all changes; what is added at one place stands there in order."""
        text = self._text
        in_order = sorted(self._splices, key=lambda splice: splice[:2])
        for splice in in_order[::-1]:
            text = text[: splice.start] + splice.text + text[splice.end :]
        return text

    @property
    def count(self) -> int:
        """How many changes there are."""
        return len(self._splices)

    def undo(self, count: int) -> None:
        """Keep only so many changes, those that came first."""
        del self._splices[count:]

    def place(self, at: int) -> tuple[int, int]:
        """Line and column, from 1, of a position."""
        return self._text.count("\n", 0, at) + 1, at - self._line_start(at) + 1

    def write(self, node: Node, value: Any, flow: bool) -> None:
        """Put a value in the place of another; `flow` says whether it stands in brackets."""
        start = node.start
        if isinstance(node, Collection) and not node.flow:
            if isinstance(value, (dict, list)) and value:
                new = self._lines(_block_lines(value), node.column)
            else:
                start, new = self._beside_key(start, _one_line(value, flow))
        elif isinstance(node, Scalar) and isinstance(value, str):
            new = self._scalar(node, value, flow)
        else:
            new = _one_line(value, flow)
        if start == node.end:  # nothing stands there, after a colon or a dash
            new = f" {new}"
        self._splices.append(_Splice(start, node.end, new))

    def _beside_key(self, start: int, new: str) -> tuple[int, str]:
        """Where a short value begins in the place of a block, and its text: in the line of its key,
        if no comment stands between them."""
        if self._text[self._line_start(start) : start].strip():
            return start, new
        before = self._text[:start].rstrip()
        last = before[before.rfind("\n") + 1 :]
        if last.endswith(":") and "#" not in last:
            return len(before), f" {new}"
        return start, f"  {new}"  # a list may begin in the column of its key, and a text may not

    def _scalar(self, node: Scalar, value: str, flow: bool) -> str:
        """Text in the quotes that the old one has without need, else as it is usually written."""
        old = self._text[node.start : node.end]
        if node.style in ("|", ">") and "\n" in value and value.replace("\n", "").isprintable():
            lines = old.splitlines()[1:]
            indent = min(len(each) - len(each.lstrip(" ")) for each in lines if each.strip())
            new = Scalar(0, 0, None, value, "|")
            return self._line_end.join(text_block(new, indent))
        if node.style == '"' and line(node.value, flow) != old:
            return writer.in_double_quotes(value)
        usual = line(value, flow)
        if node.style == "'" and line(node.value, flow) != old and usual == value:
            return "'" + value.replace("'", "''") + "'"
        return usual

    def add_member(self, node: Collection, name: str, value: Any, after: Sequence[str]) -> None:
        """Add a key after those in `after`, as far as they are there."""
        known = [n for n, m in enumerate(node.members) if m.key and m.key.value in after]
        position = max(known, default=-1) + 1
        if node.flow:
            self._add_in_brackets(node, position, f"{line(name, True)}: {_one_line(value, True)}")
        else:
            entry = {name: value}
            lines = [f"{line(name)}: {writer.flow(value)}"] if self._is_inline(node) else None
            self._add_lines(node, position, lines or writer.lines(entry))

    def add_items(self, node: Collection, position: int, items: Iterable[Any]) -> None:
        """Add items to a list, before the one that is at `position` now."""
        for item in items:
            if node.flow:
                self._add_in_brackets(node, position, _one_line(item, True))
            elif self._is_inline(node) and item:
                self._add_lines(node, position, [f"- {writer.flow(item)}"])
            else:
                self._add_lines(node, position, _block_lines([item]))

    def _is_inline(self, node: Collection) -> bool:
        """Whether the mappings and lists in a block stand in brackets."""
        inner = [m.value for m in node.members if isinstance(m.value, Collection)]
        return bool(inner) and all(each.flow for each in inner)

    def _add_in_brackets(self, node: Collection, position: int, new: str) -> None:
        if position:
            at = node.members[position - 1].value.end
            self._splices.append(_Splice(at, at, f", {new}"))
        else:
            at = self._start(node, 0)
            self._splices.append(_Splice(at, at, f"{new}, "))

    def _add_lines(self, node: Collection, position: int, lines: list[str]) -> None:
        new = self._lines(lines, node.column)
        between = self._line_end + " " * node.column
        if position:
            at = self._line_stop(node.members[position - 1].value.end)
            self._splices.append(_Splice(at, at, between + new))
        else:
            at = self._start(node, 0)
            self._splices.append(_Splice(at, at, new + between))

    def remove(self, node: Collection, positions: Sequence[int], comments: bool) -> bool:
        """Remove some members but not all; whether that is possible. The comment beside a member
        and those at its end go with it; with `comments` also those directly above it."""
        for first, last in _runs(positions):
            start, end = self._start(node, first), node.members[last].value.end
            more = last + 1 < len(node.members)
            if node.flow and first:
                start = node.members[first - 1].value.end
            elif node.flow:
                end = self._start(node, last + 1)
            elif not self._text[self._line_start(start) : start].strip():
                column = start - self._line_start(start)
                start = self._above(start - column, column) if comments else start - column
                end = self._after(node.members[last])
            elif more and "#" not in self._text[end : self._start(node, last + 1)]:
                # it begins in the line of something else, such as the dash of a list
                end = self._start(node, last + 1)
            else:
                return False
            self._splices.append(_Splice(start, end, ""))
        return True

    def _above(self, start: int, column: int) -> int:
        """Where the comments directly above a line begin that are indented as it is; the line
        itself where there are none."""
        while start:
            before = self._line_start(start - 1)
            if not self._text[before:start].startswith(f"{' ' * column}#"):
                break
            start = before
        return start

    def _after(self, member: Member) -> int:
        """Where the next line begins after a member and the comments that are indented in it."""
        text, value = self._text, member.value
        end = min(self._line_stop(value.end) + len(self._line_end), len(text))
        while isinstance(value, Collection) and not value.flow and end < len(text):
            stop = min(self._line_stop(end) + len(self._line_end), len(text))
            comment = text[end:stop].lstrip(" ")
            if not comment.startswith("#") or stop - end - len(comment) < value.column:
                break
            end = stop
        return end

    def _start(self, node: Collection, position: int) -> int:
        """Where a member begins: its key, or the dash before it."""
        member = node.members[position]
        if member.key is not None:
            before = self._text[: member.key.start].rstrip()
            return len(before) - 1 if before.endswith("?") else member.key.start
        if node.flow:
            return member.value.start
        return self._text.rfind("-", 0, member.value.start) if position else node.start

    def _lines(self, lines: Iterable[str], column: int) -> str:
        first, *others = lines
        return self._line_end.join([first, *(f"{' ' * column}{o}" if o else "" for o in others)])

    def _line_start(self, at: int) -> int:
        return self._text.rfind("\n", 0, at) + 1

    def _line_stop(self, at: int) -> int:
        """Where the line of a position ends, before its line end."""
        end = self._text.find("\n", at)
        if end < 0:
            return len(self._text)
        return end - 1 if self._text[end - 1 : end] == "\r" else end


def _runs(positions: Sequence[int]) -> list[tuple[int, int]]:
    """The first and the last of positions that follow each other."""
    runs: list[tuple[int, int]] = []
    for position in positions:
        if runs and runs[-1][1] == position - 1:
            runs[-1] = runs[-1][0], position
        else:
            runs.append((position, position))
    return runs


def _block_lines(value: Any) -> list[str]:
    """A mapping or list as lines of a block."""
    return [each.removeprefix("  ") for each in writer.lines({"-": value})[1:]]


def _one_line(value: Any, flow: bool) -> str:
    return line(value, flow) if isinstance(value, str) else writer.flow(value)
