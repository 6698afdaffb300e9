"""Replace `${…}` in strings by the values they refer to."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import islice
from typing import Any

from reconciler.model import Path
from reconciler.values.text import dotted, shown
from reconciler.values.validate import MAX_FINDINGS, Finding
from reconciler.values.walk import nodes, replace_all

MAX_ADDED = 8 * 1024 * 1024
_MARK = re.compile(r"\$\$\{|\$\{([^{}]*)(\}?)")


class Unresolved(Exception):
    """A `${…}` that cannot be resolved: what is wrong, and what to do."""

    def __init__(self, summary: str, detail: str) -> None:
        super().__init__(summary)
        self.summary = summary
        self.detail = detail


def not_allowed(sort: str, name: str, allowed: str) -> Unresolved:
    """The error for a `${…}` that this file does not support; `allowed` says what it supports."""
    mark = "${" + (f"{sort}.{name}" if name else sort) + "}"
    return Unresolved(
        f"{shown(mark)} cannot be used here", f"{allowed}; write $${{ for a literal ${{."
    )


# (text before the first dot, text after it, whether it is the entire string, path) -> value
Lookup = Callable[[str, str, bool, Path], Any]


class Budget:
    """How much longer values may make a text than the marks for which they stand.

    A pull request could otherwise turn a short file into gigabytes. It is spent by all files of a
    workspace together.
    """

    def __init__(self, left: int = MAX_ADDED) -> None:
        self.left = left
        self._lengths: dict[str, int] = {}

    def spend(self, mark: str, value: Any) -> None:
        """Count one use of a value; raises Unresolved once there is nothing left."""
        length = self._lengths.get(mark)
        if length is None:
            length = self._lengths[mark] = max(0, _length(value) - len(mark))
        if length > self.left:
            self.left = 0
            raise Unresolved(
                f"{shown(mark)} makes the text too long: values may make it {MAX_ADDED >> 20} MB "
                "longer in all",
                "Shorten the value, or use it in fewer places.",
            )
        self.left -= length


def _length(value: Any) -> int:
    """About how many characters a value has as text."""
    parts = islice(nodes(None, value), MAX_ADDED)
    return sum(len(n.value) + 4 if isinstance(n.value, str) else 4 for n in parts)


def fill(value: Any, path: Path, lookup: Lookup, findings: list[Finding], budget: Budget) -> Any:
    """`value` with every `${…}` in its strings resolved; parts without one stay the same objects.

    A string that consists of one `${…}` becomes the value itself; inside longer text the value is
    written as text. `$${` becomes a literal `${`. Where `lookup` raises Unresolved, or the values
    are longer than `budget` allows, a finding is added to `findings` and the string stays as it is;
    so do all others after MAX_FINDINGS of them.
    """
    filled = {
        node.path: _text(node.value, (*path, *node.path), lookup, findings, budget)
        for node in nodes(None, value)
        if isinstance(node.value, str) and "${" in node.value and len(findings) < MAX_FINDINGS
    }
    return replace_all(value, filled)


def _text(text: str, path: Path, lookup: Lookup, findings: list[Finding], budget: Budget) -> Any:
    def look_up(match: re.Match[str], entire: bool) -> Any:
        value = _look_up(match, entire, path, lookup)
        budget.spend(match[0], value)
        return value

    def replacement(match: re.Match[str]) -> str:
        return "${" if match[1] is None else _as_text(match[0], look_up(match, False))

    try:
        mark = _MARK.fullmatch(text)
        if mark and mark[1] is not None:
            return look_up(mark, True)
        return _MARK.sub(replacement, text)
    except Unresolved as error:
        findings.append(Finding(path, f"{dotted(path)}: {error.summary}", "", error.detail))
        return text


def _look_up(match: re.Match[str], entire: bool, path: Path, lookup: Lookup) -> Any:
    if not match[2]:
        raise Unresolved(
            f"{shown(match[0])} has no closing }}",
            "Add } after the name, or write $${ for a literal ${.",
        )
    sort, _, name = match[1].partition(".")
    return lookup(sort.strip(), name.strip(), entire, path)


def _as_text(mark: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (bool, int, float)):
        return shown(value)
    raise Unresolved(
        f"{shown(mark)} is a list or a mapping, so it cannot be part of a longer text",
        "Make it the only content of the field.",
    )
