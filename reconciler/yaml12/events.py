"""Check the bytes of a file before they are parsed, and turn them into the parser's events."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import yaml
from yaml.events import StreamEndEvent

from reconciler.errors import Diagnostic, Invalid, Source
from reconciler.values.text import printable, shown
from reconciler.yaml12.lookalikes import repaired
from reconciler.yaml12.surrogates import replace_pairs, restored

MAX_BYTES = 16 * 1024 * 1024
# libyaml takes quadratic time for nesting, and code that walks the values recurses
MAX_DEPTH = 64
TOO_DEEP = f"nested more than {MAX_DEPTH} levels deep"
FLATTEN = "Reduce the nesting: no vendor's object is that deep."

BOM = b"\xef\xbb\xbf"
# Characters that libyaml, a YAML 1.1 parser, takes for a line break, unlike YAML 1.2.
_LINE_BREAKS = {
    b"\xc2\x85": "U+0085 (next line)",
    b"\xe2\x80\xa8": "U+2028 (line separator)",
    b"\xe2\x80\xa9": "U+2029 (paragraph separator)",
}
# The markers of Git, also in its style diff3 and where merges are nested; editors may indent them.
_CONFLICT = re.compile(
    rb"^(?:[ \t]*(?:<{7,}|>{7,}|\|{7,}) \S|(?:<{7}|>{7}|\|{7}|={7})[ \t\r]*$)", re.MULTILINE
)
_CONFLICT_SIGNS = (b"<<<<<<<", b">>>>>>>", b"|||||||", b"=======")
# a comment that may be meant as text, such as #49
_COMMENT = re.compile(r"(?<=[ \t])#[^\s#]")
_LATE_COLON = re.compile(rb'"[ \t\r]*\n\s*:')
# a quote that is no escape, and no blank is tried twice: there may be a megabyte of either
_KEY_OF_JSON = re.compile(rb'(?<!\\)((?:\\\\)*+")(\s*+):')
_CARRIAGE_RETURN = re.compile(rb"\r(?!\n)")
_CONTROL = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_COMPLAINTS = {
    "could not find expected ':'": "This line is neither `key: value` nor a list entry. "
    "Put a colon and a space after the key, or check the indentation.",
    "mapping values are not allowed in this context": "A colon followed by a space is not allowed "
    "here. Put the value in quotes, or check the indentation.",
    "did not find expected key": "The indentation does not match the lines above, or a value above "
    "needs quotes.",
    "did not find expected '-' indicator": "The indentation does not match the list above.",
    "did not find expected node content": "A value is missing here, or there is an extra bracket.",
    "did not find expected ',' or ']'": "The list is not closed. Put ] at its end, and write "
    "a value that contains ${…}, { or [ in quotes.",
    "did not find expected ',' or '}'": "The mapping is not closed. Put } at its end, and write "
    "a value that contains ${…}, { or [ in quotes.",
    "found unexpected end of stream": "A quote is not closed.",
    "found invalid Unicode character escape code": "There is no such character: write the "
    "character itself.",
    "found unknown escape character": r"Inside double quotes a \ begins an escape: write \\ or use "
    "single quotes.",
    "did not find expected <document start>": "Put --- on a line of its own between two documents, "
    "or check the indentation.",
    "found incompatible YAML document": "Remove the %YAML line or write %YAML 1.2.",
}
# PyYAML's message, from 6.0.4 on, for more than 1,000 levels; replaced by our own message.
_TOO_DEEP = "exceeded maximum nesting depth"
_CHECK_LINES = "Check the indentation, quotes and brackets of this line and the one above."


def spot(mark: Any) -> tuple[int, int]:
    """The line and column, counted from 1, of a parser's mark."""
    return mark.line + 1, mark.column + 1


def events(data: bytes) -> Callable[[], Any]:
    """A function that returns the next parser event of checked bytes; uses libyaml if available."""
    data, sign = replace_pairs(unspaced(data))
    get: Callable[[], Any]
    try:
        from yaml.cyaml import CParser  # type: ignore[attr-defined]
    except ImportError:
        get = yaml.Loader(data.decode()).get_event
    else:
        get = CParser(data).get_event
    return restored(get, sign) if sign else get


def unspaced(data: bytes) -> bytes:
    """The bytes with the blanks between a key and its colon after the colon: JSON allows a line
    break there, and libyaml does not."""
    if data.lstrip()[:1] in (b"{", b"[") and _LATE_COLON.search(data):
        return _KEY_OF_JSON.sub(rb"\1:\2", data)
    return data


def checked(data: bytes, file: str) -> bytes:
    """The bytes without a byte order mark; raises Invalid where they are not usable text."""
    save = "Save the file as UTF-8."
    if len(data) > MAX_BYTES:
        summary = f"the file has {len(data) / 2**20:.1f} MB, more than {MAX_BYTES >> 20} MB"
        raise _invalid(summary, "Split it into several files.", file, b"", 0)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _invalid("the file is UTF-16", save, file, b"", 0)
    data = data.removeprefix(BOM)
    bad = -1
    try:
        data.decode()
    except UnicodeDecodeError as error:
        bad = error.start
    if bad >= 0:
        raise _invalid("the file is not UTF-8 from here on", save, file, data, bad)
    if (bad := data.find(b"\0")) >= 0:
        raise _invalid("there is a NUL byte here", f"Remove it. {save}", file, data, bad)
    for sequence, name in _LINE_BREAKS.items():
        if (bad := data.find(sequence)) >= 0:
            summary = f"there is {name} here: a line break in YAML 1.1 only"
            raise _invalid(
                summary, "Remove it, or write it as an escape in quotes.", file, data, bad
            )
    if b"\r" in data and (sign := _CARRIAGE_RETURN.search(data)):
        summary = "there is U+000D (carriage return) here without a line feed after it"
        detail = "Save the file with line ends of one kind: LF or CRLF."
        raise _invalid(summary, detail, file, data, sign.start())
    if any(sign in data for sign in _CONFLICT_SIGNS) and (marker := _CONFLICT.search(data)):
        summary = "there is a merge conflict marker here"
        detail = "Resolve the conflict, and remove the markers."
        raise _invalid(summary, detail, file, data, marker.start())
    if (bad := data.find(b"\n" + BOM)) >= 0:
        summary = "there is U+FEFF (byte order mark) here, in the middle of the file"
        raise _invalid(summary, "Remove it; it may be where two files meet.", file, data, bad + 1)
    # libyaml compares each %TAG with all others, which takes hours for a big file of them
    if (bad := (b"\n" + data).find(b"\n%TAG")) >= 0:
        raise _invalid("%TAG directives are not supported", "Remove the line.", file, data, bad)
    return data


def _invalid(summary: str, detail: str, file: str, data: bytes, offset: int) -> Invalid:
    before = data[:offset]
    column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
    source = Source(file, before.count(b"\n") + 1, column)
    return Invalid(Diagnostic(summary, detail, source=source))


def text_before(error: yaml.YAMLError, data: bytes) -> bytes:
    """The part of the file before a parser's error; empty where the error has no position."""
    marks = (getattr(error, "problem_mark", None), getattr(error, "context_mark", None))
    ends = [mark.index for mark in marks if mark is not None]
    return data.decode()[: min(ends, default=0)].encode()


def complaint(error: yaml.YAMLError, data: bytes, file: str) -> Diagnostic:
    """The finding for a parser's error, in plain words and with its position."""
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        bad = _CONTROL.search(data.decode())
        offset = len(data.decode()[: bad.start()].encode()) if bad else 0
        summary = f"there is a control character here: {shown(bad[0])}" if bad else "not valid YAML"
        return _invalid(summary, _ESCAPE, file, data, offset).diagnostics[0]
    problem = getattr(error, "problem", None) or "it cannot be read"
    if problem == _TOO_DEEP:
        return Diagnostic(TOO_DEEP, FLATTEN, source=Source(file, *spot(mark)))
    context = getattr(error, "context_mark", None)
    detail = _COMPLAINTS.get(problem, _CHECK_LINES)
    if problem == "found character that cannot start any token":
        character = data.decode()[mark.index : mark.index + 1]
        detail = f"A value cannot begin with {shown(character)}: put it in quotes."
        if character == "\t":
            detail = "Indent with spaces, not with a tab."
    if "end of stream" in problem and context is not None:
        mark = context
    elif context is not None and context.line < mark.line:
        detail += f" The value it belongs to begins in line {context.line + 1}."
        if comment := _COMMENT.search(data.decode(), context.index, mark.index):
            line = data.decode().count("\n", 0, comment.start()) + 1
            detail += (
                f" The # in line {line} begins a comment: put text that contains it in quotes."
            )
    source = Source(file, *spot(mark))
    return Diagnostic(f"not valid YAML: {printable(problem, 120)}", detail, source=source)


def lookalike_errors(error: yaml.YAMLError, data: bytes, file: str) -> list[Diagnostic]:
    """The findings for characters that only look like a blank or a colon and for missing spaces, if
    the parser's error comes from them: once they are replaced it is gone, or is in a later line."""
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return []
    text = data.decode()
    good, findings = repaired(text)
    lines = [text.count("\n", 0, finding.at) + 1 for finding in findings]
    if not any(line <= mark.line + 1 for line in lines):
        return []
    get = events(good.encode())
    try:
        while type(get()) is not StreamEndEvent:
            pass
    except yaml.YAMLError as later:
        other = getattr(later, "problem_mark", None)
        if other is None or other.line <= mark.line:
            return []
    return [
        Diagnostic(found.summary, found.detail, source=_source(file, data, found.at))
        for found, line in zip(findings, lines, strict=True)
        if line <= mark.line + 1
    ]


def _source(file: str, data: bytes, at: int) -> Source:
    before = data.decode()[:at]
    return Source(file, before.count("\n") + 1, len(before) - before.rfind("\n"))


_ESCAPE = r'Remove it, or write it as an escape (such as "\x1b") in double quotes.'
