"""The changes of a page, by section and kind: each in full as long as the file stays small enough,
then without its fields, and then only counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup, escape

from reconciler.errors import Diagnostic, Severity
from reconciler.frozen import frozen
from reconciler.model import Action, Address, Cause, Scope
from reconciler.report.digest import Digest, Entry, Section
from reconciler.report.findings import same_elsewhere
from reconciler.report.html.templates import template_of
from reconciler.report.html.words import marked
from reconciler.report.rows import Detail, Row, row
from reconciler.values.text import printable

MOST_BYTES = 4_500_000
"""So much is filled with changes: a browser opens the file at once, and it can be sent by mail."""
FEW = 100
"""Up to so many changes stand open."""
MANY = 400
"""Of more changes, the kinds are folded too, but for what is destroyed, protected or by hand."""
FEW_FINDINGS = 10
"""So many findings of a group stand open, the errors first."""
MOST_FINDING_BYTES = 120_000
"""So much is filled with the findings of a group."""
LONGEST_NAME = 400
LONGEST_TEXT = 2_000
MOST_NAMES = 8
CAUSES = {Cause.DRIFT: "drift", Cause.BOTH: "both"}
CAUSE_WORDS = {"ours": "in this pull request", "drift": "drift", "both": "both"}


@frozen
class Field:
    """A field of an entry: its path, both values with their differences marked, and a note."""

    path: str
    before: Markup | str
    after: Markup | str
    note: str


@dataclass(slots=True)
class Group:
    """The changes of one kind: `entries` are HTML, and `more` is how many are not there."""

    number: int
    scope: Scope
    counts: str
    open: bool
    entries: list[Markup] = field(default_factory=list)
    more: int = 0

    @property
    def provider(self) -> str:
        """The name of the provider, safe to print."""
        return printable(self.scope.provider, LONGEST_NAME)

    @property
    def kind(self) -> str:
        """The name of the kind, safe to print."""
        return printable(self.scope.kind, LONGEST_NAME)


@frozen
class Finding:
    """A finding as texts that are safe to print."""

    error: bool
    summary: str
    places: tuple[str, ...]
    details: tuple[str, ...]


class Listing:
    """All changes and findings of a document, as the template needs them; the changes have up to
    `most_bytes`."""

    def __init__(self, digest: Digest, most_bytes: int = MOST_BYTES) -> None:
        self.total = sum(len(section.entries) for section in digest.sections)
        self.numbers: dict[Address, int] = {}
        self.without_fields = 0
        self.left_out = 0
        self.few_findings = FEW_FINDINGS
        self.cause_words = CAUSE_WORDS
        self._digest = digest
        self._most_bytes = most_bytes
        self._entry = template_of("entry.html").module.entry  # type: ignore[attr-defined]
        self.sections = self._sections()

    @property
    def many(self) -> bool:
        """Whether the browser is to lay out only what is seen."""
        return self.total > FEW

    @property
    def providers(self) -> dict[str, int]:
        """The names of the providers, with the number of their changes."""
        return _counted(printable(e.scope.provider, LONGEST_NAME) for e in self._digest.counted)

    @property
    def kinds(self) -> dict[str, int]:
        """The names of the kinds, with the number of their changes."""
        return _counted(printable(e.scope.kind, LONGEST_NAME) for e in self._digest.counted)

    @property
    def sorts(self) -> dict[str, int]:
        """What happens to objects, with the number of those."""
        return _counted(entry.sort for entry in self._digest.counted)

    @property
    def causes(self) -> dict[str, int]:
        """Why objects differ, with the number of those; nothing where all of it is drift."""
        if self._digest.title == "Drift":
            return {}
        return _counted(_cause(entry) for entry in self._digest.counted)

    @property
    def findings(self) -> Iterator[tuple[str, int, list[Finding]]]:
        """The groups of findings: a title, how many there are, and the first of them."""
        for title, found in self._digest.findings:
            worst = sorted(found, key=lambda finding: finding.severity is not Severity.ERROR)
            shown, room = [], MOST_FINDING_BYTES
            for finding in map(_finding, worst):
                room -= len(escape(finding).encode())
                if room < 0:
                    break
                shown.append(finding)
            yield title, len(found), shown

    @property
    def notes(self) -> Iterator[tuple[str, str]]:
        """What is left alone: words of ours, and the first of the names."""
        for words, names in self._digest.notes:
            few = ", ".join(printable(name, LONGEST_NAME) for name in names[:MOST_NAMES])
            more = len(names) - MOST_NAMES
            yield words, f"{few} and {more:,} more" if more > 0 else few

    def _sections(self) -> list[tuple[Section, list[Group]]]:
        """The sections with their groups. What is urgent comes first, so that it is complete."""
        sections = [(section, self._groups(section)) for section in self._digest.sections]
        listed = [pair for _, groups in sections for pair in groups]
        flat = [(group, entry) for group, entries in listed for entry in entries]
        for number, (_, entry) in enumerate(flat):
            self.numbers.setdefault(entry.change.address, number)
        self._fill([(group, entry, number) for number, (group, entry) in enumerate(flat)])
        return [(section, [group for group, _ in groups]) for section, groups in sections]

    def _groups(self, section: Section) -> list[tuple[Group, list[Entry]]]:
        by_scope: dict[Scope, list[Entry]] = {}
        for entry in section.entries:
            by_scope.setdefault(entry.scope, []).append(entry)
        unfolded = section.urgent or self.total <= MANY
        return [
            (Group(number, scope, _sorts(entries), unfolded), entries)
            for number, (scope, entries) in enumerate(by_scope.items())
        ]

    def _fill(self, entries: Sequence[tuple[Group, Entry, int]]) -> None:
        """Show all entries; where there is no room for that, as many as possible without fields,
        and then as many of these as possible with their fields."""
        wholes = [self._html(entry, number, fields=True) for _, entry, number in entries]
        if sum(len(whole.encode()) for whole in wholes) <= self._most_bytes:
            for (group, _, _), whole in zip(entries, wholes, strict=True):
                group.entries.append(whole)
            return
        room = self._most_bytes
        shown = []
        for (group, entry, number), whole in zip(entries, wholes, strict=True):
            head = self._html(entry, number, fields=False)
            size = len(head.encode())
            if size > room:
                group.more += 1
                self.left_out += 1
            else:
                room -= size
                shown.append((group, head, whole))
        for group, head, whole in shown:
            size = len(whole.encode()) - len(head.encode())
            fits = size <= room
            room -= size if fits else 0
            self.without_fields += not fits
            group.entries.append(whole if fits else head)

    def _html(self, entry: Entry, number: int, fields: bool) -> Markup:
        shown = row(entry.change)
        needs = [
            (printable(str(address), LONGEST_NAME), self.numbers.get(address))
            for address in entry.change.needs[:MOST_NAMES]
        ]
        failed = entry.outcome and entry.outcome.diagnostic
        text: Markup = self._entry(
            number=number,
            key=printable(entry.key, LONGEST_NAME),
            entry=entry,
            row=shown,
            cause=_cause(entry),
            fields=[_field(detail) for detail in shown.details] if fields else [],
            notes=[note for note in shown.notes if note != entry.sort],
            one_sided=_is_one_sided(entry, shown),
            needs=needs if fields else [],
            failed=_finding(failed) if failed else None,
            open=fields and self.total <= FEW,
        )
        return Markup(text.strip("\n"))


def _is_one_sided(entry: Entry, shown: Row) -> bool:
    """Whether all fields are new, or all are removed."""
    symbols = {detail.symbol for detail in shown.details}
    return entry.change.action is Action.CREATE or symbols in ({"+"}, {"-"})


def _field(detail: Detail) -> Field:
    if detail.symbol == "~" and detail.before and detail.after:
        before, after = marked(detail.before, detail.after)
        return Field(detail.path, before, after, detail.note)
    if detail.symbol == "~":  # what a list gains or loses, and not all that it has
        lost, gained = detail.before and f"- {detail.before}", detail.after and f"+ {detail.after}"
        return Field(detail.path, lost, gained, detail.note)
    return Field(detail.path, detail.before, detail.after, detail.note)


def _cause(entry: Entry) -> str:
    cause = entry.change.cause
    return CAUSES.get(cause, "ours") if cause else "ours"


def _sorts(entries: Sequence[Entry]) -> str:
    return ", ".join(f"{n:,} {sort}" for sort, n in Counter(e.sort for e in entries).items())


def _counted(names: Iterator[str]) -> dict[str, int]:
    """The names with their numbers, in alphabetical order."""
    return dict(sorted(Counter(names).items()))


def _finding(finding: Diagnostic) -> Finding:
    also = (same_elsewhere(finding),) if finding.others else ()
    lines = (line for text in (finding.detail, *also) for line in text.split("\n") if line)
    places = (str(place) for place in (finding.source, finding.address) if place)
    return Finding(
        finding.severity is Severity.ERROR,
        printable(finding.summary, LONGEST_TEXT),
        tuple(printable(place, LONGEST_NAME) for place in places),
        tuple(printable(line, LONGEST_TEXT) for line in lines),
    )
