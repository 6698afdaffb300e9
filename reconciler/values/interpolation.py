"""`${…}` in strings → values: the one reader of the tool's only interpolation."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from reconciler.model import Path
from reconciler.values.text import dotted, shown
from reconciler.values.validate import Finding
from reconciler.values.walk import nodes, replace_at

_MARK = re.compile(r"\$\$\{|\$\{([^{}]*)(\}?)")


class Unresolved(Exception):
    """A `${…}` that cannot be filled: what is wrong, and what to do."""

    def __init__(self, summary: str, detail: str) -> None:
        super().__init__(summary)
        self.summary = summary
        self.detail = detail


def not_allowed(sort: str, name: str, allowed: str) -> Unresolved:
    """What to raise for a `${…}` that has no meaning in this file; `allowed` says what has."""
    mark = "${" + (f"{sort}.{name}" if name else sort) + "}"
    return Unresolved(
        f"{shown(mark)} cannot be used here", f"{allowed}; $${{ stands for ${{ itself."
    )


# (what stands before the first dot, what stands behind it, whether it is the whole string, where)
Lookup = Callable[[str, str, bool, Path], Any]


def fill(value: Any, path: Path, lookup: Lookup, findings: list[Finding]) -> Any:
    """`value` with every `${…}` in its strings filled; a part without one stays the same object.

    A string that is nothing but `${…}` takes the value as it is, elsewhere it is written out as
    text; `$${` stands for `${`. What `lookup` refuses (by raising Unresolved) is a finding.
    """
    for node in tuple(nodes(None, value)):
        if isinstance(node.value, str) and "${" in node.value:
            text = _text(node.value, (*path, *node.path), lookup, findings)
            value = replace_at(value, node.path, text)
    return value


def _text(text: str, path: Path, lookup: Lookup, findings: list[Finding]) -> Any:
    def one(match: re.Match[str]) -> str:
        if match[1] is None:
            return "${"
        return _written(match[0], _looked_up(match, False, path, lookup))

    try:
        whole = _MARK.fullmatch(text)
        if whole and whole[1] is not None:
            return _looked_up(whole, True, path, lookup)
        return _MARK.sub(one, text)
    except Unresolved as error:
        findings.append(Finding(path, f"{dotted(path)}: {error.summary}", "", error.detail))
        return text


def _looked_up(match: re.Match[str], whole: bool, path: Path, lookup: Lookup) -> Any:
    if not match[2]:
        raise Unresolved(
            f"{shown(match[0])} is not closed", "Put } behind the name, or write $${ for ${ itself."
        )
    sort, _, name = match[1].partition(".")
    return lookup(sort.strip(), name.strip(), whole, path)


def _written(mark: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (bool, int, float)):
        return shown(value)
    raise Unresolved(
        f"{shown(mark)} is not a single value, so it cannot stand inside other text",
        "Make it the whole value of the field.",
    )
