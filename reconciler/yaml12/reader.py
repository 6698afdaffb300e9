"""Build the values of a file from the events of the YAML parser, and collect what is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from sys import intern
from typing import Any, NoReturn

from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
)

from reconciler.errors import Diagnostic, Severity, Source
from reconciler.frozen import frozen
from reconciler.values.text import printable, shown
from reconciler.yaml12.events import FLATTEN, MAX_DEPTH, TOO_DEEP, spot
from reconciler.yaml12.numbers import is_number_elsewhere, number

MAX_EXPANDED = 1_000_000
LONG_TEXT = 32
MAX_DOCUMENTS = 100_000
MAX_FINDINGS = 1000
MAX_WARNINGS = 1000

# text without quotes that is neither text nor a number
WORDS: dict[str, bool | None] = dict.fromkeys(("", "~", "null", "Null", "NULL")) | {
    word: word.lower() == "true" for word in ("true", "True", "TRUE", "false", "False", "FALSE")
}
_FIRST = frozenset("0123456789+-.~nNtTfF")
UNUSABLE = re.compile(r"[\0\ud800-\udfff]")
_OPEN = object()
_QUOTES = ("'", '"')


@frozen
class Document:
    """One YAML document of a file: its value and the line at which it begins, counted from 1.

    `marks` gives line and column, from 1, of each key at the second level (in a manifest: by kind
    and resource key), for mappings that are written out and not aliases.
    """

    value: Any
    line: int
    marks: Mapping[tuple[str, str], tuple[int, int]]


class Stop(Exception):
    """Ends the parsing of a file; the reason is already among the findings."""


class Reader:
    """Builds the values of one file from the parser's events."""

    __slots__ = (
        "_anchors",
        "_budget",
        "_documents",
        "_end",
        "_file",
        "_get",
        "_in_block",
        "_marks",
        "_once",
        "_places",
        "_sizes",
        "_warned",
        "findings",
        "needs_check",
    )

    def __init__(self, file: str, get: Callable[[], Any]) -> None:
        self.findings: list[Diagnostic] = []
        # whether the file has text or brackets over several lines, whose indentation is not checked
        self.needs_check = False
        self._file = file
        self._get = get
        self._budget = MAX_EXPANDED
        self._documents = 0
        self._anchors: dict[str, Any] = {}
        self._sizes: dict[str, tuple[int, int]] = {}
        self._end: Any = None  # where the last list or mapping ended
        self._in_block = True  # whether the document is not one list or mapping in brackets
        self._warned = 0
        self._once = dict[str, str]().setdefault  # equal texts share one object
        self._places: dict[str, Any] = {}  # the keys of the last mapping and where they are
        self._marks: dict[tuple[str, str], tuple[int, int]] = {}

    def documents(self) -> Iterator[Document]:
        """The documents of the file. Raises Stop where a finding ends the parsing."""
        while type(event := self._get()) is not StreamEndEvent:
            if type(event) is DocumentStartEvent:
                self._anchors, self._sizes, self._marks = {}, {}, {}
                root = self._get()
                self._documents += 1
                if self._documents > MAX_DOCUMENTS:
                    summary = f"the file has more than {MAX_DOCUMENTS:,} documents"
                    self._stop(summary, "Split it into several files.", root.start_mark)
                self._in_block = not getattr(root, "flow_style", False)
                value = self._value(root, 0)
                yield Document(value, root.start_mark.line + 1, self._marks)

    def _value(self, event: Any, depth: int) -> Any:
        if type(event) is not ScalarEvent:
            return self._collection(event, depth)
        text = event.value
        text = self._once(text, text)
        value: Any = text
        if style := event.style:
            if style in _QUOTES:
                self._quoted(event)
        elif not text or text[0] in _FIRST:
            value = self._plain(text, event.start_mark)
        if event.tag is not None:
            self._tag(event)
        if event.anchor is not None:
            self._anchor(event.anchor, value)
        return value

    def _quoted(self, event: Any) -> None:
        """Look at text in quotes."""
        if event.style == '"' and UNUSABLE.search(event.value):
            self._unusable(event)
        if event.end_mark.line > event.start_mark.line:
            self.needs_check = True

    def _collection(self, event: Any, depth: int) -> Any:
        if type(event) is AliasEvent:
            return self._alias(event, depth)
        if event.tag is not None:
            self._tag(event)
        if depth >= MAX_DEPTH:
            self._too_deep(event)
        if event.anchor is not None:
            self._anchor(event.anchor, _OPEN)
        value = (
            self._mapping(depth + 1) if type(event) is MappingStartEvent else self._list(depth + 1)
        )
        if event.flow_style and self._in_block and self._end.line > event.start_mark.line:
            self.needs_check = True
        if event.anchor is not None:
            self._anchor(event.anchor, value)
        return value

    def _anchor(self, name: str, value: Any) -> None:
        """Name a value for aliases; a later value of the same name replaces it."""
        self._anchors[name] = value
        self._sizes.pop(name, None)

    def _mapping(self, depth: int) -> dict[str, Any]:
        get = self._get
        value_of = self._value
        result: dict[str, Any] = {}
        places: dict[str, Any] = {}
        while type(event := get()) is not MappingEndEvent:
            if type(event) is not ScalarEvent:
                self._bad_key(event, depth)
                continue
            key = intern(event.value)
            if event.style or event.anchor is not None or event.tag is not None or key == "<<":
                self._odd_key(key, event)
            if key in result:
                self._duplicate(key, places[key], event)
            else:
                places[key] = event.start_mark
            result[key] = value_of(get(), depth)
            if depth == 1:
                self._mark(key)
        self._places = places
        self._end = event.end_mark
        return result

    def _mark(self, key: str) -> None:
        """Keep the places of the keys in the mapping that was just read under `key`."""
        for inner, mark in self._places.items():
            self._marks[key, inner] = spot(mark)
        self._places = {}

    def _list(self, depth: int) -> list[Any]:
        get = self._get
        result = []
        while type(event := get()) is not SequenceEndEvent:
            result.append(self._value(event, depth))
        self._places = {}
        self._end = event.end_mark
        return result

    def _plain(self, text: str, mark: Any) -> Any:
        """The value of text without quotes; reports a number that would be rounded."""
        if text in WORDS:
            return WORDS[text]
        value, problem = number(text)
        if problem:
            fewer = "" if "infinite" in problem else "with fewer digits, or "
            self._report(f"the number {problem}", f"Write it {fewer}in quotes if it is text.", mark)
        elif type(value) is str:
            self._text(text, mark)
        return value

    def _text(self, text: str, mark: Any) -> None:
        """Look at text that begins as a number does."""
        if text == "-":
            self.needs_check = True
        elif text[0] in "0+-.123456789" and is_number_elsewhere(text):
            self._warned += 1
            if self._warned <= MAX_WARNINGS:
                self.findings.append(
                    Diagnostic(
                        f"{text} is text here, and a number for most editors and other readers",
                        f'Write it in quotes: "{text}".',
                        Severity.WARNING,
                        source=Source(self._file, *spot(mark)),
                        mistake="a number elsewhere",
                    )
                )

    def _alias(self, event: Any, depth: int) -> Any:
        """The value that an alias repeats; its nodes count towards the limit of expanded nodes."""
        name = printable(event.anchor)
        value = self._anchors.get(event.anchor, self)
        if value is self:
            hint = f"Put &{name} before the value to repeat, or write this value in quotes."
            self._report(
                f"*{name} repeats a value, but none above is named &{name}",
                hint,
                event.start_mark,
            )
            return None
        if value is _OPEN:
            self._stop(f"*{name} contains itself", "Write the value out.", event.start_mark)
        size = self._sizes.get(event.anchor)
        if size is None:
            size = self._sizes[event.anchor] = _size(value, MAX_EXPANDED)
        nodes, height = size
        self._budget -= nodes
        if self._budget < 0:
            summary = f"the aliases of this file expand to more than {MAX_EXPANDED:,} values, or "
            summary += f"{MAX_EXPANDED * LONG_TEXT >> 20} MB of text"
            self._stop(summary, "Write the values out instead of repeating them.", event.start_mark)
        if depth + height > MAX_DEPTH:
            self._too_deep(event)
        return value

    def _report(self, summary: str, detail: str, mark: Any) -> None:
        source = Source(self._file, *spot(mark))
        self.findings.append(Diagnostic(summary, detail, source=source))
        if len(self.findings) >= MAX_FINDINGS:
            more = f"only the first {MAX_FINDINGS} findings in this file are shown"
            self.findings.append(Diagnostic(more, "Fix them and try again.", source=source))
            raise Stop

    def _stop(self, summary: str, detail: str, mark: Any) -> NoReturn:
        self._report(summary, detail, mark)
        raise Stop

    def _too_deep(self, event: Any) -> NoReturn:
        self._stop(TOO_DEEP, FLATTEN, event.start_mark)

    def _tag(self, event: Any) -> None:
        hint = "Remove it; write text that looks like a number or like true in quotes."
        self._report(f"the tag {shown(event.tag)} is not allowed", hint, event.start_mark)

    def _duplicate(self, key: str, first: Any, event: Any) -> None:
        line, column = spot(first)
        summary = f"duplicate key {shown(key)}, first at {self._file}:{line}:{column}"
        self._report(summary, "Remove one of them, or rename it.", event.start_mark)

    def _odd_key(self, key: str, event: Any) -> None:
        if event.tag is not None:
            self._tag(event)
        if event.anchor is not None:
            self._anchor(event.anchor, key)
        if event.style == '"' and UNUSABLE.search(key):
            self._unusable(event)
        if key == "<<" and not event.style:
            summary = "the merge key << is not part of YAML 1.2"
            self._report(summary, "Write the fields out.", event.start_mark)

    def _bad_key(self, event: Any, depth: int) -> None:
        summary = "a key must be text, not a list, a mapping or an alias"
        self._report(
            summary, "Write it out, in quotes if it begins with [, {, * or ?.", event.start_mark
        )
        self._value(event, depth)
        self._value(self._get(), depth)

    def _unusable(self, event: Any) -> None:
        summary = "the text contains a NUL or half of a surrogate pair, which cannot be stored"
        self._report(summary, r"Remove the \0 or \ud… from it.", event.start_mark)


def _size(value: Any, limit: int) -> tuple[int, int]:
    """The number of nodes and of levels in `value`, where every LONG_TEXT characters of a text
    count as a node; counting stops beyond `limit` nodes."""
    count, height = 0, 0
    level = [value]
    while level and count <= limit:
        count += len(level)
        count += sum(len(node) // LONG_TEXT for node in level if isinstance(node, str))
        level = [
            inner
            for node in level
            if isinstance(node, (dict, list))
            for inner in (node.values() if isinstance(node, dict) else node)
        ]
        height += bool(level)
    return count, height
