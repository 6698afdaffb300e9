"""Write the nodes of a file in canonical form: one layout and one way to quote, comments kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from reconciler.yaml12.nodes import BLANK, Alias, Collection, Member, Node, Nodes, Page, Scalar
from reconciler.yaml12.numbers import number
from reconciler.yaml12.reader import WORDS
from reconciler.yaml12.writer import is_long_key, line

WIDTH = 80
"""Brackets that end beyond this column become a block; yamllint's default."""
_WORDS = {None: "null", True: "true", False: "false"}

# The comments above something, without indentation, and the lines of the thing itself.
_Lines = tuple[list[str], list[str]]


def text(nodes: Nodes, orders: Iterable[Any]) -> str:
    """The canonical text, with LF line ends.

    `orders` are the values of the documents with the keys of every mapping in the order to write
    them; a file with anchors keeps its own order, in which a value is named before it is repeated.
    """
    lines: list[str] = []
    values = iter(orders)
    for position, page in enumerate(nodes.pages):
        order = next(values) if page.root is not None else None
        lines += _page(page, None if nodes.has_anchors else order, position > 0)
    return "".join(f"{line}\n" for line in lines)


def _page(page: Page, order: Any, follows: bool) -> Iterator[str]:
    if page.directives and follows:
        yield "..."
    yield from _without_ends(page.before)
    yield from (directive.rstrip() for directive in page.directives)
    if page.root is None:
        yield from _without_ends(page.trailing)
        return
    yield f"---{_beside(page.beside)}"
    above, lines = _value(page.root, "", 0, order, "")
    yield from _without_ends([*page.above, *above])
    yield from lines if lines != [""] else ()
    yield from _tail(page.trailing)


def _value(node: Node, marker: str, indent: int, order: Any, beside: str) -> _Lines:
    """A value after `marker`, which is `key:`, `-`, `:` or empty, in a line indented by `indent`,
    with the comment beside it."""
    head = f"{' ' * indent}{marker}"
    name = f"&{node.anchor}" if node.anchor else ""
    room = WIDTH - len(head) - len(name) - 1
    if not isinstance(node, Collection) or _fits(node, room, order):
        first, *others = _written(node, indent + 2, order)
        return [], [_joined(head, name, first) + _beside(beside), *others]
    inner = indent + 2 if marker else indent
    above, lines = _block(node, inner, order)
    if marker not in ("", "-", ":"):
        above = _indented(_without_ends(above), inner)
        return [], [_joined(head, name) + _beside(beside), *above, *lines]
    above = [beside, *above] if beside else above
    if name:
        return above, [_joined(head, name), *lines]
    return above, [f"{head} {lines[0][inner:]}", *lines[1:]] if marker else lines


def _block(node: Collection, indent: int, order: Any) -> _Lines:
    """A mapping or list that has members, each on lines of its own."""
    header, rest = _split(node.members[0].above)
    first: list[str] = []
    lines: list[str] = []
    for position, (member, inner) in enumerate(_ordered(node, order)):
        more, own = _member(member, indent, inner)
        above = [*(rest if member is node.members[0] else member.above), *more]
        if position:
            lines += _indented(_collapsed(above), indent)
        else:
            first = [*header, *_without_ends(above)]
        lines += own
    return first, lines + _indented(_tail(node.trailing), indent)


def _member(member: Member, indent: int, order: Any) -> _Lines:
    if member.key is None:
        return _value(member.value, "-", indent, order, member.beside)
    key = _joined(f"&{member.key.anchor}" if member.key.anchor else "", line(member.key.value))
    if not is_long_key(member.key.value):
        return _value(member.value, f"{key}:", indent, order, member.beside)
    above, lines = _value(member.value, ":", indent, order, member.beside)
    return above, [f"{' ' * indent}? {key}", *lines]


def _ordered(node: Collection, order: Any) -> Iterator[tuple[Member, Any]]:
    """The members in the order of the value, each with its own value."""
    if isinstance(order, dict):
        members = {member.key.value: member for member in node.members if member.key}
        for name, value in order.items():
            yield members[name], value
    elif isinstance(order, list):
        yield from zip(node.members, order, strict=True)
    else:
        for member in node.members:
            yield member, None


def _fits(node: Collection, room: int, order: Any) -> bool:
    """Whether a mapping or list is written in brackets: it is, and has no comment, and there is
    room for it."""
    if not node.members:
        return True
    if not node.flow or _has_comment(node) or 2 * len(node.members) > room:
        return False
    return len(_in_brackets(node, order)) <= room


def _has_comment(node: Node) -> bool:
    if not isinstance(node, Collection):
        return False
    return any(node.trailing) or any(
        any(member.above) or member.beside or _has_comment(member.value) for member in node.members
    )


def _in_brackets(node: Node, order: Any) -> str:
    if isinstance(node, Alias):
        return f"*{node.name}"
    name = f"&{node.anchor}" if node.anchor else ""
    if isinstance(node, Scalar):
        return _joined(name, _scalar(node, True) or "null")
    parts = []
    for member, inner in _ordered(node, order):
        part = _in_brackets(member.value, inner)
        if key := member.key:
            anchor = f"&{key.anchor}" if key.anchor else ""
            part = f"{_joined(anchor, line(key.value, True))}: {part}"
        parts.append(part)
    inside = ", ".join(parts)
    return _joined(name, f"{{{inside}}}" if node.is_mapping else f"[{inside}]")


def _written(node: Node, indent: int, order: Any) -> list[str]:
    """The lines of a value without its anchor, of which the first stands after its key."""
    if isinstance(node, Collection):
        return [_in_brackets(replace(node, anchor=None), order)]
    if isinstance(node, Alias):
        return [f"*{node.name}"]
    if node.style in ("|", ">") and node.value:
        return text_block(node, indent)
    return [_scalar(node, False)]


def _scalar(node: Scalar, in_flow: bool) -> str:
    """Text on one line; a number as it is written, and nothing for a value that is left out."""
    if node.style:
        return line(node.value, in_flow)
    if node.value in WORDS:
        return _WORDS[WORDS[node.value]] if node.value else ""
    if isinstance(number(node.value)[0], str):
        return line(node.value, in_flow)
    return node.value


def text_block(node: Scalar, indent: int) -> list[str]:
    """The lines of a block: those of the value, or of the file where the block is folded."""
    kept = node.value.endswith("\n\n") or not node.value.strip("\n")
    sign = "+" if kept else "" if node.value.endswith("\n") else "-"
    if node.style == "|":
        lines = node.value.removesuffix("\n").split("\n")
    else:
        lines = node.lines
        while lines and not lines[-1] and not kept:
            lines.pop()
    digit = "2" if node.value[0] in " \n" else ""
    pad = " " * indent
    return [f"{node.style}{digit}{sign}", *(f"{pad}{line}" if line else "" for line in lines)]


def _joined(*parts: str) -> str:
    """The parts that are not empty, with a blank between them; the first keeps its indentation."""
    return " ".join(part for part in parts if part)


def _beside(comment: str) -> str:
    return f"  {comment}" if comment else ""


def _split(comments: list[str]) -> tuple[list[str], list[str]]:
    """The comments about a whole block, up to the last empty line, and those about its first
    member."""
    lines = _without_ends(comments)
    for position in range(len(lines) - 1, 0, -1):
        if lines[position] == BLANK:
            return lines[: position + 1], lines[position + 1 :]
    return [], lines


def _indented(comments: list[str], indent: int) -> list[str]:
    return [f"{' ' * indent}{comment}" if comment else BLANK for comment in comments]


def _collapsed(comments: list[str]) -> list[str]:
    """The comments with at most one empty line between two."""
    return [c for c, before in zip(comments, [None, *comments], strict=False) if c or c != before]


def _tail(comments: list[str]) -> list[str]:
    lines = _collapsed(comments)
    return lines[:-1] if lines and not lines[-1] else lines


def _without_ends(comments: list[str]) -> list[str]:
    lines = _tail(comments)
    return lines[1:] if lines and not lines[0] else lines
