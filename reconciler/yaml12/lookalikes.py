"""Name characters that look like a blank or a colon of YAML and are not, where they do harm."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from reconciler.errors import Severity

MAX_FINDINGS = 100

# Blanks of other widths, and characters of no width; `\s` is of no use: it lacks U+200B and U+FEFF.
_BLANKS = "\xa0\u1680\u2000-\u200b\u202f\u205f\u2060\u3000\ufeff"
_COLONS = "\uff1a\ufe55\ufe13\ua789"
_DASHES = "\u2010-\u2015\u2212\u2022\uff0d"
_QUOTES = "\u2018-\u201f\xab\xbb\uff02\uff07"

# Few manifests have any of them, and `re` compiles a pattern when it first needs it.
_QUOTED = f"(?s)[{_QUOTES}].*[{_QUOTES}]"
_BLANK = f"[{_BLANKS}]"
LOOKALIKES = f"[{_BLANKS}{_COLONS}{_DASHES}{_QUOTES}]"
_KEY = r"[A-Za-z_$][\w$.-]*"

# The same characters in UTF-8; dashes and quotation marks, which texts often contain, only where a
# line or a value begins.
LOOKALIKE = (
    rb"\xc2\xa0|\xe1\x9a\x80|\xe2\x80[\x80-\x8b\xaf]|\xe2\x81[\x9f\xa0]|\xe3\x80\x80"
    rb"|\xea\x9e\x89|\xef\xb8\x93|\xef\xb9\x95|\xef\xbb\xbf|\xef\xbc\x9a"
    rb"|\n *(?:\xe2\x80[\x90-\x95\xa2]|\xe2\x88\x92|\xef\xbc\x8d)"
    rb"|[:-] +(?:\xe2\x80[\x98-\x9f]|\xc2[\xab\xbb]|\xef\xbc[\x82\x87])"
)
_LEADS = (b"\xc2", b"\xe1\x9a", b"\xe2", b"\xe3\x80", b"\xea\x9e", b"\xef")
"""How each of these characters begins in UTF-8; the letters of most languages begin otherwise."""
_DASH = f"-[{_BLANKS}]"
_OTHER_DASH = f"[{_DASHES}][ {_BLANKS}]"
_KEY_BLANK = rf"{_KEY}[ {_BLANKS}]*:[{_BLANKS}]"
_KEY_COLON = rf"{_KEY}[ {_BLANKS}]*[{_COLONS}]"
# Where such a character, or a missing space, breaks the structure: in the indentation, after a dash
# or after a key.
_KEY_START = rf"(?:^[ ]*(?:- +)*|[{{,] *)(?:{_KEY}|\"[^\"\n]*\"|'[^'\n]*')"
_BREAKS = (
    rf"(?m)^(?P<indent> *[{_BLANKS}][ {_BLANKS}]*)"
    rf"|^[ ]*(?:- +)*-(?P<dash>[{_BLANKS}])"
    rf"|{_KEY_START}(?::(?P<blank>[{_BLANKS}])|(?P<colon>[{_COLONS}])|(?P<close>:)(?=[^\s:/]))"
)


class Lookalike(NamedTuple):
    """A finding about a character: its offset in a text, what is wrong, and what to do."""

    at: int
    summary: str
    detail: str
    severity: Severity = Severity.ERROR


def has_lookalike(data: bytes) -> bool:
    """Whether there is a character in these bytes that may look like a sign of YAML."""
    # A search for single bytes takes a hundredth of the time of the pattern.
    return any(lead in data for lead in _LEADS) and re.search(LOOKALIKE, data) is not None


def plain_findings(text: str, first: bool, key: bool) -> Iterator[Lookalike]:
    """The findings about a text without quotes; `first` says that it is the first in its line or
    in an entry of a mapping in brackets, `key` that it is the key of a mapping."""
    match = re.match(_DASH, text) or (re.match(_KEY_BLANK, text) if first and not key else None)
    if match:
        yield _blank(text, match.end() - 1)
    elif first and not key and (match := re.match(_KEY_COLON, text)):
        yield _colon(text, match.end() - 1)._replace(severity=Severity.WARNING)
    elif first and not key and (match := re.match(_OTHER_DASH, text)):
        summary = f"there is {_name(text[0])} here, which does not begin a list entry"
        yield Lookalike(0, summary, "Write - if this is meant as a list.", Severity.WARNING)
    elif not key and re.fullmatch(_QUOTED, text):
        summary = f"{_name(text[0])} here is part of the text: it is not a quote of YAML"
        yield Lookalike(0, summary, 'Write " around the text.', Severity.WARNING)
    else:
        severity = Severity.ERROR if key else Severity.WARNING
        for at in sorted({0, len(text) - 1}):
            if re.match(_BLANK, text[at]):
                end = "begins" if at == 0 else "ends"
                summary = f"the {'key' if key else 'text'} {end} with {_name(text[at])}"
                yield Lookalike(
                    at, summary, "Remove it, or put the text in quotes to keep it.", severity
                )


def repaired(text: str) -> tuple[str, list[Lookalike]]:
    """The text with the characters replaced that break its structure, and a finding for each of
    the first MAX_FINDINGS."""
    findings: list[Lookalike] = []

    def repair(match: re.Match[str]) -> str:
        name = match.lastgroup or "indent"
        start, end = match.span(name)
        at = start
        if name == "indent":
            blank = re.search(_BLANK, match[name])
            at = start + blank.start() if blank else start
        if len(findings) >= MAX_FINDINGS:
            pass
        elif name == "close":
            summary = "there is no space after this :, so it does not end a key"
            findings.append(Lookalike(at, summary, "Write : and a space."))
        else:
            findings.append(_colon(text, at) if name == "colon" else _blank(text, at))
        whole, offset = match[0], match.start()
        good = ": " if name in ("colon", "close") else " " * (end - start)
        return whole[: start - offset] + good + whole[end - offset :]

    return re.sub(_BREAKS, repair, text), findings


def _blank(text: str, at: int) -> Lookalike:
    summary = f"there is {_name(text[at])} here, which is not a space in YAML"
    return Lookalike(at, summary, "Replace it with an ordinary space.")


def _colon(text: str, at: int) -> Lookalike:
    summary = f"there is {_name(text[at])} here, which does not end a key"
    return Lookalike(at, summary, "Write : and a space if this is meant as a key.")


def _name(character: str) -> str:
    """A character by its code and its name: `U+00A0 (no-break space)`."""
    name = unicodedata.name(character, "unnamed").lower()
    if character == "\ufeff":
        name = "byte order mark"
    return f"U+{ord(character):04X} ({name})"
