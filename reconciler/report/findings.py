"""Findings as lines of text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reconciler.errors import Diagnostic, Severity
from reconciler.values.text import printable

LONGEST = 2_000
OTHERS = 3


def finding_lines(finding: Diagnostic) -> Iterator[str]:
    """A finding as lines that are safe to print, whatever a vendor put into it: what is wrong,
    where, and what to do."""
    word = "Error" if finding.severity is Severity.ERROR else "Warning"
    yield f"{word}: {printable(finding.summary, LONGEST)}"
    places = [text for place in (finding.source, finding.address) if place and (text := str(place))]
    if places:
        yield f"  at {printable(', '.join(places), LONGEST)}"
    if finding.detail:
        yield from (f"  {printable(line, LONGEST)}" for line in finding.detail.split("\n"))
    if finding.others:
        yield f"  {printable(same_elsewhere(finding), LONGEST)}"


def same_elsewhere(finding: Diagnostic) -> str:
    """In how many more objects the mistake is, with the first of them; not yet safe to print."""
    named = [
        ", ".join(str(place) for place in (other.source, other.address) if place)
        for other in finding.others[:OTHERS]
    ]
    more = "; …" if len(finding.others) > OTHERS else ""
    return f"The same in {len(finding.others)} more: {'; '.join(named)}{more}"


def all_finding_lines(findings: Iterable[Diagnostic]) -> Iterator[str]:
    """All of these findings, one below the other."""
    for finding in findings:
        yield from finding_lines(finding)
