"""What every report shows of a plan's entries, as rows of texts that are safe to print."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from reconciler.frozen import frozen
from reconciler.model import ABSENT, SENSITIVE, Action, Cause, Change, FieldChange, Plan, is_secret
from reconciler.values.mask import redacted
from reconciler.values.text import dotted, printable, shown, tell_apart

SYMBOLS = {
    Action.DELETE: "-",
    Action.REPLACE: "-/+",
    Action.CREATE: "+",
    Action.UPDATE: "~",
    Action.BY_HAND: "!",
    Action.ADOPT: "~",
    Action.FORGET: "-",
}
ORDER = (Action.DELETE, Action.REPLACE, Action.CREATE, Action.UPDATE, Action.BY_HAND)
CAUSES = {
    Cause.NEW: "",
    Cause.EDIT: "the manifest changed",
    Cause.DRIFT: "changed at the vendor",
    Cause.BOTH: "changed here and at the vendor",
}
LONGEST_VALUE = 400
LONGEST_LINE = 100
MOST_ENTRIES = 20
LEAD = 40
_AMOUNT = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?")


@frozen
class Detail:
    """One field of an entry: `+` is added, `-` removed, `~` changed; `note` says what follows."""

    symbol: str
    path: str
    before: str
    after: str
    note: str = ""


@frozen
class Row:
    """One entry of a plan: every text is safe to print."""

    symbol: str
    action: Action
    address: str
    notes: tuple[str, ...]
    source: str
    details: tuple[Detail, ...]


def entries(plan: Plan) -> Iterator[Change]:
    """The changes that change something or accept a difference, deletions first."""
    listed = [change for change in plan.changes if change.action is not Action.NO_OP]
    for action in ORDER:
        yield from (change for change in listed if change.action is action)
    yield from (c for c in listed if c.action is Action.ADOPT and c.fields)


def row(change: Change) -> Row:
    """One change as a row."""
    # A created or deleted object needs no cause: only the manifest can have caused it.
    obvious = change.action in (Action.CREATE, Action.DELETE) or change.after is None
    cause = CAUSES[change.cause] if change.cause and not obvious else ""
    how = "by hand" if change.action is Action.BY_HAND else ""
    if change.create_first:
        how = "the new one is created before the old one is deleted"
    if change.detour:
        values = " and ".join(f"{name} {value}" for name, value in change.detour.items())
        how = f"in between, it has the {values}"
    return Row(
        SYMBOLS.get(change.action, ""),
        change.action,
        printable(str(change.address), LONGEST_VALUE),
        tuple(printable(n, LONGEST_VALUE) for n in (how, cause, change.reason) if n),
        printable(str(change.source), LONGEST_VALUE) if change.source else "",
        tuple(detail for field in change.fields for detail in details(field)) or _lost(change),
    )


def _lost(change: Change) -> tuple[Detail, ...]:
    """The fields of an object that will be deleted."""
    if change.action not in (Action.DELETE, Action.BY_HAND) or change.after is not None:
        return ()
    fields = (change.before or {}).items()
    return tuple(Detail("-", printable(name), value_text(value), "") for name, value in fields)


def details(change: FieldChange) -> Iterator[Detail]:
    """The lines for a field; a list of texts or numbers shows what is added and what is removed."""
    path = dotted(change.path, change.place)
    note = "forces replacement" if change.forces_replace else ""
    if change.uncertain:
        note = "it may have changed"
    before, after = change.before, change.after
    if change.sensitive:
        yield Detail("~", path, SENSITIVE, SENSITIVE, note)
        return
    if before is ABSENT:
        yield Detail("+", path, "", value_text(after), note)
    elif after is ABSENT:
        yield Detail("-", path, value_text(before), "", note)
    elif _is_scalar_list(before) and _is_scalar_list(after) and before and after:
        yield Detail("~", path, *tell_apart(*_items_changed(before, after)), note)
    else:
        yield Detail("~", path, *tell_apart(*_value_changed(before, after)), note)


def value_text(value: Any) -> str:
    """A value as JSON, safe to print; a list or object that is too long for one line has a line for
    each of its first entries."""
    if is_secret(value):
        return SENSITIVE
    if not isinstance(value, (dict, list, tuple)):
        return shown(value, LONGEST_VALUE)
    text = _json(value)
    if len(text) <= LONGEST_LINE or len(value) < 2:
        return printable(text, LONGEST_VALUE)
    opened, closed = "{}" if isinstance(value, dict) else "[]"
    entries = (
        [f"{_json(name)}: {_json(member)}" for name, member in value.items()]
        if isinstance(value, dict)
        else [_json(item) for item in value]
    )
    lines = [printable(entry, LONGEST_VALUE) for entry in entries[:MOST_ENTRIES]]
    if len(entries) > MOST_ENTRIES:
        lines.append(f"… and {len(entries) - MOST_ENTRIES} more")
    return "\n".join([opened, *(f"  {line}," for line in lines[:-1]), f"  {lines[-1]}", closed])


def _json(value: Any) -> str:
    return json.dumps(redacted(value), ensure_ascii=False, default=str)


def _value_changed(before: Any, after: Any) -> tuple[str, str]:
    """Both values. Long texts are shown from shortly before their first difference; an amount that
    the vendor writes as text is shown as a number."""
    if isinstance(before, str) and isinstance(after, str):
        start = _first_difference(before, after) - LEAD
        if start > 0 and max(len(before), len(after)) > LONGEST_VALUE:
            return value_text(f"…{before[start:]}"), value_text(f"…{after[start:]}")
    texts = value_text(before), value_text(after)
    if isinstance(before, str) and _AMOUNT.fullmatch(before) and _is_number(after):
        amount = _with_decimals(before, texts[1])
        return texts if before == amount else (before, amount)
    if texts[0] == texts[1]:  # they differ in what is cut off
        return value_text(_without_common(before, after)), value_text(
            _without_common(after, before)
        )
    return texts


def _without_common(value: Any, other: Any) -> Any:
    """The members of a mapping that another one lacks or has otherwise; a list from where another
    one differs."""
    if isinstance(value, dict) and isinstance(other, dict):
        return {n: v for n, v in value.items() if n not in other or other[n] != v}
    if isinstance(value, list) and isinstance(other, list):
        start = _first_difference(value, other)
        return value[start:]
    return value


def _first_difference(left: Sequence[Any], right: Sequence[Any]) -> int:
    """Where two texts or lists begin to differ."""
    pairs = enumerate(zip(left, right, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(left), len(right)))


def _with_decimals(before: str, after: str) -> str:
    """An amount with at least the decimals of the one before it: 22.50 becomes 23.10."""
    decimals = len(before.partition(".")[2])
    if not decimals or not _AMOUNT.fullmatch(after):
        return after
    whole, _, cents = after.partition(".")
    return f"{whole}.{cents.ljust(decimals, '0')}"


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def _is_scalar_list(value: Any) -> bool:
    return isinstance(value, list) and not any(isinstance(item, (dict, list)) for item in value)


def _items_changed(before: list[Any], after: list[Any]) -> tuple[str, str]:
    """What is removed and what is added; the whole lists where only the order differs."""
    had, has = frozenset(before), frozenset(after)
    removed = [item for item in before if item not in has]
    added = [item for item in after if item not in had]
    if not removed and not added:
        return _value_changed(before, after)
    return value_text(removed) if removed else "", value_text(added) if added else ""


def counts(plan: Plan) -> dict[str, int]:
    """What the summary counts; a replacement adds one and destroys one."""
    tally = plan.tally()
    return {
        "add": tally[Action.CREATE] + tally[Action.REPLACE],
        "change": tally[Action.UPDATE],
        "destroy": tally[Action.DELETE] + tally[Action.REPLACE],
        "by_hand": tally[Action.BY_HAND],
        "record": tally[Action.ADOPT],
        "forget": tally[Action.FORGET],
    }
