"""Show how files were changed."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from reconciler.cli.terminal import paint, say

if TYPE_CHECKING:
    from reconciler.app.files import EditedFile


def show_change(file: EditedFile) -> None:
    """Print the change of a file as a unified diff."""
    for line in _diff(file):
        say(paint(line, line[:1]))


def _diff(file: EditedFile) -> Iterator[str]:
    """A file of which only the line ends changed has no lines in it."""
    before, after = (data.decode().splitlines() for data in (file.before, file.after))
    old, new = f"a/{file.name}", f"b/{file.name}"
    return difflib.unified_diff(before, after, old, new, lineterm="")
