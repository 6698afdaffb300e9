"""Parse YAML 1.2 into plain values, built directly from the parser's events.

These rules are our own and not those of a YAML library:

- Unquoted text is text, except for `true`, `false`, `null`, `~`, nothing, integers and decimals. A
  number has no leading zero, no underscore and no base: `017`, `1_000`, `0x1F`, `0o17` are text, so
  that no article number is changed.
- A key is text, exactly as written, also `00000001:`, `1:` and `true:`.
- Numbers that cannot be stored exactly as written are refused, never rounded.
- Duplicate keys, tags and merge keys are refused; the nodes that aliases expand to are limited.
- What libyaml accepts, YAML 1.2 does not, and would be another value or lost, is refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

import yaml

from reconciler.errors import Diagnostic, Invalid, Severity
from reconciler.yaml12.events import (
    MAX_BYTES,
    MAX_DEPTH,
    checked,
    complaint,
    events,
    lookalike_errors,
    text_before,
)
from reconciler.yaml12.places import Place, locate, places
from reconciler.yaml12.reader import Document, Reader, Stop
from reconciler.yaml12.strict import check, needs_check

__all__ = [
    "MAX_BYTES",
    "MAX_DEPTH",
    "Document",
    "Parsed",
    "Place",
    "is_read_as",
    "locate",
    "parse",
    "parse_with_warnings",
    "places",
    "values",
]


class Parsed(NamedTuple):
    """The documents of a file, and warnings about text that other readers may read differently."""

    documents: tuple[Document, ...]
    warnings: tuple[Diagnostic, ...]


def parse(data: bytes, file: str) -> tuple[Document, ...]:
    """The documents in the bytes of a file, without the warnings; see `parse_with_warnings`."""
    return parse_with_warnings(data, file).documents


def values(data: bytes, file: str) -> list[Any]:
    """The values of the documents in the bytes of a file; raises what `parse` does."""
    return [document.value for document in parse(data, file)]


def is_read_as(data: bytes, expected: Iterable[Any]) -> bool:
    """Whether the bytes of a file are read as documents with exactly these values. The order of
    members does not count, and types do: 1, 1.0 and true are three values."""
    try:
        found = values(data, "")
    except Invalid:
        return False
    return [_text(value) for value in found] == [_text(value) for value in expected]


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def parse_with_warnings(data: bytes, file: str) -> Parsed:
    """The documents in the bytes of a file, and warnings; `file` is its name in messages.

    Raises Invalid with every error, in the order of the file: duplicate keys, tags and bad
    numbers are collected; a syntax error, too many aliases or too deep nesting end the parsing.
    """
    data = checked(data, file)
    reader = Reader(file, events(data))
    try:
        documents = tuple(reader.documents())
    except Stop:
        documents = ()
    except yaml.YAMLError as error:
        reader.findings = (
            _findings_before(error, data, file)
            or lookalike_errors(error, data, file)
            or [*reader.findings, complaint(error, data, file)]
        )
    else:
        if reader.needs_check or needs_check(data):
            reader.findings += check(data, file)
    if any(finding.severity is Severity.ERROR for finding in reader.findings):
        errors = (f for f in reader.findings if f.severity is Severity.ERROR)
        raise Invalid(*sorted(errors, key=_position))
    return Parsed(documents, tuple(reader.findings))


def _position(finding: Diagnostic) -> tuple[int, int]:
    return (finding.source.line, finding.source.column) if finding.source else (0, 0)


def _findings_before(error: yaml.YAMLError, data: bytes, file: str) -> list[Diagnostic]:
    """The findings in the text before a parser's error, if that text alone ends the parsing.

    The parser looks up to 1,024 characters ahead and PyYAML 6.0.4 counts levels there, so its error
    can hide that the text before it is already nested too deep. Empty where it is not.
    """
    reader = Reader(file, events(text_before(error, data)))
    try:
        tuple(reader.documents())
    except Stop:
        return reader.findings
    except yaml.YAMLError:
        pass  # the text is cut off, so it usually ends inside something open
    return []
