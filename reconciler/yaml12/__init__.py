"""Parse YAML 1.2 into plain values, built directly from the parser's events.

These rules are our own and not those of a YAML library:

- Unquoted text is text, except for `true`, `false`, `null`, `~`, nothing, integers and decimals. A
  number has no leading zero, no underscore and no base: `017`, `1_000`, `0x1F`, `0o17` are text, so
  that no article number is changed.
- A key is text, exactly as written, also `00000001:`, `1:` and `true:`.
- Numbers that cannot be stored exactly as written are refused, never rounded.
- Duplicate keys, tags and merge keys are refused; the nodes that aliases expand to are limited.
"""

from __future__ import annotations

import yaml

from reconciler.errors import Diagnostic, Invalid
from reconciler.yaml12.events import MAX_BYTES, MAX_DEPTH, checked, complaint, events, text_before
from reconciler.yaml12.places import Place, locate, places
from reconciler.yaml12.reader import Document, Reader, Stop

__all__ = ["MAX_BYTES", "MAX_DEPTH", "Document", "Place", "locate", "parse", "places"]


def parse(data: bytes, file: str) -> tuple[Document, ...]:
    """The documents in the bytes of a file; `file` is its name in messages.

    Raises Invalid with every finding, in the order of the file: duplicate keys, tags and bad
    numbers are collected; a syntax error, too many aliases or too deep nesting end the parsing.
    """
    data = checked(data, file)
    reader = Reader(file, events(data))
    try:
        documents = tuple(reader.documents())
    except Stop:
        documents = ()
    except yaml.YAMLError as error:
        reader.findings = _findings_before(error, data, file) or [
            *reader.findings,
            complaint(error, data, file),
        ]
    if reader.findings:
        raise Invalid(*reader.findings)
    return documents


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
