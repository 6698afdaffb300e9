"""The entries of a plan or a drift report as lines of text; of many, the first of each sort."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from types import MappingProxyType

from reconciler.model import Action, Address, Change, Scope
from reconciler.report.rows import SYMBOLS, Detail, row
from reconciler.values.text import printable

Paint = Callable[[str, str], str]
MOST_ENTRIES = 200
"""Up to so many entries are shown in full without being asked for."""
FEW_NAMES = 5
MANY_NAMES = 20
MOST_LINES = 200
"""So many lines, without being asked for, a summary has of the first of each kind and action."""
NO_REMARKS: Mapping[Address, str] = MappingProxyType({})
DESTROYS = frozenset({Action.DELETE, Action.REPLACE})


class Extent(Enum):
    """How much is shown of many entries."""

    CONCISE = "one line for each kind and action"
    SUMMARY = "all, or of very many the first of each kind and action"
    FULL = "all"


def entry_lines(
    changes: Sequence[Change],
    paint: Paint,
    extent: Extent,
    remarks: Mapping[Address, str] = NO_REMARKS,
) -> Iterator[str]:
    """Each entry with its fields and what `remarks` says about it. Of more than `MOST_ENTRIES`,
    unless all are asked for, the first of each kind and action, and how many follow: a person reads
    no thousands of lines."""
    if extent is Extent.CONCISE:
        yield from _concise_lines(changes, paint)
        return
    if extent is Extent.FULL or len(changes) <= MOST_ENTRIES:
        for change in changes:
            yield from _entry(change, paint, remarks)
            yield ""
        return
    yield from _summary_lines(changes, paint, remarks)


def _summary_lines(
    changes: Sequence[Change], paint: Paint, remarks: Mapping[Address, str]
) -> Iterator[str]:
    """The first of each kind and action, and how many follow; after a few screens of them only how
    many there are."""
    shown = 0
    groups = [*grouped_changes(changes).values()]
    for at, group in enumerate(groups):
        lines = [*_entry(group[0], paint, remarks)]
        if shown and shown + len(lines) > MOST_LINES:
            yield from _concise_lines([c for group in groups[at:] for c in group], paint)
            break
        shown += len(lines) + 2
        yield from lines
        if rest := [change.address.key for change in group[1:]]:
            symbol = SYMBOLS.get(group[0].action, "")
            names = names_text(rest, MANY_NAMES if group[0].action in DESTROYS else FEW_NAMES)
            more = f"{symbol} … {len(rest)} more in {group[0].address.scope}"
            yield f"  {paint(more, symbol)}: {names}"
        yield ""
    yield f"Shown are the first of each sort of {len(changes)} changes; --full shows all of them."
    yield ""


def _concise_lines(changes: Sequence[Change], paint: Paint) -> Iterator[str]:
    """A line for each kind and action: how many, and the names of the first."""
    for (action, scope), group in grouped_changes(changes).items():
        symbol = SYMBOLS.get(action, "")
        names = names_text([change.address.key for change in group])
        count = f"{symbol} {len(group)} in {printable(str(scope), 400)}"
        yield f"  {paint(count, symbol)}: {names}"
    if changes:
        yield ""


def grouped_changes(changes: Iterable[Change]) -> dict[tuple[Action, Scope], list[Change]]:
    """The changes by action and kind, in the order in which these come first."""
    groups: dict[tuple[Action, Scope], list[Change]] = {}
    for change in changes:
        groups.setdefault((change.action, change.address.scope), []).append(change)
    return groups


def names_text(names: Sequence[str], most: int = FEW_NAMES) -> str:
    """The first of these names, and how many there are more."""
    few = ", ".join(printable(name) for name in names[:most])
    more = len(names) - most
    return f"{few} and {more} more" if more > 0 else few


def _entry(change: Change, paint: Paint, remarks: Mapping[Address, str]) -> Iterator[str]:
    entry = row(change)
    notes = f"  ({'; '.join(entry.notes)})" if entry.notes else ""
    source = f"  {entry.source}" if entry.source else ""
    yield f"  {paint(f'{entry.symbol} {entry.address}', entry.symbol)}{notes}{source}"
    if remark := remarks.get(change.address):
        yield f"      {remark}"
    for detail in entry.details:
        first, *more = detail_text(detail).split("\n")
        yield f"      {paint(first, detail.symbol)}"
        yield from (f"        {paint(line, detail.symbol)}" for line in more)


def detail_text(detail: Detail) -> str:
    """A field of an entry as text, of more than one line where a value has many members."""
    note = f"  # {detail.note}" if detail.note else ""
    if detail.symbol == "~" and detail.before and detail.after:
        value = f"{detail.before} -> {detail.after}"
    elif detail.symbol == "~":
        value = f"+ {detail.after}" if detail.after else f"- {detail.before}"
    else:
        value = detail.after or detail.before
    return f"{detail.symbol} {detail.path}: {value}{note}"
