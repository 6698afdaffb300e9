"""When something was last set, as words."""

from __future__ import annotations

from typing import Any

from reconciler.model import LastSet
from reconciler.values.text import printable

LONGEST = 100


def last_set_text(set_: LastSet | None) -> str:
    """When, how and by which run an object was last set, and when the vendor says that it changed;
    empty where nothing is known. The text is safe to print."""
    if set_ is None:
        return ""
    text = f"last {set_.how} {set_.at}"
    if set_.run:
        text += f" by run {set_.run} ({set_.command}, {set_.user}@{set_.host})"
    changed = f"; the vendor says it changed {printable(set_.live, LONGEST)}" if set_.live else ""
    return f"{printable(text, 4 * LONGEST)}{changed}"


def last_set_document(set_: LastSet | None) -> dict[str, Any] | None:
    """The same for programs."""
    if set_ is None:
        return None
    return {
        "at": set_.at,
        "how": set_.how,
        "run": set_.run or None,
        "command": set_.command or None,
        "user": set_.user or None,
        "host": set_.host or None,
    }
