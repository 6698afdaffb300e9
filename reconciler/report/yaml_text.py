"""Values as a manifest would write them, on one line each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reconciler.wording import printable

LONGEST_LINE = 100_000


def flow(value: Any) -> str:
    """A value in YAML's flow style, quoted only where it must be, safe to print."""
    import yaml

    text: str = yaml.safe_dump(
        value, default_flow_style=True, allow_unicode=True, sort_keys=False, width=float("inf")
    )
    text = text.removesuffix("\n").removesuffix("\n...").replace("\n", " ")
    return printable(text, LONGEST_LINE)


def entries(fields: dict[str, Any], indent: str = "") -> Iterator[str]:
    """Fields, one to a line."""
    for name, value in fields.items():
        yield f"{indent}{flow(name)}: {flow(value)}"
