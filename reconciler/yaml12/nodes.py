"""The nodes of a file: they know where they stand and which comments belong to them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

BLANK = ""
"""An empty line among comments."""


@dataclass(slots=True)
class Scalar:
    """Text: `value` as the parser reads it, `style` one of `'`, `"`, `|`, `>` or empty; `lines`
    those of a folded block without their indentation."""

    start: int
    end: int
    anchor: str | None
    value: str
    style: str
    lines: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Alias:
    """`*name`."""

    start: int
    end: int
    name: str
    anchor: None = None


@dataclass(slots=True)
class Collection:
    """A mapping or a list. `flow` says that it stands in brackets; `column` is that of the first
    character of each member, from 0; `trailing` are the comments after the last member."""

    start: int
    end: int
    anchor: str | None
    is_mapping: bool
    flow: bool
    column: int = -1
    members: list[Member] = field(default_factory=list)
    trailing: list[str] = field(default_factory=list)


Node = Scalar | Alias | Collection


@dataclass(slots=True)
class Member:
    """A key (None in a list) with its value, the lines of comments above it and the comment at the
    end of its line."""

    key: Scalar | None
    value: Node
    above: list[str] = field(default_factory=list)
    beside: str = ""


@dataclass(slots=True)
class Page:
    """One document: what stands before its `---`, its root (None where there is none), the comment
    beside `---`, and the comments at its end where the root has no place for them."""

    root: Node | None = None
    directives: list[str] = field(default_factory=list)
    before: list[str] = field(default_factory=list)
    above: list[str] = field(default_factory=list)
    beside: str = ""
    trailing: list[str] = field(default_factory=list)


class Nodes(NamedTuple):
    """The documents of a file; `text` is what the positions count in, and `has_anchors` whether a
    value is named for aliases."""

    text: str
    pages: list[Page]
    has_anchors: bool
