"""Find the field that each column of a CSV file is for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from reconciler.errors import Diagnostic, Invalid
from reconciler.frozen import frozen
from reconciler.kinds import Mode
from reconciler.kinds.options import OPTIONS
from reconciler.kinds.resource_types import ResourceType
from reconciler.model import Path
from reconciler.tables.rows import Column, Table
from reconciler.values.field_names import field_names
from reconciler.values.fields import Field, facts_from
from reconciler.values.scalars import text_form
from reconciler.values.text import did_you_mean, printable, shown
from reconciler.values.walk import overlap

KEY = "$key"
MOST_ITEMS = 100
_STEP = re.compile(r"([^.\[\]]+)|\[([0-9]{1,3})\]")
_PATH = re.compile(r"[^.\[\]]+(\[[0-9]{1,3}\])*(\.[^.\[\]]+(\[[0-9]{1,3}\])*)*")
_OPTION_FIELDS = facts_from({"properties": OPTIONS}).fields


class Target(NamedTuple):
    """A column, and the path and facts of the field that its cells are values of."""

    column: Column
    path: Path
    field: Field


@frozen
class Targets:
    """What the columns are for, in the order of the kind's fields; the column with the keys, if
    there is one; and the columns that are for nothing."""

    targets: tuple[Target, ...]
    key: Column | None
    unused: tuple[Column, ...]


def find_targets(resource_type: ResourceType, table: Table, maps: Sequence[str]) -> Targets:
    """The fields of a table's columns: those that `maps` (COLUMN=FIELD) name, and for every other
    column the field of its name, if there is one. Raises Invalid for what cannot be."""
    findings: list[Diagnostic] = []
    wanted: list[tuple[Column, str]] = []
    mapped: set[int] = set()
    for text in maps:
        name, sign, field = text.rpartition("=")
        column = _column(table, name.strip()) if sign else None
        if column is None:
            findings.append(_no_such_column(text, name, table))
            continue
        mapped.add(column.position)
        if field.strip():
            wanted.append((column, field.strip()))
    explicit = len(wanted)
    own = [c for c in table.columns if c.position not in mapped and c.name]
    wanted += ((column, column.name) for column in own)
    targets, unused, key = [], [], None
    for number, (column, name) in enumerate(wanted):
        target = _target(resource_type, column, name)
        if name == KEY:
            key = column
        elif isinstance(target, Target):
            targets.append(target)
        elif number < explicit:
            findings.append(target)
        else:
            unused.append(column)
    findings += _collisions(targets)
    if findings:
        raise Invalid(*findings)
    return Targets(tuple(sorted(targets, key=_order(resource_type))), key, tuple(unused))


def constants(resource_type: ResourceType, settings: Iterable[str]) -> Iterator[tuple[Target, str]]:
    """The fields that have the same value in every row, given as FIELD=VALUE, and the texts of
    those values. Raises Invalid for a field that there is not."""
    for text in settings:
        name, sign, value = text.partition("=")
        target = _target(resource_type, Column(-1, name), name.strip(), secrets=True)
        if not sign or not isinstance(target, Target):
            hint = "Write FIELD=VALUE." if not sign else ""
            found = target if isinstance(target, Diagnostic) and sign else None
            raise Invalid(found or Diagnostic(f"--set {printable(text)}: no value", hint))
        yield target, value


def check_key(
    resource_type: ResourceType, targets: Targets, fixed: Iterable[tuple[Target, str]], file: str
) -> None:
    """Raise Invalid where no column and no constant has a part of the natural key that every
    object needs, and no column the keys."""
    facts = resource_type.facts.fields
    known = {*(t.path[0] for t in targets.targets), *(t.path[0] for t, _ in fixed)}
    needed = [n for n in resource_type.kind.natural_key if "null" not in facts[n].types]
    missing = [name for name in needed if name not in known]
    if missing and (targets.key is None or len(needed) > 1) and "$id" not in known:
        names = " and ".join(missing)
        columns = ", ".join(shown(column.name) for column in targets.unused[:20]) or "none"
        hint = f"Say which it is: --map COLUMN={missing[0]}. Columns without a field: {columns}."
        summary = f"{printable(file, 200)} has no column for {names} of {resource_type.kind.name}"
        raise Invalid(Diagnostic(summary, hint))


def put(entry: dict[str, Any], places: dict[Path, int], path: Path, value: Any) -> None:
    """Put a value at a path into an entry. The items of a list are counted as they come: `places`
    has the position of each that is there."""
    container: Any = entry
    for length, (part, after) in enumerate(pairwise((*path, None)), 1):
        inner = value if after is None else [] if isinstance(after, int) else {}
        if isinstance(part, str):
            container = container.setdefault(part, inner)
            continue
        position = places.setdefault(path[:length], len(container))
        if position == len(container):
            container.append(inner)
        container = container[position]


def _column(table: Table, name: str) -> Column | None:
    wanted = text_form(name)
    return next((column for column in table.columns if text_form(column.name) == wanted), None)


def _no_such_column(text: str, name: str, table: Table) -> Diagnostic:
    names = [column.name for column in table.columns if column.name]
    hint = did_you_mean(name, names) if "=" in text else "Write COLUMN=FIELD."
    return Diagnostic(f"--map {printable(text)}: the file has no such column", hint)


def _target(
    resource_type: ResourceType, column: Column, name: str, secrets: bool = False
) -> Target | Diagnostic:
    """The field of a name such as `contacts[0].email`, or why no column can be for it."""
    facts, kind = resource_type.facts, resource_type.kind
    if name in _OPTION_FIELDS:
        return Target(column, (name,), _OPTION_FIELDS[name])
    steps = _STEP.finditer(name) if _PATH.fullmatch(name) else ()
    path = tuple(step[1] or int(step[2]) for step in steps)
    field = _field(resource_type, path)
    if field is None or any(isinstance(part, int) and part >= MOST_ITEMS for part in path):
        hint = did_you_mean(name, [*field_names(facts), *OPTIONS])
        return Diagnostic(f"{printable(name)}: {kind.name} has no such field", hint)
    outer = [facts.field(path[:length]) for length in range(1, len(path) + 1)]
    if kind.mode is not Mode.OBSERVED and any(f is not None and not f.writable for f in outer):
        return Diagnostic(f"{printable(name)} is set by the vendor and cannot be declared")
    if not secrets and any(f is not None and f.sensitive for f in outer):
        hint = f"Put it into a secret: --set '{printable(name)}=${{secret.NAME}}'."
        return Diagnostic(f"{printable(name)} is sensitive and cannot come from a file", hint)
    return Target(column, path, field)


def _field(resource_type: ResourceType, path: Path) -> Field | None:
    """The facts of the field at a path; of a member of a free-form map, that it may be anything."""
    known = resource_type.facts.field(path) if path else None
    if known is not None or not path:
        return known
    outer = (resource_type.facts.field(path[:n]) for n in range(len(path) - 1, 0, -1))
    above = next(filter(None, outer), None)
    if above is None or above.fields or "object" not in above.types:
        return None
    return above.others or Field(str(path[-1]), frozenset())


def _collisions(targets: Iterable[Target]) -> Iterator[Diagnostic]:
    """A finding for each two columns of which one would overwrite the other."""
    seen: dict[Path, Column] = {}
    for column, path, field in targets:
        for other, earlier in seen.items():
            if overlap(path, other):
                yield Diagnostic(
                    f"{earlier} and {column} are both for {printable(field.name)}",
                    f"Leave one out: --map {shown(column.name)}=",
                )
        seen[path] = column


def _order(resource_type: ResourceType) -> Any:
    """The order in which fields are written: that of the schema, the tool's own words last."""
    positions: Mapping[Path, int] = {
        path: n for n, (path, _) in enumerate(resource_type.facts.every)
    }

    def order(target: Target) -> tuple[tuple[int, str], ...]:
        path, last = target.path, len(positions)
        pattern = tuple(0 if isinstance(part, int) else part for part in path)
        return tuple(
            (part, "") if isinstance(part, int) else (positions.get(pattern[:n], last), part)
            for n, part in enumerate(path, 1)
        )

    return order
