"""Values as YAML, on one line each and safe to print."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reconciler.values.text import printable

LONGEST_LINE = 100_000


def flow(value: Any) -> str:
    """A value in YAML's flow style, quoted only where it must be."""
    from reconciler.yaml12 import writer

    return printable(writer.flow(value), LONGEST_LINE)


def entries(fields: dict[str, Any], indent: str = "") -> Iterator[str]:
    """Fields, one to a line."""
    for name, value in fields.items():
        yield f"{indent}{flow(name)}: {flow(value)}"
