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

    CI runners read `::` at the start of a line, and `##vso[` or `##[` anywhere, as a command;
    these are escaped too.
    """
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    if not cut.isprintable():
        cut = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in cut)
    if cut.lstrip().startswith("::"):
        cut = cut.replace("::", ":\\:", 1)
    return _RUNNER_COMMAND.sub(r"#\\#\1", cut) if "##" in cut else cut


def json_text(value: Any) -> str:
    """`value` as JSON on one line that is safe to print: invisible characters and commands to CI
    runners are written as JSON escapes, so that it parses to the same value."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    if not text.isprintable():
        escaped = {ord(c): json.dumps(c)[1:-1] for c in set(text) if not c.isprintable()}
        text = text.translate(escaped)
    return _RUNNER_COMMAND.sub(r"\\u0023#\1", text) if "##" in text else text


def shown(value: Any, limit: int = 60) -> str:
    """A value as a manifest has it, safe to print, cut at about `limit` characters."""
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
    """A path as text, such as `contacts[0].email`. `place` is the same path with names instead of
    positions for the list entries that have one; given it, the text is `contacts[Ayşe].email`."""
    text = ""
    names = place if len(place) == len(path) else path
    for part, name in zip(path, names, strict=True):
        text += f"[{printable(str(name))}]" if isinstance(part, int) else f".{printable(part)}"
    return text.removeprefix(".")


def did_you_mean(word: str, valid: Iterable[str]) -> str:
    """A sentence that suggests the valid name most similar to a wrong one, or else lists the valid
    names; empty where there are none."""
    names = sorted(valid)
    similar = get_close_matches(word, names, 1, 0.6) if len(word) <= 100 else []
    same_letters = [name for name in names if name.casefold() == word.casefold()]
    if same_letters or similar:
        return f"Did you mean {shown((same_letters or similar)[0])}?"
    if not names:
        return ""
    listed = ", ".join(printable(name) for name in names[:20])
    return f"Valid values: {listed}{', …' if len(names) > 20 else ''}."
