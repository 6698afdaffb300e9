"""Markdown for a comment or a page of a platform, as long as the platform takes.

What does not fit is left out level by level, and the text says so: never in the middle of a fence
or a fold. Every text of others is in code: see `markdown_text`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from reconciler.errors import Diagnostic, Severity
from reconciler.model import Applied, Drift, Plan, Validation
from reconciler.report import digest
from reconciler.report.digest import Digest, Entry, Section
from reconciler.report.findings import same_elsewhere
from reconciler.report.markdown_text import code, fenced, html_code
from reconciler.values.text import printable


class Platform(NamedTuple):
    """Where Markdown is shown: the most characters that it takes, and whether it knows HTML's
    folds."""

    name: str
    limit: int
    folds: bool = True


GITHUB = Platform("GitHub", 65_536)
GITLAB = Platform("GitLab", 1_000_000)
AZURE = Platform("Azure DevOps", 150_000)
BITBUCKET = Platform("Bitbucket", 32_768, folds=False)
STEP_SUMMARY = Platform("GitHub's step summaries", 1_000_000)
PLATFORMS = {
    "github": GITHUB,
    "gitlab": GITLAB,
    "azure": AZURE,
    "bitbucket": BITBUCKET,
    "summary": STEP_SUMMARY,
}
ROOM = 2_000
"""What is left free for whoever posts the text: a hidden mark, a line about the job."""
MOST_PROVIDERS = 30
LONGEST_NAME = 200
LONGEST_PLACE = 400
MOST_LINES = 20


class Level(NamedTuple):
    """How much is shown: of entries that are urgent and of the others, how many of each sort and
    kind (None: all), and whether with their fields; how many findings of how many characters, and
    how many names in a list."""

    urgent: int | None
    urgent_fields: bool
    others: int | None
    other_fields: bool
    findings: int
    words: int
    names: int

    @property
    def is_last(self) -> bool:
        """Whether only counts are left, and a few findings."""
        return not self.names


LEVELS = (
    Level(None, True, None, True, 1_000, 2_000, 10),
    Level(None, True, None, False, 200, 2_000, 10),
    Level(None, True, 1, True, 50, 2_000, 20),
    Level(None, False, 1, True, 50, 1_000, 20),
    Level(None, False, 1, False, 50, 1_000, 20),
    Level(50, False, 1, False, 20, 500, 20),
    Level(20, False, 0, False, 20, 500, 5),
    Level(3, False, 0, False, 10, 300, 3),
    Level(0, False, 0, False, 3, 200, 0),
)
MOST_NOTES = 10
"""So many notes, and such short names, the last level has."""
SHORT_NAME = 60


@dataclass(slots=True)
class _LeftOut:
    """What a level does not show."""

    entries: int = 0
    fields: int = 0
    findings: int = 0

    def words(self) -> str:
        """All of it, in words."""
        parts = (
            (self.entries, "change", "changes"),
            (self.fields, "change's fields", "changes' fields"),
            (self.findings, "finding", "findings"),
        )
        counted = ((count, one if count == 1 else many) for count, one, many in parts)
        return ", ".join(f"{count:,} {noun}" for count, noun in counted if count)


def plan(plan: Plan, _paint: object, platform: Platform = GITHUB, link: str = "") -> Iterator[str]:
    """A plan."""
    yield from _fitted(digest.of_plan(plan), platform, link)


def drift(
    drift: Drift, _paint: object, platform: Platform = GITHUB, link: str = ""
) -> Iterator[str]:
    """A drift report."""
    yield from _fitted(digest.of_drift(drift), platform, link)


def applied(applied: Applied, platform: Platform = GITHUB, link: str = "") -> Iterator[str]:
    """How an apply ended."""
    yield from _fitted(digest.of_applied(applied), platform, link)


def validation(
    validation: Validation, platform: Platform = GITHUB, link: str = ""
) -> Iterator[str]:
    """The findings in the manifests."""
    yield from _fitted(digest.of_validation(validation), platform, link)


def errors(
    findings: Sequence[Diagnostic], platform: Platform = GITHUB, link: str = ""
) -> Iterator[str]:
    """The findings that ended a command."""
    yield from _fitted(digest.of_errors(findings), platform, link)


def _fitted(digest: Digest, platform: Platform, link: str) -> Iterator[str]:
    """The document with as much in it as fits. Its length is counted in bytes, so that it fits
    whatever a platform calls a character."""
    text = ""
    for level in LEVELS:
        text = "\n".join(_Page(digest, platform, level, link).lines())
        if len(text.encode()) <= platform.limit - ROOM:
            break
    yield from text.split("\n")


@dataclass(slots=True)
class _Page:
    """One document at one level."""

    digest: Digest
    platform: Platform
    level: Level
    link: str
    left: _LeftOut = field(default_factory=_LeftOut)

    def lines(self) -> Iterator[str]:
        """All of it."""
        subject = " in ".join(map(_name, reversed(self.digest.subject)))
        yield f"### {self.digest.title}{' for ' if subject else ''}{subject}"
        for line in self.digest.summary:
            yield from ("", f"**{line}**")
        yield from self._counts()
        for title, findings in self.digest.findings:
            yield from self._findings(title, findings)
        for section in self.digest.sections:
            yield from self._section(section)
        yield from self._notes()
        yield from self._end()

    def _counts(self) -> Iterator[str]:
        """How much of what happens at each provider."""
        counts: dict[str, Counter[str]] = {}
        for entry in self.digest.counted:
            counts.setdefault(entry.scope.provider, Counter())[entry.sort] += 1
        if counts:
            yield ""
        for provider, sorts in list(counts.items())[:MOST_PROVIDERS]:
            longest = SHORT_NAME if self.level.is_last else LONGEST_NAME
            yield f"- {code(printable(provider, longest))}: {_counted(sorts)}"
        if len(counts) > MOST_PROVIDERS:
            yield f"- and {len(counts) - MOST_PROVIDERS} more providers"

    def _findings(self, title: str, findings: Sequence[Diagnostic]) -> Iterator[str]:
        yield from ("", f"#### {title} ({len(findings):,})")
        shown = sorted(findings, key=lambda finding: finding.severity is not Severity.ERROR)
        if shown:
            yield ""
        for finding in shown[: self.level.findings]:
            yield f"- {self._finding(finding)}"
        self.left.findings += max(0, len(findings) - self.level.findings)

    def _finding(self, finding: Diagnostic) -> str:
        """What is wrong, where, and what to do, on one line."""
        word = "Error" if finding.severity is Severity.ERROR else "Warning"
        longest = min(LONGEST_PLACE, self.level.words)
        places = " ".join(code(printable(str(p), longest)) for p in _places(finding))
        also = (same_elsewhere(finding),) if finding.others else ()
        lines = [
            line
            for text in (finding.summary, finding.detail, *also)
            for line in text.split("\n")
            if line
        ][: 4 if self.level.is_last else MOST_LINES]
        words = " ".join(code(printable(line, self.level.words)) for line in lines)
        return f"**{word}**{' at ' if places else ''}{places}: {words}"

    def _section(self, section: Section) -> Iterator[str]:
        yield from ("", f"#### {section.title} ({len(section.entries):,})")
        if self.level.is_last:
            self.left.entries += len(section.entries)
            return
        most = self.level.urgent if section.urgent else self.level.others
        fields = self.level.urgent_fields if section.urgent else self.level.other_fields
        if section.urgent:
            yield ""
            yield from self._entries(section.entries, most, fields)
            return
        by_provider: dict[str, list[Entry]] = {}
        for entry in section.entries:
            by_provider.setdefault(entry.scope.provider, []).append(entry)
        for provider, entries in list(by_provider.items())[:MOST_PROVIDERS]:
            counts = _counted(Counter(entry.sort for entry in entries))
            yield from self._fold(provider, counts, self._entries(entries, most, fields))

    def _fold(self, provider: str, counts: str, content: Iterable[str]) -> Iterator[str]:
        """What a reader opens; a title where the platform has no folds."""
        if not self.platform.folds:
            yield from ("", f"##### {_name(provider)}: {counts}", "", *content)
            return
        name = html_code(printable(provider, LONGEST_NAME))
        yield from ("", f"<details><summary>{name}: {counts}</summary>", "")
        yield from content
        yield from ("", "</details>")

    def _entries(self, entries: Sequence[Entry], most: int | None, fields: bool) -> Iterator[str]:
        """A diff of the first entries of each sort and kind, and how many more there are."""
        groups: dict[tuple[str, str], list[Entry]] = {}
        for entry in entries:
            key = ("", "") if most is None else (entry.sort, str(entry.scope))
            groups.setdefault(key, []).append(entry)
        diff: list[str] = []
        more: list[str] = []
        for (sort, scope), group in groups.items():
            shown = group if most is None else group[:most]
            for entry in shown:
                diff += (entry.head, *(entry.fields if fields else ()))
                self.left.fields += bool(entry.fields and not fields)
            if rest := group[len(shown) :]:
                self.left.entries += len(rest)
                also = " more" if shown else ""
                names = self._names([entry.key for entry in rest])
                more.append(f"- {len(rest):,}{also} {sort} in {_name(scope)}{names}")
        yield from fenced(diff) if diff else ()
        yield from ("", *more) if more else ()

    def _names(self, names: Sequence[str]) -> str:
        """The first of the names, after a colon."""
        few = ", ".join(map(_name, names[: self.level.names]))
        more = f" and {len(names) - self.level.names:,} more" if self.level.names else ""
        return f": {few}{more if len(names) > self.level.names else ''}" if few else ""

    def _notes(self) -> Iterator[str]:
        notes = (*self.digest.notes, *self.digest.costs)
        if notes:
            yield ""
        for words, names in notes[: MOST_NOTES if self.level.is_last else None]:
            yield f"- {words}{self._names(names)}"

    def _end(self) -> Iterator[str]:
        if words := self.left.words():
            yield ""
            yield (
                f"_Left out, to stay below the limit of {self.platform.name} "
                f"({self.platform.limit:,} characters): {words}. "
                "Text with `--full` and the result as JSON have all of it._"
            )
        if self.link:
            yield from ("", f"[The job]({self.link})")


def _name(text: str) -> str:
    return code(printable(text, LONGEST_NAME))


def _places(finding: Diagnostic) -> Iterator[str]:
    for place in (finding.source, finding.address):
        if place:
            yield str(place)


def _counted(sorts: Counter[str]) -> str:
    return ", ".join(f"{count:,} {sort}" for sort, count in sorts.items())
