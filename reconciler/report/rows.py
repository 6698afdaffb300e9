"""Plan → rows: what each report shows of an entry, decided once for all of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from reconciler.model import ABSENT, Action, Cause, Change, FieldChange, Plan, is_secret
from reconciler.values.mask import mask_secrets
from reconciler.values.text import dotted, printable, shown

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


@dataclass(frozen=True, slots=True)
class Detail:
    """One field of an entry: `+` comes, `-` goes, `~` changes; `note` says what follows from it."""

    symbol: str
    path: str
    before: str
    after: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One entry, ready to show: every text is safe to print."""

    symbol: str
    action: Action
    address: str
    notes: tuple[str, ...]
    source: str
    details: tuple[Detail, ...]


def rows(plan: Plan) -> Iterator[Row]:
    """The entries that do something or accept a difference, what is destroyed first."""
    for action in ORDER:
        yield from (row(change) for change in plan.changes if change.action is action)
    yield from (row(c) for c in plan.changes if c.action is Action.ADOPT and c.fields)


def row(change: Change) -> Row:
    """One entry."""
    # That the manifest changed goes without saying where it is what makes or removes the object.
    told = change.action in (Action.CREATE, Action.DELETE) or change.after is None
    cause = CAUSES[change.cause] if change.cause and not told else ""
    by_hand = "by hand" if change.action is Action.BY_HAND else ""
    return Row(
        SYMBOLS.get(change.action, ""),
        change.action,
        printable(str(change.address), LONGEST_VALUE),
        tuple(printable(n, LONGEST_VALUE) for n in (by_hand, cause, change.reason) if n),
        printable(str(change.source), LONGEST_VALUE) if change.source else "",
        tuple(detail for one in change.fields for detail in details(one)) or _gone(change),
    )


def _gone(change: Change) -> tuple[Detail, ...]:
    """What an object that is to be deleted has now."""
    if change.action not in (Action.DELETE, Action.BY_HAND) or change.after is not None:
        return ()
    fields = (change.before or {}).items()
    return tuple(Detail("-", printable(name), value_text(value), "") for name, value in fields)


def details(one: FieldChange) -> Iterator[Detail]:
    """The lines for a field; a list of plain values shows what comes and what goes."""
    path, note = dotted(one.path, one.place), "forces replacement" if one.forces_replace else ""
    if one.sensitive:
        yield Detail("~", path, "(sensitive)", "(sensitive)", note)
        return
    if one.before is ABSENT:
        yield Detail("+", path, "", value_text(one.after), note)
    elif one.after is ABSENT:
        yield Detail("-", path, value_text(one.before), "", note)
    elif _plain_list(one.before) and _plain_list(one.after) and one.before and one.after:
        yield Detail("~", path, *_moves(one.before, one.after), note)
    else:
        yield Detail("~", path, *_amounts(one.before, one.after), note)


def value_text(value: Any) -> str:
    """A value as JSON would write it, safe to print; what is too long for one line has a line for
    each of its entries, as far as they are not too many."""
    if is_secret(value):
        return "(sensitive)"
    if not isinstance(value, (dict, list, tuple)):
        return shown(value, LONGEST_VALUE)
    text = _json(value)
    if len(text) <= LONGEST_LINE or len(value) < 2:
        return printable(text, LONGEST_VALUE)
    opened, closed = "{}" if isinstance(value, dict) else "[]"
    entries = (
        [f"{_json(name)}: {_json(one)}" for name, one in value.items()]
        if isinstance(value, dict)
        else [_json(one) for one in value]
    )
    lines = [printable(entry, LONGEST_VALUE) for entry in entries[:MOST_ENTRIES]]
    if len(entries) > MOST_ENTRIES:
        lines.append(f"… and {len(entries) - MOST_ENTRIES} more")
    return "\n".join([opened, *(f"  {line}," for line in lines[:-1]), f"  {lines[-1]}", closed])


def _json(value: Any) -> str:
    return json.dumps(mask_secrets(value, lambda _: "(sensitive)"), ensure_ascii=False, default=str)


def _amounts(before: Any, after: Any) -> tuple[str, str]:
    """Both values; an amount that the vendor writes as text, as the amount it is. Of long texts
    that begin alike, what is shown begins shortly before they part."""
    if isinstance(before, str) and isinstance(after, str):
        alike = _alike(before, after) - LEAD
        if alike > 0 and max(len(before), len(after)) > LONGEST_VALUE:
            return value_text(f"…{before[alike:]}"), value_text(f"…{after[alike:]}")
    texts = value_text(before), value_text(after)
    if isinstance(before, str) and _AMOUNT.fullmatch(before) and _is_number(after):
        return before, _as_fine(before, texts[1])
    return texts


def _alike(one: str, other: str) -> int:
    """How many letters two texts begin with alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def _as_fine(before: str, after: str) -> str:
    """An amount with at least the decimals of the one before it: 22.50 becomes 23.10."""
    decimals = len(before.partition(".")[2])
    if not decimals or not _AMOUNT.fullmatch(after):
        return after
    whole, _, cents = after.partition(".")
    return f"{whole}.{cents.ljust(decimals, '0')}"


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def _plain_list(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _moves(before: list[str], after: list[str]) -> tuple[str, str]:
    """What goes and what comes; the whole lists where only the order differs."""
    gone = [one for one in before if one not in after]
    come = [one for one in after if one not in before]
    if not gone and not come:
        return value_text(before), value_text(after)
    return value_text(gone) if gone else "", value_text(come) if come else ""


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
