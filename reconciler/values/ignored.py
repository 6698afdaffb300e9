"""Leave out of an object, or put back into it, the parts that `$ignore` names by paths.

A path is a field (`description`), a member (`address.street`), or a member of list entries:
`actions[].delay` of every entry, `contacts[0].role` of the one at this position, and
`carriers[UPS].features` of the one whose `x-key` member is UPS. `carriers[UPS]` is a whole entry.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

from reconciler.model import Fields
from reconciler.values.fields import Facts, Field
from reconciler.values.items import item_names, match_items
from reconciler.values.scalars import text_form
from reconciler.values.text import did_you_mean, printable, shown
from reconciler.values.walk import DESCEND, map_value


class Entries(NamedTuple):
    """A step of a path into the entries of a list: those with this name or at this position; all of
    them where it is empty."""

    name: str


Step = str | Entries

_PATH = re.compile(r"[^.\[\]]+(\.[^.\[\]]+|\[[^\[\]]*\])*")
_STEP = re.compile(r"\[([^\[\]]*)\]|([^.\[\]]+)")


@cache
def parse_path(text: str) -> tuple[Step, ...]:
    """The steps of a path; empty for a text that is not one."""
    if not _PATH.fullmatch(text):
        return ()
    return tuple(
        match[2] if match[2] is not None else Entries(match[1]) for match in _STEP.finditer(text)
    )


def without_ignored(facts: Facts, fields: Fields, paths: Sequence[str]) -> Fields:
    """The fields without the parts that are ignored."""
    if not paths:
        return fields
    left = dict(fields)
    copied: set[str] = set()
    for path in paths:
        name, *steps = parse_path(path)
        if name not in left:
            continue
        name = str(name)
        if not steps:
            del left[name]
            continue
        if name not in copied:
            copied.add(name)
            left[name] = _copy(left[name])
        ends = list(_ends(facts.fields.get(name), left[name], steps))
        for _, container, _, at in reversed(ends):
            del container[at]
    return left


def with_ignored(facts: Facts, fields: Fields, live: Fields, paths: Sequence[str]) -> Fields:
    """The fields with the live values of the ignored parts, in the fields that are there: what
    replaces a whole value at the vendor must contain them as they are."""
    for path in paths:
        name, *steps = parse_path(path)
        if steps and name in fields and name in live:
            value = _copy(fields[str(name)])
            _put_back(facts.fields.get(str(name)), value, _copy(live[str(name)]), steps)
            fields = {**fields, str(name): value}
    return fields


def _copy(value: Any) -> Any:
    """A copy of a value with mappings and lists of its own."""
    return map_value(None, value, lambda _, part: DESCEND)


def _ends(
    field: Field | None, value: Any, steps: Sequence[Step]
) -> Iterator[tuple[Field | None, Any, Step, Any]]:
    """The parts at the end of a path: the field and the container of each, the last step, and its
    key or position in the container."""
    places = [(field, value)]
    for step in steps[:-1]:
        places = [
            (inner, container[at])
            for field, container in places
            for inner, at in _children(field, container, step)
        ]
    for field, container in places:
        for _, at in _children(field, container, steps[-1]):
            yield field, container, steps[-1], at


def _children(field: Field | None, value: Any, step: Step) -> list[tuple[Field | None, Any]]:
    """Where a step leads from a value: the facts of each part, and its key or position."""
    if isinstance(step, str):
        inner = ((field.fields if field else None) or {}).get(step)
        return [(inner, step)] if isinstance(value, dict) and step in value else []
    item = field.items if field else None
    if not isinstance(value, list):
        return []
    return [(item, at) for at in _positions(field, value, step.name)]


def _positions(field: Field | None, items: list[Any], name: str) -> list[int]:
    """The positions of the entries that `name` means: those with this `x-key` member, as it is or
    as reports show it, or the one at this position where the schema names no such member."""
    if not name:
        return list(range(len(items)))
    if field is None or field.key is None:
        return [at for at in range(len(items)) if name == str(at)]
    wanted = text_form(name)
    labels = (wanted, f"{field.key} {wanted}")
    return [at for at, label in enumerate(item_names(field, items)) if label in labels]


def _put_back(field: Field | None, value: Any, live: Any, steps: Sequence[Step]) -> None:
    """Set the parts of `value` at a path to those of `live`, entry by entry; a part that is not
    live is removed."""
    pairs = [(field, value, live)]
    for step in steps[:-1]:
        pairs = [pair for place in pairs for pair in _pairs_below(*place, step)]
    last = steps[-1]
    for field, target, source in pairs:
        for _, at in reversed(_children(field, target, last)):
            del target[at]
        for _, at in _children(field, source, last):
            if isinstance(last, str) and isinstance(target, dict):
                target[last] = source[at]
            elif isinstance(target, list):
                target.insert(at, source[at])


def _pairs_below(
    field: Field | None, target: Any, source: Any, step: Step
) -> Iterator[tuple[Field | None, Any, Any]]:
    """The parts of both values where a step leads."""
    if isinstance(step, str):
        for inner, at in _children(field, target, step):
            if isinstance(source, dict) and step in source:
                yield inner, target[at], source[at]
    elif isinstance(target, list) and isinstance(source, list):
        partners = match_items(field, target, source)
        for inner, at in _children(field, target, step):
            partner = partners[at]
            if partner is not None:
                yield inner, target[at], source[partner]


def problem_with(facts: Facts, kind: str, path: str) -> tuple[str, str] | None:
    """What is wrong with a path in `$ignore` of this kind, and what to do; None for nothing."""
    steps = parse_path(path)
    if not steps:
        hint = "Write a field, field.member, list[].member or list[name of an entry]."
        return f"$ignore: {shown(path)} is not a path", hint
    if steps[0] not in facts.fields:
        must = f"$ignore names {shown(steps[0])}, which is not a field of {kind}"
        return must, did_you_mean(str(steps[0]), facts.fields)
    above, field = str(steps[0]), facts.fields.get(str(steps[0]))
    for position, step in enumerate(steps[1:], 2):
        if field is None:
            return None  # the schema does not name what is in there
        is_last = position == len(steps)
        problem = (
            _wrong_member(field, above, step)
            if isinstance(step, str)
            else _wrong_entries(field, above, step, is_last)
        )
        if problem:
            return f"$ignore: {shown(path)}: {problem[0]}", problem[1]
        if isinstance(step, str):
            above, field = f"{above}.{printable(step)}", (field.fields or {}).get(step)
        else:
            above, field = f"{above}[{printable(step.name)}]", field.items
    return None


def _wrong_member(field: Field, above: str, name: str) -> tuple[str, str] | None:
    if field.items is not None:
        return f"{above} is a list", f"Write {above}[].{printable(name)} for all of its entries."
    if field.fields is None:
        return None if "object" in field.types else (f"{above} has no members", f"Write {above}.")
    if name in field.fields:
        return None
    return f"{above} has no member {shown(name)}", did_you_mean(name, field.fields)


def _wrong_entries(field: Field, above: str, step: Entries, last: bool) -> tuple[str, str] | None:
    if field.items is None:
        return (f"{above} is not a list", f"Write {above}.")
    if field.key is None:
        if step.name and not step.name.isdecimal():
            hint = f"Write {above}[] for all of them, or {above}[0] for the first."
            return f"the entries of {above} have no names", hint
        hint = f"Write {above} for the whole list, or name a member of its entries."
        return ("it names no member of the entries", hint) if last else None
    if last and not step.name:
        return "it names no entry", f"Write {above} for the whole list."
    member = ((field.items.fields if field.items else None) or {}).get(field.key)
    if step.name and member and member.enum and step.name not in map(str, member.enum):
        return f"there is no {field.key} {shown(step.name)}", did_you_mean(
            step.name, map(str, member.enum)
        )
    return None
