"""What differs between two environments, as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.model import ABSENT, SENSITIVE, Comparison, Difference, environment_words
from reconciler.report.entries import Paint, detail_text
from reconciler.report.json import diagnostic_document, line
from reconciler.report.rows import details
from reconciler.values.mask import redacted
from reconciler.values.text import printable

LONGEST_NAME = 200


def comparison_lines(comparison: Comparison, paint: Paint) -> Iterator[str]:
    """Each object that differs, with its values in the first and in the second environment, and a
    summary as last line, which scripts may look for."""
    for difference in comparison.differences:
        symbol, note = _symbol(comparison, difference)
        address = printable(str(difference.address), 400)
        yield f"  {paint(f'{symbol} {address}', symbol)}{note}"
        for change in difference.fields:
            for detail in details(change):
                first, *more = detail_text(detail).split("\n")
                yield f"      {paint(first, detail.symbol)}"
                yield from (f"        {paint(text, detail.symbol)}" for text in more)
        yield ""
    yield summary(comparison)


def _symbol(comparison: Comparison, difference: Difference) -> tuple[str, str]:
    """`-` for what only the first environment has, `+` for what only the second has."""
    if not difference.only_in:
        return "~", ""
    symbol = "-" if difference.only_in == comparison.first else "+"
    return symbol, f"  (only in {_name(difference.only_in)})"


def _name(environment: str) -> str:
    return printable(environment_words(environment), LONGEST_NAME)


def summary(comparison: Comparison) -> str:
    """How many objects differ, or that none does."""
    first, second = comparison.first, comparison.second
    alone = [d.only_in for d in comparison.differences if d.only_in]
    differ = len(comparison.differences) - len(alone)
    if comparison.differences:
        return (
            f"Differences: {differ} differ, {alone.count(first)} only in {_name(first)}, "
            f"{alone.count(second)} only in {_name(second)}, {comparison.same} the same."
        )
    if not comparison.complete:
        return "No differences in what could be read."
    count = "1 object is" if comparison.same == 1 else f"{comparison.same} objects are"
    return f"No differences. {count} the same in {_name(first)} and {_name(second)}."


def document(comparison: Comparison, _paint: Paint) -> Iterator[str]:
    """The same for programs. Where `complete` is false, no difference does not mean that there is
    none."""
    yield line(
        first=comparison.first,
        second=comparison.second,
        complete=comparison.complete,
        same=comparison.same,
        kinds=[str(scope) for scope in comparison.kinds],
        differences=[_entry(difference) for difference in comparison.differences],
        diagnostics=[diagnostic_document(finding) for finding in comparison.diagnostics],
    )


def _entry(difference: Difference) -> dict[str, object]:
    return {
        "address": str(difference.address),
        "only_in": difference.only_in or None,
        "fields": [
            {"path": list(change.path)}
            | {
                name: SENSITIVE if change.sensitive else redacted(value)
                for name, value in (("first", change.before), ("second", change.after))
                if value is not ABSENT
            }
            for change in difference.fields
        ],
    }
