"""Replace `${…}` in strings by the values they refer to."""

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


def fill(value: Any, path: Path, lookup: Lookup, findings: list[Finding]) -> Any:
    """`value` with every `${…}` in its strings resolved; parts without one stay the same objects.

    A string that consists of one `${…}` becomes the value itself; inside longer text the value is
    written as text. `$${` becomes a literal `${`. Where `lookup` raises Unresolved, a finding is
    added to `findings` and the string stays as it is.
    """
    for node in tuple(nodes(None, value)):
        if isinstance(node.value, str) and "${" in node.value:
            text = _text(node.value, (*path, *node.path), lookup, findings)
            value = replace_at(value, node.path, text)
    return value


def _text(text: str, path: Path, lookup: Lookup, findings: list[Finding]) -> Any:
    def replacement(match: re.Match[str]) -> str:
        if match[1] is None:
            return "${"
        return _as_text(match[0], _look_up(match, False, path, lookup))

    try:
        mark = _MARK.fullmatch(text)
        if mark and mark[1] is not None:
            return _look_up(mark, True, path, lookup)
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
