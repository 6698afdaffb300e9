"""The names by which people call fields at any depth, such as `contacts.email`."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.model import Path
from reconciler.values.fields import Facts, Field


def field_name(path: Path) -> str:
    """The name of the field at a path, which is the same for every item of a list."""
    return ".".join(part for part in path if isinstance(part, str))


def field_names(facts: Facts) -> Iterator[str]:
    """The names of all fields, as `field_at` takes them."""
    return (field_name(path) for path, _ in facts.every if path[-1] != 0)


def field_at(facts: Facts, name: str) -> tuple[Path, Field] | None:
    """The path and the facts of the field with this name; 0 in the path is any item of a list. None
    where there is none."""
    for path, field in facts.every:
        outer = field_name(path)
        if name == outer:
            return path, field
        if "object" in field.types and not field.fields and name.startswith(f"{outer}."):
            inside = name.removeprefix(f"{outer}.").split(".")
            return (*path, *inside), Field(inside[-1], frozenset())
    return None
