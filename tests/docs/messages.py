"""The texts that the program can print, as its source has them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache

from .pages import ROOT

ANY = "…"
"""What stands for a value that is filled in."""


@cache
def texts() -> frozenset[str]:
    """Every text in the source, with `…` for each value that is filled in; docstrings are none."""
    return frozenset(
        text
        for path in (ROOT / "reconciler").rglob("*.py")
        if "sandbox" not in path.parts
        for text in _texts(ast.parse(path.read_text("utf-8")))
    )


def _texts(tree: ast.AST) -> Iterator[str]:
    inside = {id(part) for node in ast.walk(tree) for part in _parts(node)}
    for node in ast.walk(tree):
        if id(node) in inside:
            continue
        if isinstance(node, ast.JoinedStr):
            yield "".join(_text(part) for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _parts(node: ast.AST) -> list[ast.expr]:
    """The parts of an f-string, and docstrings: no texts of their own."""
    if isinstance(node, ast.JoinedStr):
        return node.values
    return [node.value] if isinstance(node, ast.Expr) else []


def _text(part: ast.expr) -> str:
    if isinstance(part, ast.Constant):
        return str(part.value)
    # a choice between two words, such as "is" and "are", is filled in too
    return ANY


def is_printed(message: str) -> bool:
    """Whether the source has a text with this in it; `…` stands for what is filled in."""
    return any(message in text for text in texts())
