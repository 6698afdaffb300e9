"""Values and names as text that is safe to print, and suggestions for misspelt names."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from reconciler.model import Path, Secret

_RUNNER_COMMAND = re.compile(r"##(\w*\[)")


def printable(text: str, limit: int = 60) -> str:
    """`text` with control, format and bidi characters escaped, cut at `limit` characters.

    Nothing in it can be read as a command by a CI runner: those begin a line with `::`, or stand
    anywhere as `##vso[` or `##[`.
    """
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    if not cut.isprintable():
        cut = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in cut)
    if cut.lstrip().startswith("::"):
        cut = cut.replace("::", ":\\:", 1)
    return _RUNNER_COMMAND.sub(r"#\\#\1", cut) if "##" in cut else cut


def json_text(value: Any) -> str:
    """`value` as JSON on one line, as harmless to print as `printable` text: what could not be
    seen, or would be a command to a CI runner, is escaped and so still the same value."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    if not text.isprintable():
        escaped = {ord(c): json.dumps(c)[1:-1] for c in set(text) if not c.isprintable()}
        text = text.translate(escaped)
    return _RUNNER_COMMAND.sub(r"\\u0023#\1", text) if "##" in text else text


def shown(value: Any, limit: int = 60) -> str:
    """A value as a manifest would write it, safe to print and at most about `limit` characters."""
    if isinstance(value, str):
        return f'"{printable(value, limit)}"'
    if isinstance(value, Secret):
        return "(sensitive)"
    if isinstance(value, dict):
        return f"{{{len(value)} entries}}" if value else "{}"
    if isinstance(value, (list, tuple)):
        return f"[{len(value)} entries]" if value else "[]"
    return printable(json.dumps(value, default=str), limit)


def dotted(path: Path, place: Path = ()) -> str:
    """A path as people write it: `contacts[0].email`; `place` is the same path with the names of
    list entries that have one: `contacts[Ayşe].email`."""
    text = ""
    names = place if len(place) == len(path) else path
    for part, name in zip(path, names, strict=True):
        text += f"[{printable(str(name))}]" if isinstance(part, int) else f".{printable(part)}"
    return text.removeprefix(".")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A sentence that leads from a word nobody knows to those that are known."""
    names = sorted(known)
    near = get_close_matches(word, names, 1, 0.6) if len(word) <= 100 else []
    folded = [name for name in names if name.casefold() == word.casefold()]
    if folded or near:
        return f"Did you mean {shown((folded or near)[0])}?"
    if not names:
        return ""
    few = ", ".join(printable(name) for name in names[:20])
    return f"Known are: {few}{', …' if len(names) > 20 else ''}."
