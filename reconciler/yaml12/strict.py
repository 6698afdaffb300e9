"""Find text that libyaml, a YAML 1.1 parser, accepts and that YAML 1.2 refuses or reads otherwise.

libyaml drops or keeps such text without a word. A second pass over the tokens of a file finds it,
which takes as long as parsing: it runs only where `needs_check` or the reader saw a reason for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import yaml
from yaml.tokens import (
    AliasToken,
    AnchorToken,
    BlockEndToken,
    BlockEntryToken,
    BlockMappingStartToken,
    BlockSequenceStartToken,
    DirectiveToken,
    DocumentEndToken,
    FlowEntryToken,
    FlowMappingEndToken,
    FlowMappingStartToken,
    FlowSequenceEndToken,
    FlowSequenceStartToken,
    KeyToken,
    ScalarToken,
    StreamStartToken,
    ValueToken,
)

from reconciler.errors import Diagnostic, Severity, Source
from reconciler.values.text import printable, shown
from reconciler.yaml12.lookalikes import LOOKALIKES, has_lookalike, plain_findings
from reconciler.yaml12.numbers import number
from reconciler.yaml12.reader import WORDS
from reconciler.yaml12.surrogates import replace_pairs

MAX_FINDINGS = 100
MAX_NUMBER = 64  # the longest comment, in bytes, that is compared with a number
MAX_INDENT = 1000

_FLOW_STARTS = (FlowMappingStartToken, FlowSequenceStartToken)
_FLOW_ENDS = (FlowMappingEndToken, FlowSequenceEndToken)
_BLOCK_STARTS = (BlockMappingStartToken, BlockSequenceStartToken)
_COMMENT = re.compile(r"#[^\n]*")
_BLOCK_HEADER = re.compile(r"[|>][-+0-9]{0,2}#")
# a comment that may be meant as the rest of a text: `#49`, `#FF0000`, and the number in `STE # 5`
_CUT = re.compile(r"#(?:[^\s#]| ?[0-9]+[A-Za-z]?\s*$)")
# a `#` after a bracket, a comma, a closing quote or the header of a block, or after a blank
_ODD = re.compile(
    rb"#(?:(?<=[,\[\]{}]#)|(?<=[^\s,\[{(:][\"']#)|(?<=[|>]#)|(?<=[|>][-+0-9]#)"
    rb"|(?<=[|>][-+0-9][-+0-9]#)|(?<=[ \t]#)()(?=[^\s#]| ?[0-9]))"
)
_QUESTION_MARK = re.compile(rb"[\[{,]\s*\?\S")
_CUT_NUMBER = re.compile(r"# ?[0-9]")
_ANCHOR = re.compile(rb"(?:^|[\s\[{,])[&*][0-9A-Za-z_-]+[^\s,\[\]{}0-9A-Za-z_-]")


def needs_check(data: bytes) -> bool:
    """Whether the file has a sign that libyaml may read otherwise than YAML 1.2."""
    if not data.isascii() and has_lookalike(data):
        return True
    if (b"&" in data or b"*" in data) and _ANCHOR.search(data):
        return True
    if b"?" in data and _QUESTION_MARK.search(data):
        return True
    return b"\n%" in data or _has_odd_comment(data)


def _has_odd_comment(data: bytes) -> bool:
    """Whether a `#` follows a sign directly, or begins a comment that may be meant as text."""
    return any(match[1] is None or _may_cut(data, match.start()) for match in _ODD.finditer(data))


def _may_cut(data: bytes, at: int) -> bool:
    """Whether the `#` at this offset begins a comment, not alone in its line, that may be text."""
    rest = data[at : at + MAX_NUMBER].partition(b"\n")[0].decode("utf-8", "replace")
    if not _CUT.match(rest):
        return False
    return bool(data[data.rfind(b"\n", 0, at) + 1 : at].strip())


def check(data: bytes, file: str) -> list[Diagnostic]:
    """The errors and warnings about what libyaml accepts in these bytes, in the order of the file.

    Positions are counted from 1. Empty where the file is not valid YAML, which `parse` reports.
    """
    checker = _Checker(data.decode(), file)
    with suppress(yaml.YAMLError):
        checker.run(_tokens(replace_pairs(data)[0]))
    return checker.findings[:MAX_FINDINGS]


def _tokens(data: bytes) -> Callable[[], Any]:
    try:
        from yaml.cyaml import CParser  # type: ignore[attr-defined]
    except ImportError:
        slow: Callable[[], Any] = yaml.Loader(data.decode()).get_token
        return slow
    quick: Callable[[], Any] = CParser(data).get_token
    return quick


class _Checker:
    """Goes over the tokens of one file and collects findings."""

    def __init__(self, text: str, file: str) -> None:
        self.findings: list[Diagnostic] = []
        self._text = text
        self._file = file
        self._blocks: list[int] = []  # the columns of the open block collections
        self._flows: list[int] = []  # the lines in which the open flow collections begin

    def run(self, get: Callable[[], Any]) -> None:
        """Check every token and the text between tokens."""
        previous = get()
        end = 0
        while previous is not None and len(self.findings) < MAX_FINDINGS:
            token = get()
            if token is None:
                return
            start = token.start_mark.index
            if start > end and self._text.find("#", end, start) >= 0:
                self._comments(end, start, previous, token)
            self._token(token, previous)
            end = max(end, token.end_mark.index)
            previous = token

    def _token(self, token: Any, previous: Any) -> None:
        kind = type(token)
        if kind in _BLOCK_STARTS:
            self._blocks.append(token.start_mark.column)
        elif kind is BlockEndToken and self._blocks:
            self._blocks.pop()
        elif kind in _FLOW_ENDS and self._flows:
            self._flows.pop()
        elif kind is ScalarToken:
            self._scalar(token, previous)
        elif kind in (AnchorToken, AliasToken):
            self._anchor(token)
        elif kind is DirectiveToken:
            if type(previous) not in (StreamStartToken, DirectiveToken, DocumentEndToken):
                self._error(
                    "a line that begins with % is a directive, which ends no document",
                    "Indent it, put it in quotes, or write ... on the line above.",
                    token.start_mark.index,
                )
        elif kind is KeyToken and self._flows:
            at = token.start_mark.index
            if token.end_mark.index > at and not self._text[at + 1 : at + 2].isspace():
                self._error(
                    "a value that begins with ? is a text in YAML 1.2 and a key in YAML 1.1",
                    "Put it in quotes.",
                    at,
                )
        if self._flows and token.start_mark.line > self._flows[-1]:
            self._indented_flow(token)
        if kind in _FLOW_STARTS:
            self._flows.append(token.start_mark.line)

    def _indented_flow(self, token: Any) -> None:
        """Report an entry of a flow collection that begins a line and is not indented."""
        at, column = token.start_mark.index, token.start_mark.column
        if type(token) in _FLOW_ENDS or not self._blocks or column > self._blocks[-1]:
            return
        if not self._text[at - column : at].strip():
            self._not_indented("the list or mapping in brackets", at)

    def _scalar(self, token: Any, previous: Any) -> None:
        start, end = token.start_mark.index, token.end_mark.index
        if token.style in ("|", ">"):
            if header := _BLOCK_HEADER.match(self._text, start):
                self._no_space(header.end() - 1)
            return
        if token.plain:
            if token.value == "-" and self._flows:
                self._error("- alone is not a text in YAML 1.2", "Put it in quotes.", start)
            if not token.value.isascii() and re.search(LOOKALIKES, token.value):
                self._lookalikes(token, previous)
        if token.end_mark.line > token.start_mark.line and self._blocks:
            self._continuation(start, end, "the quoted text" if token.style else "the text")

    def _lookalikes(self, token: Any, previous: Any) -> None:
        start, column = token.start_mark.index, token.start_mark.column
        first = type(previous) in (FlowMappingStartToken, FlowEntryToken) or (
            column < MAX_INDENT and not self._text[start - column : start].strip(" -")
        )
        key = type(previous) is KeyToken
        for at, summary, detail, severity in plain_findings(token.value, first, key):
            self._add(summary, detail, start + at, severity)

    def _continuation(self, start: int, end: int, what: str) -> None:
        """Report the first line of a text that is not indented more than what contains it."""
        least = self._blocks[-1] + 1
        at = self._text.find("\n", start, end)
        while 0 <= at < end:
            following = self._text.find("\n", at + 1, end)
            line = self._text[at + 1 : following if following >= 0 else end]
            if line.strip() and len(line) - len(line.lstrip(" ")) < least:
                self._not_indented(what, at + 1)
                return
            at = following

    def _not_indented(self, what: str, at: int) -> None:
        self._error(
            f"{what} goes on in a line that is not indented",
            "Indent the line, or check whether a quote or a bracket above is not closed.",
            at,
        )

    def _anchor(self, token: Any) -> None:
        end = token.end_mark.index
        following = self._text[end : end + 1]
        if following and not following.isspace() and following not in ",[]{}":
            name = re.match(r"[^\s,\[\]{}]*", self._text[token.start_mark.index :])
            self._error(
                f"the name in {printable(name[0] if name else token.value)} has a character that "
                "YAML 1.1 and YAML 1.2 read differently",
                "Use letters, digits, - and _ only; a value that begins with & or * needs quotes.",
                token.start_mark.index,
            )

    def _comments(self, start: int, end: int, previous: Any, token: Any) -> None:
        """Check the comments between two tokens."""
        for comment in _COMMENT.finditer(self._text, start, end):
            at = comment.start()
            before = self._text[at - 1 : at]
            if before and not before.isspace():
                self._no_space(at)
            elif self._text[self._text.rfind("\n", 0, at) + 1 : at].strip():
                self._cut(at, comment[0].rstrip(), previous, token)

    def _no_space(self, at: int) -> None:
        self._error(
            "there is no space before this #, so it does not begin a comment in YAML 1.2",
            "Put the value in quotes if the # belongs to it; otherwise put a space before the #.",
            at,
        )

    def _cut(self, at: int, comment: str, previous: Any, token: Any) -> None:
        """Warn about a comment that may be meant as a text or as the rest of one."""
        if not _CUT.match(comment):
            return
        kind = type(previous)
        if kind is ScalarToken and previous.plain:
            start = previous.start_mark.index
            text = previous.value
            is_text = text not in WORDS and isinstance(number(text)[0], str)
            if not is_text and (text in WORDS or not _CUT_NUMBER.match(comment)):
                return
            kept = shown(self._text[start : at + len(comment)])
            summary = f"the text ends before {shown(comment)}: the rest of the line is a comment"
        elif kind in (ValueToken, BlockEntryToken) and type(token) not in (
            ScalarToken,
            AliasToken,
            AnchorToken,
            *_FLOW_STARTS,
            *_BLOCK_STARTS,
        ):
            kept = shown(comment)
            summary = f"there is no value here: {kept} is a comment"
        elif kind in (FlowEntryToken, *_FLOW_STARTS):
            kept = shown(re.split(r"[,\]}]", comment)[0].rstrip())
            summary = f"{shown(comment)} is a comment and not an entry"
        else:
            return
        self._add(
            summary,
            f"Write {kept} if it belongs to the value, otherwise put the comment on a line of its "
            "own.",
            at,
            Severity.WARNING,
            "a comment that cuts a text",
        )

    def _error(self, summary: str, detail: str, at: int) -> None:
        self._add(summary, detail, at, Severity.ERROR)

    def _add(
        self, summary: str, detail: str, at: int, severity: Severity, mistake: str = ""
    ) -> None:
        begin = self._text.rfind("\n", 0, at) + 1
        source = Source(self._file, self._text.count("\n", 0, at) + 1, at - begin + 1)
        self.findings.append(Diagnostic(summary, detail, severity, source=source, mistake=mistake))
